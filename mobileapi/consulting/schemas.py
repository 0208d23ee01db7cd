"""Shapes of what crosses consultation and the other rooms."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chat.frames import Coded as AnswerCode
from kit.texts import Text
from kit.web import Shape, View
from payments.raising import MOST_FEN

Line = Annotated[str, StringConstraints(min_length=2, max_length=80, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(min_length=4, max_length=300, pattern=r"^[^\x00]*$")]


class PartView(View):
    kind: Literal["material", "field"]
    code: str
    name: Text
    reason: str
    replaced: bool


class CardNow(View):
    """A card of the conversation as its thing stands now. `gone`: not to be opened any more; then nothing is told."""

    seq: int
    card: str
    ref: str
    gone: bool
    changed: bool = Field(description="another state, amount or version than when it was sent")
    title: Text | None = None
    state: str | None = None
    state_text: Text | None = None
    amount_fen: int | None = None
    due_on: date | None = None
    number: str | None = None
    version: int | None = None
    paragraph: Text | None = None
    at_time: datetime | None = None
    place: Text | None = None
    parts: list[PartView] = []
    done: bool = False


class CardsNow(View):
    items: list[CardNow]


class IntoDraft(Shape):
    """Without an item or region: those of the conversation. `answers` what the citizen told."""

    item: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    region: Annotated[str, StringConstraints(min_length=1, max_length=12)] | None = None
    answers: Annotated[dict[AnswerCode, AnswerCode], Field(max_length=60)] = {}


class AmountShape(Shape):
    income_item: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,32}$")]
    amount_fen: int = Field(gt=0, le=MOST_FEN)
    title: Line
    explanation: Line


class IntoBill(Shape):
    """The fee of a case, or an amount under an income item of one's department."""

    application: UUID | None = None
    amount: AmountShape | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.application is None) == (self.amount is None):
            raise ValueError("name a case, or an amount under an income item")
        return self


class DecideProposal(Shape):
    approve: bool
    why: Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")] = ""

    @model_validator(mode="after")
    def _no_has_a_reason(self) -> Self:
        if not self.approve and len(self.why) < 4:
            raise ValueError("a proposal is declined with a reason")
        return self


class OutcomeView(View):
    """`state`: proposed, made, declined, undone."""

    id: UUID
    conversation: UUID
    kind: str
    ref: UUID | None
    state: str
    title: Text | None = None
    amount_fen: int | None = None
    explanation: str | None = None
    by: str
    at: datetime
    mine: bool = Field(description="proposed or made by who asks")


class Unmask(Shape):
    field: Literal["phone", "name", "id_number"]
    reason: Reason


class Unmasked(View):
    value: str | None


class NamedCode(View):
    code: str
    name: Text


class ItemBrief(NamedCode):
    version: int
    online: Literal["full", "partial", "none"]


class CitizenBrief(View):
    """`on_behalf_of`: for whom they ask. `language` zh or en, `elder` larger and simpler pages."""

    id: UUID
    name_masked: str | None
    phone_masked: str | None
    assurance: str
    language: str
    elder: bool
    on_behalf_of: str | None


class CaseBrief(View):
    id: UUID
    case_number: str
    item: NamedCode
    state: str
    state_text: Text
    light: Literal["green", "yellow", "red"] | None
    working_days_left: int | None
    due_on: date | None
    missing: list[PartView]
    fee_fen: int | None = Field(description="what its guide charges, while that can be billed")


class BillBrief(View):
    id: UUID
    title: Text
    state: str
    state_text: Text
    amount_fen: int
    due_on: date
    overdue_days: int


class TalkBrief(View):
    """An earlier conversation: what it was about and how it ended, not what was said."""

    id: UUID
    subject: Text | None
    state: str
    clerk: str | None
    created_at: datetime
    closed_at: datetime | None
    level: int | None = Field(description="the rating, 1 to 5")
    made: list[str] = Field(description="kinds of things that came of it")
    readable: bool


class ContextView(View):
    item: ItemBrief | None
    citizen: CitizenBrief
    cases: list[CaseBrief]
    bills: list[BillBrief]
    talks: list[TalkBrief]
    outcomes: list[OutcomeView]
    income_items: list[NamedCode]


class TalkOf(View):
    """A conversation about a thing; `made`: the thing came out of it."""

    id: UUID
    created_at: datetime
    state: str
    clerk: str | None
    made: bool


class TalksOf(View):
    items: list[TalkOf]
