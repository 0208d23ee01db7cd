"""From hand to hand: accepting, answering what waits, transferring."""

from uuid import UUID

from auth.staff import staff_member
from chat import assignment, presence, subjects
from chat import events as chat_events
from chat.access import answers_for, supervises
from chat.conversations import locked, move
from chat.dispatching import make_sure_of_room
from chat.errors import (
    ClerkNotAvailable,
    ConversationClosed,
    DeclinedBefore,
    OfferGone,
    TransferGoesRound,
    WrongRecipient,
)
from chat.messages import Draft, Outcome, announce, append
from chat.models import Conversation
from chat.routing import Reason
from chat.states import ConversationState as S
from kit import audit, db, events
from kit.errors import NotFound
from kit.texts import text
from kit.web import Actor

TRANSFER_CAP = 5


async def take_offered(id: UUID, *, clerk: UUID) -> None:  # noqa: A002
    """The clerk accepts what was offered, or takes it out of the queue. Raises OfferGone, DeskFull, NotFound."""
    async with db.transaction():
        conversation = await locked(id)
        holder = conversation.clerk_id  # type: ignore[attr-defined]
        if conversation.state == S.assigned and holder == clerk:
            return
        if conversation.state == S.offered and holder == clerk:
            await move(conversation, S.assigned, actor=f"staff:{clerk}", reason=conversation.reason_code, clerk=clerk)
        elif conversation.state in {S.queued, S.inquiry} and await answers_for(clerk, conversation):
            await make_sure_of_room(clerk)
            await move(conversation, S.assigned, actor=f"staff:{clerk}", reason=Reason.taken, clerk=clerk)
        else:
            raise OfferGone
        await Conversation.filter(id=id).update(tried=[])
        await audit.record(actor=f"staff:{clerk}", action="consultation.taken", subject=f"consultation:{id}")


async def answer_waiting(draft: Draft, *, clerk: UUID) -> Outcome:
    """
    A clerk with the right writes into what waits in the queue or as an inquiry: it becomes theirs, with their answer.

    Raises: NotFound when it is not theirs to answer.
    """
    async with db.transaction():
        conversation = await locked(draft.conversation)
        waiting = S(conversation.state)
        theirs = conversation.clerk_id == clerk  # type: ignore[attr-defined]
        if theirs and waiting is S.assigned:  # accepted a moment ago
            return await append(draft)
        if not (theirs and waiting is S.offered) and (
            waiting not in {S.queued, S.inquiry} or not await answers_for(clerk, conversation)
        ):
            raise NotFound
        await move(
            conversation, S.assigned, actor=f"staff:{clerk}", reason=Reason.taken, clerk=clerk,
            answers=waiting is S.inquiry,
        )  # fmt: skip
        outcome = await append(draft)
        if waiting is S.inquiry:
            citizen: UUID = conversation.citizen_id  # type: ignore[attr-defined]
            await events.publish(chat_events.InquiryAnswered(conversation.id, citizen=citizen, seq=outcome.seq))
        await audit.record(
            actor=f"staff:{clerk}", action="consultation.taken", subject=f"consultation:{conversation.id}"
        )
    return outcome


async def take_over(id: UUID, *, by: Actor, reason: str) -> None:  # noqa: A002 - the id of the conversation
    """
    A supervisor takes a conversation, whoever has it in hand and wherever it waits; taking it again changes nothing.

    Raises: NotFound unless they supervise it, ConversationClosed, DeskFull.
    """
    async with db.transaction():
        conversation = await locked(id)
        if not await supervises(by, conversation):
            raise NotFound
        if conversation.state == S.closed:
            raise ConversationClosed
        holder: UUID | None = conversation.clerk_id  # type: ignore[attr-defined]
        if conversation.state == S.assigned and holder == by.id:
            return
        await make_sure_of_room(by.id)
        await move(conversation, S.assigned, actor=by.name, reason=Reason.taken_over, clerk=by.id, note=reason)
        await Conversation.filter(id=id).update(tried=[])
        await audit.record(
            actor=by.name, action="consultation.taken_over", subject=f"consultation:{id}", taken_from=str(holder or "")
        )


async def transfer(
    id: UUID,  # noqa: A002 - the id of the conversation
    *,
    by: Actor,
    to_staff: UUID | None = None,
    to_department: str | None = None,
    reason: str,
) -> None:
    """
    Hands an open conversation on, with its history: to a colleague who answers for the matter, or to a department.

    A colleague has to accept; until then, and when they do not, it stays with who has it. A supervisor may hand on
    what went round or was declined before.

    Raises: NotFound, ConversationClosed, TransferGoesRound, DeclinedBefore, WrongRecipient, ClerkNotAvailable,
    UnknownSubject.
    """
    async with db.transaction():
        conversation = await locked(id)
        if conversation.state == S.closed:
            raise ConversationClosed
        if not await supervises(by, conversation):
            _refuse_rounds(conversation, by=by.id, to=to_staff)
        conversation.transfers += 1
        conversation.tried = [str(by.id)]
        if to_staff is not None:
            await _to_colleague(conversation, to_staff, by=by.id, reason=reason)
        elif to_department is not None:
            await _to_department(conversation, to_department, by=by.id, reason=reason)
        await audit.record(
            actor=by.name, action="consultation.transferred", subject=f"consultation:{id}",
            to=str(to_staff or to_department),
        )  # fmt: skip


def _refuse_rounds(conversation: Conversation, *, by: UUID, to: UUID | None) -> None:
    """What only a supervisor may do. Looked at under the lock: it may have left the clerk's hands meanwhile."""
    if conversation.state != S.assigned or conversation.clerk_id != by:  # type: ignore[attr-defined]
        raise NotFound
    if conversation.transfers >= TRANSFER_CAP:
        raise TransferGoesRound
    if str(to) in conversation.declined:
        raise DeclinedBefore


async def _to_colleague(conversation: Conversation, to: UUID, *, by: UUID, reason: str) -> None:
    holder: UUID | None = conversation.clerk_id  # type: ignore[attr-defined]
    if to in {by, holder} or not await answers_for(to, conversation):
        raise WrongRecipient
    seat = await presence.hold(to)
    if seat is None or seat.status != "online" or seat.load >= seat.capacity:
        raise ClerkNotAvailable
    await conversation.save(update_fields=["transfers", "tried"])
    person = await staff_member(to)
    await announce(
        conversation.id, "transferred",
        text(f"正在将您的咨询转接给{person.name}。", f"Your consultation is being handed over to {person.name}."),
    )  # fmt: skip
    keeper = holder if conversation.state == S.assigned else conversation.returns_to
    await assignment.offer(
        conversation, to, reason=Reason.transferred, actor=f"staff:{by}", note=reason,
        returns_to=keeper if keeper != to else None,
    )  # fmt: skip


async def _to_department(conversation: Conversation, code: str, *, by: UUID, reason: str) -> None:
    """Another department answers for other items: the matter becomes the department's own."""
    if code == conversation.department_code:
        raise WrongRecipient
    name = await subjects.department_name(code)
    conversation.department_code, conversation.department_name = code, name.model_dump()
    conversation.item_code, conversation.application = None, None
    conversation.item_name = None  # type: ignore[assignment]
    await conversation.save(
        update_fields=[
            "transfers",
            "tried",
            "department_code",
            "department_name",
            "item_code",
            "item_name",
            "application",
        ]
    )
    await announce(
        conversation.id, "transferred",
        text(f"您的咨询已转至{name.zh}。", f"Your consultation went to {name.in_language('en')}."),
    )  # fmt: skip
    await assignment.route(conversation, actor=f"staff:{by}", note=reason)
