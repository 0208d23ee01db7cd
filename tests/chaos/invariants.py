"""What must hold of consultation in the database after every seed, as SQL; each answers the rows that break it."""

import asyncio
from collections.abc import Mapping

from kit import db

INVARIANTS: Mapping[str, str] = {
    "numbers run 1..n": """
        SELECT m.conversation_id::text FROM chat_message m GROUP BY 1
        HAVING count(*) <> max(m.seq) OR min(m.seq) <> 1""",
    "the last number is the conversation's": """
        SELECT c.id::text FROM chat_conversation c
        WHERE c.last_seq <> (SELECT coalesce(max(m.seq), 0) FROM chat_message m WHERE m.conversation_id = c.id)""",
    "a place is one message's": "SELECT conversation_id::text FROM chat_message GROUP BY conversation_id, seq HAVING count(*) > 1",
    "an id is one send of its sender": """
        SELECT sender || ' ' || client_id FROM chat_message WHERE client_id IS NOT NULL
        GROUP BY sender, client_id HAVING count(*) > 1""",
    "open has exactly one of clerk with timer, queue place, dated inquiry": """
        SELECT id::text || ' ' || state FROM chat_conversation c WHERE state <> 'closed' AND
          (clerk_id IS NOT NULL AND answer_due_at IS NOT NULL)::int + (queued_at IS NOT NULL)::int
          + (inquiry_due_at IS NOT NULL)::int <> 1""",
    "an inquiry has its one open row, and nobody else has": """
        SELECT c.id::text FROM chat_conversation c WHERE (c.state = 'inquiry')::int
          <> (SELECT count(*) FROM chat_inquiry i WHERE i.conversation_id = c.id AND i.taken_at IS NULL)""",
    "marks are not beyond the last message": """
        SELECT k.conversation_id::text FROM chat_mark k JOIN chat_conversation c ON c.id = k.conversation_id
        WHERE k.read > k.delivered OR k.delivered > c.last_seq""",
    "every move is written down": """
        SELECT c.id::text FROM chat_conversation c JOIN LATERAL (
          SELECT x.to_state FROM chat_conversation_change x WHERE x.conversation_id = c.id ORDER BY x.id DESC LIMIT 1
        ) AS last ON true WHERE last.to_state <> c.state""",
}
LOCKS = """
SELECT objid::text FROM pg_locks WHERE locktype = 'advisory'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def broken(*, patience_s: float = 3.0) -> list[str]:
    """Sentences of what does not hold. An advisory lock may be held for a moment, but not for all of the patience."""
    found = [
        f"not so: {name} ({rows[0][0]}{f' and {len(rows) - 1} more' if len(rows) > 1 else ''})"
        for name, sql in INVARIANTS.items()
        if (rows := await db.fetch(sql))
    ]
    tries = int(patience_s / 0.1)
    for _ in range(tries):
        if not await db.fetch(LOCKS):
            return found
        await asyncio.sleep(0.1)
    return [*found, "an advisory lock is left"]
