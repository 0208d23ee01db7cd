"""
Conversations turned into things: the one writer of `consulting_outcome`.

The conversation's row is locked first; the thing, the outcome and the card that shows it are one transaction. Asked
again, however often and by whom, the first outcome of a key is the answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auth.staff import staff_member
from chat.cards import Asked
from chat.conversations import locked
from chat.messages import Draft, append
from chat.models import Conversation
from chat.states import ConversationState
from kit import audit, clock, db
from kit.errors import NotFound
from kit.ids import new_id
from kit.web import Actor
from mobileapi.consulting.cards import shown_to
from mobileapi.consulting.errors import AlreadyDecided, ConversationOver
from mobileapi.consulting.models import Outcome
from mobileapi.consulting.states import MOVES, OutcomeState

STANDING = (OutcomeState.PROPOSED, OutcomeState.MADE)


@dataclass(frozen=True)
class Wanted:
    """What is to be made: its kind, what it is for, and what was asked in numbers and codes."""

    kind: str
    key: str
    wish: Mapping[str, Any]


async def make(
    actor: Actor, conversation: UUID, *, wanted: Wanted, thing: Callable[[Conversation], Awaitable[UUID]]
) -> Outcome:
    """
    Makes the thing, unless one of that key stands. `thing` is called inside the transaction, with the locked
    conversation.

    Raises: ConversationOver, and what `thing` raises; then nothing is written.
    """
    async with db.transaction():
        talk = await _open(conversation)
        known = await _standing(wanted.key)
        if known is not None:
            return known
        outcome = _outcome(actor, talk, wanted=wanted, state=OutcomeState.MADE)
        outcome.ref = await thing(talk)
        await outcome.save(force_create=True)
        await _show(actor, talk, outcome=outcome)
        await _noted(actor, outcome, what="made")
    return outcome


async def note_made(actor: Actor, conversation: UUID, *, wanted: Wanted, ref: UUID) -> Outcome:
    """The same for a thing another room has made already, in the open transaction."""

    async def made(_: Conversation) -> UUID:
        return ref

    return await make(actor, conversation, wanted=wanted, thing=made)


async def propose(actor: Actor, conversation: UUID, *, wanted: Wanted) -> Outcome:
    """Keeps the wish until a second person has looked at it. Raises ConversationOver."""
    async with db.transaction():
        talk = await _open(conversation)
        known = await _standing(wanted.key)
        if known is not None:
            return known
        outcome = _outcome(actor, talk, wanted=wanted, state=OutcomeState.PROPOSED)
        await outcome.save(force_create=True)
        await _noted(actor, outcome, what="proposed")
    return outcome


async def decide(
    actor: Actor, outcome: UUID, *, conversation: UUID, thing: Callable[[Outcome], Awaitable[UUID]] | None, why: str
) -> Outcome:
    """
    Makes what was proposed, or declines it when `thing` is None; deciding again the same way changes nothing.

    Raises: NotFound, AlreadyDecided, ConversationOver, and what `thing` raises.
    """
    to = OutcomeState.MADE if thing else OutcomeState.DECLINED
    async with db.transaction():
        talk = await locked(conversation)
        found = await Outcome.select_for_update().get_or_none(id=outcome, conversation=conversation)
        if found is None:
            raise NotFound
        if found.state == to and found.decided_by == actor.id:
            return found
        if to not in MOVES[OutcomeState(found.state)]:
            raise AlreadyDecided
        if thing is not None:
            if talk.state == ConversationState.closed:
                raise ConversationOver
            found.ref = await thing(found)
        found.state, found.decided_by, found.decided_at, found.why = to, actor.id, clock.now(), why
        await found.save()
        if thing is not None:
            await _show(actor, talk, outcome=found)
        await _noted(actor, found, what=str(to))
    return found


async def undo(kind: str, ref: UUID) -> None:
    """The thing was taken back: it may be made again. Repeatable."""
    await Outcome.filter(kind=kind, ref=ref, state=OutcomeState.MADE).update(state=OutcomeState.UNDONE)


async def _standing(key: str) -> Outcome | None:
    """What stands under the key; whoever asks at the same time, through whatever conversation, waits."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 14))", key)
    return await Outcome.get_or_none(key=key, state__in=STANDING)


async def _open(conversation: UUID) -> Conversation:
    talk = await locked(conversation)
    if talk.state == ConversationState.closed:
        raise ConversationOver
    return talk


def _outcome(actor: Actor, talk: Conversation, *, wanted: Wanted, state: OutcomeState) -> Outcome:
    return Outcome(
        id=new_id(), conversation=talk.id, kind=wanted.kind, key=wanted.key, wish=dict(wanted.wish), state=state,
        made_by=actor.id, made_at=clock.now(),
    )  # fmt: skip


async def _show(actor: Actor, talk: Conversation, *, outcome: Outcome) -> None:
    """
    The card in the conversation: in the clerk's own name when it is theirs, else the office's. None for who asks for
    somebody else and has no mandate to open the thing: it is the other person's, and told to them.
    """
    try:
        body = await shown_to(talk, Asked(outcome.kind, str(outcome.ref)))  # type: ignore[arg-type]  # a kind of card
    except NotFound:
        return
    theirs = talk.state == ConversationState.assigned and talk.clerk_id == actor.id  # type: ignore[attr-defined]
    draft = Draft(talk.id, "system", "card", body, name="系统")
    if theirs:
        name = (await staff_member(actor.id)).name
        draft = Draft(talk.id, "clerk", "card", body, sender=actor.id, name=name, client_id=f"outcome:{outcome.id}")
    stored = await append(draft)
    assert stored.verdict == "stored", "the conversation is locked, open and the clerk's"


async def _noted(actor: Actor, outcome: Outcome, *, what: str) -> None:
    """In the log of the conversation and, once there is one, of the thing."""
    told = {"kind": outcome.kind, "ref": str(outcome.ref or ""), "outcome": str(outcome.id)}
    await audit.record(
        actor=actor.name, action=f"consultation.{outcome.kind}_{what}", subject=f"consultation:{outcome.conversation}",
        **told,
    )  # fmt: skip
