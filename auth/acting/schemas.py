"""Shapes of acting for others: what citizens and clerks send, and what they are shown."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from auth.acting.states import MandateState, PublicMandateState
from kit.texts import Text
from kit.web import PageQuery, Shape, View

NAME = r"^[\u3400-\u9fff·•・a-zA-Z \U00020000-\U0003134f]{2,50}$"
Doing = Literal["read", "file", "pay", "consult"]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]
Region = Annotated[str, StringConstraints(min_length=1, max_length=12, pattern=r"^\d+$")]
Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9]\d{9}$")]
Words = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
FirmName = Annotated[str, StringConstraints(min_length=2, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]


class AskMandate(Shape):
    """To act for a person: family, a ward, or a villager. Of a child the end is the eve of the 18th birthday."""

    kind: Literal["family", "guardian", "village"]
    relation: Literal["spouse", "parent", "adult_child", "child", "incapacitated", "villager"]
    name: str = Field(pattern=NAME)
    id_number: str = Field(min_length=18, max_length=18)
    doings: list[Doing] = Field(["read", "file", "pay", "consult"], min_length=1, max_length=4)
    items: list[Code] | None = Field(None, max_length=60, description="item codes; without: every item")
    region: Region
    valid_to: date | None = None
    evidence: list[UUID] = Field([], max_length=9)
    consent: bool = False


class ClaimFirm(Shape):
    name: FirmName
    credit_code: str = Field(min_length=18, max_length=18)
    region: Region
    evidence: list[UUID] = Field([], max_length=9)
    consent: bool = False


class InviteOperator(Shape):
    """`on_behalf_of`: the firm."""

    on_behalf_of: UUID
    phone: Phone
    doings: list[Doing] = Field(min_length=1, max_length=4)
    items: list[Code] | None = Field(None, max_length=60)
    valid_to: date
    manages: bool = False


class Answer(Shape):
    reason: Words = ""


class DeedQuery(PageQuery):
    on_behalf_of: UUID | None = Field(None, description="a firm one manages; without: what was done for oneself")


class AgentQuery(Shape):
    on_behalf_of: UUID | None = None


class Judge(Shape):
    version: int = Field(ge=1)
    reason: Annotated[Words, StringConstraints(min_length=2)]
    code_confirmed: bool = False


class DeskQuery(Shape):
    state: MandateState = MandateState.EXAMINING
    limit: int = Field(50, ge=1, le=100)


class Appoint(Shape):
    phone: Phone
    region: Region
    items: list[Code] = Field(min_length=1, max_length=60)


class EndAppointment(Shape):
    reason: Annotated[Words, StringConstraints(min_length=2)]


class Nothing(Shape):
    """An empty body."""


class PartyView(View):
    """One side of a mandate. `id` is what requests name in `on_behalf_of`; empty while there is no account."""

    id: UUID | None
    kind: Literal["citizen", "legal_person"]
    name: str
    credit_code: str | None = None


class ItemView(View):
    code: str
    name: Text | None


class MandateView(View):
    id: UUID
    kind: str
    kind_text: Text
    relation: str
    relation_text: Text
    state: PublicMandateState
    asked_by: str
    principal: PartyView
    agent: PartyView
    doings: list[Doing]
    items: list[ItemView] | None
    manages: bool
    valid_from: date
    valid_to: date | None
    asked_at: datetime
    reason: str = Field(description="what was said when it was last decided")
    warnings: list[str] = Field(description="check_symbol, contested: why a clerk looks at it")
    actions: list[Literal["accept", "refuse", "revoke", "resign"]]
    version: int


class MandateList(View):
    items: list[MandateView]


class DeedView(View):
    at: datetime
    action: str
    action_text: Text
    about: Text | None
    subject: str
    agent: str


class DeedList(View):
    items: list[DeedView]
    next_cursor: str | None


class EvidenceView(View):
    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int


class ChangeView(View):
    at: datetime
    from_: MandateState | None = Field(serialization_alias="from")
    to: MandateState
    by: str
    note: str


class CheckView(View):
    """One thing a clerk compares: in words, and what we know of it ourselves."""

    text: Text
    known: Literal["fits", "differs", "unknown"]


class DeskMandateBrief(View):
    id: UUID
    kind: str
    kind_text: Text
    relation_text: Text
    state: MandateState
    principal_masked: str
    agent_masked: str
    region: str
    asked_at: datetime
    version: int


class DeskMandateView(DeskMandateBrief):
    """`claimed_name` is what the papers must show; the number is masked."""

    claimed_name: str
    claimed_number_masked: str
    doings: list[Doing]
    items: list[ItemView] | None
    valid_from: date
    valid_to: date | None
    flags: list[str]
    checks: list[CheckView]
    evidence: list[EvidenceView]
    changes: list[ChangeView]
    actions: list[Literal["approve", "refuse", "revoke"]]


class DeskMandateList(View):
    items: list[DeskMandateBrief]


class AppointmentView(View):
    id: UUID
    agent_masked: str
    department: str
    region: str
    items: list[ItemView]
    state: str
    valid_to: date
    appointed_at: datetime


class AppointmentList(View):
    """`region`: in it and in those within it the caller's department appoints."""

    region: str
    items: list[AppointmentView]
