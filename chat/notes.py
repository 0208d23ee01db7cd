"""Internal notes: beside the sequence, for staff only. They are no part of what a citizen is sent, in any form."""

import json
from typing import Any
from uuid import UUID

from asyncpg import Record

from chat.errors import ClientIdConflict
from chat.models import Conversation, Note
from chat.wording import said
from kit import audit, clock, db
from kit.ids import new_id
from kit.web import Actor


async def write(
    conversation: Conversation, *, author: UUID, name: str, words: str, client_id: str, confirmed: bool = False,
    whisper: bool = False,
) -> Note:  # fmt: skip
    """
    Stores a note after what was said so far; a repeat of the client_id gives the first. Numbers in it are hidden. A
    whisper is marked in the body, so that the clerk sees a supervisor's hint in it.

    Raises: ClientIdConflict, ReplyNotSure, ReplyRefused.
    """
    async with db.transaction():
        body = await said(
            words, side="note", conversation=conversation.id, by=f"staff:{author}", mark=client_id, confirmed=confirmed
        )
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 9))", f"{author}:{client_id}")
        known = await Note.get_or_none(author=author, client_id=client_id)
        if known is not None:
            before = {key: value for key, value in known.body.items() if key != "whisper"}
            if before != body or known.conversation_id != conversation.id:  # type: ignore[attr-defined]
                raise ClientIdConflict
            return known
        note = await Note.create(
            id=new_id(), conversation_id=conversation.id, after_seq=conversation.last_seq, author=author,
            author_name=name, client_id=client_id,
            body=body | ({"whisper": True} if whisper else {}), at=clock.now(),
        )  # fmt: skip
        await audit.record(
            actor=f"staff:{author}", action="consultation.noted", subject=f"consultation:{conversation.id}"
        )
    return note


def whispers(actor: Actor, conversation: Conversation) -> bool:
    """What a supervisor notes down in somebody else's conversation is said to whoever has it."""
    return "supervisor" in actor.roles and conversation.clerk_id != actor.id  # type: ignore[attr-defined]


async def between(conversation: UUID, *, after: int, up_to: int | None) -> list[Record]:
    """Notes that stand after message `after` and not beyond `up_to`."""
    return list(
        await db.fetch(
            "SELECT * FROM chat_note WHERE conversation_id = $1 AND after_seq >= $2 "
            "AND ($3::bigint IS NULL OR after_seq <= $3) ORDER BY after_seq, at",
            conversation, after, up_to,
        )
    )  # fmt: skip


def shown(row: Record | Note) -> dict[str, Any]:
    """Like a message of kind `note`; `seq` is the message it stands after, so it is told apart by its `id`."""
    if isinstance(row, Note):
        conversation: UUID = row.conversation_id  # type: ignore[attr-defined]
        fields: Any = {
            name: getattr(row, name) for name in ("after_seq", "id", "client_id", "author", "author_name", "at")
        }
        body = row.body
    else:
        conversation, fields, body = row["conversation_id"], row, json.loads(row["body"])
    return {
        "conversation": str(conversation), "seq": fields["after_seq"], "id": str(fields["id"]),
        "client_id": fields["client_id"],
        "sender": {"role": "clerk", "id": str(fields["author"]), "name": fields["author_name"]},
        "kind": "note", "body": body, "at": fields["at"].isoformat(),
    }  # fmt: skip
