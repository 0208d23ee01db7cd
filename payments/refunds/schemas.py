"""Shapes of requests and answers about refunds. Amounts are whole fen."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from payments.states import RefundReason

Asked = Literal["mistaken", "overpaid", "paid_twice", "revoked", "relief", "case_ended", "disputed"]
assert {*Asked.__args__} == {*RefundReason} - {RefundReason.SURPLUS}  # type: ignore[attr-defined]


class AskLine(Shape):
    bill: UUID
    line: str = Field("", max_length=16, description="the place of a line, `surcharge`, or empty: the bill as a whole")
    amount_fen: int = Field(strict=True, gt=0, le=10**13)


class AskRefund(Shape):
    """
    Money goes back the way it came. A payee or an account that is sent along is not looked at, whatever it is called,
    so what is not listed here is left out instead of refused.
    """

    model_config = ConfigDict(extra="ignore")
    order: UUID
    amount_fen: int | None = Field(None, strict=True, gt=0, le=10**13, description="unset: all that is left")
    lines: list[AskLine] = Field(default_factory=list, max_length=100)
    reason: Asked
    note: str = Field("", max_length=300, description="for who decides; names no person")


class RefuseRefund(Shape):
    why: str = Field(min_length=1, max_length=300)


class CompleteRefund(Shape):
    done: bool = Field(strict=True, description="false: it was sent back unpaid")
    voucher: str = Field(min_length=1, max_length=64, description="number of the treasury's or the counter's paper")


class RefundQuery(PageQuery):
    state: Literal["asked", "under_way", "stuck", "ended", "all"] = "all"


class PersonView(View):
    id: str
    name: Text


class RefundPartView(View):
    bill: UUID
    title: Text
    line: str
    line_name: Text | None
    amount_fen: int


class RefundChangeView(View):
    at: datetime
    from_state: str
    to_state: str
    who: PersonView
    why: str


class RefundView(View):
    id: UUID
    number: str
    state: str
    state_text: Text
    order: UUID
    order_number: str
    channel: str
    transaction_id: str
    amount_fen: int
    paid_fen: int
    reason: str
    reason_text: Text
    note: str
    route: str
    route_text: Text
    needs_second: bool
    requested_by: PersonView
    requested_at: datetime
    approved_by: PersonView | None
    approved_at: datetime | None
    second_by: PersonView | None
    second_at: datetime | None
    refusal: str | None
    expected_by: date | None
    finished_at: datetime | None
    channel_refund_id: str | None
    voucher: str | None
    next_check_at: datetime | None


class RefundPage(View):
    items: list[RefundView]
    next_cursor: str | None


class RefundDetail(RefundView):
    title: str
    lines: list[RefundPartView]
    changes: list[RefundChangeView]


class RefundableLine(View):
    line: str
    name: Text
    left_fen: int


class RefundableBill(View):
    bill: UUID
    title: Text
    payment_code: str
    paid_fen: int
    left_fen: int
    lines: list[RefundableLine]


class Refundable(View):
    """What of an order's money can still be asked for."""

    order: UUID
    order_number: str
    payment_fen: int
    left_fen: int
    route: str
    route_text: Text
    bills: list[RefundableBill]


class OwnRefund(View):
    """What the payer sees of money on its way back."""

    number: str
    amount_fen: int
    state: str = Field(description="refunding, refunded, or looked_at: it could not be made and people see to it")
    state_text: Text
    route: str
    route_text: Text
    decided_at: datetime
    expected_by: date | None
    finished_at: datetime | None


class OwnRefunds(View):
    items: list[OwnRefund]
