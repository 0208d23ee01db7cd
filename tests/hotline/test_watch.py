"""Due days: warned at half and on the last day, told above when overdue, closed when nobody says a word any more."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from auth.models import Citizen
from kit import clock, db
from kit.workdays import Calendar
from mobileapi.hotline import watch
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.watch import HALF, LAST_DAY, escalation_due, warning_due
from tests.hotline.conftest import Desk, acted, opened

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
WEEK = Calendar({})
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days_on", "expected"), [(0, 0), (1, 0), (2, 0), (3, HALF), (4, HALF), (7, LAST_DAY), (8, LAST_DAY)]
)
def test_when_a_five_day_order_is_warned_of(days_on: int, expected: int) -> None:
    today = MONDAY + days_on * DAY
    due = WEEK.add_workdays(MONDAY, 5)
    assert warning_due(since=MONDAY, due_on=due, today=today, calendar=WEEK) == expected


@pytest.mark.parametrize(("days_on", "expected"), [(7, 0), (8, 1), (10, 1), (14, 2), (30, 2)])
def test_when_it_goes_up(days_on: int, expected: int) -> None:
    due = WEEK.add_workdays(MONDAY, 5)
    assert escalation_due(due_on=due, today=MONDAY + days_on * DAY, calendar=WEEK) == expected


def test_a_holiday_does_not_count() -> None:
    holiday = Calendar({MONDAY + DAY: False, MONDAY + 2 * DAY: False})
    due = holiday.add_workdays(MONDAY, 5)
    assert warning_due(since=MONDAY, due_on=due, today=MONDAY + 3 * DAY, calendar=holiday) == 0
    assert warning_due(since=MONDAY, due_on=due, today=MONDAY + 7 * DAY, calendar=holiday) == HALF


async def told(kind: str) -> list[UUID]:
    rows = await db.fetch("SELECT staff FROM notify_staff_notice WHERE kind = $1 ORDER BY created_at", kind)
    return [row["staff"] for row in rows]


async def test_each_step_is_told_once_whatever_the_job_does(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    with clock.moved((order.due_on - clock.today()) * 1):
        assert await watch.look_at_all() == 1
        assert await watch.look_at_all() == 0
        assert await told("order.due") == [desk.office.owner]
        with clock.moved(DAY):
            assert await watch.look_at_all() == 1
            assert await watch.look_at_all() == 0
            assert sorted(await told("order.overdue")) == sorted([desk.office.owner, desk.chief])
    assert (await WorkOrder.get(id=order.id)).escalated == 1


async def test_an_order_nobody_holds_is_told_to_who_shares_it_out(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner:
        await acted(owner, order.id, "return", words="不属于本岗")
    with clock.moved(order.due_on - clock.today()):
        await watch.look_at_all()
    assert await told("order.due") == [desk.chief]


async def test_what_is_answered_is_not_warned_of_and_closes_after_silence(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner:
        await acted(owner, order.id, "accept")
        await acted(owner, order.id, "answer", words="已办好")
    with clock.moved(4 * DAY):
        assert await watch.look_at_all() == 0
        assert await watch.close_silent() == 0
    with clock.moved(40 * DAY):
        assert await watch.close_silent() == 1
        assert await watch.close_silent() == 0
    assert (await WorkOrder.get(id=order.id)).state == "closed"


async def test_words_go_after_years_and_the_history_stays(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.chief, "supervisor") as chief:
        await acted(chief, order.id, "close", words="重复登记")
    assert await watch.purge() == 0
    with clock.moved(1826 * DAY):
        assert await watch.purge() == 1
    row = await WorkOrder.get(id=order.id)
    assert (row.words_sealed, row.state) == (None, "closed")
    assert [c.note for c in await OrderChange.filter(order_id=order.id)] == ["", ""]
