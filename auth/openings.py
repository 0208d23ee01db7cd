"""
When a department serves the public: several intervals a day, holidays and make-up working days by the calendar.

A promise of working days ends with the business of its last one; a promise of working hours runs only while the
department is open.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from auth.duties import DAYS, clock_time, spans_of
from auth.staffing.config import StaffingSettings
from kit import clock, db, workdays
from kit.config import current
from kit.workdays import Calendar

Hours = dict[str, list[list[str]]]
CLOSE_OF_BUSINESS = time(18, 0)  # of a working day the hours say nothing about
FAR = 400  # days looked ahead at most: hours that never come are no hours


def usual_hours(said: str) -> Hours:
    """`"09:00-12:00,13:00-18:00"`, of every weekday. Raises ValueError when it is no such list."""
    spans = [part.strip().split("-") for part in said.split(",")]
    for start, end in spans:
        if not clock_time(start) < clock_time(end):
            raise ValueError("an interval ends after it begins")
    return dict.fromkeys(DAYS[:5], spans)


@dataclass(frozen=True)
class Opening:
    """Pure: hours, a calendar and a zone."""

    hours: Hours
    calendar: Calendar
    zone: tzinfo

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open intervals of a day, in order; none on a holiday, be it a Saturday with hours."""
        if self.calendar.is_holiday(day):
            return []
        found = spans_of(self.hours, day=day, is_workday=self.calendar.is_workday(day))
        at = [[datetime.combine(day, clock_time(edge), tzinfo=self.zone) for edge in span] for span in found]
        return sorted((start, end) for start, end in at)

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.spans(at.astimezone(self.zone).date()))

    def end_of_workday(self, now: datetime, count: int) -> datetime:
        """
        The end of business of the last of `count` working days; the day of asking is not counted (civil code art.
        201), and a period that runs by business hours ends with them (art. 203).
        """
        day = self.calendar.add_workdays(now.astimezone(self.zone).date(), count)
        spans = self.spans(day)
        return spans[-1][1] if spans else datetime.combine(day, CLOSE_OF_BUSINESS, tzinfo=self.zone)

    def after(self, now: datetime, working: timedelta) -> datetime:
        """The instant at which the department has been open for that long since `now`."""
        left, day = working, now.astimezone(self.zone).date()
        for n in range(FAR):
            for start, end in self.spans(day + timedelta(days=n)):
                begin = max(start, now)
                if begin < end and end - begin >= left:
                    return begin + left
                left -= max(end - begin, timedelta())
        raise ValueError("the department never opens")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long the department is open from one instant to the other."""
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        total = timedelta()
        while day <= last:
            for opens, closes in self.spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return total


async def opening_of(department: str | None) -> Opening:
    """The department's own hours, else the city's usual ones."""
    rows = await db.fetch("SELECT hours FROM staffing_opening WHERE department = $1", department)
    hours = json.loads(rows[0]["hours"]) if rows else usual_hours(current(StaffingSettings).office_hours)
    return Opening(hours, await workdays.calendar(), clock.city_zone())
