"""
The number of an account: changing it, and moving one that is another account's.

The new number is proved by a code sent to it, the old account by a fresh sign-in. A number that is somebody's is never
taken silently: the old device says yes or no within minutes, or, when both accounts are verified by real name, it moves
and the former account is told and may take it back for days. Numbers are given to new people by the operators; names
are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auth.citizens import phone_index, reaches, seal_phone
from auth.errors import AccountDisabled
from auth.events import PhoneChanged
from auth.joining import ways
from auth.joining.config import JoiningSettings
from auth.joining.errors import LastWayIn, PhoneMoveOver
from auth.joining.events import PhoneMoveAsked, PhoneMoved, PhoneMoveEnded
from auth.joining.models import PhoneMove
from auth.joining.states import MOVES, MoveState
from auth.models import Citizen, PlatformIdentity
from auth.sms import codes
from auth.sms.codes import Proof, Purpose
from auth.step_up import require_fresh
from kit import audit, clock, crypto, db, events
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id
from kit.web import Actor


@dataclass(frozen=True)
class Outcome:
    """`taken`: the number is the account's. `moved`: it was another's. `asked`: the old device decides."""

    state: str
    move: PhoneMove | None = None


async def change(actor: Actor, *, flow: str, code: str) -> Outcome:
    """
    Gives the actor's account the number behind the flow.

    Raises: FreshSignInRequired, SmsCodeWrong, LastWayIn when the number is all the other account has.
    """
    await require_fresh(actor)
    proof = await codes.prove(flow, code, purpose=Purpose.PHONE, owner=actor.id)
    async with db.transaction():
        await codes.use(proof)
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", phone_index(proof.phone))
        taker, holder = await _both(actor.id, proof)
        if holder is None:
            await take(taker, proof.phone)
            return Outcome("taken")
        if holder.id == taker.id:
            return Outcome("taken")
        return await _ask_or_move(taker, holder, proof=proof)


async def _both(taker: UUID, proof: Proof) -> tuple[Citizen, Citizen | None]:
    """Who takes and who holds, locked in the order of their ids."""
    held = await Citizen.filter(phone_index=phone_index(proof.phone)).values_list("id", flat=True)
    rows = await Citizen.select_for_update().filter(id__in={taker, *held}).order_by("id")
    locked = {person.id: person for person in rows}
    holder = locked[held[0]] if held else None  # type: ignore[index]
    if locked[taker].disabled_at is not None:
        raise AccountDisabled
    return locked[taker], holder


async def take(person: Citizen, phone: str) -> None:
    """A number that was proved, and that nobody has, becomes the locked account's, in the open transaction."""
    had_one = person.phone_index is not None
    seal_phone(person, phone)
    if not reaches(person.assurance, "phone"):
        person.assurance = "phone"
    await person.save(update_fields=["phone_sealed", "phone_index", "assurance"])
    await audit.record(
        actor=f"citizen:{person.id}", action="citizen.phone_changed" if had_one else "citizen.phone_added",
        subject=f"citizen:{person.id}",
    )  # fmt: skip
    if had_one:
        await ways.end_opened_by_sms(person.id, reason="phone_changed", actor=f"citizen:{person.id}")
        await events.publish(PhoneChanged(citizen=person.id))


async def _ask_or_move(taker: Citizen, holder: Citizen, *, proof: Proof) -> Outcome:
    if not await PlatformIdentity.filter(citizen_id=holder.id).exists() and not reaches(holder.assurance, "real_name"):
        raise LastWayIn
    now, minutes = clock.now(), timedelta(minutes=current(JoiningSettings).phone_move_minutes)
    waiting = PhoneMove.filter(holder=holder.id, taker=taker.id, state=MoveState.ASKED, expires_at__gt=now)
    move = await waiting.select_for_update().first()
    if move is None:
        id_ = new_id()
        move = await PhoneMove.create(
            id=id_, holder=holder.id, taker=taker.id, phone_index=phone_index(proof.phone), state=MoveState.ASKED,
            phone_sealed=crypto.seal(proof.phone, bound_to=_place(id_, "phone")), created_at=now,
            expires_at=now + minutes,
        )  # fmt: skip
        await _noted(move, actor=f"citizen:{taker.id}", action="asked")
    if reaches(holder.assurance, "real_name") and reaches(taker.assurance, "real_name"):
        await _move(move, taker=taker, holder=holder, by="real_names", actor=f"citizen:{taker.id}")
        return Outcome("moved", move)
    await events.publish(PhoneMoveAsked(move=move.id, citizen=holder.id, taker=taker.id))
    return Outcome("asked", move)


def _place(move: UUID, column: str) -> str:
    return f"joining_phone_move.{column}:{move}"


def masked(move: PhoneMove) -> str:
    phone = crypto.unseal(move.phone_sealed, bound_to=_place(move.id, "phone"))
    return f"{phone[:3]}****{phone[-4:]}"


async def _noted(move: PhoneMove, *, actor: str, action: str) -> None:
    for side in (move.holder, move.taker):
        await audit.record(actor=actor, action=f"citizen.phone_move_{action}", subject=f"citizen:{side}", move=move.id)


