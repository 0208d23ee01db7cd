"""Conversations: moved from state to state, and closed."""

from datetime import datetime, timedelta
from uuid import UUID

from auth.staff import staff_member
from chat import backplane, queues
from chat import events as chat_events
from chat.config import ChatSettings
from chat.errors import ConversationClosed
from chat.messages import announce
from chat.models import Conversation, ConversationChange, Inquiry
from chat.routing import Reason
from chat.states import MOVES
from chat.states import ConversationState as S
from chat.words import masked
from kit import clock, db, events
from kit.config import current
from kit.errors import NotFound
from kit.jobs import defer
from kit.texts import text


async def locked(id: UUID) -> Conversation:  # noqa: A002 - the id of the conversation
    """The conversation, its row locked. Raises NotFound."""
    found = await Conversation.select_for_update().get_or_none(id=id)
    if found is None:
        raise NotFound
    return found


async def move(
    conversation: Conversation, to: S, *, actor: str, reason: str,
    clerk: UUID | None = None, due_at: datetime | None = None, note: str = "", answers: bool = False,
    returns_to: UUID | None = None,
) -> None:  # fmt: skip
    """
    The one place where a conversation's state changes; the row is locked. Writes the change, wakes who follows it.

    Leaving the state `inquiry` ends the open inquiry, as answered by the clerk when the move `answers` it. An offer
    that `returns_to` somebody keeps their place free until it is accepted.

    Raises: ConversationClosed.
    """
    before, now, settings = S(conversation.state), clock.now(), current(ChatSettings)
    if to not in MOVES[before]:
        raise ConversationClosed
    if before is S.inquiry:
        await _end_inquiry(conversation.id, answered_by=clerk if answers else None)
    former: UUID | None = conversation.clerk_id  # type: ignore[attr-defined]
    held = {former, conversation.returns_to} - {None}
    conversation.state, conversation.reason_code = to, reason
    conversation.version += 1
    conversation.clerk_id = former if to is S.closed else clerk
    conversation.queued_at = now if to is S.queued else None
    conversation.inquiry_due_at = due_at if to is S.inquiry else None
    conversation.closed_at = now if to is S.closed else None
    conversation.returns_to = returns_to
    conversation.answer_due_at = _timer(to, conversation, now, settings)
    await conversation.save(
        update_fields=["state", "reason_code", "version", "clerk_id", "queued_at", "inquiry_due_at", "closed_at",
                       "answer_due_at", "awaiting", "returns_to"]
    )  # fmt: skip
    await ConversationChange.create(
        conversation_id=conversation.id, at=now, actor=actor, from_state=before, to_state=to,
        clerk=conversation.clerk_id, reason_code=reason, note=masked(note)[:500],  # type: ignore[attr-defined]
    )  # fmt: skip
    await _keep_queue(conversation, before)
    if held - {clerk, returns_to}:
        await serve_queue_soon()
    if to is S.assigned and clerk is not None:
        await _greet(conversation, clerk)


async def _keep_queue(conversation: Conversation, before: S) -> None:
    """Who follows the conversation hears of the move; those behind it, when its place was taken or became free."""
    state, line = S(conversation.state), []
    if S.queued in {before, state}:
        line = [conversation.department_code or ""]
    if state is S.queued:
        await queues.enter(conversation)
    elif state is not S.offered:
        by_message = conversation.reason_code == Reason.left_message
        outcome = {S.assigned: "served", S.closed: "left", S.inquiry: "message" if by_message else "inquiry"}[state]
        await queues.leave(conversation.id, outcome)
    await backplane.tell({"c": [str(conversation.id)], "q": line})


async def _end_inquiry(conversation: UUID, *, answered_by: UUID | None) -> None:
    now = clock.now()
    await Inquiry.filter(conversation_id=conversation, taken_at=None).update(
        taken_at=now, answered_at=now if answered_by else None, answered_by=answered_by
    )


def _timer(to: S, conversation: Conversation, now: datetime, settings: ChatSettings) -> datetime | None:
    """An offer ends; a clerk who has a conversation owes its citizen the next word."""
    if to is S.offered:
        handed = conversation.reason_code == Reason.transferred
        return now + timedelta(seconds=settings.chat_transfer_s if handed else settings.chat_offer_s)
    if to is S.assigned:
        conversation.awaiting = "clerk"
        return now + timedelta(seconds=settings.chat_answer_s)
    return None


async def serve_queue_soon() -> None:
    """After the transaction somebody looks at the queue."""
    from chat.jobs import serve_queue  # the jobs call the verbs; here a verb asks for a job

    await defer(serve_queue, once="chat.serve_queue")


async def _greet(conversation: Conversation, clerk: UUID) -> None:
    person = await staff_member(clerk)
    if conversation.reason_code == Reason.transfer_returned:
        event = "transfer_returned"
        words = text(
            f"同事暂未接入，仍由{person.name}为您服务。", f"The colleague is not free; {person.name} stays with you."
        )
    else:
        event = "assigned"
        words = text(
            f"{person.name}（{person.title or '工作人员'}）已接入，为您服务。", f"{person.name} is with you now."
        )
    await announce(conversation.id, event, words)
    await events.publish(chat_events.ConversationAssigned(conversation.id, clerk=clerk))


async def close(id: UUID, *, actor: str, reason: str = "") -> None:  # noqa: A002
    """Ends a conversation; ending it again changes nothing."""
    async with db.transaction():
        conversation = await locked(id)
        if conversation.state == S.closed:
            return
        await announce(
            conversation.id,
            "closed",
            text("本次咨询已结束，欢迎评价。", "This consultation is closed; please rate it."),
        )
        gave_up = actor.startswith("citizen:") and conversation.state in {S.queued, S.offered}
        await move(
            conversation, S.closed, actor=actor, reason=Reason.abandoned if gave_up else Reason.closed, note=reason
        )
        citizen: UUID = conversation.citizen_id  # type: ignore[attr-defined]
        await events.publish(chat_events.ConversationClosed(conversation.id, citizen=citizen, by=actor))


async def close_for(citizen: UUID, *, on_behalf_of: UUID, reason: str) -> None:
    """Ends what the citizen asks for somebody else, once the mandate has ended."""
    for id_ in await Conversation.filter(
        citizen_id=citizen, on_behalf_of=on_behalf_of, state__not=S.closed
    ).values_list("id", flat=True):
        await close(UUID(str(id_)), actor="system", reason=reason)
