"""The sandbox's two clocks, and the ways the platforms write a moment.

Business time (codes, expiries, bill days, notice schedule) can be moved to make days pass. Signature time stays with
the machine unless asked to follow, because a signature more than five minutes off is refused by both sides.
"""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass
class Clock:
    """Moved by hand only; `offset_s` may be negative."""

    offset_s: float = 0.0
    signatures_follow: bool = False

    def now(self) -> float:
        """Business time in epoch seconds."""
        return time.time() + self.offset_s

    def signing_now(self) -> float:
        """Time that signatures are made and judged by, in epoch seconds."""
        return self.now() if self.signatures_follow else time.time()


def beijing(at: float) -> datetime:
    return datetime.fromtimestamp(at, BEIJING)


def rfc3339(at: float) -> str:
    """Write a moment as WeChat Pay does: whole seconds and `+08:00`."""
    return beijing(at).isoformat(timespec="seconds")


def bill_time(at: float) -> str:
    """Write a moment as bills do: Beijing time without an offset."""
    return beijing(at).strftime("%Y-%m-%d %H:%M:%S")


def bill_day(at: float) -> date:
    return beijing(at).date()


def day_bounds(day: date) -> tuple[float, float]:
    """First moment of a Beijing day and first moment after it; bills cut at 00:00:00."""
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp()
    return start, start + DAY
