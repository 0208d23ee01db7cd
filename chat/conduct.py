"""What a welcomed socket may do, frame by frame."""

from functools import singledispatch
from typing import Any

from chat import access, arrivals, cards, changes, handovers, messages, notes, presence
from chat.assignment import pass_on
from chat.dispatching import dispatch
from chat.errors import FrameInvalid, OfferGone
from chat.frames import (
    AnySend,
    Edit,
    Leave,
    OfferReply,
    Read,
    Recall,
    Refresh,
    SendCard,
    SendImage,
    SendNote,
    SendText,
    SetPresence,
    Sync,
    Typing,
    refuse_unless_allowed,
)
from chat.hub import Hub, acknowledge
from chat.messages import Draft, Outcome
from chat.session import IN_FLIGHT, Session
from chat.wording import said_at_once
from kit import audit
from kit.errors import Forbidden, HouseError, NotFound, TooMany
from kit.web import authenticate


async def carry_out(hub: Hub, session: Session, frame: Any) -> None:
    """Raises HouseErrors, which the socket tells as error frames: Forbidden when the frame is not for this person."""
    refuse_unless_allowed(frame, session.who.roles)
    await _carry_out(frame, hub, session)


def at_once(hub: Hub, session: Session, frame: Any) -> bool:
    """
    Carries out what the database is not asked about: words in which nothing is found, recalls, and what was read of
    what is followed. False: it has to be asked, or what was asked before comes first. Raises as `carry_out`.
    """
    if isinstance(frame, Read):
        if frame.conversation not in session.links:
            return False
        refuse_unless_allowed(frame, session.who.roles)
        hub.raise_mark(session, frame.conversation, read=frame.seq)
        return True
    if not isinstance(frame, SendText | Edit | Recall) or session.errands.hold_up(frame):
        return False
    refuse_unless_allowed(frame, session.who.roles)
    body = (
        {} if isinstance(frame, Recall) else said_at_once(frame.body.text, side=session.side, confirmed=frame.confirmed)
    )
    if not isinstance(body, dict):
        return False
    _submit(hub, session, frame, body=body if isinstance(frame, SendText) else {"of": frame.of, **body})
    return True


def _submit(hub: Hub, session: Session, frame: AnySend | Edit | Recall, *, body: dict[str, Any]) -> None:
    """To the group writer. Raises TooMany when as many of the socket's are not settled yet as may be."""
    if len(session.unsettled) >= IN_FLIGHT:
        raise TooMany(1)
    hub.send(
        session,
        Draft(
            frame.conversation, session.side, frame.type if isinstance(frame, Edit | Recall) else frame.kind, body,
            sender=session.who.id, name=session.name, client_id=frame.client_id,
        ),
    )  # fmt: skip


@singledispatch
async def _carry_out(_frame: Any, _hub: Hub, _session: Session) -> None:
    raise FrameInvalid


@_carry_out.register(SendText)
@_carry_out.register(SendImage)
@_carry_out.register(SendCard)
async def _send(frame: AnySend, hub: Hub, session: Session) -> None:
    body = (
        await _card(frame, session)
        if isinstance(frame, SendCard)
        else await messages.body_of(frame, owner=session.reader, side=session.side)
    )
    _submit(hub, session, frame, body=body)


async def _card(frame: SendCard, session: Session) -> dict[str, Any]:
    asked = cards.Asked(frame.body.card, frame.body.ref, frame.body.at, frame.body.answers)
    return await cards.completed(asked, sender=session.who, conversation=frame.conversation, client_id=frame.client_id)


@_carry_out.register(Edit)
@_carry_out.register(Recall)
async def _change(frame: Edit | Recall, hub: Hub, session: Session) -> None:
    """An entry like any other: numbered, acked, judged where it is stored."""
    body = await changes.body_of(frame, by=session.reader, side=session.side)
    _submit(hub, session, frame, body=body)


@_carry_out.register
async def _note(frame: SendNote, hub: Hub, session: Session) -> None:
    conversation = await access.readable(session.who, frame.conversation)
    note = await notes.write(
        conversation, author=session.who.id, name=session.name, words=frame.body.text, client_id=frame.client_id,
        confirmed=frame.confirmed, whisper=notes.whispers(session.who, conversation),
    )  # fmt: skip
    session.say(
        {"type": "ack", "client_id": frame.client_id, "conversation": str(conversation.id), "seq": note.after_seq,
         "at": note.at.isoformat()}
    )  # fmt: skip
    await hub.backplane.tell({"n": [str(note.id)]})


