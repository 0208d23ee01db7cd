"""
Real-name verification: a name and a resident ID number, checked by an office that knows both.

One number is one account. Number and name are sealed at once; only the blind index of the number is compared.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from auth.citizens import open_id_number, reaches
from auth.config import AuthSettings
from auth.errors import AlreadyVerified, IdNumberInvalid, RealNameHeldElsewhere, RealNameUnavailable
from auth.events import RealNameVerified
from auth.models import Citizen
from kit import audit, clock, crypto, db, events
from kit.config import current

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SHAPE = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)


class NameCheck(Protocol):
    """An office that knows which name belongs to which number."""

    async def agrees(self, *, name: str, id_number: str) -> bool: ...


class DemonstrationCheck:
    """
    DEMONSTRATION ONLY. Knows nobody, and believes every number that could exist together with any name.

    It is used in demo mode alone; in production a real check is installed, or verification is refused.
    """

    async def agrees(self, *, name: str, id_number: str) -> bool:
        return bool(name) and is_valid(id_number, today=clock.today())


_installed: list[NameCheck] = []


def install_check(check: NameCheck) -> None:
    _installed[:] = [check]


def _check() -> NameCheck:
    if _installed:
        return _installed[0]
    if current(AuthSettings).demo:
        return DemonstrationCheck()
    raise RealNameUnavailable


def is_valid(id_number: str, *, today: date) -> bool:
    """
    Whether the number could exist: 18 characters, a real day of birth from 1900 to `today`, and the check character
    of ISO 7064 MOD 11-2 (GB 11643-1999). Divisions that were dissolved keep their codes and are not looked up.
    """
    if not SHAPE.fullmatch(id_number):
        return False
    try:
        born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today and id_number[17] == check_character(id_number[:17])


def check_character(digits: str) -> str:
    """The 18th character for the first 17."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


@dataclass(frozen=True)
class Claimed:
    """Who somebody says they are, in the form it is kept in: full-width and lower-case letters made plain."""

    name: str
    id_number: str

    @classmethod
    def normal(cls, *, name: str, id_number: str) -> "Claimed":
        plain = unicodedata.normalize("NFKC", id_number).strip().upper()
        return cls(unicodedata.normalize("NFC", name).strip(), plain)


async def verify(person: Citizen, claimed: Claimed) -> Citizen:
    """
    Raises the account to `real_name`. Saying the same again changes nothing.

    Raises: IdNumberInvalid (also when the checking office does not agree), RealNameHeldElsewhere, AlreadyVerified,
    RealNameUnavailable.
    """
    if not is_valid(claimed.id_number, today=clock.today()):
        raise IdNumberInvalid
    if not await _check().agrees(name=claimed.name, id_number=claimed.id_number):
        raise IdNumberInvalid
    try:
        async with db.transaction():
            return await _recorded(person, claimed)
    except (IntegrityError, UniqueViolationError):  # the unique index: another account was quicker
        raise RealNameHeldElsewhere from None


async def _recorded(person: Citizen, claimed: Claimed) -> Citizen:
    person = await Citizen.select_for_update().get(id=person.id)
    if reaches(person.assurance, "real_name"):
        if open_id_number(person) == claimed.id_number:
            return person
        raise AlreadyVerified
    index = crypto.blind_index(claimed.id_number, purpose="citizen.id_number")
    if await Citizen.filter(id_number_index=index).exclude(id=person.id).exists():
        raise RealNameHeldElsewhere
    person.name_sealed = crypto.seal(claimed.name, bound_to=f"auth_citizen.name:{person.id}")
    person.id_number_sealed = crypto.seal(claimed.id_number, bound_to=f"auth_citizen.id_number:{person.id}")
    person.id_number_index, person.assurance = index, "real_name"
    await person.save(update_fields=["name_sealed", "id_number_sealed", "id_number_index", "assurance"])
    await audit.record(
        actor=f"citizen:{person.id}", action="citizen.real_name_verified", subject=f"citizen:{person.id}"
    )
    await events.publish(RealNameVerified(citizen=person.id))
    return person
