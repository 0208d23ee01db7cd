"""
The clocks of work orders: half of the time over, the last day, overdue. Each is told once; overdue goes up, to the
department's supervisors and, three working days later, to those above them.
"""

from datetime import date, timedelta
from uuid import UUID

from kit import clock, db, workdays
from kit.config import current
from kit.texts import text
from kit.workdays import Calendar
from mobileapi.hotline import photos, telling
from mobileapi.hotline.config import HotlineSettings
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.orders import SYSTEM, move
from mobileapi.hotline.states import OVER, WAITING_FOR_US, OrderState

HALF, LAST_DAY = 1, 2
FURTHER_UP_AFTER = 3  # working days overdue


def warning_due(*, since: date, due_on: date, today: date, calendar: Calendar) -> int:
    """Pure: 0 none, HALF of the working days over, LAST_DAY on the day itself and after."""
    if today >= due_on:
        return LAST_DAY
    total, gone = calendar.workdays_between(since, due_on), calendar.workdays_between(since, today)
    return HALF if gone * 2 >= total else 0


def escalation_due(*, due_on: date, today: date, calendar: Calendar) -> int:
    """Pure: 0 in time, 1 overdue, 2 overdue for long."""
    if today <= due_on:
        return 0
    return 2 if calendar.workdays_between(due_on, today) > FURTHER_UP_AFTER else 1


async def look_at_all() -> int:
    """Every order that waits for the office; how many were warned of or told above."""
    calendar, today = await workdays.calendar(), clock.today()
    ids = await WorkOrder.filter(state__in=WAITING_FOR_US).order_by("due_on", "id").values_list("id", flat=True)
    return sum([await _look_at(UUID(str(id_)), calendar=calendar, today=today) for id_ in ids])


async def _look_at(id: UUID, *, calendar: Calendar, today: date) -> bool:  # noqa: A002 - the id of the order
    async with db.transaction():
        order = await WorkOrder.filter(id=id).select_for_update().get()
        if order.state not in WAITING_FOR_US:
            return False
        warning = warning_due(since=order.clock_since, due_on=order.due_on, today=today, calendar=calendar)
        step = escalation_due(due_on=order.due_on, today=today, calendar=calendar)
        told = warning > order.warned or step > order.escalated
        if step > order.escalated:
            await _escalate(order, step)
        elif warning > order.warned:
            await _warn(order, warning)
        order.warned, order.escalated = max(order.warned, warning), max(order.escalated, step)
        await order.save(update_fields=["warned", "escalated"])
    return told


async def _warn(order: WorkOrder, warning: int) -> None:
    words = (
        text(f"工单 {order.number} 办理期限已过半，{order.due_on} 到期", f"Half the time of {order.number} is over")
        if warning == HALF
        else text(f"工单 {order.number} 今天到期", f"Order {order.number} is due today")
    )
    mark = f"{order.due_on}:{warning}"
    await telling.holder(order, "order.due", words, mark=mark)


async def _escalate(order: WorkOrder, step: int) -> None:
    words = text(f"工单 {order.number} 已超期，请督办", f"Order {order.number} is overdue, please see to it")
    mark = f"{order.due_on}:{step}"
    await telling.holder(order, "order.overdue", words, mark=mark)
    await telling.supervisors(order, "order.overdue", words, mark=mark, above=step > 1)


async def close_silent() -> int:
    """Answered orders whose citizen has said nothing for the days of the setting are over; how many."""
    calendar, today = await workdays.calendar(), clock.today()
    days = current(HotlineSettings).order_reply_workdays
    rows = await WorkOrder.filter(state=OrderState.ANSWERED).values_list("id", "answered_at")
    silent = [id_ for id_, at in rows if calendar.add_workdays(clock.city_time(at).date(), days) < today]
    return sum([await _close(id_) for id_ in silent])


async def _close(id: UUID) -> bool:  # noqa: A002 - the id of the order
    async with db.transaction():
        order = await WorkOrder.filter(id=id).select_for_update().get()
        if order.state != OrderState.ANSWERED:
            return False
        await move(order, OrderState.CLOSED, by=SYSTEM)
    return True


async def purge() -> int:
    """Takes the words out of orders that ended long ago (HANDHELD_ORDER_WORDS_KEPT_DAYS); how many."""
    before = clock.now() - timedelta(days=current(HotlineSettings).order_words_kept_days)
    old = await WorkOrder.filter(state__in=OVER, ended_at__lt=before, words_sealed__not_isnull=True)
    for order in old:
        await empty(order)
    return len(old)


async def empty(order: WorkOrder) -> None:
    """What was written and photographed goes; number, kind, days and states stay."""
    async with db.transaction():
        await WorkOrder.filter(id=order.id).update(words_sealed=None, answer_sealed=None, photos=[])
        await OrderChange.filter(order_id=order.id).update(note="")
        await photos.release(order.id)
