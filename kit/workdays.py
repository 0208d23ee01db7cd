"""
Working days of the city, by the editable calendar table.

A day is what `kit_calendar_day` says; without a row it is what its weekday says, which is provisional until the State
Council's notice for that year is imported.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from kit import db


class Calendar:
    """The exceptions of a span of days. Pure: the same calendar always gives the same answer."""

    def __init__(self, exceptions: Mapping[date, bool]) -> None:
        self._exceptions = dict(exceptions)

    def is_workday(self, day: date) -> bool:
        return self._exceptions.get(day, day.weekday() < 5)

    def is_holiday(self, day: date) -> bool:
        """Named as a day off, be it on a weekend."""
        return self._exceptions.get(day) is False

    def add_workdays(self, start: date, count: int) -> date:
        """
        The day on which a period of `count` working days ends; the starting day is not counted
        (civil code art. 201, administrative licence law art. 82).
        """
        day = start
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is before `start`."""
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def next_workday(self, day: date) -> date:
        """`day` itself when it is a working day, else the next one (civil code art. 203)."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day


async def calendar() -> Calendar:
    """The city's calendar as the table has it now (some hundred rows)."""
    rows = await db.fetch("SELECT date, is_workday FROM kit_calendar_day")
    return Calendar({row["date"]: row["is_workday"] for row in rows})
