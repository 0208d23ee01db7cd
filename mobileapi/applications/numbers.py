"""
Case numbers: prefix, office day, running number of the day, check character. `HZ20261121000127`.

There is no national layout of case numbers; this one is read over the telephone, so the check character comes from
the alphabet without look-alikes. It notices every wrong digit and every swap of neighbours: weights 1, 2, 3 … modulo
the prime 31.
"""

from datetime import date

from kit import clock, db
from kit.config import current
from kit.ids import READABLE
from mobileapi.applications.config import ApplicationSettings

NEXT = (
    "INSERT INTO applications_day_counter (day, reached) VALUES ($1, 1) "
    "ON CONFLICT (day) DO UPDATE SET reached = applications_day_counter.reached + 1 RETURNING reached"
)


async def next_case_number() -> str:
    """The next number of today; its counter stays locked until the transaction ends, so no number is lost."""
    day = clock.today()
    return case_number(current(ApplicationSettings).case_prefix, day=day, running=await db.fetch_value(NEXT, day))


def case_number(prefix: str, *, day: date, running: int) -> str:
    digits = f"{day:%Y%m%d}{running:05}"
    return f"{prefix}{digits}{check_character(digits)}"


def check_character(digits: str) -> str:
    return READABLE[sum(weight * int(digit) for weight, digit in enumerate(digits, start=1)) % len(READABLE)]


def holds(number: str) -> bool:
    """Whether somebody who typed the number made no slip."""
    digits = number[:-1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return digits.isdecimal() and len(digits) >= 13 and check_character(digits) == number[-1]
