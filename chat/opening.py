"""Opening a conversation."""

from uuid import UUID

from auth.citizens import citizen as citizen_of
from chat import assignment
from chat import events as chat_events
from chat.errors import TooManyConversations
from chat.messages import Draft, append
from chat.models import Conversation
from chat.routing import Reason
from chat.states import ConversationState as S
from chat.subjects import Subject
from kit import clock, db, events
from kit.ids import new_id

OPEN_CAP = 20  # open conversations of one citizen


async def open_conversation(citizen: UUID, subject: Subject, *, words: str | None) -> Conversation:
    """
    Opens a conversation with its first words and routes it.

    Raises: TooManyConversations.
    """
    person = await citizen_of(citizen)
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", str(citizen))
        if await Conversation.filter(citizen_id=citizen, state__not=S.closed).count() >= OPEN_CAP:
            raise TooManyConversations
        await assignment.in_line(subject)
        now = clock.now()
        conversation = await Conversation.create(
            id=new_id(), citizen_id=person.id, item_code=subject.item_code,
            item_name=subject.item_name.model_dump() if subject.item_name else None,
            department_code=subject.department_code,
            department_name=subject.department_name.model_dump() if subject.department_name else None,
            region_code=subject.region, application=subject.application, created_at=now,
            state=S.queued, queued_at=now, reason_code=Reason.department_queue,
        )  # fmt: skip
        if words:
            await append(Draft(conversation.id, "citizen", "text", {"text": words}, sender=citizen))
        await assignment.route(conversation, actor=f"citizen:{citizen}")
        await events.publish(
            chat_events.ConversationOpened(
                conversation.id, citizen=citizen, item=subject.item_code, state=str(conversation.state)
            )
        )
    return conversation
