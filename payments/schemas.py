"""Shapes of requests and answers about money. Amounts are whole fen."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View


class BillQuery(PageQuery):
    state: Literal["unpaid", "paid", "all"] = "all"
    on_behalf_of: UUID | None = None


class LookupQuery(Shape):
    payment_code: str = Field(min_length=1, max_length=32)


class DepartmentView(View):
    code: str
    name: Text


class OrderBrief(View):
    id: UUID
    state: str


class ReceiptBrief(View):
    id: UUID


class LookedUpBill(View):
    """What somebody who only holds the payment code may see."""

    id: UUID
    payment_code: str
    title: Text
    department: DepartmentView
    amount_fen: int
    due_on: date
    state: str
    payer_masked: str


class BillView(View):
    id: UUID
    payment_code: str
    kind: str
    title: Text
    department: DepartmentView
    state: str
    amount_fen: int = Field(description="due now: principal and surcharge; what was paid once it is paid")
    principal_fen: int
    due_on: date
    overdue_days: int
    payer_masked: str
    order: OrderBrief | None
    receipt: ReceiptBrief | None


class BillPage(View):
    items: list[BillView]
    next_cursor: str | None


class LineView(View):
    name: Text
    amount_fen: int
    basis: Text
    explanation: Text


class SurchargeView(View):
    rule: Text
    basis: Text
    days: int
    amount_fen: int
    capped: bool
    explanation: Text


class IncomeItemView(View):
    code: str
    name: Text


class OwnerView(View):
    id: UUID
    name: str


class BillDetail(BillView):
    on_behalf_of: OwnerView | None = Field(None, description="whose it is, when the caller may pay for somebody else")
    lines: list[LineView]
    legal_basis: Text
    surcharge: SurchargeView | None
    income_item: IncomeItemView
    received_on: date | None
    note: Text | None


class OpenOrder(Shape):
    bills: list[UUID] = Field(min_length=1, max_length=20)
    channel: Literal["wechat", "alipay"]
    scene: Literal["miniapp", "qr"]
    on_behalf_of: UUID | None = Field(None, description="whose bills they are, when paid under a mandate")


class ChannelView(View):
    channel: str
    name: Text
    scenes: list[str] = Field(description="miniapp: within its own mini program; qr: a code to scan with its app")


class ChannelPage(View):
    items: list[ChannelView]
    next_cursor: str | None


class Nothing(Shape):
    """An empty body."""


class OrderedBill(View):
    id: UUID
    title: Text
    amount_fen: int


class Confirming(View):
    since: datetime
    age_s: int
    next_check_at: datetime | None


class OrderView(View):
    id: UUID
    state: str
    amount_fen: int
    channel: str
    scene: str
    bills: list[OrderedBill]
    created_at: datetime
    expires_at: datetime
    client: dict[str, str] | None = Field(
        description="what wx.requestPayment or my.tradePay takes, or code_url and its drawing"
    )
    confirming: Confirming | None
    paid_at: datetime | None
    receipts: list[UUID]


class ReceiptLine(View):
    name: Text
    amount_fen: int


class ReceiptView(View):
    id: UUID
    code: str | None = Field(description="none while an outside platform still has to number it")
    number: str | None
    check_code: str | None
    bill: UUID
    title: Text
    payer_masked: str
    amount_fen: int
    lines: list[ReceiptLine]
    issued_at: datetime
    issuer: Text
    status: str = Field(description="issued, reversed, or red for a red-letter receipt")
    reverses: UUID | None = Field(description="of a red-letter receipt: the one it takes back")
    replaces: UUID | None = Field(description="of the receipt of a remainder: the one it stands for")
    reversed_by: UUID | None
    replaced_by: UUID | None
    verify_url: str
    pdf_url: str


class RunQuery(PageQuery):
    channel: Literal["wechat", "alipay"] | None = None
    day: date | None = None


class RunDay(Shape):
    channel: Literal["wechat", "alipay"]
    day: date


class RunView(View):
    id: UUID
    channel: str
    day: date
    state: str
    attempt: int
    started_at: datetime
    finished_at: datetime | None
    bill_sha1: str | None
    rows: int
    matched: int
    totals: dict[str, int]
    differences_count: int
    failure: str | None
    fund: str | None = Field(description="agrees, differs, or why the fund flow could not be laid beside the others")
    digest: str | None = Field(description="SHA-256 of all that was found; the same inputs give the same one")


class RunPage(View):
    items: list[RunView]
    next_cursor: str | None


class DifferenceView(View):
    id: UUID
    kind: str = Field(serialization_alias="class")
    class_text: Text
    out_trade_no: str
    transaction_id: str
    ours_fen: int | None
    theirs_fen: int | None
    fund_fen: int | None = Field(description="what really moved, positive for money coming in")
    ours: str
    theirs: str
    age_days: int
    expected_by: date | None
    suggestion: Text
    state: str


class RunDetail(RunView):
    differences: list[DifferenceView]
