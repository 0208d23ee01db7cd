"""Shapes of the board. Shares are thousandths; None means that there is nothing to tell, or too little to tell it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chat.schemas import Code
from kit.texts import Text
from kit.web import Shape, View


class BoardQuery(Shape):
    department: Code | None = None
    item: Code | None = None


class NowView(View):
    waiting: int
    longest_wait_s: int | None
    in_hand: int
    inquiries: int
    overdue: int


class DayView(View):
    """`at_once`: share taken within 30 seconds. `satisfied`: of ratings of level 3 to 5, hidden where they are few."""

    opened: int
    at_once: int | None
    first_answer_s: int | None
    abandoned: int
    satisfied: int | None


class HourView(View):
    hour: int
    opened: int
    taken: int


class StepView(View):
    """First answers that took up to so many seconds, and longer than the step before; the last has no end."""

    within_s: int | None
    count: int


class ItemView(View):
    item: str | None
    name: Text | None
    opened: int
    waiting: int
    inquiries: int
    abandoned: int
    waited_s: int | None


class ClerkView(View):
    """`satisfied`: of the last thirty days, hidden where ratings are few."""

    id: UUID
    name: str
    status: Literal["online", "busy", "away", "gone"]
    held: int
    capacity: int | None
    taken: int
    first_answer_s: int | None
    satisfied: int | None


class LightsView(View):
    green: int
    yellow: int
    red: int


class RedCaseView(View):
    id: UUID
    case_number: str
    item: str
    name: Text
    due: date
    days_over: int
    holder: str | None


class BadRatingsView(View):
    waiting: int
    overdue: int


class DepartmentView(View):
    code: str
    name: Text


class BoardView(View):
    """`at` is when it was counted, at most three seconds ago."""

    at: datetime
    departments: list[DepartmentView]
    smallest: int
    now: NowView
    desks: dict[str, int]
    today: DayView
    yesterday: DayView
    hours: list[HourView]
    first_answers: list[StepView]
    items: list[ItemView]
    clerks: list[ClerkView]
    cases: LightsView
    red: list[RedCaseView]
    bad_ratings: BadRatingsView
