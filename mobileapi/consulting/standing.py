"""The cards of one conversation as their things stand now: one call, one look per kind."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from chat.cards import Asked
from chat.frames import CardName
from chat.models import Conversation
from chat.states import ConversationState
from kit import db
from kit.web import Actor
from mobileapi.consulting.cards import citizen_in, faces_now
from mobileapi.consulting.faces import Face
from mobileapi.consulting.schemas import CardNow

MOST = 200  # the latest; an older card is shown as it was sent
PUBLISHED = {"item", "checklist"}
CARDS = """
SELECT m.seq, m.body FROM chat_message m
WHERE m.conversation_id = $1 AND m.kind = 'card' AND NOT m.recalled
ORDER BY m.seq DESC LIMIT $2
"""
COMPARED = ("state", "amount_fen", "version")


async def cards_now(talk: Conversation, *, reader: Actor) -> list[CardNow]:
    """
    In the order they were sent. What a citizen showed is shown for this conversation: once it is closed, staff see of
    it what was sent, and how only published things stand.
    """
    rows = [(row["seq"], json.loads(row["body"])) for row in await db.fetch(CARDS, talk.id, MOST)]
    over = reader.kind == "staff" and talk.state == ConversationState.closed
    told = [
        (seq, body)
        for seq, body in reversed(rows)
        if body.get("card") in get_args(CardName) and not (over and body["card"] not in PUBLISHED)
    ]
    asked = [Asked(body["card"], body["ref"], body.get("at"), body.get("answers")) for _, body in told]
    faces = await faces_now(asked, citizen=citizen_in(talk))
    return [_now(seq, body, face) for (seq, body), face in zip(told, faces, strict=True)]


def _now(seq: int, body: Mapping[str, Any], face: Face | None) -> CardNow:
    if face is None:
        return CardNow(seq=seq, card=body["card"], ref=body["ref"], gone=True, changed=True)
    plain = face.plain()
    changed = any(plain.get(name) != body.get(name) for name in COMPARED)
    return CardNow(
        seq=seq, card=body["card"], ref=body["ref"], gone=False, changed=changed,
        **{**asdict(face), "title": face.title, "state_text": face.state_text, "paragraph": face.paragraph,
           "place": face.place,
           "parts": [part.__dict__ for part in face.parts]},
    )  # fmt: skip
