"""Shapes of cases: what citizens and desks send, and what they are shown."""

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from mobileapi.applications.states import PublicState

Answers = dict[str, str]


class BeginApplication(Shape):
    item: str = Field(min_length=1, max_length=40)
    region: str = Field(min_length=1, max_length=12)
    answers: dict[str, str] = Field({}, max_length=60)
    on_behalf_of: UUID | None = Field(None, description="whose case it is, when not the caller's own")


class SaveApplication(Shape):
    """`null` takes an answer or a value back."""

    version: int = Field(ge=1)
    answers: dict[str, str | None] = Field({}, max_length=60)
    form: dict[str, Any] = Field({}, max_length=120)


class AttachUploads(Shape):
    uploads: list[UUID] = Field(max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.uploads)) != len(self.uploads):
            raise ValueError("an upload is named twice")
        return self


class SubmitApplication(Shape):
    consent: bool = False


class AnswerCorrection(Shape):
    pass


class WithdrawApplication(Shape):
    reason: str | None = Field(None, max_length=500)


class CaseQuery(PageQuery):
    state: PublicState | None = None


class OwnCaseQuery(CaseQuery):
    on_behalf_of: UUID | None = None


class AskedItemShape(Shape):
    material: str | None = Field(None, max_length=40)
    field: str | None = Field(None, max_length=40)
    reason: str = Field(min_length=2, max_length=500)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.material is None) == (self.field is None):
            raise ValueError("name a material or a field")
        return self


class ReviewShape(Shape):
    index: int = Field(ge=0, le=200)
    result: Literal["pass", "fail", "na"]


class DeskOrder(Shape):
    version: int = Field(ge=1)
    note: str | None = Field(None, max_length=1000)
    items: list[AskedItemShape] = Field([], max_length=60)
    review: list[ReviewShape] = Field([], max_length=200)
    reason: str | None = Field(None, max_length=1000)
    legal_basis: str | None = Field(None, max_length=500)


class Unmask(Shape):
    """`field` may also be `form.<code>` of a telephone or ID number in the form."""

    field: str = Field(pattern=r"^(phone|id_number|name|form\.[A-Za-z0-9_.-]{1,40})$")
    reason: str = Field(min_length=4, max_length=300)


class Unmasked(View):
    value: str | None


class NamedCode(View):
    code: str
    name: Text


class CaseItem(View):
    code: str
    name: Text
    version: int
    department: NamedCode


class MissingView(View):
    field: str
    code: str
    detail: str


class PhotoView(View):
    id: UUID
    thumbnail_url: str
    url: str
    quality: dict[str, Any]
    width: int
    height: int


class Rejection(View):
    reason: str


class MaterialView(View):
    code: str
    name: Text
    necessity: Literal["required", "optional", "deferrable"]
    state: Literal["empty", "attached", "rejected", "accepted", "pre_satisfied"]
    reason: Text
    note: Text | None
    rejection: Rejection | None
    uploads: list[PhotoView]


class TimelineEntry(View):
    at: datetime
    from_: PublicState | None = Field(serialization_alias="from")
    to: PublicState
    text: Text
    by: Text | None
    note: str | None


class HolderView(View):
    department: Text
    name: str | None


class ClockView(View):
    started_at: datetime
    promised_due: date
    statutory_due: date
    working_days_left: int
    light: Literal["green", "yellow", "red"]
    deemed: bool


class AskedView(View):
    material: str | None
    field: str | None
    reason: str
    replaced: bool


class CorrectionView(View):
    id: UUID
    at: datetime
    deadline: date
    items: list[AskedView]
    answered_at: datetime | None


class DecisionView(View):
    outcome: Literal["approved", "refused", "not_accepted"]
    reason: str
    legal_basis: str
    remedies: Text
    decided_at: datetime


class CaseCertificate(View):
    id: UUID
    number: str
    url: str
    verify_url: str


class CaseBase(View):
    """What citizen and desk see alike."""

    id: UUID
    item: CaseItem
    region: str
    state: PublicState
    state_text: Text
    case_number: str | None
    version: int
    answers: Answers
    form: dict[str, str]
    materials: list[MaterialView]
    timeline: list[TimelineEntry]
    holder: HolderView | None
    clock: ClockView | None
    expected_date: date | None
    corrections: list[CorrectionView]
    decision: DecisionView | None
    certificate: CaseCertificate | None
    created_at: datetime
    submitted_at: datetime | None
    saved_at: datetime


class ApplicantView(View):
    """Whose case it is, for somebody who acts for them. `name` is masked of people, whole of firms."""

    id: UUID
    kind: Literal["citizen", "legal_person"]
    name: str


class ApplicationView(CaseBase):
    on_behalf_of: ApplicantView | None
    missing: list[MissingView]
    actions: list[Literal["submit", "correct", "withdraw"]]
    receipt_url: str | None


class ApplicationSummary(View):
    id: UUID
    item: CaseItem
    region: str
    state: PublicState
    state_text: Text
    case_number: str | None
    expected_date: date | None
    holder_name: str | None
    created_at: datetime
    submitted_at: datetime | None
    saved_at: datetime


class ApplicationList(View):
    items: list[ApplicationSummary]
    next_cursor: str | None


class CitizenView(View):
    id: UUID
    name_masked: str | None
    phone_masked: str | None
    assurance: str


class ReviewPointView(View):
    index: int
    text: Text
    result: Literal["pass", "fail", "na"] | None


class ActionView(View):
    action: str
    title: Text
    needs: list[str]


class ShownAnswer(View):
    question: Text
    answer: Text


class ShownField(View):
    code: str
    label: Text
    value: str
    masked: bool


class DeskApplicationView(CaseBase):
    citizen: CitizenView
    applicant: ApplicantView
    acting: str | None = Field(description="who handed it in for the applicant, masked")
    shown_answers: list[ShownAnswer]
    shown_form: list[ShownField]
    review_points: list[ReviewPointView]
    actions: list[ActionView]
    check_due: date | None


class InboxEntry(View):
    kind: Literal["application"]
    id: UUID
    case_number: str
    item: NamedCode
    citizen_masked: str
    state: PublicState
    state_text: Text
    submitted_at: datetime
    due_at: date | None
    light: Literal["green", "yellow", "red"] | None
    working_days_left: int | None
    why: Text
    version: int


class Inbox(View):
    items: list[InboxEntry]
    next_cursor: str | None
