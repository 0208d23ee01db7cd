"""What citizens are told of their accounts, and in which words: one function an occasion."""

from auth.attestation.events import NameClaimRefused
from auth.events import BindingRefused, IdentityBound, PhoneChanged, RealNameVerified, SignedInOnNewDevice
from auth.joining.events import (
    AccountsMerged,
    IdentityUnbound,
    LastFourGuessed,
    PhoneMoveAsked,
    PhoneMoved,
    PhoneMoveEnded,
)
from kit import clock
from kit.texts import Text, text
from mobileapi.notify.notices import tell

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


async def last_four_guessed(event: LastFourGuessed) -> None:
    await tell(
        event.citizen, kind="account.guessed", link=ACCOUNT, once=f"guessed:{event.citizen}:{_this_hour()}",
        text=text(
            "有人用您账号的手机号登录时填错了证件号码后四位。如非本人操作，请尽快更换手机号",
            "Somebody who has your account's number did not know your document; if this was not you, change the number",
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


async def identity_unbound(event: IdentityUnbound) -> None:
    name = _platform(event.platform)
    await tell(
        event.citizen, kind="account.unbound", link=ACCOUNT, platform=event.platform,
        once=f"unbound:{event.citizen}:{event.platform}:{_this_hour()}",
        text=text(f"您的账号已与{name.zh}解绑", f"{name.en} no longer signs in to your account"),
    )  # fmt: skip


async def phone_move_asked(event: PhoneMoveAsked) -> None:
    await tell(
        event.citizen, kind="account.phone_move_asked", link=ACCOUNT, move=event.move, once=f"move:{event.move}:asked",
        text=text(
            "有人证明正在使用您账号的手机号，请在 10 分钟内同意或拒绝转出",
            "Somebody proved to hold your account's phone number; allow or deny its move within ten minutes",
        ),
    )  # fmt: skip


async def phone_moved(event: PhoneMoved) -> None:
    until = f"{clock.city_time(event.undo_until):%m-%d %H:%M}"
    await tell(
        event.citizen, kind="account.phone_moved", link=ACCOUNT, move=event.move, once=f"move:{event.move}:moved",
        text=text(
            f"您账号的手机号已转到另一个账号。如非本人意愿，可在 {until} 前撤回",
            f"The phone number of your account moved to another account; you may take it back until {until}",
        ),
    )  # fmt: skip
    await tell(
        event.taker, kind="account.phone_taken", link=ACCOUNT, move=event.move, once=f"move:{event.move}:taken",
        text=text("手机号已转到您的账号", "The phone number is now your account's"),
    )  # fmt: skip


async def phone_move_ended(event: PhoneMoveEnded) -> None:
    denied = event.how == "denied"
    await tell(
        event.taker, kind="account.phone_move_ended", link=ACCOUNT, move=event.move, once=f"move:{event.move}:ended",
        text=text("原账号拒绝转出手机号", "The other account keeps its phone number") if denied else text(
            "手机号已由原账号撤回", "The other account took its phone number back"
        ),
    )  # fmt: skip


async def accounts_merged(event: AccountsMerged) -> None:
    more = (
        text(f"，{event.things} 项内容已转入", f"; {event.things} things came along") if event.things else text("", "")
    )
    await tell(
        event.kept, kind="account.merged", link=ACCOUNT, once=f"merged:{event.merged}",
        text=text(f"两个账号已合并{more.zh}", f"Two accounts are one{more.en}"),
    )  # fmt: skip


async def name_claim_refused(event: NameClaimRefused) -> None:
    await tell(
        event.citizen, kind="account.name_claim_refused", link="sub/account/verify", once=f"claim:{event.claim}",
        claim=event.claim,
        text=text(f"证件核对未通过：{event.reason}", f"Your document could not be verified: {event.reason}"),
    )  # fmt: skip


async def signed_in_on_new_device(event: SignedInOnNewDevice) -> None:
    if event.kind != "citizen":
        return
    await tell(
        event.person, kind="account.new_device", link="sub/account/devices", session=event.session,
        once=f"device:{event.session}",
        text=text(
            f"您的账号在新设备登录（{event.agent or '未知设备'}）。如非本人操作，请立即退出该设备",
            f"Your account signed in on a new device ({event.agent or 'unknown'}). If this was not you, end it at once",
        ),
    )  # fmt: skip
