"""Shapes of the day close, statements and the export of the books."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from payments.desk.schemas import PersonView


class DayQuery(PageQuery):
    before: date | None = Field(None, description="the latest day to show; unset: today")


class Nothing(Shape):
    pass


class Reopen(Shape):
    reason: str = Field(min_length=5, max_length=500)


class DecideReopening(Shape):
    approve: bool = Field(strict=True)


class ObstacleView(View):
    code: str
    words: Text
    count: int
    channel: str | None


class DayRow(View):
    day: date
    state: str = Field(description="open | ready | closed | reopen_asked, and today")
    number: int | None
    closes: int
    statements: int
    closed_at: datetime | None
    closed_by: PersonView | None
    obstacles: list[ObstacleView]


class DayPage(View):
    items: list[DayRow]
    next_cursor: str | None


class AccountView(View):
    account: str
    name: Text
    opening_fen: int
    debit_fen: int
    credit_fen: int
    closing_fen: int
    entries: int


class RunBrief(View):
    channel: str
    run: UUID | None
    state: str | None
    matched: int | None
    bill_sha1: str | None
    carried_over: int


class CloseView(View):
    id: UUID
    number: int
    closed_by: PersonView | None
    closed_at: datetime
    reopen_asked_by: PersonView | None
    reopen_asked_at: datetime | None
    reopen_reason: str
    reopened_by: PersonView | None
    reopened_at: datetime | None


class StatementBrief(View):
    id: UUID
    number: str
    close: int
    department: str
    name: Text
    received_fen: int
    returned_fen: int
    handed_fen: int = Field(description="went on to the treasuries")
    closing_fen: int
    entries: int
    digest: str
    verify_url: str
    replaced: bool


class DayView(DayRow):
    time_zone: str
    since: datetime
    until: datetime
    accounts: list[AccountView]
    runs: list[RunBrief]
    history: list[CloseView]
    papers: list[StatementBrief]
    may_close: bool
    may_ask: bool
    may_decide: bool


class VoucherQuery(Shape):
    since: date
    until: date = Field(description="the last day, itself included; at most 31 days")


class KeysView(View):
    keys: list[dict[str, str]]
