"""From a thing back to the conversations that were about it, or that it came out of."""

from uuid import UUID

from auth.callers import who_is
from auth.rights import Values, condition
from chat import access
from kit import db
from kit.web import Actor
from mobileapi.consulting.schemas import TalkOf

ABOUT = """
SELECT c.id, c.created_at, c.state, s.name AS clerk, true AS made
FROM consulting_outcome o JOIN chat_conversation c ON c.id = o.conversation
LEFT JOIN auth_staff_member s ON s.id = c.clerk_id
WHERE o.ref = $1 AND o.state = 'made' AND {seen}
UNION
SELECT c.id, c.created_at, c.state, s.name, false
FROM chat_conversation c LEFT JOIN auth_staff_member s ON s.id = c.clerk_id
WHERE c.citizen_id = ANY ($2) AND c.application = $1 AND {seen}
  AND NOT EXISTS (SELECT 1 FROM consulting_outcome o WHERE o.conversation = c.id AND o.ref = $1 AND o.state = 'made')
ORDER BY 2 DESC LIMIT 20
"""


async def talks_of(actor: Actor, ref: UUID, *, citizens: list[UUID]) -> list[TalkOf]:
    """Those the caller may read. `citizens`: whose conversations are looked through for the thing as their subject."""
    values = Values([ref, citizens])
    seen = condition(await who_is(actor), "conversation", access.COLUMNS, values=values)
    rows = await db.fetch(ABOUT.format(seen=seen), *values.given)
    return [TalkOf.model_validate(dict(row)) for row in rows]
