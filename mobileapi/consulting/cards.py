"""
Cards between consultation and everything else: completed when they are sent, shown as they stand when they are opened.

A new kind of card is its name in chat/frames.py, its row in chat/cards.py and its maker here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from auth.roles import CITIZEN_ROLES
from chat.cards import Asked, Sending
from chat.frames import CardName
from chat.models import Conversation
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.consulting.faces import Face, Maker
from mobileapi.consulting.of_bills import BILL
from mobileapi.consulting.of_bookings import BOOKING
from mobileapi.consulting.of_cases import APPLICATION, CORRECTION
from mobileapi.consulting.of_certificates import CERTIFICATE
from mobileapi.consulting.of_items import CHECKLIST, ITEM
from mobileapi.consulting.of_orders import ORDER

MAKERS: Mapping[CardName, Maker] = {
    "item": ITEM,
    "checklist": CHECKLIST,
    "bill": BILL,
    "correction": CORRECTION,
    "application": APPLICATION,
    "certificate": CERTIFICATE,
    "booking": BOOKING,
    "order": ORDER,
}
assert set(MAKERS) == set(get_args(CardName)), "every kind of card has somebody who makes it"


async def complete(asked: Asked, sending: Sending) -> dict[str, Any]:
    """
    The body of a card: what it says now. The citizen must be able to open the thing today, and staff to see it.

    Raises: NotFound; absent, somebody else's, another office's: all alike.
    """
    if sending.sender.kind == "staff":
        await MAKERS[asked.card].shown_by(sending.sender, asked.ref)
    return await _made(asked, sending.citizen)


async def shown_to(talk: Conversation, asked: Asked) -> dict[str, Any]:
    """The body of a card of something the office made for this citizen. Raises NotFound when they cannot open it."""
    return await _made(asked, citizen_in(talk))


def citizen_in(talk: Conversation) -> Actor:
    """The citizen of a conversation, as one who opens a thing."""
    return Actor(talk.citizen_id, "citizen", CITIZEN_ROLES)  # type: ignore[attr-defined]


async def _made(asked: Asked, citizen: Actor) -> dict[str, Any]:
    face = (await faces_now([asked], citizen=citizen))[0]
    if face is None:
        raise NotFound
    return _named(asked) | face.plain()


def _named(asked: Asked) -> dict[str, Any]:
    given = {"card": asked.card, "ref": asked.ref, "at": asked.at, "answers": dict(asked.answers or {}) or None}
    return {name: value for name, value in given.items() if value is not None}


async def faces_now(asked: Sequence[Asked], *, citizen: Actor) -> list[Face | None]:
    """
    How the things of these cards stand, kind by kind in one go. None: there is no such thing any more, or it is not the
    citizen's any more.
    """
    told: dict[int, Face | None] = {}
    by_kind: dict[CardName, list[int]] = defaultdict(list)
    for place, one in enumerate(asked):
        by_kind[one.card].append(place)
    for kind, places in by_kind.items():
        wanted, maker = [asked[place] for place in places], MAKERS[kind]
        theirs = await maker.open_to(citizen, [one.ref for one in wanted])
        faces = await maker.faces(wanted)
        told |= {p: face if asked[p].ref in theirs else None for p, face in zip(places, faces, strict=True)}
    return [told[place] for place in range(len(asked))]
