"""Delivered and read marks, per side. They only rise."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kit import db


@dataclass(frozen=True)
class Moved:
    """A side's marks: everything up to `delivered` reached a device, up to `read` was read."""

    conversation: UUID
    side: str
    delivered: int
    read: int


RAISE = """
INSERT INTO chat_mark AS k (conversation_id, side, delivered, read)
SELECT c.id, n.side, LEAST(GREATEST(n.delivered, n.read), c.last_seq), LEAST(n.read, c.last_seq)
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) AS n (conversation, side, delivered, read)
JOIN chat_conversation c ON c.id = n.conversation
ORDER BY c.id, n.side
ON CONFLICT (conversation_id, side) DO UPDATE
  SET delivered = GREATEST(k.delivered, EXCLUDED.delivered), read = GREATEST(k.read, EXCLUDED.read)
  WHERE EXCLUDED.delivered > k.delivered OR EXCLUDED.read > k.read
RETURNING conversation_id, side, delivered, read
"""


async def raise_marks(wanted: Iterable[Moved]) -> list[Moved]:
    """Raises the marks, never beyond the last message; those that moved, as they are now."""
    asked = list(wanted)
    if not asked:
        return []
    rows = await db.fetch(
        RAISE, [w.conversation for w in asked], [w.side for w in asked],
        [w.delivered for w in asked], [w.read for w in asked],
    )  # fmt: skip
    return [Moved(r["conversation_id"], r["side"], r["delivered"], r["read"]) for r in rows]


def receipt(mark: Moved) -> dict[str, object]:
    """The mark as a frame."""
    return {
        "type": "receipt", "conversation": mark.conversation, "by": mark.side, "delivered": mark.delivered,
        "read": mark.read,
    }  # fmt: skip


async def marks_of(conversations: Iterable[UUID]) -> list[Moved]:
    rows = await db.fetch(
        "SELECT conversation_id, side, delivered, read FROM chat_mark WHERE conversation_id = ANY ($1)",
        list(conversations),
    )
    return [Moved(r["conversation_id"], r["side"], r["delivered"], r["read"]) for r in rows]
