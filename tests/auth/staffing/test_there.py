"""Who is there: roster before weekly hours, leave before both."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from auth.duties import DutyHolder, Held, Span, by_roster, department_clerks, on_duty, people_for, standing_in
from auth.staffing.covers import next_in_duty
from auth.staffing.leaves import Days
from auth.staffing.models import Leave, Shift
from kit import clock, db
from mobileapi.settings import OfficeSettings
from tests.auth.staffing.office import DISTRICT, ITEM, People

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("shifts", "at", "there"),
    [
        ([], "10:00", None),
        ([(0, "regular", 540, 720)], "10:00", True),
        ([(0, "regular", 540, 720)], "12:00", False),  # the end is excluded, and the day's hours do not count
        ([(0, "regular", 540, 720), (0, "evening", 1080, 1260)], "18:00", True),
        ([(0, "off", 0, 1440)], "10:00", False),
        ([(0, "duty", 1200, 1920)], "20:00", True),  # a night, from 20:00 to 08:00
        ([(-1, "duty", 1200, 1920)], "07:59", True),
        ([(-1, "duty", 1200, 1920)], "08:00", None),  # over: the weekly hours of the day count again
        ([(-1, "duty", 1200, 1920), (0, "off", 0, 1440)], "07:00", True),  # the night is finished before the day off
        ([(-1, "duty", 1200, 1920), (0, "off", 0, 1440)], "09:00", False),
        ([(-1, "regular", 540, 720)], "10:00", None),
        ([(-1, "off", 0, 1440)], "10:00", None),
    ],
)  # fmt: skip
def test_a_roster_stands_in_place_of_the_days_hours(
    shifts: list[tuple[int, str, int, int]], at: str, there: bool | None
) -> None:
    minute = int(at[:2]) * 60 + int(at[3:])
    assert by_roster([Span(*s) for s in shifts], minute=minute) is there


A, B, C, D = (uuid4() for _ in range(4))


def one(who: UUID, name: str) -> tuple[UUID, str, str, str]:
    return who, name, "", "GA"


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ([Held(one(A, "a"), "owner"), Held(one(B, "b"), "backup")], [("a", "owner"), ("b", "backup")]),
        ([Held(one(A, "a"), "owner", away=True), Held(one(B, "b"), "backup")], [("b", "backup")]),
        ([Held(one(A, "a"), "owner", away=True, cover=one(C, "c")), Held(one(B, "b"), "backup")],
         [("c", "backup"), ("b", "backup")]),
        ([Held(one(A, "a"), "owner"), Held(one(B, "b"), "backup", away=True, cover=one(C, "c"))],
         [("a", "owner"), ("c", "backup")]),
        ([Held(one(A, "a"), "owner", away=True), Held(one(B, "b"), "backup", away=True), Held(one(C, "c"), "supervisor")],
         [("c", "supervisor")]),
        # the nearer owner is away: the one of the wider region is asked before the cover
        ([Held(one(A, "a"), "owner", away=True, cover=one(C, "c")), Held(one(D, "d"), "owner")],
         [("d", "owner"), ("c", "backup")]),
    ],
)  # fmt: skip
def test_who_is_away_is_stood_in_for(held: list[Held], asked: list[tuple[str, str]]) -> None:
    assert [(name, role) for _, name, _, _, role in standing_in(held)] == asked


def holder(who: UUID, role: str) -> DutyHolder:
    return DutyHolder(who, "", "", "GA", role, 0)


@pytest.mark.parametrize(
    ("people", "named", "chosen"),
    [
        ([holder(B, "backup"), holder(C, "supervisor")], D, D),
        ([holder(C, "supervisor"), holder(B, "backup")], None, B),
        ([holder(C, "supervisor")], None, C),
        ([holder(A, "backup"), holder(C, "supervisor")], A, C),  # nobody covers for themselves
        ([], None, None),
    ],
)
def test_the_named_cover_comes_first_then_the_backup_then_the_supervisor(
    people: list[DutyHolder], named: UUID | None, chosen: UUID | None
) -> None:
    assert next_in_duty(people, away=A, named=named) == chosen


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        (Days(date(2026, 11, 23), date(2026, 11, 23)), 24),
        (Days(date(2026, 11, 23), date(2026, 11, 23), "am", "am"), 12),
        (Days(date(2026, 11, 23), date(2026, 11, 23), "pm", "pm"), 12),
        (Days(date(2026, 11, 23), date(2026, 11, 24), "pm", "am"), 24),
    ],
)
def test_half_days_end_and_begin_at_noon(settings: OfficeSettings, days: Days, hours: int) -> None:
    begins, ends = days.span()
    assert (ends - begins, begins.tzinfo) == (timedelta(hours=hours), clock.city_zone())


MONDAY_TEN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten o'clock in the city


async def leave(who: UUID, state: str, *, days: Days, cover: UUID | None = None, by: UUID) -> Leave:
    begins, ends = days.span()
    return await Leave.create(
        staff_id=who, kind="annual", state=state, from_day=days.from_day, from_half=days.from_half, to_day=days.to_day,
        to_half=days.to_half, starts_at=begins, ends_at=ends, cover_id=cover, asked_by=who, asked_at=clock.now(),
        decided_by=by if state != "requested" else None,
    )  # fmt: skip


async def test_being_on_duty_knows_leave_and_roster_and_holidays(people: People) -> None:
    owner = people.owner.id
    assert await on_duty(owner, MONDAY_TEN)
    asked = await leave(
        owner, "requested", days=Days(date(2026, 11, 23), date(2026, 11, 23), "am", "am"), by=people.chief.id
    )
    assert await on_duty(owner, MONDAY_TEN), "what is only asked for is no leave"
    await Leave.filter(id=asked.id).update(state="approved", decided_by=people.chief.id)
    assert not await on_duty(owner, MONDAY_TEN)
    assert await on_duty(owner, MONDAY_TEN + timedelta(hours=4)), "half a day: back after noon"
    await Leave.filter(id=asked.id).update(state="cancelled")
    await db.execute(
        "INSERT INTO kit_calendar_day (date, is_workday, note, source) VALUES ('2026-11-23', false, '', '')"
    )
    assert not await on_duty(owner, MONDAY_TEN), "a holiday"
    await Shift.create(staff_id=owner, day=date(2026, 11, 23), kind="duty", starts=540, ends=1020, by="staff:x")
    assert await on_duty(owner, MONDAY_TEN), "rostered on a holiday (值班)"
    await Shift.create(staff_id=owner, day=date(2026, 11, 21), kind="duty", starts=1200, ends=1920, by="staff:x")
    assert await on_duty(owner, datetime(2026, 11, 21, 23, 30, tzinfo=UTC)), "Sunday 07:30, in the night of Saturday"
    assert not await on_duty(owner, datetime(2026, 11, 22, 0, 30, tzinfo=UTC))


async def test_people_for_leaves_out_who_is_away_and_names_who_covers(people: People) -> None:
    today = clock.today()
    running = await leave(
        people.owner.id, "running", days=Days(today, today), cover=people.outsider.id, by=people.chief.id
    )
    asked = await people_for(ITEM, DISTRICT)
    assert [(p.staff_id, p.role) for p in asked] == [
        (people.outsider.id, "backup"), (people.backup.id, "backup"), (people.chief.id, "supervisor"),
    ]  # fmt: skip
    assert people.owner.id not in [c.staff_id for c in await department_clerks("GA")]
    await leave(people.outsider.id, "approved", days=Days(today, today), by=people.rs_chief.id)
    asked = await people_for(ITEM, DISTRICT)
    assert [p.staff_id for p in asked] == [people.backup.id, people.chief.id], "the cover is away as well"
    await Leave.filter(id=running.id).update(state="ended")
    assert (await people_for(ITEM, DISTRICT))[0].staff_id == people.owner.id
