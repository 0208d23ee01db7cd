"""What is asked about ratings, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kit import clock
from kit.texts import Text
from kit.web import PageQuery, Shape, View
from mobileapi.ratings.states import Finding, RectificationState, Way

Said = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Must = Annotated[str, StringConstraints(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]


class ReasonView(View):
    code: str
    text: Text


class LevelView(View):
    level: int
    name: Text
    reasons: list[ReasonView]


class LevelList(View):
    """`days`: how long after its end a matter may be rated."""

    items: list[LevelView]
    days: int


class Rate(Shape):
    level: int = Field(ge=1, le=5)
    reasons: list[Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]+$")]] = Field([], max_length=10)
    comment: Said = ""


class GivenView(View):
    level: int
    name: Text
    reasons: list[Text]
    comment: str
    at: datetime


class ResultView(View):
    """What became of a bad rating, as the citizen is told it; `about`: the id of the conversation or application."""

    id: UUID
    kind: Literal["conversation", "application"]
    about: UUID
    state: RectificationState
    state_text: Text
    due: date
    finding: Text | None
    measures: str
    done_at: datetime | None
    level: int | None
    comment: str
    may_rate: bool


class OwnRatingView(View):
    """`open_until`: until when one may rate; null where nothing is to be rated."""

    rating: GivenView | None
    open_until: datetime | None
    result: ResultView | None


class RateResult(Shape):
    level: int = Field(ge=1, le=5)
    comment: Said = ""


class NamedCode(View):
    code: str
    name: Text


class PersonView(View):
    id: UUID
    name: str


class DeskRow(View):
    id: UUID
    kind: Literal["conversation", "application"]
    item: NamedCode | None
    department: NamedCode | None
    level: int
    level_text: Text
    state: RectificationState
    state_text: Text
    owner: PersonView | None
    mine: bool
    opened_at: datetime
    due: date
    working_days_left: int
    light: Literal["green", "yellow", "red"]


class DeskPage(View):
    items: list[DeskRow]
    next_cursor: str | None


class ContactView(View):
    at: datetime
    by: str
    way: Way
    reached: bool
    note: str


class ChangeView(View):
    at: datetime
    by: str
    state_text: Text
    note: str


Action = Literal["contact", "answer", "confirm", "contest", "decide"]


class DeskView(DeskRow):
    about: UUID
    citizen: str
    rated: PersonView | None
    reasons: list[Text]
    comment: str
    contact_due: date
    escalation: int
    contacts: list[ContactView]
    finding: Finding | None
    finding_text: Text | None
    measures: str
    answered_by: str | None
    contest_reason: str
    contested_by: str | None
    result_level: int | None
    result_comment: str
    history: list[ChangeView]
    actions: list[Action]
    version: int


class DeskQuery(PageQuery):
    state: Literal["waiting", "open", "answered", "contested", "confirmed", "void"] = "waiting"


class NoteContact(Shape):
    way: Way
    reached: bool
    note: Said = ""


class Answer(Shape):
    finding: Finding
    measures: Annotated[str, StringConstraints(min_length=5, max_length=1000, pattern=r"^[^\x00]*$")]
    version: int = Field(ge=1)


class Confirm(Shape):
    accept: bool
    note: Said = ""
    version: int = Field(ge=1)

    @model_validator(mode="after")
    def _returned_with_a_reason(self) -> "Confirm":
        if not self.accept and not self.note:
            raise ValueError("say why it is returned")
        return self


class Contest(Shape):
    reason: Must
    version: int = Field(ge=1)


class DecideContest(Shape):
    void: bool
    note: Must
    version: int = Field(ge=1)


# Within what every clock and column can hold, months added to it too.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class FiguresQuery(Shape):
    by: Literal["department", "item", "clerk"] = "department"
    since: Day | None = None
    until: Day | None = None

    def days(self) -> tuple[date, date]:
        """The last 90 days, unless told otherwise."""
        until = self.until or clock.today()
        return self.since or date.fromordinal(until.toordinal() - 89), until


class FiguresRow(View):
    """Null where there are too few ratings to be told."""

    code: str
    name: Text
    ratings: int | None
    levels: list[int] | None
    satisfied: int | None
    rectified: int | None
    void: int | None


class FiguresView(View):
    since: date
    until: date
    smallest: int
    items: list[FiguresRow]
