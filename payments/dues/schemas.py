"""Shapes of bills as departments issue and change them. Amounts are whole fen."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, field_validator, model_validator

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from payments.codes import is_code
from payments.imports import LARGEST_FEN
from payments.schemas import BillDetail, BillView, DepartmentView

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]
Basis = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]
Fen = Annotated[int, Field(strict=True, ge=0, le=LARGEST_FEN)]


class TermsShape(Shape):
    """
    What each kind reads: waiver `principal_fen` and `surcharge_fen`, deferral `until`, instalments `parts` and `since`
    (the first day), stay `since` and `until`.
    """

    principal_fen: Fen = 0
    surcharge_fen: Fen = 0
    since: date | None = None
    until: date | None = None
    parts: int = Field(0, strict=True, ge=0, le=24)


class AskAmendment(Shape):
    kind: Literal["waiver", "deferral", "instalments"]
    reason: Said
    wish: TermsShape


class ProposeAmendment(Shape):
    kind: Literal["waiver", "deferral", "instalments", "stay", "withdrawal"]
    reason: Said
    basis: Basis
    terms: TermsShape = TermsShape()


class ExamineAmendment(Shape):
    basis: Basis
    terms: TermsShape


class ApproveAmendment(Shape):
    proposed_at: AwareDatetime = Field(description="of the proposal that was read: terms put anew are not agreed to")


class RefuseAmendment(Shape):
    why: Said


class EndStay(Shape):
    last_day: date


class AmendmentView(View):
    id: UUID
    bill: UUID
    kind: str
    kind_text: Text
    state: str
    state_text: Text
    asked_at: datetime
    by_payer: bool
    reason: str
    wish: TermsShape
    terms: TermsShape | None
    basis: str
    proposed_at: datetime | None
    decided_at: datetime | None
    refusal: str | None
    can_take_back: bool


class AmendmentDesk(AmendmentView):
    """As a department sees it: with the bill, and who proposed what."""

    payment_code: str
    title: Text
    payer_masked: str
    due_now_fen: int
    proposed_by: str | None
    mine: bool = Field(description="the caller proposed it, so somebody else decides")


class AmendmentPage(View):
    items: list[AmendmentDesk]
    next_cursor: str | None


class AmendmentQuery(PageQuery):
    state: Literal["open", "decided"] = "open"


class StepView(View):
    name: Text
    amount_fen: int
    explanation: Text
    basis: Text | None


class PartView(View):
    place: int
    amount_fen: int
    due_on: date
    state: Literal["paid", "now", "later"]
    paid_at: datetime | None


class DuesView(View):
    """How what is due came about, and what was asked for about it. `built` adds up to what is due."""

    built: list[StepView]
    plan: list[PartView]
    amendments: list[AmendmentView]
    can_ask: list[str]
    first_due_on: date | None
    stayed_since: date | None
    notice_url: str


class PayerShape(Shape):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    id_number: str | None = Field(None, pattern=r"^\d{17}[\dX]$")
    phone: str | None = Field(None, pattern=r"^1[3-9]\d{9}$")

    @model_validator(mode="after")
    def _is_found_by_something(self) -> "PayerShape":
        if not (self.id_number or self.phone):
            raise ValueError("a payer is found by id_number or phone: one is needed")
        return self


class AmountLine(Shape):
    name: Text
    amount_fen: int = Field(strict=True, gt=0, le=LARGEST_FEN)
    basis: Text
    explanation: Text


class FeeLine(Shape):
    fee: str = Field(min_length=1, max_length=32)
    quantity: int = Field(1, strict=True, ge=1, le=10_000)


class IncomeItemShape(Shape):
    code: str = Field(pattern=r"^[0-9A-Z]{3,32}$")
    name: Text


class IssueBill(Shape):
    kind: str = Field(pattern=r"^[a-z_]{3,32}$")
    title: Text
    income_item: IncomeItemShape
    legal_basis: Text
    payer: PayerShape
    lines: list[AmountLine | FeeLine] = Field(min_length=1, max_length=50)
    payment_code: str | None = Field(None, max_length=32)
    received_on: date | None = None
    due_on: date | None = None
    surcharge: str = Field("", max_length=32)
    note: Text | None = None
    replaces: UUID | None = None

    @field_validator("payment_code")
    @classmethod
    def _looks_like_a_code(cls, value: str | None) -> str | None:
        if value is not None and not is_code(value):
            raise ValueError("not a payment code of this region")
        return value


class IssuedView(View):
    id: UUID
    payment_code: str


class DeskBills(PageQuery):
    state: Literal["unpaid", "overdue", "paid", "withdrawn", "waived", "all"] = "unpaid"
    q: str = Field("", max_length=32, description="a payment code or its beginning")


class DeskBillPage(View):
    items: list[BillView]
    next_cursor: str | None


class DeskBill(BillDetail):
    """A bill on the desk of the department that issued it."""

    dues: DuesView
    issued_at: datetime
    paid_fen: int
    replaces: UUID | None
    replaced_by: UUID | None
    may_decide: bool


class ImportQuery(Shape):
    dry_run: bool = False
    keep_going: bool = False


class ProblemView(View):
    line: int
    what: str


class ImportView(View):
    imported: int
    unchanged: int
    dry_run: bool
    problems: list[ProblemView]
    problems_in_all: int


class FeesQuery(Shape):
    department: str | None = Field(None, max_length=32)


class FeeView(View):
    department: DepartmentView
    code: str
    name: Text
    amount_fen: int
    unit: Text
    basis: Text
    since: date
    income_item_code: str
    income_item_name: Text


class FeeList(View):
    items: list[FeeView]


class SetFee(Shape):
    code: str = Field(pattern=r"^[a-z0-9_]{2,32}$")
    since: date
    amount_fen: int | None = Field(strict=True, gt=0, le=LARGEST_FEN)
    unit: Text
    name: Text
    basis: Text
    income_item: IncomeItemShape


class RuleView(View):
    code: str
    since: date
    per_day: str
    cap_per_cent: int | None
    name: Text
    basis: Text


class RuleList(View):
    items: list[RuleView]
