"""
Real-name verification: a name and the number of a document, checked by the register that knows both; documents that no
register is asked about are judged by staff (auth/attestation/claims.py).

One number is one account. Number and name are sealed at once; only the blind index of the number is compared.
"""

import unicodedata
from dataclasses import dataclass
from typing import Protocol

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from auth import throttle
from auth.attestation import office
from auth.attestation.base import CannotTell, NameAnswer
from auth.attestation.config import AttestationSettings
from auth.attestation.errors import NameDisagrees, NameNotOnFile
from auth.attestation.models import RealNameRecord
from auth.citizens import open_id_number, reaches
from auth.documents import Document, could_exist, normal
from auth.errors import AlreadyVerified, IdNumberInvalid, RealNameHeldElsewhere, RealNameUnavailable
from auth.events import RealNameVerified
from auth.models import Citizen
from kit import audit, clock, crypto, db, events
from kit.config import current
from kit.log import logger

log = logger("attestation")
EIGHTEEN = frozenset({Document.RESIDENT_ID, Document.HMT_RESIDENCE, Document.FOREIGN_RESIDENCE})
BY_REGISTER = "register"


@dataclass(frozen=True)
class Claimed:
    """Who somebody says they are, in the form it is kept in."""

    name: str
    id_number: str
    document: Document = Document.RESIDENT_ID

    @classmethod
    def normal(cls, *, name: str, id_number: str, document: Document = Document.RESIDENT_ID) -> "Claimed":
        return cls(" ".join(unicodedata.normalize("NFC", name).split()), normal(id_number), document)

    @property
    def index(self) -> str:
        """Numbers of 18 characters are one space; the others are told apart by the kind of document."""
        one_space = self.document in EIGHTEEN and len(self.id_number) == 18
        named = self.id_number if one_space else f"{self.document}:{self.id_number}"
        return crypto.blind_index(named, purpose="citizen.id_number")


async def attested(claimed: Claimed, *, asker: Citizen) -> None:
    """
    Asks the register about name and number; it costs money and tells whose number it is, so it is counted by account.

    Raises: IdNumberInvalid, NameDisagrees, NameNotOnFile, RealNameUnavailable, TooMany.
    """
    refuse_impossible(claimed)
    register = office()
    settings = current(AttestationSettings)
    await throttle.let_pass("real_name", source=str(asker.id), per_minute=settings.real_names_per_minute)
    try:
        answer = await register.name_agrees(name=claimed.name, number=claimed.id_number)
    except CannotTell as error:
        log.warning("attestation_cannot_tell", why=str(error))
        raise RealNameUnavailable from None
    if answer is NameAnswer.UNKNOWN:
        raise NameNotOnFile
    if answer is NameAnswer.DISAGREES:
        raise NameDisagrees


def is_judged_by_staff(claimed: Claimed) -> bool:
    """No register is asked about this document; also not about the foreigners' card in its form before 2023."""
    return claimed.document not in office().documents or len(claimed.id_number) != 18


def refuse_impossible(claimed: Claimed) -> None:
    if not could_exist(claimed.document, claimed.id_number, today=clock.today()):
        raise IdNumberInvalid


async def verify(person: Citizen, claimed: Claimed) -> Citizen:
    """
    Raises the account to `real_name` by what the register says. Saying the same again changes nothing.

    Raises: those of `attested`, RealNameHeldElsewhere, AlreadyVerified.
    """
    refuse_impossible(claimed)
    if reaches(person.assurance, "real_name"):
        return _same(person, claimed)
    await attested(claimed, asker=person)
    return await record(person, claimed, by=BY_REGISTER, actor=f"citizen:{person.id}")


def _same(person: Citizen, claimed: Claimed) -> Citizen:
    if open_id_number(person) != claimed.id_number:
        raise AlreadyVerified
    return person


async def record(person: Citizen, claimed: Claimed, *, by: str, actor: str) -> Citizen:
    """Writes down what was found true. Raises RealNameHeldElsewhere, AlreadyVerified."""
    try:
        async with db.transaction():
            return await _recorded(person, claimed, by=by, actor=actor)
    except (IntegrityError, UniqueViolationError):  # the unique index: another account was quicker
        raise RealNameHeldElsewhere from None


async def _recorded(person: Citizen, claimed: Claimed, *, by: str, actor: str) -> Citizen:
    person = await Citizen.select_for_update().get(id=person.id)
    if reaches(person.assurance, "real_name"):
        return _same(person, claimed)
    held_by = await Citizen.filter(id_number_index=claimed.index).exclude(id=person.id).select_for_update().first()
    if held_by is not None and not await _joined(held_by, person, name=claimed.name):
        raise RealNameHeldElsewhere
    person.name_sealed = crypto.seal(claimed.name, bound_to=f"auth_citizen.name:{person.id}")
    person.id_number_sealed = crypto.seal(claimed.id_number, bound_to=f"auth_citizen.id_number:{person.id}")
    person.id_number_index, person.assurance = claimed.index, "real_name"
    await person.save(update_fields=["name_sealed", "id_number_sealed", "id_number_index", "assurance"])
    await RealNameRecord.create(citizen=person.id, document=claimed.document, by=by, at=clock.now())
    await audit.record(
        actor=actor, action="citizen.real_name_verified", subject=f"citizen:{person.id}", document=claimed.document,
        by=by,
    )  # fmt: skip
    await events.publish(RealNameVerified(citizen=person.id))
    return person


class Joining(Protocol):
    """Gives the person what an account made from papers has; False when it is not such an account."""

    async def __call__(self, holder: Citizen, person: Citizen, *, name: str) -> bool: ...


_joining: list[Joining] = []


def install_joining(joining: Joining) -> None:
    _joining[:] = [joining]


async def _joined(holder: Citizen, person: Citizen, *, name: str) -> bool:
    return bool(_joining) and await _joining[0](holder, person, name=name)