async def approve(actor: Actor, move: UUID) -> None:
    """The old device says yes. Raises FreshSignInRequired, NotFound, PhoneMoveOver, LastWayIn."""
    await require_fresh(actor)
    async with db.transaction():
        found = await _asked_of(actor, move)
        taker, holder = await _pair(found)
        if not await PlatformIdentity.filter(citizen_id=holder.id).exists():
            raise LastWayIn
        await _move(found, taker=taker, holder=holder, by="approval", actor=actor.name)


async def deny(actor: Actor, move: UUID) -> None:
    """The old device says no. Raises NotFound, PhoneMoveOver."""
    async with db.transaction():
        found = await _asked_of(actor, move)
        await _to(found, MoveState.DENIED)
        await _noted(found, actor=actor.name, action="denied")
        await events.publish(PhoneMoveEnded(found.id, found.holder, found.taker, "denied"))


async def undo(actor: Actor, move: UUID) -> None:
    """The former account takes its number back. Raises FreshSignInRequired, NotFound, PhoneMoveOver."""
    await require_fresh(actor)
    async with db.transaction():
        found = await PhoneMove.select_for_update().get_or_none(id=move, holder=actor.id)
        if found is None:
            raise NotFound
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", found.phone_index)
        taker, holder = await _pair(found)
        late = found.undo_until is None or clock.now() >= found.undo_until
        gone = (
            taker.phone_index != found.phone_index or holder.disabled_at is not None or holder.phone_index is not None
        )
        if found.state != MoveState.MOVED or late or gone:
            raise PhoneMoveOver
        await _give_back(found, taker=taker, holder=holder)
        await _to(found, MoveState.UNDONE)
        await _noted(found, actor=actor.name, action="undone")
        await events.publish(PhoneMoveEnded(found.id, found.holder, found.taker, "undone"))


async def _give_back(move: PhoneMove, *, taker: Citizen, holder: Citizen) -> None:
    phone = crypto.unseal(move.phone_sealed, bound_to=_place(move.id, "phone"))
    await _drop(taker)
    former = move.former_sealed and crypto.unseal(move.former_sealed, bound_to=_place(move.id, "former"))
    if former and not await Citizen.filter(phone_index=phone_index(former)).exists():
        await _set(taker, former)
    await _set(holder, phone)
    await ways.end_opened_by_sms(taker.id, reason="phone_moved", actor=f"citizen:{holder.id}")


async def _asked_of(actor: Actor, move: UUID) -> PhoneMove:
    found = await PhoneMove.select_for_update().get_or_none(id=move, holder=actor.id)
    if found is None:
        raise NotFound
    if found.state != MoveState.ASKED or clock.now() >= found.expires_at:
        raise PhoneMoveOver
    return found


async def _pair(move: PhoneMove) -> tuple[Citizen, Citizen]:
    rows = await Citizen.select_for_update().filter(id__in={move.holder, move.taker}).order_by("id")
    locked = {person.id: person for person in rows}
    return locked[move.taker], locked[move.holder]


async def _move(move: PhoneMove, *, taker: Citizen, holder: Citizen, by: str, actor: str) -> None:
    if holder.phone_index != move.phone_index or taker.disabled_at is not None:
        raise PhoneMoveOver
    now = clock.now()
    if taker.phone_sealed is not None:
        former = crypto.unseal(taker.phone_sealed, bound_to=f"auth_citizen.phone:{taker.id}")
        move.former_sealed = crypto.seal(former, bound_to=_place(move.id, "former"))
    await _drop(holder)
    await _set(taker, crypto.unseal(move.phone_sealed, bound_to=_place(move.id, "phone")))
    await ways.end_opened_by_sms(holder.id, reason="phone_moved", actor=actor)
    await ways.end_opened_by_sms(taker.id, reason="phone_moved", actor=actor)
    move.by, move.moved_at = by, now
    move.undo_until = now + timedelta(hours=current(JoiningSettings).phone_undo_hours)
    await _to(move, MoveState.MOVED)
    await _noted(move, actor=actor, action="done")
    await events.publish(PhoneMoved(move.id, holder.id, taker.id, move.undo_until))


async def _to(move: PhoneMove, to: MoveState) -> None:
    """The only writer of a move's state, with its row locked or new in this transaction."""
    assert to in MOVES[MoveState(move.state)], f"{move.state} -> {to}"
    move.state = to
    await move.save(update_fields=["state", "by", "moved_at", "undo_until", "former_sealed"])


async def _drop(person: Citizen) -> None:
    person.phone_sealed = person.phone_index = None
    if person.assurance == "phone":
        person.assurance = "platform"
    await person.save(update_fields=["phone_sealed", "phone_index", "assurance"])


async def _set(person: Citizen, phone: str) -> None:
    seal_phone(person, phone)
    if not reaches(person.assurance, "phone"):
        person.assurance = "phone"
    await person.save(update_fields=["phone_sealed", "phone_index", "assurance"])


async def open_moves(citizen: UUID, *, now: datetime) -> Sequence[PhoneMove]:
    """What this account may still answer or undo, and what it waits for."""
    found = (
        await PhoneMove.filter(state__in=[MoveState.ASKED, MoveState.MOVED])
        .filter(holder=citizen)
        .order_by("created_at")
    )
    asked = await PhoneMove.filter(state=MoveState.ASKED, taker=citizen).order_by("created_at")
    return [move for move in [*found, *asked] if now < (move.undo_until or move.expires_at)]
