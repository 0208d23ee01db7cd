"""
The frames of handheld.v1: what a client may say, each a shape of its own, and who may say it, how far it reaches.

Fields we do not know are ignored. A frame without a row in `RIGHTS` is refused to everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, TypeAdapter

from auth.roles import CITIZEN_ROLES, STAFF_ROLES
from kit.errors import Forbidden
from kit.reach import Reach, reach_by_role
from kit.texts import Text

FRAME_CAP = 64 * 1024  # bytes
TOP_SEQ = 2**62
TEXT_CAP = 4000  # characters

Seq = Annotated[StrictInt, Field(ge=0, le=TOP_SEQ)]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Coded = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]+$")]
CardName = Literal["item", "checklist", "bill", "correction", "application", "certificate", "booking", "order"]
# Something must be there to read, and PostgreSQL stores no NUL.
Written = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CAP, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Hello(Frame):
    type: Literal["hello"]
    token: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    since: Annotated[dict[UUID, Seq], Field(max_length=1000)] = {}
    device: Annotated[str, StringConstraints(max_length=120)] = ""


def _short_title(title: Text) -> Text:
    if any(len(part) > 200 or "\x00" in part for part in (title.zh, title.en or "")):
        raise ValueError("a title takes at most 200 characters")
    return title


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextBody(Body):
    text: Written


class ImageBody(Body):
    upload: UUID


class CardBody(Body):
    """Which card (chat/cards.py); `at` a place in it. What it says is the office's: a title or amount is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    card: CardName
    ref: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[\x21-\x7e]+$")]
    at: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[\x21-\x7e]+$")] | None = None
    answers: Annotated[dict[Coded, Coded], Field(max_length=60)] | None = None
    title: Annotated[Text, AfterValidator(_short_title)] | None = None


class _Send(Frame):
    """`confirmed`: the sender was told what is in the text (`reply_not_sure`) and means it."""

    type: Literal["send"]
    conversation: UUID
    client_id: ClientId
    confirmed: StrictBool = False


class SendText(_Send):
    kind: Literal["text"]
    body: TextBody


class SendImage(_Send):
    kind: Literal["image"]
    body: ImageBody


class SendCard(_Send):
    kind: Literal["card"]
    body: CardBody


class SendNote(_Send):
    kind: Literal["note"]
    body: TextBody


Place = Annotated[StrictInt, Field(ge=1, le=TOP_SEQ)]


class Edit(Frame):
    """Another text for an own message, the one at `of`."""

    type: Literal["edit"]
    conversation: UUID
    client_id: ClientId
    of: Place
    body: TextBody
    confirmed: StrictBool = False


class Recall(Frame):
    type: Literal["recall"]
    conversation: UUID
    client_id: ClientId
    of: Place


Send = Annotated[SendText | SendImage | SendCard | SendNote, Field(discriminator="kind")]


class Read(Frame):
    type: Literal["read"]
    conversation: UUID
    seq: Seq


class Sync(Frame):
    type: Literal["sync"]
    conversation: UUID
    after: Seq


class Leave(Frame):
    """To follow a conversation of somebody else no longer."""

    type: Literal["leave"]
    conversation: UUID


class Typing(Frame):
    type: Literal["typing"]
    conversation: UUID


class SetPresence(Frame):
    type: Literal["presence"]
    status: Literal["online", "busy", "away"]
    capacity: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    auto_accept: StrictBool | None = None


class OfferReply(Frame):
    type: Literal["offer_reply"]
    conversation: UUID
    accept: StrictBool


class Refresh(Frame):
    type: Literal["refresh"]
    token: Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class Ping(Frame):
    type: Literal["ping"]
    t: StrictInt | float | Annotated[str, StringConstraints(max_length=64)] | None = None


AnySend = SendText | SendImage | SendCard | SendNote
ClientFrame = Hello | AnySend | Edit | Recall | Read | Sync | Leave | Typing | SetPresence | OfferReply | Refresh | Ping

READERS: dict[str, TypeAdapter[Any]] = {
    "hello": TypeAdapter(Hello), "send": TypeAdapter(Send),
    "edit": TypeAdapter(Edit), "recall": TypeAdapter(Recall), "read": TypeAdapter(Read), "sync": TypeAdapter(Sync),
    "leave": TypeAdapter(Leave), "typing": TypeAdapter(Typing), "presence": TypeAdapter(SetPresence),
    "offer_reply": TypeAdapter(OfferReply), "refresh": TypeAdapter(Refresh), "ping": TypeAdapter(Ping),
}  # fmt: skip


@dataclass(frozen=True)
class FrameRight:
    """The roles that may say a frame, and the reach of each (kit/reach.py); no roles: said before anybody is known."""

    roles: frozenset[str]
    reach: Mapping[str, Reach]


def _right(roles: frozenset[str], reach: Reach | Mapping[str, Reach]) -> FrameRight:
    return FrameRight(roles, reach_by_role(roles, reach, public=not roles, where="a frame of the socket"))


_UNKNOWN: frozenset[str] = frozenset()
_PEOPLE = CITIZEN_ROLES | STAFF_ROLES
_AT_DESKS = frozenset({"clerk", "supervisor"})
_DESKS: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}
_TALK = _right(CITIZEN_ROLES | _AT_DESKS, {"citizen": "own", **_DESKS})

RIGHTS: Mapping[type[Frame], FrameRight] = {
    Hello: _right(_UNKNOWN, "holder"),  # of the token in it
    Ping: _right(_UNKNOWN, "public"),
    Refresh: _right(_PEOPLE, "self"),
    SendText: _TALK,
    SendImage: _TALK,
    SendCard: _TALK,
    SendNote: _right(_AT_DESKS, _DESKS),
    Edit: _TALK,
    Recall: _TALK,
    Read: _TALK,
    Sync: _TALK,
    Leave: _right(_AT_DESKS, _DESKS),
    Typing: _TALK,
    SetPresence: _right(_AT_DESKS, "self"),
    OfferReply: _right(_AT_DESKS, "desk"),
}


def refuse_unless_allowed(frame: Frame, roles: frozenset[str]) -> None:
    """Raises Forbidden for a frame none of the roles may say, and for one that stands in no row."""
    right = RIGHTS.get(type(frame))
    if right is None or not right.roles & roles:
        raise Forbidden


def asked_by(frame: Frame) -> dict[str, str]:
    """What a refusal of the frame answers to."""
    found = {name: getattr(frame, name, None) for name in ("client_id", "conversation")}
    return {name: str(value) for name, value in found.items() if value is not None}
