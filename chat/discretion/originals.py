"""
What was hidden: sealed beside the message, opened for a reason that is in the log, forgotten with the account.

The id of an original is a keyed digest of who wrote what under which client_id. A send that is repeated refers to the
same original, so that it is a repeat; the same client_id with other numbers is another message, although both look the
same once they are masked.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from chat.discretion.models import Original
from chat.words import Verdict
from kit import clock, crypto, db

PUT = """
INSERT INTO discretion_original (id, conversation_id, author, side, kinds, times, text_sealed, at)
SELECT $1, c.id, $3, $4, $5::jsonb, $6, $7, $8 FROM chat_conversation c WHERE c.id = $2
ON CONFLICT (id) DO NOTHING
"""
UNUSED = """
DELETE FROM discretion_original o WHERE o.at < $1
  AND NOT EXISTS (SELECT 1 FROM chat_message m
    WHERE m.conversation_id = o.conversation_id AND m.body ->> 'original' = o.id::text)
  AND NOT EXISTS (SELECT 1 FROM chat_note n
    WHERE n.conversation_id = o.conversation_id AND n.body ->> 'original' = o.id::text)
"""
UNUSED_AFTER = timedelta(days=1)


async def keep(verdict: Verdict, *, conversation: UUID, author: UUID, side: str, mark: str) -> UUID:
    """Seals what was written; again changes nothing. `mark`: what tells this message from the author's others."""
    digest = crypto.blind_index(f"{conversation}:{author}:{mark}:{verdict.kept}", purpose="discretion.original")
    id_ = UUID(hex=digest[:32])
    sealed = crypto.seal(verdict.kept, bound_to=f"discretion_original.text:{id_}")
    times = verdict.times if side == "citizen" else 0
    kinds = json.dumps(sorted(verdict.kinds))
    await db.execute(PUT, id_, conversation, author, side, kinds, times, sealed, clock.now())
    return id_


async def opened(body: Mapping[str, Any]) -> str | None:
    """What a message or note held before it was masked; None when nothing was kept of it."""
    row = await Original.get_or_none(id=body["original"]) if body.get("original") else None
    return _text(row) if row else None


async def of_citizen(conversation: UUID) -> dict[str, str]:
    """Id → text of everything the citizen wrote in a conversation; what does not open any more is left out."""
    found: dict[str, str] = {}
    for row in await Original.filter(conversation_id=conversation, side="citizen"):
        try:
            found[str(row.id)] = _text(row)
        except crypto.CannotUnseal:
            continue
    return found


def _text(row: Original) -> str:
    return crypto.unseal(row.text_sealed, bound_to=f"discretion_original.text:{row.id}")


async def forget(citizen: UUID) -> None:
    """Everything that was hidden in a person's conversations."""
    await db.execute(
        "DELETE FROM discretion_original WHERE conversation_id IN "
        "(SELECT id FROM chat_conversation WHERE citizen_id = $1)",
        citizen,
    )  # fmt: skip


async def purge_unused() -> int:
    """Removes what no message refers to: its send was refused. How many."""
    return await db.execute(UNUSED, clock.now() - UNUSED_AFTER)
