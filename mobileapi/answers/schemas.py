"""What is asked about public answers, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from mobileapi.answers.states import AnswerState

Chapter = Literal["conditions", "materials", "steps", "cost", "places", "result", "law", "faq", "contact"]
Question = Annotated[str, StringConstraints(min_length=4, max_length=200, pattern=r"^[^\x00]*$")]
Answered = Annotated[str, StringConstraints(min_length=4, max_length=1500, pattern=r"^[^\x00]*$")]
Note = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
ItemCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]


class AnswersQuery(Shape):
    """Of an item, or found by everyday words; of an item by words."""

    item: ItemCode | None = None
    q: str = Field("", max_length=200, pattern=r"^[^\x00]*$")
    limit: int = Field(5, ge=1, le=50)

    @model_validator(mode="after")
    def _about_something(self) -> "AnswersQuery":
        if self.item is None and not self.q.strip():
            raise ValueError("name an item, or ask something")
        return self


class NamedItem(View):
    code: str
    name: Text


class PublicAnswer(View):
    """`sure`: it fits what was asked so well that it may be offered before a conversation is opened."""

    id: UUID
    item: NamedItem
    question: str
    answer: str
    guide_version: int
    stale: bool
    reviewed_at: datetime
    sure: bool


class PublicAnswers(View):
    items: list[PublicAnswer]


class CastVote(Shape):
    """`device`: a random name the app gave itself; of who is not signed in."""

    helpful: bool
    device: str = Field("", max_length=64, pattern=r"^[A-Za-z0-9_-]*$")


class Propose(Shape):
    item: ItemCode
    question: Question
    answer: Answered
    cites: list[Chapter] = Field(min_length=1, max_length=9)
    conversation: UUID | None = None


class RemovedView(View):
    kind: str
    name: Text
    was: str


class LookView(View):
    """How a draft would be kept, and what would be removed of it."""

    question: str
    answer: str
    removed: list[RemovedView]


class PersonView(View):
    id: UUID
    name: str


class DeskAnswer(View):
    id: UUID
    item: NamedItem
    question: str
    answer: str
    cites: list[str]
    state: AnswerState
    state_text: Text
    stale: bool
    guide_version: int
    current_version: int
    proposed_by: PersonView
    proposed_at: datetime
    reviewed_by: PersonView | None
    reviewed_at: datetime | None
    note: str
    helpful: int
    unhelpful: int
    version: int
    actions: list[Literal["review", "withdraw"]]
    removed: list[RemovedView] = []  # told once, to who proposed it


class DeskAnswers(View):
    items: list[DeskAnswer]
    next_cursor: str | None


class DeskAnswersQuery(PageQuery):
    state: Literal["proposed", "published", "stale", "refused", "withdrawn"] = "proposed"


class Review(Shape):
    publish: bool
    question: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    answer: Annotated[str, StringConstraints(max_length=1500, pattern=r"^[^\x00]*$")] = ""
    note: Note = ""
    version: int = Field(ge=1)

    @model_validator(mode="after")
    def _refused_with_a_reason(self) -> "Review":
        if not self.publish and not self.note:
            raise ValueError("say why it is not used")
        return self


class Withdraw(Shape):
    reason: Annotated[str, StringConstraints(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]
    version: int = Field(ge=1)
