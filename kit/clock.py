"""The one clock. Inside the program time is UTC; office days are days of the city's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kit.config import Settings, current

_offset = timedelta()
_stopped: datetime | None = None


def now() -> datetime:
    """This instant in UTC."""
    return (_stopped or datetime.now(UTC)) + _offset


def city_zone() -> ZoneInfo:
    return ZoneInfo(current(Settings).timezone)


def today() -> date:
    """The office day: the calendar day in the city's zone."""
    return now().astimezone(city_zone()).date()


def city_time(instant: datetime) -> datetime:
    return instant.astimezone(city_zone())


def move(by: timedelta) -> None:
    """Moves the clock; for tests and drills only, it refuses outside demo mode."""
    global _offset  # noqa: PLW0603 - the clock is the one thing a process has one of
    assert current(Settings).demo, "the clock of a production process is never moved"
    _offset += by


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Within the block the clock shows `by` more."""
    move(by)
    try:
        yield
    finally:
        move(-by)


@contextmanager
def stopped() -> Iterator[None]:
    """Within the block the clock stands still, and may still be moved; for tests."""
    global _stopped  # noqa: PLW0603 - as above
    assert current(Settings).demo, "the clock of a production process is never stopped"
    _stopped = datetime.now(UTC)
    try:
        yield
    finally:
        _stopped = None
