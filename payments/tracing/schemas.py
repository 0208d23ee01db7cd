"""Shapes of the story of some money. Amounts are whole fen; names are masked."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import Shape, View
from payments.refunds.schemas import RefundView


class NumberQuery(Shape):
    number: str = Field(
        min_length=4, max_length=64, pattern=r"^[0-9A-Za-z _:|*@-]+$", description="any number of a paper"
    )


class TracedBill(View):
    id: UUID
    title: Text
    payment_code: str
    department: Text
    state: str
    payer_masked: str
    principal_fen: int
    surcharge_fen: int
    due_on: date


class TracedPayment(View):
    id: UUID
    transaction_id: str
    amount_fen: int
    outcome: str
    outcome_text: Text
    paid_at: datetime
    learned_at: datetime
    learned_by: str


class TracedReceipt(View):
    id: UUID
    number: str
    status: str
    amount_fen: int
    issued_at: datetime


class PostingView(View):
    account: str
    name: Text
    amount_fen: int


class EntryView(View):
    at: datetime
    kind: str
    kind_text: Text
    reference: str
    postings: list[PostingView]


class CheckedView(View):
    """The channel's bill of the day the money came, laid beside our books."""

    run: UUID
    day: date
    state: str
    differences: int


class Happening(View):
    at: datetime
    kind: str
    text: Text
    who: Text | None
    amount_fen: int | None
    reference: str


class Story(View):
    """One order with everything that belongs to it; or, without an order, a bill nobody tried to pay."""

    order: UUID | None
    number: str
    channel: str
    scene: str
    state: str
    state_text: Text | None
    amount_fen: int
    created_at: datetime | None
    bills: list[TracedBill]
    payments: list[TracedPayment]
    refunds: list[RefundView]
    receipts: list[TracedReceipt]
    entries: list[EntryView]
    checked: list[CheckedView]
    happenings: list[Happening]
    held_fen: int = Field(description="what came less what went back: what we hold of it")


class Trace(View):
    number: str
    kinds: list[str]
    stories: list[Story]
