"""
A notice looks for its citizen outside the app: a subscription message of the platform they allowed one on, else a text
message, else none; the notice in the app is there anyway.

One way after the other, each claimed by its row before it is tried, until one took the notice or may have taken it. Who
read it meanwhile is left in peace. Whatever runs twice, at once or after a crash, finds the claim.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from auth.errors import PlatformNotOffered
from auth.models import Citizen
from auth.platforms import messenger
from auth.platforms.messages import Fate, MessageNotSent, Messenger, PhoneMessage
from kit import clock, db
from kit.jobs import defer
from kit.log import logger
from mobileapi.notify import grants, jobs, missed, sms_way, wishes
from mobileapi.notify.deliveries import CannotBeSent, move
from mobileapi.notify.grants import Spent
from mobileapi.notify.models import Delivery, Notice
from mobileapi.notify.states import DeliveryState, Way
from mobileapi.notify.topics import Template, Topic, template

log = logger("notify")
ORDER = (Way.WECHAT, Way.ALIPAY, Way.SMS)
LOST = timedelta(minutes=2)  # a claim older than this belongs to a worker that died
LATE = timedelta(seconds=30)  # a notice whose own job is this late is looked for by the clock
EARLY = timedelta(seconds=2)  # by how much the database, which starts jobs, may be ahead of us
AT_ONCE = 500
TAKEN = {DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN}
MOMENT, DAY = "%Y年%m月%d日 %H:%M", "%Y年%m月%d日"


class Not(Enum):
    """Why a way is not tried."""

    OPEN = "not open to this citizen"
    NEEDED = "read, on its way already, or waiting for another hour"


@dataclass(frozen=True)
class Claim:
    """A delivery that was begun; of a platform with the grant that was spent on it."""

    notice: Notice
    delivery: Delivery
    spent: Spent | None = None
    template: Template | None = None


async def reach(notice: UUID) -> None:
    """Tries what is open to the citizen, in order. Running it again, or many at once, tells nobody twice."""
    for way in ORDER:
        claim = await _claim(notice, way)
        if claim is Not.NEEDED:
            return
        if isinstance(claim, Claim) and await _taken(claim):
            break
    await _done(notice)


async def _done(notice: UUID) -> None:
    await db.execute("UPDATE notify_notice SET reach_at = NULL WHERE id = $1", notice)


async def _claim(id_: UUID, way: Way) -> Claim | Not:
    async with db.transaction():
        notice = await Notice.select_for_update().get_or_none(id=id_)
        if notice is None or notice.reach_at is None or notice.reach_at > clock.now() + EARLY:
            return Not.NEEDED
        begun = {Way(d.way): DeliveryState(d.state) for d in await Delivery.filter(notice_id=id_)}
        if notice.read_at is not None or TAKEN & set(begun.values()) or await missed.was_seen(notice):
            await _done(id_)
            return Not.NEEDED
        if way in begun:  # surely not sent
            return Not.OPEN
        return await (_by_text(notice) if way == Way.SMS else _by_platform(notice, way))


async def _by_platform(notice: Notice, way: Way) -> Claim | Not:
    topic, carrier = Topic(notice.topic or ""), _carrier(way)
    known = template(way.value, topic) if carrier is not None else None
    if carrier is None or known is None or not (await wishes.about(notice.citizen, topic)).messages:
        return Not.OPEN
    spent = await grants.spend(
        notice.citizen, way.value, app_id=carrier.app_id, template_id=known.id, notice=notice.id
    )  # fmt: skip
    if spent is None:
        return Not.OPEN
    return Claim(notice, await _begun(notice, way), spent, known)


def _carrier(way: Way) -> Messenger | None:
    try:
        return messenger(way.value)
    except PlatformNotOffered:
        return None


async def _by_text(notice: Notice) -> Claim | Not:
    """Only with the consent to be reminded, within the budgets, and never at night."""
    wish = await wishes.about(notice.citizen, Topic(notice.topic or ""))
    if not wish.texts or not await wishes.texts_allowed(notice.citizen) or not await sms_way.possible(notice.citizen):
        return Not.OPEN
    morning = wishes.quiet_until(clock.now())
    if morning is not None:
        await _wait(notice, morning)
        return Not.NEEDED
    if not await wishes.take_text(notice.citizen):
        log.info("text_budget_used_up", notice=str(notice.id))
        return Not.OPEN
    return Claim(notice, await _begun(notice, Way.SMS))


async def _wait(notice: Notice, until: datetime) -> None:
    await db.execute("UPDATE notify_notice SET reach_at = $2 WHERE id = $1", notice.id, until)
    await defer(jobs.reach_out, at=until, notice=str(notice.id))


async def _begun(notice: Notice, way: Way) -> Delivery:
    return await Delivery.create(
        notice_id=notice.id, way=way.value, state=DeliveryState.SENDING, tried_at=clock.now()
    )  # fmt: skip


async def _taken(claim: Claim) -> bool:
    """Sends outside any transaction; whether the way took it, or may have."""
    if claim.spent is None:
        return await _texted(claim)
    try:
        said = await messenger(claim.delivery.way).send(await _message(claim))
    except MessageNotSent as failed:
        return await _refused(claim, claim.spent, failed)
    await move(claim.delivery, DeliveryState.SENT, said=said)
    return True


async def _texted(claim: Claim) -> bool:
    try:
        said, state = await sms_way.send(claim.notice), DeliveryState.SENT
    except CannotBeSent as failed:
        said, state = str(failed), DeliveryState.UNKNOWN if failed.maybe_sent else DeliveryState.FAILED
    await move(claim.delivery, state, said=said)
    return state != DeliveryState.FAILED


async def _refused(claim: Claim, spent: Spent, failed: MessageNotSent) -> bool:
    """What is not known keeps its grant spent; what surely was not sent gives it back, or corrects the ledger."""
    unknown = failed.fate is Fate.UNKNOWN
    async with db.transaction():
        await move(claim.delivery, DeliveryState.UNKNOWN if unknown else DeliveryState.FAILED, said=str(failed))
        if failed.fate is Fate.NOT_SENT:
            await grants.give_back(spent.id)
        elif failed.fate is Fate.NOT_GRANTED:
            await grants.none_left(spent)
    log.warning("message_not_sent", notice=str(claim.notice.id), way=claim.delivery.way, fate=failed.fate.value)
    return unknown


async def _message(claim: Claim) -> PhoneMessage:
    assert claim.spent is not None
    assert claim.template is not None
    carrier, notice = messenger(claim.delivery.way), claim.notice
    at = clock.city_time(notice.created_at)
    words = {"at": at.strftime(MOMENT), "day": at.strftime(DAY), "hint": notice.text.get("zh", "")} | notice.brief
    values = {field: carrier.fitted(field, words.get(word, "")) for field, word in claim.template.fields.items()}
    english = await Citizen.filter(id=notice.citizen, locale="en").exists()
    return PhoneMessage(claim.spent.open_id, claim.template.id, notice.link, values, english=english)


OVERDUE = "SELECT id FROM notify_notice WHERE reach_at < $1 ORDER BY reach_at LIMIT $2"


async def look_for_the_lost() -> None:
    """What a worker was sending when it died may have gone out; what it had not begun is begun now."""
    now = clock.now()
    for delivery in await Delivery.filter(state=DeliveryState.SENDING, tried_at__lt=now - LOST).limit(AT_ONCE):
        await _give_up(delivery.id)
    for row in await db.fetch(OVERDUE, now - LATE, AT_ONCE):
        await defer(jobs.reach_out, once=f"reach:{row['id']}", notice=str(row["id"]))


async def _give_up(id_: UUID) -> None:
    async with db.transaction():
        delivery = await Delivery.select_for_update().get(id=id_)
        if delivery.state == DeliveryState.SENDING:
            await move(delivery, DeliveryState.UNKNOWN, said="a worker died")
            await _done(delivery.notice_id)  # type: ignore[attr-defined]
