"""Who may see a conversation. Absent and forbidden look alike."""

from uuid import UUID

from auth.models import StaffMember
from chat.conversations import answers_for
from chat.errors import OfferGone
from chat.models import Conversation
from chat.states import ConversationState as S
from kit import audit
from kit.errors import NotFound
from kit.web import Actor


async def readable(actor: Actor, id: UUID) -> Conversation:  # noqa: A002 - the id of the conversation
    """
    The citizen's own; a clerk's own, also while a colleague is asked to take it over; what waits of one's matters; of
    the department, for its supervisor.

    Raises: NotFound, noted in the audit log when the conversation exists.
    """
    found = await Conversation.get_or_none(id=id)
    if found is None:
        raise NotFound
    if not await may_read(actor, found):
        await audit.record(actor=actor.name, action="consultation.refused", subject=f"consultation:{id}")
        raise NotFound
    return found


async def may_read(actor: Actor, conversation: Conversation) -> bool:
    if actor.kind == "citizen":
        return bool(conversation.citizen_id == actor.id)  # type: ignore[attr-defined]
    if actor.id in {conversation.clerk_id, conversation.returns_to}:  # type: ignore[attr-defined]
        return True
    if conversation.state in {S.queued, S.inquiry} and await answers_for(actor.id, conversation):
        return True
    return await supervises(actor, conversation)


async def supervises(actor: Actor, conversation: Conversation) -> bool:
    """A supervisor sees the conversations of the department; one without a department is every supervisor's."""
    if "supervisor" not in actor.roles:
        return False
    if conversation.department_code is None:
        return True
    return await StaffMember.filter(id=actor.id, department_id=conversation.department_code).exists()


async def own(actor: Actor, id: UUID) -> Conversation:  # noqa: A002
    """Readable, and the citizen's own. Raises NotFound."""
    found = await readable(actor, id)
    if found.citizen_id != actor.id:  # type: ignore[attr-defined]
        raise NotFound
    return found


async def in_hand(actor: Actor, id: UUID) -> Conversation:  # noqa: A002
    """One the staff member may act on: theirs, not only offered to them, or one they supervise. Raises NotFound."""
    found = await readable(actor, id)
    theirs = found.clerk_id == actor.id and found.state != S.offered  # type: ignore[attr-defined]
    if not theirs and not await supervises(actor, found):
        raise NotFound
    return found


async def offered_or_readable(actor: Actor, id: UUID) -> None:  # noqa: A002
    """Raises OfferGone when it is the clerk's matter but somebody else's by now, NotFound when it is none of theirs."""
    found = await Conversation.get_or_none(id=id)
    if found is None or not (await may_read(actor, found) or await answers_for(actor.id, found)):
        await readable(actor, id)
    elif not await may_read(actor, found):
        raise OfferGone
