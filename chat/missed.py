"""
Answers that found nobody: read out of rows (messages and marks), never on the way of a send.

A burst of absence begins behind what the citizen last read or wrote (`since`), and ends when they read on. Whoever asks
twice is told the same `since`, by which the burst is known.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from kit import db
from kit.texts import Text


@dataclass(frozen=True)
class Missed:
    """
    `since` is what the citizen last read or wrote, `seq` the first answer behind it that found nobody; `subject` what
    the conversation is about, if known.
    """

    conversation: UUID
    citizen: UUID
    since: int
    seq: int
    subject: Text | None


@dataclass(frozen=True)
class Span:
    """
    Answers written after `first` and up to `last` that no device took count as missed, and so do those up to `unread`
    that a device took but nobody read (None: they never do).
    """

    first: datetime
    last: datetime
    unread: datetime | None


FOUND = """
WITH fresh AS (
  SELECT DISTINCT m.conversation_id FROM chat_message m
  WHERE m.at > $1 AND m.at <= $2 AND m.sender_role = 'clerk' AND m.kind IN ('text', 'image', 'card')
), seen AS (
  SELECT c.id, c.citizen_id, c.item_name, c.department_name, COALESCE(k.delivered, 0) AS delivered,
    GREATEST(COALESCE(k.read, 0), COALESCE((
      SELECT max(o.seq) FROM chat_message o WHERE o.conversation_id = c.id AND o.sender_role = 'citizen'), 0)) AS since
  FROM fresh f JOIN chat_conversation c ON c.id = f.conversation_id
  LEFT JOIN chat_mark k ON k.conversation_id = c.id AND k.side = 'citizen'
)
SELECT s.id, s.citizen_id, s.item_name, s.department_name, s.since, m.seq FROM seen s
CROSS JOIN LATERAL (
  SELECT min(a.seq) FILTER (WHERE (a.seq > s.delivered AND a.at <= $2) OR a.at <= $3) AS seq FROM chat_message a
  WHERE a.conversation_id = s.id AND a.seq > s.since AND a.sender_role = 'clerk' AND a.kind IN ('text', 'image', 'card')
) m WHERE m.seq IS NOT NULL
"""


async def missed(span: Span) -> list[Missed]:
    """Of each conversation with fresh answers, the burst its citizen is away in."""
    return [_burst(row) for row in await db.fetch(FOUND, span.first, span.last, span.unread)]


def _burst(row: Record) -> Missed:
    name = row["item_name"] or row["department_name"]
    subject = Text.model_validate_json(name) if name and name != "null" else None
    return Missed(row["id"], row["citizen_id"], row["since"], row["seq"], subject)


WAS_READ = """
SELECT EXISTS (SELECT FROM chat_mark WHERE conversation_id = $1 AND side = 'citizen' AND read >= $2)
  OR EXISTS (SELECT FROM chat_message WHERE conversation_id = $1 AND seq > $2 AND sender_role = 'citizen')
"""


async def was_read(conversation: UUID, seq: int) -> bool:
    """Whether the citizen has read on to `seq`, or written behind it."""
    return bool(await db.fetch_value(WAS_READ, conversation, seq))
