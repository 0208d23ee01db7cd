"""
Conversations go from hand to hand when their clerk is away, and come back. At every moment an open one has its clerk,
its place in the queue or its date; the citizen is told who is responsible now.

Locks in the order of the house: the conversation, then the seat.
"""

from datetime import datetime
from uuid import UUID

from auth.staff import staff_member
from auth.staffing import handovers
from auth.staffing.covers import Cover, cover_for, is_there
from auth.staffing.models import Handover
from chat import inquiries, presence
from chat.assignment import route
from chat.conversations import locked, move
from chat.messages import announce
from chat.models import Conversation, ConversationChange, Message
from chat.routing import Reason
from chat.states import ConversationState as S
from kit import audit, clock, db
from kit.texts import Text, text

HELD = """
SELECT id FROM chat_conversation
WHERE (clerk_id = $1 AND state IN ('assigned', 'offered')) OR (returns_to = $1 AND state = 'offered') ORDER BY id
"""
# Dated inquiries the person answers for, and those of the items they answer for first.
DATED = """
SELECT c.id FROM chat_conversation c JOIN chat_inquiry i ON i.conversation_id = c.id AND i.taken_at IS NULL
WHERE c.state = 'inquiry' AND (i.owner = $1 OR (i.owner IS NULL AND EXISTS (
  SELECT 1 FROM auth_duty d WHERE d.staff_id = $1 AND d.item_code = c.item_code AND d.role = 'owner'
  AND (d.valid_from IS NULL OR d.valid_from <= $2) AND (d.valid_to IS NULL OR d.valid_to >= $2)))) ORDER BY c.id
"""


async def hand_over_all(staff: UUID, *, leave: UUID | None = None, named: UUID | None = None) -> int:
    """
    What the person has in hand goes to who covers, and the dated inquiries they answer for; each in a transaction of
    its own; how many. `leave`: the leave it returns after. Told twice, it finds nothing left.
    """
    held = [row["id"] for row in await db.fetch(HELD, staff)]
    dated = [row["id"] for row in await db.fetch(DATED, staff, clock.today())]
    moved = [await hand_over(id_, staff=staff, leave=leave, named=named) for id_ in held]
    return sum(moved) + sum([await _answered_by_another(id_, staff=staff, leave=leave, named=named) for id_ in dated])


async def hand_over(
    id: UUID,  # noqa: A002 - the id of the conversation
    *,
    staff: UUID,
    leave: UUID | None,
    named: UUID | None,
) -> bool:
    """
    One conversation. What was only offered is offered to the next; where nobody covers, or who does has no place
    left, it is routed again. False when it is not the person's any more.
    """
    async with db.transaction():
        conversation = await locked(id)
        if conversation.returns_to == staff:
            conversation.returns_to = None
            await conversation.save(update_fields=["returns_to"])
            return True
        if conversation.clerk_id != staff or conversation.state not in {S.offered, S.assigned}:  # type: ignore[attr-defined]
            return False
        why = "handed over: leave" if leave else "handed over: left"
        cover = await _with_room(conversation, staff=staff, named=named)
        if conversation.state == S.offered or cover is None:
            await _routed_again(conversation, without=staff, note=why)
        else:
            away = await staff_member(staff)
            await _in_hands_of(conversation, cover, words=_away(away.name, cover.name), note=why)
            await handovers.note(
                leave=leave, kind="conversation", subject=conversation.id, from_staff=staff, to_staff=cover.staff
            )
        await audit.record(
            actor="system", action="consultation.handed_over", subject=f"consultation:{id}", before=staff,
            to=cover.staff if cover else None,
        )  # fmt: skip
    return True


async def take_back_all(leave: UUID, *, staff: UUID) -> int:
    """What was handed over for the leave and is still open goes back to the person; how many."""
    talks = [await take_back(lent, staff=staff) for lent in await handovers.lent(leave, "conversation")]
    return sum(talks) + sum([await _asked_again(lent, staff=staff) for lent in await handovers.lent(leave, "inquiry")])


async def take_back(lent: Handover, *, staff: UUID) -> bool:
    """One conversation; it stays with the cover who has written in it, or where it went from there."""
    async with db.transaction():
        conversation = await locked(lent.subject)
        clerk: UUID | None = conversation.clerk_id  # type: ignore[attr-defined]
        if conversation.state == S.closed or clerk == staff:
            await handovers.settle(lent, "done")
            return False
        if not await _may_return(conversation, clerk, lent=lent, staff=staff):
            await handovers.settle(lent, "kept")
            return False
        person = await staff_member(staff)
        back = text(f"{person.name}已返岗，继续为您负责。", f"{person.name} is back and responsible for you again.")
        await _in_hands_of(
            conversation, Cover(staff, person.name, person.title), words=back, note="handed back",
            reason=Reason.handed_back,
        )  # fmt: skip
        await handovers.settle(lent, "returned")
        await audit.record(
            actor="system", action="consultation.handed_back", subject=f"consultation:{lent.subject}", before=clerk,
            to=staff,
        )  # fmt: skip
    return True


