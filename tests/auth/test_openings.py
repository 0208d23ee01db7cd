"""Working time: several intervals a day, holidays, make-up days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.openings import Opening, usual_hours
from kit.workdays import Calendar

CITY = ZoneInfo("Asia/Shanghai")
# National day 2026: Thursday 1 to Wednesday 7 October are off, Saturday 10 is worked (调休).
HOLIDAYS = {date(2026, 10, n): False for n in range(1, 8)} | {date(2026, 10, 10): True}
SPLIT = usual_hours("09:00-12:00,13:30-17:30") | {"sat": [["09:00", "11:00"]]}


def opening(hours: dict[str, list[list[str]]] = SPLIT) -> Opening:
    return Opening(hours, Calendar(HOLIDAYS), CITY)


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CITY)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(30, 9, month=9), True), (at(30, 8, 59, month=9), False), (at(30, 12, month=9), False),
        (at(30, 13, 30, month=9), True), (at(30, 17, 30, month=9), False), (at(1, 10), False), (at(8, 10), True),
        (at(10, 10), True), (at(10, 14), False), (at(17, 10), True), (at(18, 10), False),
    ],
)  # fmt: skip
def test_it_is_open_by_intervals_weekdays_and_calendar(moment: datetime, is_open: bool) -> None:
    assert opening().is_open(moment) is is_open


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        (at(28, 10, month=9), 1, at(29, 17, 30, month=9)),
        (at(30, 23, month=9), 1, at(8, 17, 30)),  # over the holidays
        (at(3, 3), 2, at(9, 17, 30)),
        (at(9, 16), 1, at(10, 11)),  # the worked Saturday ends when Saturdays end here
        (at(16, 16), 1, at(19, 17, 30)),  # an ordinary Saturday is open, and no working day
    ],
)
def test_a_promise_of_working_days_ends_with_the_business_of_the_last_one(
    asked: datetime, days: int, due: datetime
) -> None:
    assert opening().end_of_workday(asked, days) == due


def test_a_worked_saturday_without_hours_runs_as_a_monday() -> None:
    assert opening(usual_hours("09:00-12:00,13:30-17:30")).end_of_workday(at(9, 16), 1) == at(10, 17, 30)


@pytest.mark.parametrize(
    ("asked", "hours", "due"),
    [
        (at(28, 11, month=9), 2, at(28, 14, 30, month=9)),  # over lunch
        (at(28, 17, month=9), 1, at(29, 9, 30, month=9)),  # over night
        (at(30, 17, month=9), 1, at(8, 9, 30)),  # over the holidays
        (at(16, 17, 30), 3, at(19, 10)),  # Saturday counts its two hours
        (at(28, 9, month=9), 3, at(28, 12, month=9)),
    ],
)
def test_a_promise_of_working_hours_runs_while_the_department_is_open(
    asked: datetime, hours: int, due: datetime
) -> None:
    assert opening().after(asked, timedelta(hours=hours)) == due


@given(st.integers(0, 40 * 24 * 60), st.integers(1, 60 * 60))
def test_counting_on_and_counting_between_agree(minute: int, working: int) -> None:
    start, span = at(20, month=9) + timedelta(minutes=minute), timedelta(minutes=working)
    assert opening().between(start, opening().after(start, span)) == span


def test_hours_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValueError, match="ends after"):
        usual_hours("13:00-12:00")
