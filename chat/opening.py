"""Opening a conversation."""

from uuid import UUID

from auth.acting import deeds
from auth.acting.deeds import Done, both
from auth.citizens import citizen as citizen_of
from auth.roles import CITIZEN_ROLES
from chat import assignment
from chat import events as chat_events
from chat.errors import TooManyConversations
from chat.messages import Draft, append
from chat.models import Conversation
from chat.routing import Reason
from chat.states import ConversationState as S
from chat.subjects import Subject
from chat.wording import said
from kit import audit, clock, db, events
from kit.ids import new_id
from kit.web import Actor

OPEN_CAP = 20  # open conversations of one citizen


async def open_conversation(
    citizen: UUID, subject: Subject, *, words: str | None, on_behalf_of: UUID | None = None
) -> Conversation:
    """
    Opens a conversation with its first words and routes it; `on_behalf_of`: for somebody who gave a mandate.

    Raises: TooManyConversations, NotFound when the mandate does not stand.
    """
    person = await citizen_of(citizen)
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", str(citizen))
        if await Conversation.filter(citizen_id=citizen, state__not=S.closed).count() >= OPEN_CAP:
            raise TooManyConversations
        await assignment.in_line(subject)
        now = clock.now()
        conversation = await Conversation.create(
            id=new_id(), citizen_id=person.id, on_behalf_of=on_behalf_of, item_code=subject.item_code,
            item_name=subject.item_name.model_dump() if subject.item_name else None,
            department_code=subject.department_code,
            department_name=subject.department_name.model_dump() if subject.department_name else None,
            region_code=subject.region, application=subject.application, created_at=now,
            state=S.queued, queued_at=now, reason_code=Reason.department_queue,
        )  # fmt: skip
        if on_behalf_of is not None:
            await _note_for_whom(conversation, subject)
        if words:
            by, mark = f"citizen:{citizen}", str(conversation.id)
            body = await said(words, side="citizen", conversation=conversation.id, by=by, mark=mark)
            await append(Draft(conversation.id, "citizen", "text", body, sender=citizen))
        await assignment.route(conversation, actor=f"citizen:{citizen}")
        await events.publish(
            chat_events.ConversationOpened(
                conversation.id, citizen=citizen, item=subject.item_code, state=str(conversation.state)
            )
        )
    return conversation


async def _note_for_whom(conversation: Conversation, subject: Subject) -> None:
    """Both names in the audit log, and a deed the represented is shown; the mandate is held until this is committed."""
    asker: UUID = conversation.citizen_id  # type: ignore[attr-defined]
    actor, principal = Actor(asker, "citizen", CITIZEN_ROLES), conversation.on_behalf_of
    assert principal is not None, "only of a conversation for somebody else"
    about = subject.item_name or subject.department_name
    done = Done("consultation.opened", f"consultation:{conversation.id}", about)
    await deeds.note(actor, principal, done, doing="consult", item=subject.item_code)
    await audit.record(actor=actor.name, action=done.action, subject=done.subject, **both(actor, principal))
