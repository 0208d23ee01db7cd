"""Shapes of requests and answers at windows. Money in fen."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View

Fen = Field(strict=True, ge=0, le=100_000_000_00)
Much = Field(strict=True, ge=1, le=100_000_000_00)


class OpenShift(Shape):
    window: str = Field(min_length=1, max_length=40)
    float_fen: int = Fen


class TakeMoney(Shape):
    bills: list[UUID] = Field(min_length=1, max_length=20)
    means: Literal["cash", "pos", "cheque"]
    amount_fen: int = Field(strict=True, ge=1, le=100_000_000_00, description="what the cashier read as due")
    tendered_fen: int | None = Field(None, strict=True, ge=1, le=100_000_000_00, description="cash handed over")
    bank: str = Field("", max_length=60, description="the cheque's bank, or the card terminal")
    reference: str = Field("", max_length=40, pattern=r"^[0-9A-Za-z /-]*$", description="number of the cheque or slip")


class CountShift(Shape):
    counted_fen: int = Fen
    note: str = Field("", max_length=300, description="why it differs; needed when it does")


class EnterDeposit(Shape):
    means: Literal["cash", "pos"]
    amount_fen: int = Much
    slip: str = Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z -]+$")
    deposited_on: date


class PayOut(Shape):
    refund: UUID
    voucher: str = Field(min_length=1, max_length=40)


class ReverseTaking(Shape):
    taking: UUID
    why: str = Field(min_length=1, max_length=300)


class ChequeNews(Shape):
    honoured: bool = Field(strict=True)
    why: str = Field("", max_length=200, description="why the bank has not honoured it; needed then")


class DepositNews(Shape):
    seen: bool = Field(strict=True, description="whether it is on the bank's statement")
    why: str = Field("", max_length=200, description="what is wrong with it; needed when it was not seen")


class ShiftQuery(PageQuery):
    state: Literal["open", "counted", "confirmed", "all"] = "all"


class PaidReceipt(View):
    id: UUID
    number: str | None
    title: Text
    amount_fen: int
    pdf_url: str


class TakingView(View):
    id: UUID
    order: UUID
    means: str
    state: str = Field(description="taken; or of a cheque: clearing, bounced")
    amount_fen: int
    tendered_fen: int | None
    change_fen: int | None
    bank: str
    reference: str
    taken_at: datetime
    bounce_reason: str
    titles: list[Text]
    receipts: list[PaidReceipt]


class DepositView(View):
    id: UUID
    means: str
    state: str
    amount_fen: int
    slip: str
    deposited_on: date
    refusal: str


class ShiftView(View):
    id: UUID
    cashier: str
    department: Text
    window: str
    state: str
    float_fen: int
    opened_at: datetime
    counted_at: datetime | None
    confirmed_at: datetime | None
    taken: dict[str, int] = Field(description="fen by means; a cheque counts once it is honoured")
    clearing_fen: int = Field(description="of cheques the bank has not spoken of")
    expected_fen: int = Field(description="cash that should lie, or should have lain, in the drawer")
    counted_fen: int | None
    difference_note: str
    to_deposit: dict[str, int] = Field(description="fen by means that are not yet at the bank")
    mine: bool


class ShiftDetail(ShiftView):
    takings: list[TakingView]
    deposits: list[DepositView]


class ShiftPage(View):
    items: list[ShiftView]
    next_cursor: str | None
