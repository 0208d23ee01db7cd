"""What the two sides of a mandate are told. Names are masked; firms are named."""

from uuid import UUID

from auth.acting.events import ActedFor, MandateAsked, MandateMoved, RepresentedJoined, TakeoverAsked
from auth.acting.kinds import KINDS
from auth.acting.models import LegalPerson, Mandate
from auth.acting.standing import shown
from auth.citizens import citizen
from kit.texts import Text, text
from mobileapi.notify.notices import tell

PAGE = "sub/account/acting"
ENDED: dict[str, Text] = {
    "refused": text("未获同意", "was refused"),
    "revoked": text("已被撤销", "was revoked"),
    "resigned": text("已由代办人放弃", "was given up by who acted"),
    "expired": text("已到期", "has ended"),
}


WEIGHS: dict[str, Text] = {
    "case.submitted": text("提交了申请", "handed in an application"),
    "case.withdrawn": text("撤回了申请", "withdrew an application"),
    "order.opened": text("发起了缴费", "began a payment"),
}


async def _called(account: UUID | None) -> str:
    if account is None:
        return ""
    firm = await LegalPerson.get_or_none(account_id=account)
    return firm.name if firm is not None else shown(await citizen(account))


async def mandate_asked(event: MandateAsked) -> None:
    if event.answerer is None:
        return
    mandate, kind = await Mandate.get(id=event.mandate), KINDS[event.kind]
    asker = await _called(mandate.principal_id if mandate.asked_by == "principal" else mandate.agent_id)  # type: ignore[attr-defined]
    words = (
        text(f"{asker}邀请您担任经办人，请确认", f"{asker} invites you as their operator")
        if mandate.asked_by == "principal"
        else text(f"{asker}申请为您代办（{kind.zh}），请确认是否同意", f"{asker} asks to act for you")
    )
    await tell(
        event.answerer, kind="mandate.asked", text=words, link=PAGE, once=f"mandate:{event.mandate}:asked",
        mandate=event.mandate,
    )  # fmt: skip


async def takeover_asked(event: TakeoverAsked) -> None:
    """The former representative may contest it before it takes effect."""
    name = await _called(event.firm)
    words = text(
        f"有人以{name}新任法定代表人身份申请接管，如不属实请立即提出异议",
        f"Somebody claims to represent {name} now; contest it at once if this is not so",
    )
    await tell(
        event.former, kind="mandate.takeover", text=words, link=PAGE, once=f"mandate:{event.mandate}:takeover",
        mandate=event.mandate,
    )  # fmt: skip


async def mandate_moved(event: MandateMoved) -> None:
    """Whoever did not do it is told."""
    if event.state == "examining":
        return
    kind = KINDS[event.kind]
    for side, other in ((event.principal, event.agent), (event.agent, event.principal)):
        if side is None or event.actor == f"citizen:{side}":
            continue
        name = await _called(other)
        if event.state == "active":
            words = text(f"代办关系已生效：{name}（{kind.zh}）", f"A mandate stands: {name}")
        else:
            ended = ENDED[event.state]
            words = text(f"代办关系{ended.zh}：{name}（{kind.zh}）", f"A mandate {ended.en}: {name}")
        await tell(
            side, kind=f"mandate.{event.state}", text=words, link=PAGE,
            once=f"mandate:{event.mandate}:{event.state}:{side}", mandate=event.mandate,
        )  # fmt: skip


async def acted_for(event: ActedFor) -> None:
    """What weighs: handed in, taken back, paid. The rest stands among the deeds."""
    done = WEIGHS.get(event.action)
    if done is None:
        return
    name = await _called(event.agent)
    await tell(
        event.principal, kind="mandate.used", link=PAGE, once=f"deed:{event.action}:{event.subject}",
        about=event.subject, text=text(f"{name}代您{done.zh}", f"{name} {done.en} for you"),
    )  # fmt: skip


async def represented_joined(event: RepresentedJoined) -> None:
    words = text(
        "窗口此前根据材料为您建立的账号已并入本账号，请查看代办人和办件",
        "The account an office made from your papers is part of this one now; see who acts for you",
    )
    await tell(
        event.citizen, kind="account.joined", text=words, link=PAGE, once=f"joined:{event.former_account}",
        former_account=event.former_account,
    )  # fmt: skip
