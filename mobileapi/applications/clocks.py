"""
The clocks of a case, pure: what is due when, and how it stands.

Before acceptance the desk has five working days to look through the materials (administrative licence law art. 32);
statutory and promised limits run from acceptance (art. 42), the day itself not counted (art. 82, civil code art. 201).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kit.workdays import Calendar
from mobileapi.catalogue.guide import TimeLimit

CHECK_WORKDAYS = 5
Light = Literal["green", "yellow", "red"]


def check_due(received: date, calendar: Calendar) -> date:
    """The last day on which the desk may ask for a correction."""
    return calendar.add_workdays(received, CHECK_WORKDAYS)


def due(start: date, limit: TimeLimit, calendar: Calendar) -> date:
    """The last day of the limit; calendar days that end on a day off end on the next working day (art. 203)."""
    if limit.unit == "working_days":
        return calendar.add_workdays(start, limit.days)
    return calendar.next_workday(start + timedelta(days=limit.days))


@dataclass(frozen=True)
class Standing:
    """`left`: working days until and including the due day; negative when it is over."""

    due: date
    left: int
    light: Light


def standing(start: date, *, due_on: date, today: date, calendar: Calendar) -> Standing:
    """Red when overdue, yellow in the last three working days or, of short limits, in the second half."""
    left = calendar.workdays_between(today, due_on)
    total = calendar.workdays_between(start, due_on)
    light: Light = "red" if due_on < today else "yellow" if left <= min(3, total // 2) else "green"
    return Standing(due_on, left, light)


def expected_date(
    *, check_due_on: date | None, promised_due: date | None, statutory_due: date | None, promise: TimeLimit,
    calendar: Calendar,
) -> date | None:  # fmt: skip
    """When to count on a decision: as promised, at the latest by law; before acceptance, from its last day."""
    if promised_due is not None and statutory_due is not None:
        return min(promised_due, statutory_due)
    return due(check_due_on, promise, calendar) if check_due_on is not None else None
