"""Shapes of consultation over HTTP. The `conversation` frame carries the same `Conversation`."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chat.frames import TEXT_CAP
from kit.texts import Text
from kit.web import PageQuery, Shape, View

Written = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CAP, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Short = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]


class OpenConsultation(Shape):
    """What it is about: an item, a department, a case of one's own, or just words."""

    item: Code | None = None
    department: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[\x21-\x7e]+$")] | None = None
    application: UUID | None = None
    text: Written | None = None
    region: Annotated[str, StringConstraints(min_length=1, max_length=12, pattern=r"^\d+$")] | None = None
    on_behalf_of: UUID | None = None

    @model_validator(mode="after")
    def _about_something(self) -> "OpenConsultation":
        if not (self.item or self.department or self.application or self.text):
            raise ValueError("name an item, a department or an application, or write a text")
        return self


class Coded(View):
    code: str
    name: Text | None


class SubjectView(View):
    item: Coded | None
    department: Coded | None
    application: UUID | None


class CitizenView(View):
    id: UUID
    name_masked: str
    on_behalf_of: str | None = None  # for whom they ask, as others may read it


class ClerkView(View):
    id: UUID
    name: str
    title: str


class ReasonView(View):
    code: str
    text: Text


class LastMessage(View):
    kind: str
    preview: str
    at: datetime
    recalled: bool = False


class ReadMarks(View):
    citizen: int
    clerk: int


class InquiryView(View):
    """A dated inquiry. `light`: green, yellow from half of its time on, red from shortly before its date on."""

    owner: ClerkView | None
    opened_at: datetime
    due_at: datetime
    light: Literal["green", "yellow", "red"]
    overdue: bool
    asked_by: Literal["office", "citizen"]


class ConversationView(View):
    id: UUID
    state: str
    subject: SubjectView
    citizen: CitizenView
    clerk: ClerkView | None
    reason: ReasonView
    queue_position: int | None
    wait_estimate_s: int | None
    wait_range_s: tuple[int, int] | None  # from … to, where an estimate can be given
    waits_since: datetime | None  # in the queue
    due_at: datetime | None
    inquiry: InquiryView | None
    last_seq: int
    last_message: LastMessage | None
    read: ReadMarks
    delivered: ReadMarks
    unread: int
    rated: bool
    created_at: datetime
    closed_at: datetime | None


class ConversationPage(View):
    items: list[ConversationView]
    next_cursor: str | None


class ConsultationQuery(PageQuery):
    """`held`: in somebody's hands."""

    scope: Literal["mine", "queue", "held", "all", "closed"] = "mine"


class MessagesQuery(Shape):
    after: int = Field(0, ge=0, le=2**62)
    limit: int = Field(100, ge=1, le=300)


class MessagePage(View):
    items: list[dict[str, Any]]
    next_cursor: str | None
    last_seq: int


class SaidText(Shape):
    text: Written


class PostMessage(Shape):
    """What a `send` of words says; `confirmed`: the sender was told what is in the text and means it."""

    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
    kind: Literal["text"]
    body: SaidText
    confirmed: bool = False


class AckView(View):
    """As the `ack` frame: committed, at this place. `body`: as everybody reads it, when something was hidden in it."""

    type: Literal["ack"] = "ack"
    client_id: str
    conversation: UUID
    seq: int
    at: datetime
    body: dict[str, Any] | None = None


class TakeOver(Shape):
    reason: Annotated[Short, StringConstraints(min_length=1)]


class TransferConsultation(Shape):
    to_staff: UUID | None = None
    to_department: Code | None = None
    reason: Annotated[Short, StringConstraints(min_length=1)]

    @model_validator(mode="after")
    def _to_one(self) -> "TransferConsultation":
        if (self.to_staff is None) == (self.to_department is None):
            raise ValueError("name either a colleague or a department")
        return self


class ColleagueView(View):
    """`role`: owner, backup, other, department or supervisor; `status`: online, busy, away or gone."""

    id: UUID
    name: str
    title: str
    department: Coded
    role: str
    status: str
    load: int
    capacity: int
    available: bool  # at the desk, with room
    declined: bool  # said no to this conversation: only a supervisor may hand it to them again


class ColleagueList(View):
    items: list[ColleagueView]


class CloseConsultation(Shape):
    reason: Short = ""


class WriteNote(Shape):
    text: Written
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")] | None = None


class RateConsultation(Shape):
    level: int = Field(ge=1, le=5)
    reasons: list[Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]] = Field([], max_length=10)
    comment: Short = ""


class RatingView(View):
    level: int
    reasons: list[str]
    comment: str
