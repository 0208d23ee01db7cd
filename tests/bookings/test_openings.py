"""When a window is open: the weekly table over the city's calendar, holidays, make-up days, the last minute of a day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kit.workdays import Calendar
from mobileapi.bookings.openings import Line, OfficeDays, lines_of, openings, slots_of

CITY = ZoneInfo("Asia/Shanghai")
MONDAY, SATURDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 7), date(2026, 3, 8)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def line(
    weekday: int, starts: int = 540, ends: int = 720, *, minutes: int = 30, place: str = "H", **more: object
) -> Line:
    return Line(uuid4(), place, weekday, starts, ends, minutes, 4, **more)  # type: ignore[arg-type]


def office(exceptions: dict[date, bool] | None = None) -> OfficeDays:
    told = exceptions or {}
    return OfficeDays(Calendar(told), {day for day, works in told.items() if not works}, CITY)


def test_a_holiday_is_shut_and_a_weekday_is_open() -> None:
    table = [line(n) for n in range(5)]
    assert lines_of(MONDAY, table, days=office()) == [table[0]]
    assert lines_of(MONDAY, table, days=office({MONDAY: False})) == []
    assert lines_of(SATURDAY, table, days=office()) == []


def test_a_make_up_saturday_runs_on_mondays_lines_unless_the_place_has_its_own() -> None:
    monday, elsewhere, saturday = line(0), line(0, place="E"), line(5)
    days = office({SATURDAY: True})
    assert lines_of(SATURDAY, [monday, elsewhere], days=days) == [monday, elsewhere]
    assert lines_of(SATURDAY, [monday, elsewhere, saturday], days=days) == [saturday, elsewhere]


def test_an_ordinary_saturday_is_open_where_there_are_lines_and_shut_when_the_calendar_says_so() -> None:
    saturday = line(5)
    assert lines_of(SATURDAY, [line(0), saturday], days=office()) == [saturday]
    assert lines_of(SATURDAY, [saturday], days=office({SATURDAY: False})) == []
    assert lines_of(SUNDAY, [saturday], days=office()) == []


def test_a_line_ends_with_its_last_day() -> None:
    ending = line(0, ended_on=MONDAY + DAY)
    assert lines_of(MONDAY, [ending], days=office()) == [ending]
    assert lines_of(MONDAY + 7 * DAY, [ending], days=office()) == []


@pytest.mark.parametrize(
    ("starts", "ends", "minutes", "expected"),
    [
        (540, 720, 30, ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]),
        (540, 600, 25, ["09:00", "09:25"]),
        (1380, 1440, 30, ["23:00", "23:30"]),
        (0, 60, 60, ["00:00"]),
    ],
)
def test_whole_slots_and_no_piece_of_one(starts: int, ends: int, minutes: int, expected: list[str]) -> None:
    found = list(slots_of(line(0, starts, ends, minutes=minutes), MONDAY, zone=CITY))
    assert [f"{start.astimezone(CITY):%H:%M}" for start, _ in found] == expected


def test_the_last_slot_of_a_day_ends_at_midnight_of_the_next() -> None:
    *_, (start, end) = slots_of(line(0, 1380, 1440), MONDAY, zone=CITY)
    assert (start, end) == (datetime(2026, 3, 2, 15, 30, tzinfo=UTC), datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert end.astimezone(CITY) == datetime(2026, 3, 3, tzinfo=CITY)


def test_the_days_ahead_reach_over_a_holiday() -> None:
    days = office({MONDAY + DAY: False, MONDAY + 2 * DAY: False})
    ahead = days.ahead(MONDAY, 3)
    assert (ahead[0], ahead[-1]) == (MONDAY, MONDAY + 7 * DAY)


@given(
    weekdays=some.lists(some.integers(0, 6), min_size=1, max_size=7, unique=True),
    starts=some.integers(0, 1435),
    length=some.integers(5, 600),
    minutes=some.integers(5, 480),
    off=some.sets(some.integers(0, 20), max_size=6),
    made_up=some.sets(some.integers(0, 20), max_size=6),
    after=some.integers(0, 21 * 24 * 60),
)
def test_slots_lie_inside_their_line_and_never_overlap(
    weekdays: list[int], starts: int, length: int, minutes: int, off: set[int], made_up: set[int], after: int
) -> None:
    ends = min(starts + length, 1440)
    table = [line(n, starts, ends, minutes=minutes) for n in weekdays]
    told = {MONDAY + n * DAY: False for n in off} | {MONDAY + n * DAY: True for n in made_up - off}
    days = office(told)
    since = datetime(2026, 3, 2, tzinfo=CITY).astimezone(UTC) + timedelta(minutes=after)
    ahead = [MONDAY + n * DAY for n in range(21)]
    found = openings(table, ahead, days=days, after=since)
    by_line: dict[tuple[UUID, date], list[tuple[datetime, datetime]]] = {}
    for one in found:
        local = one.starts_at.astimezone(CITY)
        assert one.starts_at >= since
        assert one.ends_at - one.starts_at == timedelta(minutes=minutes)
        assert told.get(local.date(), True), "never on a day off"
        begins = local.hour * 60 + local.minute
        assert starts <= begins
        assert begins + minutes <= ends
        by_line.setdefault((one.line.id, local.date()), []).append((one.starts_at, one.ends_at))
    for times in by_line.values():
        assert all(a[1] <= b[0] for a, b in pairwise(times))
    whole = openings(table, ahead, days=days, after=LONG_AGO)
    assert [o for o in whole if o.starts_at >= since] == found
    assert [o.starts_at for o in found] == sorted(o.starts_at for o in found)
