"""What citizens are told about their own data: a copy is ready, a correction decided, a closure asked for."""

from auth.privacy.events import ClosureAsked, CorrectionDecided, ExportReady
from kit import clock
from kit.texts import text
from mobileapi.notify.notices import tell

CENTRE = "sub/privacy/centre"


async def export_ready(event: ExportReady) -> None:
    await tell(
        event.citizen,
        kind="privacy.export_ready",
        link="sub/privacy/export",
        export=event.export,
        once=f"export:{event.export}",
        text=text("您的个人信息副本已生成，24 小时内可下载", "The copy of your data is ready for 24 hours"),
    )


async def correction_decided(event: CorrectionDecided) -> None:
    words = text("您的更正申请未获同意，请查看理由", "Your correction was refused; read why")
    if event.approved:
        words = text("您的更正申请已通过", "Your correction was approved")
    if event.verify_again:
        words = text(
            "更正已通过：请按正确信息重新实名核验", "Approved: verify your real name again with the right details"
        )
    link = "sub/account/verify" if event.verify_again else "sub/privacy/correction"
    await tell(
        event.citizen,
        kind="privacy.correction",
        link=link,
        text=words,
        correction=event.correction,
        once=f"correction:{event.correction}",
    )


async def closure_asked(event: ClosureAsked) -> None:
    day = f"{clock.city_time(event.closes_at):%Y-%m-%d}"
    await tell(
        event.citizen,
        kind="privacy.closure",
        link="sub/privacy/closure",
        closure=event.closure,
        once=f"closure:{event.closure}",
        text=text(
            f"您的账号将于 {day} 注销。如非本人操作，请登录并撤销",
            f"Your account will be closed on {day}. If this was not you, sign in and keep it",
        ),
    )
