"""
What can be done with a work order, act by act. An act is a row of ACTS: in which states it is offered, to whom, and the
function that does it; what is not offered is refused.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from auth.callers import who_is
from auth.models import Department
from auth.rights import Who
from kit import audit, clock, crypto, db
from kit.config import current
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.hotline import telling
from mobileapi.hotline.access import desk_order, may_direct, may_take_up, own_order
from mobileapi.hotline.choosing import NOBODY, Owner, owner_for
from mobileapi.hotline.config import HotlineSettings
from mobileapi.hotline.errors import (
    NotForThem,
    OrderChanged,
    OrderGoesRound,
    OrderInOtherHands,
    OrderNotOpen,
    ReasonNeeded,
    ReopenedBefore,
    TransfersUsedUp,
)
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.orders import By, by, fit_for, give, move, note, refuse_others, restart_clock, state_of
from mobileapi.hotline.states import WAITING_FOR_US, OrderState

_S = OrderState


@dataclass(frozen=True)
class Said:
    """What comes with an act: the version it was decided on, its words, to whom."""

    version: int
    words: str = ""
    to_staff: UUID | None = None
    to_department: str | None = None


async def accept(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """The holder takes it up; one that nobody holds becomes theirs. Raises OrderInOtherHands."""
    if order.holder_staff is None:
        mine = await fit_for(order, actor.id, reason="taken")
        order.holder_staff, order.holder_name, order.holder_reason = mine.staff, mine.name, mine.reason
        order.passed = [*order.passed, f"staff:{mine.staff}"]
    refuse_others(order, actor)
    await move(order, _S.ACCEPTED, by=by, words=said.words)
    await telling.accepted(order)


async def hand_back(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """Not theirs: who shares out the work finds another, with the reason. Raises OrderInOtherHands, ReasonNeeded."""
    refuse_others(order, actor)
    _needs(said.words, "words")
    order.holder_staff, order.holder_name, order.holder_reason = None, "", NOBODY.reason
    await move(order, _S.RETURNED, by=by, words=said.words)
    await telling.given(order)


async def assign(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """A supervisor gives it to a person, or to another department. Raises NotForThem, OrderGoesRound."""
    if (said.to_staff is None) == (said.to_department is None):
        raise NotForThem
    to = (
        await fit_for(order, said.to_staff, reason="assigned")
        if said.to_staff is not None
        else await _of_department(order, said.to_department or "")
    )
    if state_of(order) is _S.RETURNED:
        order.transfers = 0  # a supervisor has decided: the count begins anew
        await move(order, _S.OPEN, by=by, words=said.words)
    await give(order, to, by=by, words=said.words)
    await audit.record(
        actor=actor.name, action="work_order.assigned", subject=f"work_order:{order.id}", to=to.staff,
        department=order.department_code,
    )  # fmt: skip


async def _of_department(order: WorkOrder, code: str) -> Owner:
    """Whoever answers for it there. A department that had it is not asked again: somebody has to keep it."""
    if not await Department.exists(code=code):
        raise NotForThem("to_department")
    if f"department:{code}" in order.passed and code != order.department_code:
        raise OrderGoesRound
    order.department_code = code
    order.passed = [*order.passed, *([] if f"department:{code}" in order.passed else [f"department:{code}"])]
    return await owner_for(None, department=code, region=order.region_code, about=order.about_staff)


async def answer(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """The answer is told to the citizen; an order nobody waits for is over with it. Raises OrderInOtherHands."""
    refuse_others(order, actor)
    _needs(said.words, "words")
    order.answer_sealed = crypto.seal(said.words, bound_to=f"hotline_order.answer:{order.id}")
    order.answered_at, order.answered_by = clock.now(), actor.id
    await move(order, _S.ANSWERED, by=by)
    if order.citizen_id is None:  # type: ignore[attr-defined]
        await move(order, _S.CLOSED, by=by)
    await telling.answered(order)


async def offer(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """
    Asks a colleague to take it over; until they do, who has it answers for it.

    Raises: OrderInOtherHands, NotForThem, OrderGoesRound, TransfersUsedUp, ReasonNeeded.
    """
    refuse_others(order, actor)
    _needs(said.words, "words")
    if said.to_staff is None or said.to_staff == actor.id:
        raise NotForThem
    if order.transfers >= current(HotlineSettings).order_transfers_max:
        raise TransfersUsedUp
    if f"staff:{said.to_staff}" in order.passed:
        raise OrderGoesRound
    asked = await fit_for(order, said.to_staff, reason="transfer")
    order.offered_to, order.version = asked.staff, order.version + 1
    await order.save()
    await note(order, "offered", by=by, origin=state_of(order), words=said.words)
    await telling.offered(order)


async def take(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """Who was asked takes it over. Raises OrderInOtherHands."""
    _refuse_not_asked(order, actor)
    order.transfers += 1
    await give(order, await fit_for(order, actor.id, reason="transfer"), by=by, words=said.words)


async def decline(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """Who was asked says no, with the reason; it stays where it is. Raises OrderInOtherHands, ReasonNeeded."""
    _refuse_not_asked(order, actor)
    _needs(said.words, "words")
    order.offered_to, order.version = None, order.version + 1
    await order.save()
    await note(order, "declined", by=by, origin=state_of(order), words=said.words)
    await telling.declined(order)


async def close(order: WorkOrder, actor: Actor, said: Said, by: By) -> None:
    """A supervisor ends one that needs no answer, with the reason. Raises ReasonNeeded."""
    _needs(said.words, "words")
    await move(order, _S.CLOSED, by=by, words=said.words)
    await telling.closed(order)
    await audit.record(actor=actor.name, action="work_order.closed", subject=f"work_order:{order.id}")


def _needs(words: str, field: str) -> None:
    if not words.strip():
        raise ReasonNeeded(field)


def _refuse_not_asked(order: WorkOrder, actor: Actor) -> None:
    if order.offered_to != actor.id:
        raise OrderInOtherHands


@dataclass(frozen=True)
class Act:
    """`whose`: holder, asked (to take it over), supervisor of it, or anyone at the desk while nobody holds it."""

    name: Text
    states: frozenset[OrderState]
    whose: str
    does: Callable[[WorkOrder, Actor, Said, By], Awaitable[None]]


OPEN = frozenset(WAITING_FOR_US) - {_S.RETURNED}
ACTS: Mapping[str, Act] = {
    "accept": Act(text("受理", "Take up"), frozenset({_S.OPEN, _S.REOPENED}), "holder or anyone", accept),
    "answer": Act(text("答复", "Answer"), frozenset({_S.ACCEPTED}), "holder", answer),
    "offer": Act(text("转同事", "Hand to a colleague"), OPEN, "holder", offer),
    "take": Act(text("接办", "Take it over"), OPEN, "asked", take),
    "decline": Act(text("不接办", "Do not take it"), OPEN, "asked", decline),
    "return": Act(text("退回派单", "Give back"), OPEN, "holder", hand_back),
    "assign": Act(text("指派", "Assign"), frozenset(WAITING_FOR_US), "supervisor", assign),
    "close": Act(text("直接办结", "Close"), frozenset(WAITING_FOR_US), "supervisor", close),
}


def offered_to(who: Who, order: WorkOrder) -> list[str]:
    """The acts this person is offered."""
    return [name for name, act in ACTS.items() if state_of(order) in act.states and _theirs(act, who, order)]


def _theirs(act: Act, who: Who, order: WorkOrder) -> bool:
    holds = order.holder_staff == who.id
    return {
        "holder": holds,
        "holder or anyone": holds or may_take_up(who, order),
        "asked": order.offered_to == who.id,
        "supervisor": may_direct(who, order),
    }[act.whose]


async def act_on(actor: Actor, id: UUID, action: str, *, said: Said) -> WorkOrder:  # noqa: A002 - the id of the order
    """
    One act of the desk, all of it or nothing.

    Raises: NotFound, OrderChanged, OrderNotOpen, OrderInOtherHands, and what the act raises.
    """
    act = ACTS[action]
    async with db.transaction():
        order = await desk_order(actor, id, lock=True)
        if order.version != said.version:
            raise OrderChanged(order.version)
        if state_of(order) not in act.states:
            raise OrderNotOpen
        if not _theirs(act, await who_is(actor), order):
            raise OrderInOtherHands
        await act.does(order, actor, said, await by(actor))
    return order


async def confirm(actor: Actor, id: UUID) -> WorkOrder:  # noqa: A002 - the id of the order
    """The citizen is content. Raises NotFound, OrderNotOpen."""
    async with db.transaction():
        order = await own_order(actor, id, lock=True)
        await move(order, _S.CONFIRMED, by=await by(actor))
    return order


async def reopen(actor: Actor, id: UUID, *, reason: str) -> WorkOrder:  # noqa: A002 - the id of the order
    """
    The answer does not satisfy: the clock begins anew, and who supervises is told. Once, by a unique index as well.

    Raises: NotFound, OrderNotOpen, ReopenedBefore.
    """
    async with db.transaction():
        order = await own_order(actor, id, lock=True)
        if state_of(order) is _S.ANSWERED and order.reopened_at is not None:
            raise ReopenedBefore
        order.reopened_at = clock.now()
        await restart_clock(order)
        await move(order, _S.REOPENED, by=await by(actor), words=reason)
        await telling.reopened(order)
    return order


async def history(order: UUID) -> list[OrderChange]:
    return await OrderChange.filter(order_id=order).order_by("id")