@_carry_out.register
async def _mark_read(frame: Read, hub: Hub, session: Session) -> None:
    if frame.conversation not in session.links:
        await arrivals.watch(hub, session, frame.conversation, after=frame.seq)
    hub.raise_mark(session, frame.conversation, read=frame.seq)


@_carry_out.register
async def _sync(frame: Sync, hub: Hub, session: Session) -> None:
    """Everything after `after`, again when it must be; one the socket does not follow yet is followed from now on."""
    await arrivals.watch(hub, session, frame.conversation, after=frame.after)


@_carry_out.register
async def _leave(frame: Leave, hub: Hub, session: Session) -> None:
    """Of one's own nothing changes; of somebody else's nothing more is told."""
    link = session.links.get(frame.conversation)
    if link is None:
        raise NotFound
    if not link.side:
        hub.unlink(session, frame.conversation)


@_carry_out.register
async def _typing(frame: Typing, hub: Hub, session: Session) -> None:
    """Told, never stored. To a conversation the socket does not follow it is not told."""
    link = session.links.get(frame.conversation)
    if link is None or not link.side:
        raise NotFound
    who, conversation = session.who.name, str(frame.conversation)
    hub.tell_typing(frame.conversation, person=who, role=link.side, name=session.name)
    await hub.backplane.tell({"o": hub.id, "t": [[conversation, who, link.side, session.name]]})


@_carry_out.register
async def _presence(frame: SetPresence, _hub: Hub, session: Session) -> None:
    await presence.choose(session.who.id, status=frame.status, capacity=frame.capacity, auto_accept=frame.auto_accept)
    seat = (await presence.seats([session.who.id]))[session.who.id]
    session.say({"type": "presence", "status": seat.status, "capacity": seat.capacity, "auto_accept": seat.auto_accept})
    if frame.status == "online":
        await dispatch()


@_carry_out.register
async def _offer_reply(frame: OfferReply, _hub: Hub, session: Session) -> None:
    await access.offered_or_readable(session.who, frame.conversation)
    if frame.accept:
        await handovers.take_offered(frame.conversation, clerk=session.who.id)
    elif not await pass_on(frame.conversation, clerk=session.who.id, why="declined"):
        raise OfferGone


@_carry_out.register
async def _refresh(frame: Refresh, _hub: Hub, session: Session) -> None:
    """A new token of the same person, before the old one ends."""
    actor = await authenticate(frame.token)
    if actor.name != session.who.name:
        raise Forbidden
    session.actor, session.token = actor, frame.token
    session.say({"type": "refreshed", "expires_at": actor.claims.get("exp")})


async def answer_what_waits(session: Session, draft: Draft) -> None:
    """A send into a conversation that is not the sender's."""
    try:
        outcome = await answered_waiting(draft)
    except HouseError as error:
        session.refuse(error, client_id=draft.client_id, conversation=str(draft.conversation))
        return
    acknowledge(session, draft, outcome)


async def answered_waiting(draft: Draft) -> Outcome:
    """
    A clerk with the duty may answer what waits, and then has it; everything else is refused as absent, and noted. A
    change of what was said before answers nothing.

    Raises: NotFound, and what taking the conversation raises.
    """
    try:
        if draft.role != "clerk" or draft.kind in changes.KINDS or draft.sender is None:
            raise NotFound
        return await handovers.answer_waiting(draft, clerk=draft.sender)
    except HouseError:
        kind = "citizen" if draft.role == "citizen" else "staff"
        await audit.record(
            actor=f"{kind}:{draft.sender}", action="consultation.refused", subject=f"consultation:{draft.conversation}"
        )
        raise


async def gone(hub: Hub, session: Session) -> None:
    """The socket has ended. A clerk without another one here has left the desk, unless seen elsewhere."""
    last_here = hub.leave(session)
    if last_here and session.at_desk and not hub.draining:
        await presence.leave(session.who.id)
