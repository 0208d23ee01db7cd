"""
Documents that staff judge: passports, permits, and the foreigners' card before 2023.

The claim is what its holder says; the department that has the desk compares it with photographs of the document, or
with the document at the counter, and decides once. A refusal has a reason, which its holder is told. Name and number
are in the clear for who opens the claim while it waits, which is counted and audited; in lists and afterwards masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth import papers, realname
from auth.attestation.access import desk_claim
from auth.attestation.errors import NameClaimDecided, NameClaimWaiting, UnknownRegion
from auth.attestation.events import NameClaimRefused
from auth.attestation.models import NameClaim
from auth.attestation.states import CLAIM_MOVES, ClaimState
from auth.citizens import citizen, reaches
from auth.documents import Document
from auth.errors import AlreadyVerified, RealNameHeldElsewhere
from auth.models import Citizen, Region
from auth.reading import let_read
from auth.realname import Claimed
from kit import audit, clock, crypto, db, events
from kit.ids import new_id
from kit.web import Actor


@dataclass(frozen=True)
class Shown:
    """With what a document is put before the staff: photographs of it, and where one will come to the counter."""

    photos: Sequence[UUID] = ()
    region: str = ""


async def claim(person: Citizen, claimed: Claimed, *, shown: Shown) -> NameClaim:
    """
    Puts a document before the staff. The same again while it waits changes nothing.

    Raises: IdNumberInvalid, UnknownRegion, AlreadyVerified, RealNameHeldElsewhere, NoSuchUpload (of the room of
    photographs), NameClaimWaiting with another document.
    """
    realname.refuse_impossible(claimed)
    if shown.region and not await Region.exists(code=shown.region):
        raise UnknownRegion
    async with db.transaction():
        person = await Citizen.select_for_update().get(id=person.id)
        if reaches(person.assurance, "real_name"):
            raise AlreadyVerified
        if await Citizen.filter(id_number_index=claimed.index).exclude(id=person.id).exists():
            raise RealNameHeldElsewhere
        waiting = await NameClaim.get_or_none(citizen=person.id, state=ClaimState.WAITING)
        if waiting is not None:
            if claimed_in(waiting) == claimed:
                return waiting
            raise NameClaimWaiting
        id_ = new_id()
        made = await NameClaim.create(
            id=id_, citizen=person.id, document=claimed.document, state=ClaimState.WAITING, created_at=clock.now(),
            name_sealed=crypto.seal(claimed.name, bound_to=_place(id_, "name")),
            number_sealed=crypto.seal(claimed.id_number, bound_to=_place(id_, "number")),
            photos=[str(photo) for photo in dict.fromkeys(shown.photos)], region_code=shown.region,
        )  # fmt: skip
        actor = f"citizen:{person.id}"
        await papers.keep(made.photos, owner=actor, used_by=_use(made))
        await audit.record(actor=actor, action="citizen.name_claimed", subject=f"name_claim:{id_}")
        return made


def _use(found: NameClaim) -> str:
    return f"name_claim:{found.id}"


def _place(claim_: UUID, column: str) -> str:
    return f"attestation_name_claim.{column}:{claim_}"


def claimed_in(found: NameClaim) -> Claimed:
    """What the claim says, in the clear; staff are given it by `read`."""
    name = crypto.unseal(found.name_sealed, bound_to=_place(found.id, "name"))
    number = crypto.unseal(found.number_sealed, bound_to=_place(found.id, "number"))
    return Claimed(name, number, Document(found.document))


async def read(actor: Actor, claim_: UUID) -> NameClaim:
    """
    Opens one claim, with an audit row: who is given its number and links to its photographs. Outside of a transaction.

    Raises: NotFound, TooManyPeopleRead.
    """
    found = await desk_claim(actor, claim_)
    await let_read(actor, found.citizen)
    await audit.record(
        actor=actor.name, action="name_claim.read", subject=f"name_claim:{claim_}", purpose="verification",
        photos=found.photos,
    )  # fmt: skip
    return found


async def decide(actor: Actor, claim_: UUID, *, accept: bool, reason: str) -> NameClaim:
    """
    The staff's word, once. Accepted, the account has its real name.

    Raises: NotFound, NameClaimDecided, RealNameHeldElsewhere.
    """
    async with db.transaction():
        found = await desk_claim(actor, claim_, lock=True)
        if found.state != ClaimState.WAITING:
            raise NameClaimDecided
        if accept:
            person = await citizen(found.citizen)
            await realname.record(person, claimed_in(found), by=actor.name, actor=actor.name)
        await _move(found, ClaimState.ACCEPTED if accept else ClaimState.REFUSED, actor=actor, reason=reason)
        return found


async def _move(found: NameClaim, to: ClaimState, *, actor: Actor, reason: str) -> None:
    assert to in CLAIM_MOVES[ClaimState(found.state)]
    found.state, found.decided_at, found.decided_by, found.reason = to, clock.now(), actor.id, reason
    await found.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    await audit.record(actor=actor.name, action=f"name_claim.{to}", subject=f"name_claim:{found.id}")
    await papers.release(found.photos, used_by=_use(found))
    if to is ClaimState.REFUSED:
        await events.publish(NameClaimRefused(found.id, found.citizen, reason))


async def latest(citizen_: UUID) -> NameClaim | None:
    """The last claim of a citizen, whatever became of it."""
    return await NameClaim.filter(citizen=citizen_).order_by("-created_at").first()
