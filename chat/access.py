"""Who may see a conversation: auth/rights.py decides, from what is told of it here. Absent and forbidden look alike."""

from dataclasses import replace
from uuid import UUID

from auth.acting.standing import NO_ITEM, standing_for
from auth.callers import WITHIN, path_of, staff_as, who_is
from auth.rights import Columns, Thing, may
from chat.errors import OfferGone
from chat.models import Conversation
from chat.states import ConversationState as S
from kit import audit
from kit.errors import NotFound
from kit.web import Actor

WAITING = (S.queued, S.inquiry)

# Where the rows keep what the rules ask for; `c` is the conversation.
COLUMNS = Columns(
    citizens=("c.citizen_id",), holders=("c.clerk_id", "c.returns_to"), department="c.department_code",
    item="c.item_code", lies_in=lambda region: f"c.region_code IN {WITHIN.format(code=region)}",
    without_region="c.region_code = ''", waiting="c.state IN ('queued', 'inquiry')",
)  # fmt: skip


async def thing_of(conversation: Conversation) -> Thing:
    """What the rules ask about a conversation."""
    holders = {conversation.clerk_id, conversation.returns_to} - {None}  # type: ignore[attr-defined]
    return Thing(
        "conversation", citizens=frozenset({conversation.citizen_id}),  # type: ignore[attr-defined]
        holders=frozenset(holders), department=conversation.department_code, item=conversation.item_code,
        path=await path_of(conversation.region_code), waiting=conversation.state in WAITING,
    )  # fmt: skip


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
    if actor.kind == "citizen":  # no question to the database: their sockets ask often
        own = Thing("conversation", citizens=frozenset({conversation.citizen_id}))  # type: ignore[attr-defined]
        return may(await who_is(actor), own) and await _still_asks_for(actor, conversation)
    return may(await who_is(actor), await thing_of(conversation))


async def _still_asks_for(actor: Actor, conversation: Conversation) -> bool:
    """A conversation for somebody else is the citizen's as long as the mandate stands."""
    if conversation.on_behalf_of is None:
        return True
    try:
        await standing_for(actor, conversation.on_behalf_of, doing="consult", item=conversation.item_code or NO_ITEM)
    except NotFound:
        return False
    return True


async def supervises(actor: Actor, conversation: Conversation) -> bool:
    """A supervisor sees the conversations of the department; one without a department is every supervisor's."""
    if "supervisor" not in actor.roles:
        return False
    nobodys = replace(await thing_of(conversation), noun="conversation in hand", holders=frozenset())
    return may(await who_is(actor), nobodys)


async def answers_for(staff: UUID, conversation: Conversation) -> bool:
    """Whether the matter is the staff member's, whoever has it in hand: by duty, by department, or nobody's yet."""
    nobodys = replace(await thing_of(conversation), holders=frozenset(), waiting=True)
    return may(await staff_as(staff), nobodys)


async def own(actor: Actor, id: UUID) -> Conversation:  # noqa: A002
    """Readable, and the citizen's own. Raises NotFound."""
    found = await readable(actor, id)
    if actor.kind != "citizen":
        raise NotFound
    return found


async def in_hand(actor: Actor, id: UUID) -> Conversation:  # noqa: A002
    """One the staff member may act on: theirs, not only offered to them, or one they supervise. Raises NotFound."""
    found = await readable(actor, id)
    keeper = {found.clerk_id} - {None} if found.state != S.offered else set()  # type: ignore[attr-defined]
    held = replace(await thing_of(found), noun="conversation in hand", holders=frozenset(keeper))
    if not may(await who_is(actor), held):
        raise NotFound
    return found


async def offered_or_readable(actor: Actor, id: UUID) -> None:  # noqa: A002
    """Raises OfferGone when it is the clerk's matter but somebody else's by now, NotFound when it is none of theirs."""
    found = await Conversation.get_or_none(id=id)
    if found is None or not (await may_read(actor, found) or await answers_for(actor.id, found)):
        await readable(actor, id)
    elif not await may_read(actor, found):
        raise OfferGone
