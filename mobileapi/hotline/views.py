"""Work orders as their citizens and the desks see them. What staff write to each other no citizen reads."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from auth.acting.standing import shown
from auth.callers import who_is
from auth.models import Citizen, Department, StaffMember
from kit import clock, workdays
from kit.config import current
from kit.texts import Text, text
from kit.web import Actor
from kit.workdays import Calendar
from mobileapi.applications.clocks import standing
from mobileapi.hotline.acts import ACTS, history, offered_to
from mobileapi.hotline.choosing import WHY
from mobileapi.hotline.config import HotlineSettings
from mobileapi.hotline.kinds import KINDS
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.orders import answer_of, state_of, words_of
from mobileapi.hotline.photos import links
from mobileapi.hotline.schemas import (
    DeskOrderLine,
    DeskOrderView,
    OrderAction,
    OrderEvent,
    OrderItem,
    OrderOffice,
    OrderSummary,
    OrderView,
)
from mobileapi.hotline.states import HAPPENED, WORDS, OrderState

TITLE = 40
NOT_FOR_CITIZENS = {"offered", "declined"}
TO_CITIZENS = {"reopened"}  # notes a citizen reads: their own
OFFICES = text("所在部门的工单", "An order of your department")
OFFERED = text("同事请您接办", "A colleague asks you to take it over")


async def offices_of(codes: set[str]) -> dict[str, OrderOffice]:
    rows = {d.code: d for d in await Department.filter(code__in=codes)}
    return {
        code: OrderOffice(code=code, name=Text.model_validate(rows[code].name) if code in rows else text(code))
        for code in codes
    }


def _title(order: WorkOrder) -> str:
    words = " ".join(words_of(order).split())
    return words if len(words) <= TITLE else words[: TITLE - 1] + "…"


def summary(order: WorkOrder, office: OrderOffice) -> OrderSummary:
    state = state_of(order)
    return OrderSummary(
        id=order.id, number=order.number, kind=order.kind, kind_text=KINDS[order.kind].name, state=state,  # type: ignore[index]
        state_text=WORDS[state], title=_title(order),
        item=OrderItem(code=order.item_code, name=Text.model_validate(order.item_name)) if order.item_code else None,
        department=office, opened_at=clock.city_time(order.opened_at), due_on=order.due_on,
        answered_at=clock.city_time(order.answered_at) if order.answered_at else None,
    )  # fmt: skip


async def own_view(order: WorkOrder, *, reader: str) -> OrderView:
    offices = await offices_of({order.department_code})
    until = await _reply_until(order)
    return OrderView(
        **summary(order, offices[order.department_code]).model_dump(), words=words_of(order), answer=answer_of(order),
        photos=await links(order.photos, reader=reader), holder_name=order.holder_name or None,
        conversation=order.conversation, reply_until=until, actions=_own_actions(order, until is not None),
        timeline=[
            _event(change, note=change.what in TO_CITIZENS)
            for change in await history(order.id)
            if change.what not in NOT_FOR_CITIZENS
        ],
    )  # fmt: skip


async def _reply_until(order: WorkOrder) -> date | None:
    if state_of(order) is not OrderState.ANSWERED or order.answered_at is None:
        return None
    calendar, answered = await workdays.calendar(), clock.city_time(order.answered_at).date()
    return calendar.add_workdays(answered, current(HotlineSettings).order_reply_workdays)


def _own_actions(order: WorkOrder, answered: bool) -> list[str]:
    if not answered:
        return []
    return ["confirm"] if order.reopened_at is not None else ["confirm", "reopen"]


def _event(change: OrderChange, *, note: bool) -> OrderEvent:
    return OrderEvent(
        at=clock.city_time(change.at), what=change.what, text=HAPPENED[change.what],
        by=Text.model_validate(change.shown_as), note=change.note if note else "",
    )  # fmt: skip


async def desk_lines(orders: Sequence[WorkOrder], *, reader: UUID) -> list[DeskOrderLine]:
    offices = await offices_of({o.department_code for o in orders})
    whose = {o.citizen_id for o in orders} - {None}  # type: ignore[attr-defined]
    people = {p.id: p for p in await Citizen.filter(id__in=whose)}
    calendar = await workdays.calendar()
    return [_line(order, offices, people, calendar=calendar, reader=reader) for order in orders]


def _line(
    order: WorkOrder, offices: Mapping[str, OrderOffice], people: Mapping[UUID, Citizen], *, calendar: Calendar,
    reader: UUID,
) -> DeskOrderLine:  # fmt: skip
    stands = standing(order.clock_since, due_on=order.due_on, today=clock.today(), calendar=calendar)
    person = people.get(order.citizen_id)  # type: ignore[attr-defined]
    offered = order.offered_to == reader
    mine = order.holder_staff == reader or order.holder_staff is None
    return DeskOrderLine(
        **summary(order, offices[order.department_code]).model_dump(), light=stands.light,
        working_days_left=stands.left, citizen_masked=shown(person) if person else None,
        holder_name=order.holder_name or None, reopened=order.reopened_at is not None, offered=offered,
        why=OFFERED if offered else WHY[order.holder_reason] if mine else OFFICES,
    )  # fmt: skip


async def desk_view(order: WorkOrder, *, actor: Actor) -> DeskOrderView:
    (line,) = await desk_lines([order], reader=actor.id)
    names = await _names({order.about_staff, order.offered_to} - {None})  # type: ignore[arg-type]
    who = await who_is(actor)
    return DeskOrderView(
        **line.model_dump(), version=order.version, words=words_of(order), answer=answer_of(order),
        photos=await links(order.photos, reader=actor.name), conversation=order.conversation, region=order.region_code,
        about_staff_name=names.get(order.about_staff), offered_to_name=names.get(order.offered_to),  # type: ignore[arg-type]
        transfers=order.transfers,
        actions=[OrderAction(action=name, title=ACTS[name].name) for name in offered_to(who, order)],
        timeline=[_event(change, note=True) for change in await history(order.id)],
    )  # fmt: skip


async def _names(staff: set[UUID]) -> dict[UUID, str]:
    return {p.id: p.name for p in await StaffMember.filter(id__in=staff)}
