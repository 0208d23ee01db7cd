"""
Faces: the top of the assurance ladder, for one sign-in session.

We open a check for the name and number we know, the person does it with the office that has the picture, and then we
ask that office. What the phone says of the result is not asked.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from auth import throttle
from auth.attestation import office
from auth.attestation.base import CannotTell, FaceAnswer
from auth.attestation.config import AttestationSettings
from auth.attestation.errors import FaceFailed, FaceNotDone
from auth.attestation.models import FaceCheck
from auth.attestation.states import FACE_MOVES, FaceState
from auth.citizens import citizen, open_id_number, open_name, reaches, require_assurance
from auth.errors import AssuranceTooLow, RealNameUnavailable
from auth.privacy import consents
from kit import audit, clock, crypto, db
from kit.config import Settings, current
from kit.errors import NotFound
from kit.ids import new_id
from kit.log import logger
from kit.web import Actor

log = logger("attestation")


@dataclass(frozen=True)
class Opened:
    check: UUID
    reference: str
    url: str
    expires_in: int  # seconds


async def open_check(actor: Actor) -> Opened:
    """
    Begins a check for the actor, who has agreed to it (personal information protection law art. 29).

    Raises: ConsentNeeded, AssuranceTooLow below a real name, TooMany, RealNameUnavailable.
    """
    settings = current(AttestationSettings)
    await throttle.let_pass("face", source=str(actor.id), per_minute=settings.real_names_per_minute)
    name, number = await _known(actor)
    await consents.require(actor.id, "face")
    back_to = f"{current(Settings).public_url.rstrip('/')}/app/"
    try:
        opened = await office().open_face(name=name, number=number, back_to=back_to)
    except CannotTell as error:
        log.warning("attestation_cannot_tell", why=str(error))
        raise RealNameUnavailable from None
    id_, now, lasts = new_id(), clock.now(), timedelta(minutes=settings.face_minutes)
    await FaceCheck.create(
        id=id_, citizen=actor.id, session=UUID(actor.session), state=FaceState.OPEN, created_at=now,
        reference_sealed=crypto.seal(opened.reference, bound_to=_place(id_)), expires_at=now + lasts,
    )  # fmt: skip
    return Opened(id_, opened.reference, opened.url, int(lasts.total_seconds()))


def _place(check: UUID) -> str:
    return f"attestation_face_check.reference:{check}"


async def _known(actor: Actor) -> tuple[str, str]:
    person = await citizen(actor.id)
    require_assurance(person, "real_name")
    name, number = open_name(person), open_id_number(person)
    if name is None or number is None:
        raise AssuranceTooLow("real_name")
    return name, number


async def conclude(actor: Actor, check: UUID) -> None:
    """
    Asks the office how the check ended; passed, the session has the level `face`. Asking again answers alike.

    Raises: NotFound for a check of another session or person, FaceNotDone, FaceFailed, RealNameUnavailable.
    """
    found = await _own(actor, check)
    if found.state == FaceState.OPEN:
        found = await _asked(actor, found)
    if found.state != FaceState.PASSED:
        raise FaceFailed


async def _own(actor: Actor, check: UUID) -> FaceCheck:
    found = await FaceCheck.get_or_none(id=check, citizen=actor.id, session=UUID(actor.session))
    if found is None or (found.state == FaceState.OPEN and clock.now() >= found.expires_at):
        raise NotFound
    return found


async def _asked(actor: Actor, found: FaceCheck) -> FaceCheck:
    name, number = await _known(actor)
    reference = crypto.unseal(found.reference_sealed, bound_to=_place(found.id))
    try:
        answer = await office().face_result(reference, name=name, number=number)
    except CannotTell as error:
        log.warning("attestation_cannot_tell", why=str(error))
        raise RealNameUnavailable from None
    if answer is FaceAnswer.WAITING:
        raise FaceNotDone
    async with db.transaction():
        found = await FaceCheck.select_for_update().get(id=found.id)
        if found.state == FaceState.OPEN:
            await _move(found, FaceState(answer.value), actor=actor)
    return found


async def _move(found: FaceCheck, to: FaceState, *, actor: Actor) -> None:
    assert to in FACE_MOVES[FaceState(found.state)]
    found.state, found.decided_at = to, clock.now()
    await found.save(update_fields=["state", "decided_at"])
    await audit.record(actor=actor.name, action=f"citizen.face_{to}", subject=f"citizen:{actor.id}", check=found.id)


async def passed_at_most(actor: Actor, check: UUID, *, ago: timedelta) -> bool:
    """Whether this check was passed in the actor's session so recently; a proof for a step-up."""
    since = clock.now() - ago
    return await FaceCheck.filter(
        id=check, citizen=actor.id, session=UUID(actor.session), state=FaceState.PASSED, decided_at__gt=since
    ).exists()


async def level_of(actor: Actor) -> str:
    """How well the actor is known in this session: `face` counts in the session it was shown in. Raises NotFound."""
    person = await citizen(actor.id)
    if not reaches(person.assurance, "real_name"):
        return person.assurance
    query = FaceCheck.filter(citizen=actor.id, session=UUID(actor.session), state=FaceState.PASSED)
    return "face" if await query.exists() else person.assurance


async def require_level(actor: Actor, needed: str) -> None:
    """Raises AssuranceTooLow, which tells the level that is needed."""
    if not reaches(await level_of(actor), needed):
        raise AssuranceTooLow(needed)


async def purge() -> int:
    """Removes checks that are older than half a year; how many. That they were made stays in the audit log."""
    return await FaceCheck.filter(created_at__lt=clock.now() - timedelta(days=184)).delete()
