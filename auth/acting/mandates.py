"""
Mandates: the one place they move, and what the two sides do with them.

Whoever answers, revokes or resigns locks the row; an act under the mandate holds a share of the same lock
(standing.py), so that after a revocation is committed nothing more is done.
"""

from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from auth.acting import evidence
from auth.acting.errors import GuardianshipStands, MandateClosed, MandateExists
from auth.acting.events import MandateMoved
from auth.acting.models import Mandate, MandateChange
from auth.acting.standing import managing_for
from auth.acting.states import MOVES, MandateState, state_on
from auth.citizens import citizen, require_assurance
from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.web import Actor

_S = MandateState


def state_of(mandate: Mandate) -> MandateState:
    """Today's state."""
    return state_on(mandate.state, valid_to=mandate.valid_to, day=clock.today())


def principal_id(mandate: Mandate) -> UUID | None:
    found: UUID | None = mandate.principal_id  # type: ignore[attr-defined]  # Tortoise adds the column's own name
    return found


def agent_id(mandate: Mandate) -> UUID | None:
    found: UUID | None = mandate.agent_id  # type: ignore[attr-defined]
    return found


async def begin(mandate: Mandate, *, actor: str, note: str = "") -> None:
    """Writes a mandate and the first row of its history, in the open transaction. Raises MandateExists."""
    try:
        await mandate.save(force_create=True)
    except (IntegrityError, UniqueViolationError):
        raise MandateExists from None
    await _note(mandate, None, actor=actor, note=note)
    await audit.record(
        actor=actor, action=f"mandate.{mandate.state}", subject=f"mandate:{mandate.id}", kind=mandate.kind,
        on_behalf_of=_who(principal_id(mandate)), agent=_who(agent_id(mandate)), doings=mandate.doings,
        items=mandate.items, consent=mandate.consent,
    )  # fmt: skip


async def move(mandate: Mandate, to: MandateState, *, actor: str, note: str = "") -> None:
    """
    Moves the locked mandate, saves it with everything else that was set on it, and tells.

    Raises: MandateClosed when the graph has no such move, MandateExists when another one stands in the way.
    """
    assert db.transaction_is_open(), "a mandate is moved in the transaction that locked it"
    origin = MandateState(mandate.state)
    if to not in MOVES[origin]:
        raise MandateClosed
    now = clock.now()
    mandate.state, mandate.version = to.value, mandate.version + 1
    if to is _S.ACTIVE or (to is _S.REFUSED and mandate.decided_at is None):
        mandate.decided_at = now
    if not MOVES[to]:
        mandate.ended_at = now
    try:
        await mandate.save()
    except (IntegrityError, UniqueViolationError):
        raise MandateExists from None
    await _note(mandate, origin, actor=actor, note=note)
    if to in {_S.REFUSED, _S.EXPIRED} and origin is not _S.ACTIVE:
        await evidence.release(mandate)
    await _tell(mandate, to, actor=actor, note=note)


async def _note(mandate: Mandate, origin: MandateState | None, *, actor: str, note: str) -> None:
    await MandateChange.create(
        mandate=mandate, at=clock.now(), actor=actor, from_state=origin.value if origin else None,
        to_state=mandate.state, note=note[:500],
    )  # fmt: skip


async def _tell(mandate: Mandate, to: MandateState, *, actor: str, note: str) -> None:
    principal, agent = principal_id(mandate), agent_id(mandate)
    await audit.record(
        actor=actor, action=f"mandate.{to}", subject=f"mandate:{mandate.id}", kind=mandate.kind,
        on_behalf_of=_who(principal), agent=_who(agent), reason=note,
    )  # fmt: skip
    await events.publish(MandateMoved(mandate.id, mandate.kind, to.value, principal, agent, actor))


def _who(person: UUID | None) -> str | None:
    return f"citizen:{person}" if person else None


async def locked(id: UUID) -> Mandate:  # noqa: A002 - the id of the mandate
    """Raises NotFound."""
    found = await Mandate.filter(id=id).select_for_update().first()
    if found is None:
        raise NotFound
    return found


async def is_agent(actor: Actor, mandate: Mandate) -> bool:
    """Whose acting it is about; of an invitation nobody has taken, whoever has its phone number."""
    if agent_id(mandate) is not None:
        return agent_id(mandate) == actor.id
    person = await citizen(actor.id)
    return mandate.phone_index is not None and person.phone_index == mandate.phone_index


