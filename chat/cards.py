"""
Cards: a message that stands for something one can open. Which kinds there are and who sends them is this table.

The client names the kind and the thing; everything a card says is written here by the office when it is sent. What a
thing is, who may see it and how it stands belongs to other rooms: the application installs how a card is completed.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from auth.roles import CITIZEN_ROLES
from chat.access import readable
from chat.errors import CardNotForSender, CardUnknown
from chat.frames import CardName
from kit import db
from kit.errors import NotFound
from kit.web import Actor

_BOTH = frozenset({"citizen", "clerk"})
_DESK = frozenset({"clerk"})
_CITIZEN = frozenset({"citizen"})

# Kind → the sides that may send it. Sending one's own is one's own consent that this conversation sees it.
SENDERS: Mapping[CardName, frozenset[str]] = {
    "item": _BOTH,  # the guide, at a paragraph when one is named
    "checklist": _DESK,  # which materials this citizen needs, by their answers
    "bill": _BOTH,
    "correction": _DESK,  # what is to be photographed again
    "application": _BOTH,
    "certificate": _CITIZEN,
    "booking": _BOTH,  # an item's windows to choose a time at, or a seat that is booked
    "order": _BOTH,  # a work order
}
assert set(SENDERS) == set(get_args(CardName))


@dataclass(frozen=True)
class Asked:
    """What a client asks to send: `ref` a code or an id, `at` a place in it, `answers` to the item's questions."""

    card: CardName
    ref: str
    at: str | None = None
    answers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Sending:
    """Between whom: the sender must be allowed to see the thing, and the citizen to open it."""

    conversation: UUID
    sender: Actor
    citizen: Actor


Complete = Callable[[Asked, Sending], Awaitable[dict[str, Any]]]
_complete: list[Complete] = []


def install(complete: Complete) -> None:
    """`complete(asked, sending)` answers the whole body, or raises NotFound: absent, foreign, not the citizen's."""
    _complete[:] = [complete]


KNOWN = "SELECT body FROM chat_message WHERE sender = $1 AND client_id = $2 AND conversation_id = $3 AND kind = 'card'"


async def completed(asked: Asked, *, sender: Actor, conversation: UUID, client_id: str) -> dict[str, Any]:
    """
    What is stored of a card. A repeat of a client_id is given what was stored the first time, however the thing stands
    by now: it is the same message.

    Raises: NotFound (conversation), CardNotForSender, CardUnknown.
    """
    found = await readable(sender, conversation)
    side = "citizen" if sender.kind == "citizen" else "clerk"
    if side not in SENDERS[asked.card]:
        raise CardNotForSender
    first = await db.fetch_value(KNOWN, sender.id, client_id, conversation)
    if first is not None and _same(asked, json.loads(first)):
        stored: dict[str, Any] = json.loads(first)
        return stored
    citizen = Actor(found.citizen_id, "citizen", CITIZEN_ROLES)  # type: ignore[attr-defined]
    try:
        if not _complete:
            raise NotFound
        return await _complete[0](asked, Sending(conversation, sender, citizen))
    except NotFound:
        raise CardUnknown from None


def _same(asked: Asked, body: Mapping[str, Any]) -> bool:
    told = (asked.card, asked.ref, asked.at, dict(asked.answers or {}))
    return told == (body.get("card"), body.get("ref"), body.get("at"), body.get("answers") or {})
