"""Shapes of requests and answers about the books and the treasuries. Amounts are whole fen, debit positive."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from payments.treasury.sharing import WHOLE, Share


class MomentQuery(Shape):
    at: AwareDatetime | None = Field(None, description="unset: now")


class AccountView(View):
    account: str
    name: Text
    debit_fen: int
    credit_fen: int
    balance_fen: int


class TrialBalance(View):
    at: datetime
    accounts: list[AccountView]
    debit_fen: int
    credit_fen: int
    balanced: bool


class StatementQuery(PageQuery):
    account: str = Field(min_length=1, max_length=96)
    since: date | None = Field(None, description="first office day; unset: 30 days before `until`")
    until: date | None = Field(None, description="last office day; unset: today")


class MovementView(View):
    id: UUID
    at: datetime
    kind: str
    kind_text: Text
    reference: str
    against: list[str]
    against_text: list[Text]
    amount_fen: int
    balance_fen: int


class AccountStatement(View):
    account: str
    name: Text
    since: date
    until: date
    opening_fen: int
    closing_fen: int
    items: list[MovementView]
    next_cursor: str | None


class BookProof(View):
    holds: bool
    days: int
    last_day: date | None
    digest: str | None
    first_wrong: date | None
    unbalanced: int


class SetRule(Shape):
    department: str = Field(min_length=1, max_length=32)
    income_item: str = Field("", max_length=32, pattern=r"^[0-9A-Za-z-]*$", description="empty: what has no own rule")
    effective_on: date
    shares: list[Share] = Field(min_length=1, max_length=8)
    basis: Text

    @model_validator(mode="after")
    def _is_whole(self) -> "SetRule":
        if sum(share.millionths for share in self.shares) != WHOLE:
            raise ValueError("the shares add up to 1,000,000 millionths")
        if len({(share.level, share.treasury, share.account) for share in self.shares}) != len(self.shares):
            raise ValueError("each treasury once")
        return self


class RuleView(View):
    department: str
    department_name: Text
    income_item: str
    effective_on: date
    shares: list[Share]
    basis: Text
    made_by: Text
    made_at: datetime


class RulePage(View):
    items: list[RuleView]


class HandOver(Shape):
    day: date = Field(description="what was booked up to the end of this past office day is handed on")


class SharedView(View):
    level: str
    treasury: str
    account: str
    amount_fen: int


class HandingOverView(View):
    number: str
    department: str
    income_item: str
    until: datetime
    amount_fen: int
    shares: list[SharedView]
    made_by: Text
    made_at: datetime


class HandedOver(View):
    items: list[HandingOverView]
    without_rule: list[str] = Field(description="accounts nobody shares yet; they stay as they are")
