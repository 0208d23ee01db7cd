"""Conversations that fell silent: answered, and no further word for a day."""

from chat.conversations import close
from kit import clock, db

SILENT = """
SELECT id FROM chat_conversation WHERE state = 'assigned' AND awaiting = 'citizen' AND answer_due_at <= $1
ORDER BY answer_due_at LIMIT 500
"""


async def close_silent() -> int:
    """How many were closed."""
    rows = await db.fetch(SILENT, clock.now())
    for row in rows:
        await close(row["id"], actor="system", reason="silent after the answer")
    return len(rows)
