"""What citizens are told, and in which words: one function an occasion, called by the event that tells of it."""

from auth.events import BindingRefused, IdentityBound, PhoneChanged, RealNameVerified
from kit import clock
from kit.texts import Text, text
from mobileapi.applications.events import (
    ApplicationAccepted,
    ApplicationDecided,
    ApplicationNotAccepted,
    CorrectionRequested,
    HolderChanged,
)
from mobileapi.catalogue.items import names_of
from mobileapi.notify.notices import tell
from payments.events import BillPaid

PLATFORMS = {"wechat": text("微信", "WeChat"), "alipay": text("支付宝", "Alipay")}
ACCOUNT = "sub/account/identities"


def _this_hour() -> str:
    """The same thing about the same account is told once an hour, however often it is tried."""
    return f"{clock.now():%Y%m%d%H}"


def _platform(name: str) -> Text:
    return PLATFORMS.get(name, text(name))


async def identity_bound(event: IdentityBound) -> None:
    name = _platform(event.platform)
    await tell(
        event.citizen, kind="account.bound", link=ACCOUNT, platform=event.platform,
        once=f"bound:{event.citizen}:{event.platform}:{_this_hour()}",
        text=text(
            f"您的账号已绑定{name.zh}。如非本人操作，请立即解绑",
            f"{name.en} now signs in to your account. If this was not you, unbind it at once",
        ),
    )  # fmt: skip


async def binding_refused(event: BindingRefused) -> None:
    name = _platform(event.platform)
    await tell(
        event.citizen, kind="account.binding_refused", link=ACCOUNT, platform=event.platform,
        once=f"refused:{event.citizen}:{event.platform}:{_this_hour()}",
        text=text(
            f"有人试图把您的手机号绑定到另一个{name.zh}账号，已被拒绝",
            f"Somebody tried to use your phone number with another {name.en} account, and was refused",
        ),
    )  # fmt: skip


async def phone_changed(event: PhoneChanged) -> None:
    await tell(
        event.citizen, kind="account.phone_changed", link=ACCOUNT,
        once=f"phone:{event.citizen}:{_this_hour()}",
        text=text(
            "您的账号已更换手机号。如非本人操作，请尽快联系我们",
            "The phone number of your account was changed. If this was not you, please contact us soon",
        ),
    )  # fmt: skip


async def real_name_verified(event: RealNameVerified) -> None:
    await tell(
        event.citizen, kind="account.real_name", link="sub/account/verify", once=f"real_name:{event.citizen}",
        text=text("您已完成实名核验", "Your real name is verified"),
    )  # fmt: skip


async def bill_paid(event: BillPaid) -> None:
    await tell(
        event.citizen, kind="bill.paid", link=f"sub/bill/detail?id={event.bill}", bill=event.bill,
        once=f"paid:{event.bill}:{event.order}", text=text("缴款成功，电子票据已开具", "Your payment has arrived, the receipt is ready"),
    )  # fmt: skip


async def case_accepted(event: ApplicationAccepted) -> None:
    due = f"{event.promised_due:%Y-%m-%d}"
    await _case(
        event, kind="case.accepted",
        zh=f"已受理，预计 {due} 前办结", en=f"is accepted and expected to be done by {due}",
    )  # fmt: skip


async def correction_requested(event: CorrectionRequested) -> None:
    by = f"{event.deadline:%Y-%m-%d}"
    await _case(
        event, kind="case.correction", once=f"{event.application}:{by}",
        zh=f"需要补正材料，请在 {by} 前提交", en=f"needs corrected materials by {by}",
    )  # fmt: skip


async def case_decided(event: ApplicationDecided) -> None:
    if event.outcome == "approved":
        await _case(event, kind="case.decided", zh="已办结：准予", en="is decided: approved")
    else:
        await _case(event, kind="case.decided", zh="已办结：不予许可，可查看理由与救济途径", en="is decided: refused")


async def case_not_accepted(event: ApplicationNotAccepted) -> None:
    await _case(event, kind="case.not_accepted", zh="不予受理，可查看理由", en="is not accepted")


async def holder_changed(event: HolderChanged) -> None:
    """The citizen is told who is responsible now (a clerk is named as on paper)."""
    zh = f"现由{event.holder}负责办理" if event.holder else "现由所属部门负责办理"
    en = f"is now handled by {event.holder}" if event.holder else "is now handled by the department"
    await _case(event, kind="case.holder", once=f"{event.application}:{event.at:%Y%m%d%H%M%S%f}", zh=zh, en=en)


CaseEvent = HolderChanged | ApplicationAccepted | CorrectionRequested | ApplicationDecided | ApplicationNotAccepted


async def _case(event: CaseEvent, *, kind: str, zh: str, en: str, once: str = "") -> None:
    item = (await names_of({event.item})).get(event.item) or text(event.item)
    await tell(
        event.citizen, kind=kind, link=f"sub/case/detail?id={event.application}",
        once=f"{kind}:{once or event.application}", application=event.application,
        text=text(f"「{item.zh}」{event.case_number} {zh}", f"{item.en or item.zh} {event.case_number} {en}"),
    )  # fmt: skip
