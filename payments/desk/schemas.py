"""Shapes of the work on differences and exceptions."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from payments.desk.states import Action


class MatterQuery(PageQuery):
    state: Literal["open", "waiting", "mine", "over", "all"] = "open"
    source: Literal["difference", "exception"] | None = None
    channel: Literal["wechat", "alipay", "counter"] | None = None
    day: date | None = None
    kind: str | None = Field(None, pattern=r"^[a-z_]{1,32}$")


class MatterExport(Shape):
    state: Literal["open", "waiting", "mine", "over", "all"] = "open"
    source: Literal["difference", "exception"] | None = None
    channel: Literal["wechat", "alipay", "counter"] | None = None
    day: date | None = None
    kind: str | None = Field(None, pattern=r"^[a-z_]{1,32}$")


class Nothing(Shape):
    pass


class Propose(Shape):
    action: Action
    note: str = Field(min_length=5, max_length=500)
    expected_by: date | None = None


class Decide(Shape):
    proposal: UUID | None = Field(None, description="the one that was read: a later one is not decided by it")
    approve: bool = Field(True, strict=True)
    note: str = Field("", max_length=500)


class BookedView(View):
    account: str
    name: Text


class PersonView(View):
    id: UUID
    name: str


class ActionView(View):
    action: str
    title: Text
    words: Text
    waits: bool
    suggested: bool
    books: list[tuple[str, int]] = Field(description="what it would book today: account and fen")


class ProposalView(View):
    id: UUID
    action: str
    title: Text
    note: str
    expected_by: date | None
    state: str
    proposed_by: PersonView
    proposed_at: datetime
    decided_by: PersonView | None
    decided_at: datetime | None
    decision_note: str
    outcome: str
    booked: list[tuple[str, int]]
    books: list[tuple[str, int]] = Field(description="what it would book today, as long as it waits")


class MatterView(View):
    id: UUID
    source: str
    kind: str = Field(serialization_alias="class")
    class_text: Text
    suggestion: Text
    channel: str
    day: date
    run: UUID | None
    reference: str
    out_trade_no: str
    transaction_id: str
    ours_fen: int | None
    theirs_fen: int | None
    ours: str
    theirs: str
    opened_at: datetime
    age_days: int
    expected_by: date | None
    overdue: bool
    state: str
    owner: PersonView | None
    mine: bool
    proposal: str | None = Field(description="waiting or approved, while one is")


class MatterPage(View):
    items: list[MatterView]
    next_cursor: str | None


class MatterDetail(MatterView):
    settled_at: datetime | None
    day_closed: bool
    actions: list[ActionView] = Field(description="what may be proposed now")
    accounts: list[BookedView] = Field(description="what the accounts named here are called")
    may_decide: bool
    may_withdraw: bool
    proposals: list[ProposalView]


class AgeView(View):
    since_days: int
    until_days: int | None
    count: int
    fen: int


class KindView(View):
    source: str
    kind: str = Field(serialization_alias="class")
    class_text: Text
    count: int
    fen: int
    overdue: int
    ages: list[int] = Field(description="how many of each age, in the order of `ages`")


class BoardView(View):
    at: datetime
    open: int
    overdue: int
    waiting: int
    unowned: int
    ages: list[AgeView]
    kinds: list[KindView]
