"""
When a window is open, pure: the weekly table laid over the city's calendar.

On a holiday nothing is open. A make-up working day on a weekend (调休) runs on Monday's lines, unless the place has
lines of that weekday. A place with Saturday lines is open on an ordinary Saturday.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from kit.workdays import Calendar


@dataclass(frozen=True)
class Line:
    """One line of the weekly table; minutes of the day in the city's zone, `ends` up to 1440."""

    id: UUID
    place: str
    weekday: int
    starts: int
    ends: int
    minutes: int
    seats: int
    item: str | None = None
    ended_on: date | None = None


@dataclass(frozen=True)
class Opening:
    """A slot as the table has it; instants in UTC."""

    line: Line
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OfficeDays:
    """The city's calendar; `off` are days it names as days off, weekends among them."""

    calendar: Calendar
    off: Collection[date]
    zone: tzinfo

    def ahead(self, today: date, workdays: int) -> list[date]:
        """Today and every day up to the last of so many working days ahead."""
        last = self.calendar.add_workdays(today, workdays)
        return [today + timedelta(days=n) for n in range((last - today).days + 1)]


def lines_of(day: date, lines: Iterable[Line], *, days: OfficeDays) -> list[Line]:
    """The lines that hold on this day."""
    standing = [line for line in lines if line.ended_on is None or day < line.ended_on]
    works, weekend = days.calendar.is_workday(day), day.weekday() >= 5
    if day in days.off or not (works or weekend):
        return []
    own = [line for line in standing if line.weekday == day.weekday()]
    if not (works and weekend):
        return own
    with_own = {line.place for line in own}
    return own + [line for line in standing if line.weekday == 0 and line.place not in with_own]


def slots_of(line: Line, day: date, *, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Beginning and end of each whole slot; what is left of the span at its end is no slot."""
    midnight = datetime.combine(day, time(), zone)
    for begins in range(line.starts, line.ends - line.minutes + 1, line.minutes):
        start = midnight + timedelta(minutes=begins)
        yield start.astimezone(UTC), (start + timedelta(minutes=line.minutes)).astimezone(UTC)


def openings(lines: Collection[Line], on: Iterable[date], *, days: OfficeDays, after: datetime) -> list[Opening]:
    """Every slot on these days that begins at `after` or later, by time and place."""
    found = [
        Opening(line, start, end)
        for day in on
        for line in lines_of(day, lines, days=days)
        for start, end in slots_of(line, day, zone=days.zone)
        if start >= after
    ]
    return sorted(found, key=lambda o: (o.starts_at, o.line.place, str(o.line.id)))
