"""Who may use, write and review a quick reply: auth/rights.py decides. Absent and forbidden look alike."""

from uuid import UUID

from auth.callers import who_is
from auth.rights import Columns, Thing, may
from chat.models import Conversation
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.replies.models import Reply

COLUMNS = Columns(
    holders=("CASE WHEN r.scope = 'personal' THEN r.owner END",), department="r.department_code",
    lies_in=lambda region: f"{region} IS NULL",  # a reply lies where its department is
)  # fmt: skip


def thing_of(reply: Reply, *, noun: str = "reply") -> Thing:
    """What the rules ask about a reply."""
    owner = frozenset({reply.owner} if reply.scope == "personal" and reply.owner else ())
    return Thing(noun, holders=owner, department=reply.department_code)


async def readable(actor: Actor, id: UUID) -> Reply:  # noqa: A002 - the id of the reply
    """One's own, or of the department. Raises NotFound."""
    found = await Reply.get_or_none(id=id)
    if found is None or not may(await who_is(actor), thing_of(found)):
        raise NotFound
    return found


async def usable(actor: Actor, id: UUID, talk: Conversation | None) -> Reply:  # noqa: A002
    """Readable; in a conversation somebody has in hand also what belongs to its item. Raises NotFound."""
    found = await Reply.get_or_none(id=id)
    if found and talk and found.scope == "item" and found.item_code == talk.item_code:
        return found
    return await readable(actor, id)


async def may_write(actor: Actor, reply: Reply) -> bool:
    """One's own; those of the department and the departments below, for its supervisors."""
    return may(await who_is(actor), thing_of(reply, noun="reply in charge"))
