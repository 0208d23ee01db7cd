"""
Messages: numbered, stored and answered by one statement, `chat_append`; read back in order.

A verb appends inside its own transaction. Sends from sockets go through the group writer (`chat/writer.py`).
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from chat import attachments, backplane, wording
from chat.config import ChatSettings
from chat.frames import AnySend, SendCard, SendImage, SendNote
from chat.words import Side
from kit import clock, db
from kit.config import current
from kit.ids import new_id
from kit.texts import Text

APPEND = "SELECT * FROM chat_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"


@dataclass(slots=True)
class Draft:
    """A message on its way. `sender` is None for the system; `client_id` is unique per sender."""

    conversation: UUID
    role: str
    kind: str
    body: dict[str, Any]
    sender: UUID | None = None
    name: str = ""
    client_id: str | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`verdict`: stored, repeat, absent or one of chat/changes.py. The rest is of the stored message, or the first."""

    verdict: str
    id: UUID
    seq: int
    at: datetime


def append_values(drafts: list[Draft], *, origin: str | None) -> tuple[Any, ...]:
    """The arguments of `chat_append`; with an origin it tells the other processes itself."""
    settings = current(ChatSettings)
    return (
        [d.conversation for d in drafts], [d.role for d in drafts], [d.sender for d in drafts],
        [d.name for d in drafts], [d.client_id for d in drafts], [d.kind for d in drafts],
        [orjson.dumps(d.body).decode() for d in drafts], [d.id for d in drafts],
        clock.now(), settings.chat_answer_s, settings.chat_idle_h * 3600, origin,
        settings.chat_edit_s, settings.chat_recall_s,
    )  # fmt: skip


def outcomes(rows: list[Record]) -> list[Outcome]:
    return [Outcome(r["outcome"], r["message_id"], r["message_seq"], r["message_at"]) for r in rows]


async def append(draft: Draft) -> Outcome:
    """Stores one message in the open transaction and wakes those who follow the conversation."""
    async with db.transaction():
        outcome = outcomes(list(await db.fetch(APPEND, *append_values([draft], origin=None))))[0]
        if outcome.verdict == "stored":
            await backplane.tell({"s": [[str(draft.conversation), outcome.seq]]})
    return outcome


async def announce(conversation: UUID, event: str, words: Text) -> None:
    """A notice of the office in the sequence, for both sides."""
    body = {"event": event, "text": words.model_dump()}
    await append(Draft(conversation, "system", "system", body, name="系统"))


async def body_of(send: AnySend, *, owner: str, side: Side) -> dict[str, Any]:
    """What is stored of a sent body. Raises ImageUnknown, and what the rules about words raise."""
    if isinstance(send, SendImage):
        image = await attachments.own_image(send.body.upload, owner)
        return {"upload": str(send.body.upload), "width": image.width, "height": image.height}
    assert not isinstance(send, SendCard), "a card is completed by chat/cards.py"
    assert not isinstance(send, SendNote), "a note is written by chat/notes.py"
    return await wording.said(
        send.body.text, side=side, conversation=send.conversation, by=owner, mark=send.client_id,
        confirmed=send.confirmed,
    )  # fmt: skip


READ = """
SELECT m.id, m.conversation_id, m.seq, m.sender_role, m.sender, m.sender_name, m.client_id, m.kind, m.body, m.at,
  m.edited, m.recalled
FROM chat_message_shown m WHERE m.conversation_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3
"""


async def after(conversation: UUID, seq: int, *, limit: int) -> list[Record]:
    """The messages that follow `seq`, in order."""
    return list(await db.fetch(READ, conversation, seq, limit))


def shown(row: Record, *, citizen_name: str, reader: str) -> dict[str, Any]:
    """
    A row of `chat_message_shown` as the `message` frame and the HTTP answer show it to `reader` ("citizen:UUID").
    `edited` and `recalled` are named only where they are so.
    """
    body = json.loads(row["body"])
    if row["kind"] == "image" and not row["recalled"]:
        body |= attachments.links_for(UUID(body["upload"]), reader)
    sender = {
        "role": row["sender_role"],
        "id": str(row["sender"]) if row["sender"] else None,
        "name": citizen_name if row["sender_role"] == "citizen" else row["sender_name"],
    }
    became = {name: True for name in ("edited", "recalled") if row[name]}
    return {
        "conversation": str(row["conversation_id"]), "seq": row["seq"], "id": str(row["id"]),
        "client_id": row["client_id"], "sender": sender, "kind": row["kind"], "body": body,
        "at": row["at"].isoformat(), **became,
    }  # fmt: skip


def shown_draft(draft: Draft, outcome: Outcome, *, reader: str) -> dict[str, Any]:
    """
    The same for a message stored a moment ago, without asking the database. `draft.name` is the name to show; ids and
    times are left for the packing to write.
    """
    body = draft.body
    if draft.kind == "image":
        body = body | attachments.links_for(UUID(body["upload"]), reader)
    return {
        "conversation": draft.conversation, "seq": outcome.seq, "id": draft.id, "client_id": draft.client_id,
        "sender": {"role": draft.role, "id": draft.sender, "name": draft.name},
        "kind": draft.kind, "body": body, "at": outcome.at,
    }  # fmt: skip