async def _may_return(conversation: Conversation, clerk: UUID | None, *, lent: Handover, staff: UUID) -> bool:
    if conversation.state != S.assigned or clerk != await handovers.present_holder(lent) or not await is_there(staff):
        return False
    spoken = Message.filter(conversation_id=conversation.id, sender=clerk, sender_role="clerk", at__gte=lent.at)
    return not await spoken.exists() and await _has_room(staff)


async def _with_room(conversation: Conversation, *, staff: UUID, named: UUID | None) -> Cover | None:
    """Who covers, when they can take one more."""
    cover = await cover_for(staff, item=conversation.item_code, region=conversation.region_code, named=named)
    return cover if cover is not None and await _has_room(cover.staff) else None


async def _has_room(staff: UUID) -> bool:
    """The seat is held. Who has not come yet finds it when they come; who is full is not given more."""
    seat = await presence.hold(staff)
    return seat is None or seat.load < seat.capacity


async def _routed_again(conversation: Conversation, *, without: UUID, note: str) -> None:
    conversation.tried = [*conversation.tried, str(without)]
    await conversation.save(update_fields=["tried"])
    await route(conversation, actor="system", note=note)


async def _in_hands_of(
    conversation: Conversation, to: Cover, *, words: Text, note: str, reason: Reason = Reason.handed_over
) -> None:
    """Another clerk has it. Whose word is next stays as it was: who was waited for is waited for still."""
    awaiting, due = conversation.awaiting, conversation.answer_due_at
    await announce(conversation.id, "handed_over", words)
    await move(conversation, S.assigned, actor="system", reason=reason, clerk=to.staff, note=note)
    if awaiting == "citizen":
        await _waits_for_the_citizen(conversation, until=due)


async def _waits_for_the_citizen(conversation: Conversation, *, until: datetime | None) -> None:
    conversation.awaiting, conversation.answer_due_at = "citizen", until
    await conversation.save(update_fields=["awaiting", "answer_due_at"])


async def _answered_by_another(id_: UUID, *, staff: UUID, leave: UUID | None, named: UUID | None) -> bool:
    """A dated inquiry keeps its date; the citizen is told who will answer."""
    async with db.transaction():
        conversation = await locked(id_)
        told = await handovers.was_noted(leave=leave, kind="inquiry", subject=id_, from_staff=staff)
        if conversation.state != S.inquiry or told:
            return False
        cover = await cover_for(staff, item=conversation.item_code, region=conversation.region_code, named=named)
        if cover is None:
            return False
        away = await staff_member(staff)
        why = "handed over: leave" if leave else "handed over: left"
        await _noted(conversation, cover.staff, words=_away(away.name, cover.name), note=why)
        await handovers.note(leave=leave, kind="inquiry", subject=id_, from_staff=staff, to_staff=cover.staff)
    return True


async def _asked_again(lent: Handover, *, staff: UUID) -> bool:
    """The inquiry nobody answered meanwhile is the person's again."""
    async with db.transaction():
        conversation = await locked(lent.subject)
        if conversation.state != S.inquiry or not await is_there(staff):
            await handovers.settle(lent, "done")
            return False
        person = await staff_member(staff)
        back = text(f"{person.name}已返岗，将由其答复您。", f"{person.name} is back and will answer you.")
        await _noted(conversation, staff, words=back, note="handed back")
        await handovers.settle(lent, "returned")
    return True


async def _noted(conversation: Conversation, clerk: UUID, *, words: Text, note: str) -> None:
    """Another answers for the inquiry: a row of its history, and a word to the citizen."""
    await inquiries.give_to(conversation.id, clerk)
    await announce(conversation.id, "handed_over", words)
    await ConversationChange.create(
        conversation_id=conversation.id, at=clock.now(), actor="system", from_state=conversation.state,
        to_state=conversation.state, clerk=clerk, reason_code=Reason.handed_over, note=note,
    )  # fmt: skip


def _away(name: str, cover: str) -> Text:
    return text(f"{name}不在岗，您的咨询由{cover}负责。", f"{name} is away; {cover} is responsible for your question.")
