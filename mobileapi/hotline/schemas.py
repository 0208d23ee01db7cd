"""Shapes of work orders."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from mobileapi.applications.clocks import Light
from mobileapi.hotline.kinds import Kind
from mobileapi.hotline.states import OrderState


class OpenOrder(Shape):
    kind: Kind
    words: str = Field(min_length=2, max_length=4000)
    conversation: UUID | None = None
    item: str | None = Field(None, min_length=1, max_length=40)
    department: str | None = Field(None, min_length=1, max_length=32)
    region: str | None = Field(None, min_length=1, max_length=12)
    about_staff: UUID | None = Field(None, description="the person a complaint is about; never has it, never sees it")
    photos: list[UUID] = Field([], max_length=9)


class DeskOrdersQuery(PageQuery):
    scope: Literal["mine", "department"] = "mine"
    state: OrderState | None = None
    kind: Kind | None = None
    over: bool = False


class OrderAct(Shape):
    version: int = Field(ge=1)
    words: str = Field("", max_length=4000, description="the answer, or the reason")
    to_staff: UUID | None = None
    to_department: str | None = Field(None, min_length=1, max_length=32)


class ReopenOrder(Shape):
    reason: str = Field(min_length=2, max_length=1000)


class ConfirmOrder(Shape):
    pass


class OrderPhoto(View):
    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int


class OrderItem(View):
    code: str
    name: Text


class OrderOffice(View):
    code: str
    name: Text


class OrderEvent(View):
    at: datetime
    what: str
    text: Text
    by: Text
    note: str


class OrderSummary(View):
    id: UUID
    number: str
    kind: Kind
    kind_text: Text
    state: OrderState
    state_text: Text
    title: str = Field(description="how its words begin")
    item: OrderItem | None
    department: OrderOffice
    opened_at: datetime
    due_on: date
    answered_at: datetime | None


class OrderList(View):
    items: list[OrderSummary]
    next_cursor: str | None


class OrderView(OrderSummary):
    words: str
    answer: str
    photos: list[OrderPhoto]
    holder_name: str | None
    conversation: UUID | None
    reply_until: date | None = Field(description="until when an answer can be called unsatisfying")
    actions: list[Literal["confirm", "reopen"]]
    timeline: list[OrderEvent]


class DeskOrderLine(OrderSummary):
    light: Light
    working_days_left: int
    citizen_masked: str | None
    holder_name: str | None
    why: Text
    reopened: bool
    offered: bool = Field(description="the reader is asked to take it over")


class DeskOrderList(View):
    items: list[DeskOrderLine]
    next_cursor: str | None


class OrderAction(View):
    action: str
    title: Text


class DeskOrderView(DeskOrderLine):
    version: int
    words: str
    answer: str
    photos: list[OrderPhoto]
    conversation: UUID | None
    region: str
    about_staff_name: str | None
    offered_to_name: str | None
    transfers: int
    actions: list[OrderAction]
    timeline: list[OrderEvent]


class OrderColleague(View):
    id: UUID
    name: str
    title: str
    department: OrderOffice
    had_it: bool


class OrderColleagues(View):
    items: list[OrderColleague]