async def is_principal(actor: Actor, mandate: Mandate) -> bool:
    """The represented, or who manages the represented firm."""
    principal = principal_id(mandate)
    if principal is None:
        return False
    return principal == actor.id or await manages(actor, principal)


async def manages(actor: Actor, principal: UUID) -> bool:
    try:
        await managing_for(actor, principal)
    except NotFound:
        return False
    return True


async def accept(actor: Actor, id: UUID) -> Mandate:  # noqa: A002 - the id of the mandate
    """
    The asked side agrees. Again changes nothing.

    Raises: NotFound, AssuranceTooLow, MandateClosed, MandateExists.
    """
    async with db.transaction():
        mandate = await _asked_of(actor, id)
        if state_of(mandate) is _S.ACTIVE:
            return mandate
        if state_of(mandate) is not _S.ASKED:
            raise MandateClosed
        if mandate.asked_by == "principal":
            require_assurance(await citizen(actor.id), "real_name")
            mandate.agent_id = actor.id
        if mandate.kind == "representative":
            await hand_over(mandate, actor=actor.name, note="handed over")
        await move(mandate, _S.ACTIVE, actor=actor.name)
    return mandate


async def refuse(actor: Actor, id: UUID, *, reason: str = "") -> Mandate:  # noqa: A002
    """
    The asked side says no. A firm's former representative who contests a new one leaves it to a clerk.

    Raises: NotFound, MandateClosed.
    """
    async with db.transaction():
        mandate = await _asked_of(actor, id)
        if state_of(mandate) is not _S.ASKED:
            raise MandateClosed
        contested = mandate.kind == "representative"
        if contested:
            mandate.flags = [*mandate.flags, "contested"]
        elif mandate.asked_by == "principal":
            mandate.agent_id = actor.id
        await move(mandate, _S.EXAMINING if contested else _S.REFUSED, actor=actor.name, note=reason)
    return mandate


async def _asked_of(actor: Actor, id: UUID) -> Mandate:  # noqa: A002
    """The locked mandate whose asked side the actor is. Raises NotFound."""
    mandate = await locked(id)
    answers = is_principal if mandate.asked_by == "agent" else is_agent
    if mandate.asked_by == "office" or not await answers(actor, mandate):
        raise NotFound
    return mandate


async def hand_over(claim: Mandate, *, actor: str, note: str) -> None:
    """Ends the present representative's mandate of the firm that `claim` is about."""
    present = (
        await Mandate.filter(principal_id=principal_id(claim), kind="representative", state=_S.ACTIVE)
        .select_for_update()
        .first()
    )
    if present is not None:
        await move(present, _S.REVOKED, actor=actor, note=note)


async def revoke(actor: Actor, id: UUID, *, reason: str = "") -> Mandate:  # noqa: A002
    """
    The represented takes it back, or whoever asked takes back what is not answered. At once; again changes nothing.

    Raises: NotFound, GuardianshipStands, MandateClosed.
    """
    async with db.transaction():
        mandate = await locked(id)
        mine = await is_principal(actor, mandate)
        asked_myself = mandate.asked_by == "agent" and agent_id(mandate) == actor.id
        if not mine and not (asked_myself and mandate.state != _S.ACTIVE):
            raise NotFound
        if mandate.state == _S.REVOKED:
            return mandate
        if mine and not asked_myself:
            await _refuse_beyond_own(actor, mandate)
        await move(mandate, _S.REVOKED, actor=actor.name, note=reason)
    return mandate


async def _refuse_beyond_own(actor: Actor, mandate: Mandate) -> None:
    """
    The law, not the ward, ends a guardianship (civil code art. 36 and 39); the registry, not an operator, names a
    firm's representative, who alone ends those who manage beside them.
    """
    if mandate.kind == "guardian":
        raise GuardianshipStands
    principal = principal_id(mandate)
    if principal == actor.id or principal is None:
        return
    standing = (await managing_for(actor, principal)).mandate
    if mandate.kind == "representative" or (mandate.manages and standing.kind != "representative"):
        raise NotFound


async def resign(actor: Actor, id: UUID, *, reason: str = "") -> Mandate:  # noqa: A002
    """Who acts gives it up. Again changes nothing. Raises NotFound, GuardianshipStands, MandateClosed."""
    async with db.transaction():
        mandate = await locked(id)
        if agent_id(mandate) != actor.id:
            raise NotFound
        if mandate.state == _S.RESIGNED:
            return mandate
        if mandate.kind == "guardian":
            raise GuardianshipStands
        await move(mandate, _S.RESIGNED, actor=actor.name, note=reason)
    return mandate
