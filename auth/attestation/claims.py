"""
Documents that staff judge: passports, permits, and the foreigners' card before 2023.

The claim is what its holder says; staff see it in the clear, which is audited, compare it with the document at the
counter or on file, and decide once. A refusal has a reason, which its holder is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from auth import realname
from auth.attestation.errors import NameClaimDecided, NameClaimWaiting
from auth.attestation.events import NameClaimRefused
from auth.attestation.models import NameClaim
from auth.attestation.states import CLAIM_MOVES, ClaimState
from auth.citizens import citizen, reaches
from auth.documents import Document
from auth.errors import AlreadyVerified, RealNameHeldElsewhere
from auth.models import Citizen
from auth.realname import Claimed
from kit import audit, clock, crypto, db, events
from kit.errors import NotFound
from kit.ids import new_id
from kit.web import Actor


async def claim(person: Citizen, claimed: Claimed) -> NameClaim:
    """
    Puts a document before the staff. The same again while it waits changes nothing.

    Raises: IdNumberInvalid, AlreadyVerified, RealNameHeldElsewhere, NameClaimWaiting with another document.
    """
    realname.refuse_impossible(claimed)
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
        )  # fmt: skip
        actor = f"citizen:{person.id}"
        await audit.record(actor=actor, action="citizen.name_claimed", subject=f"name_claim:{id_}")
        return made


def _place(claim_: UUID, column: str) -> str:
    return f"attestation_name_claim.{column}:{claim_}"


def claimed_in(found: NameClaim) -> Claimed:
    """What the claim says, in the clear; staff read it through `read`."""
    name = crypto.unseal(found.name_sealed, bound_to=_place(found.id, "name"))
    number = crypto.unseal(found.number_sealed, bound_to=_place(found.id, "number"))
    return Claimed(name, number, Document(found.document))


@dataclass(frozen=True)
class Waiting:
    id: UUID
    document: str
    since: datetime


async def waiting(*, limit: int) -> Sequence[Waiting]:
    """The claims nobody has decided, the oldest first; no name is told here."""
    rows: list[dict[str, Any]] = await (
        NameClaim.filter(state=ClaimState.WAITING)
        .order_by("created_at")
        .limit(limit)
        .values("id", "document", "created_at")
    )
    return [Waiting(row["id"], row["document"], row["created_at"]) for row in rows]


async def read(actor: Actor, claim_: UUID) -> tuple[NameClaim, Claimed]:
    """One claim in the clear, with an audit row that it was read. Raises NotFound."""
    async with db.transaction():
        found = await NameClaim.get_or_none(id=claim_)
        if found is None:
            raise NotFound
        await audit.record(
            actor=actor.name, action="name_claim.read", subject=f"name_claim:{claim_}", why="verification"
        )
        return found, claimed_in(found)


async def decide(actor: Actor, claim_: UUID, *, accept: bool, reason: str) -> NameClaim:
    """
    The staff's word, once. Accepted, the account has its real name.

    Raises: NotFound, NameClaimDecided, RealNameHeldElsewhere.
    """
    async with db.transaction():
        found = await NameClaim.select_for_update().get_or_none(id=claim_)
        if found is None:
            raise NotFound
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
    if to is ClaimState.REFUSED:
        await events.publish(NameClaimRefused(found.id, found.citizen, reason))


async def latest(citizen_: UUID) -> NameClaim | None:
    """The last claim of a citizen, whatever became of it."""
    return await NameClaim.filter(citizen=citizen_).order_by("-created_at").first()
