"""Shapes of what is hidden, and of the list of words."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from kit.texts import Text
from kit.web import Shape, View

Word = Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=r"^[^\x00\n]*[\w][^\x00\n]*$")]


class UnmaskMessage(Shape):
    """`note`: the id of a note; the number in the path is then the one it stands after."""

    reason: str = Field(min_length=4, max_length=300, pattern=r"^[^\x00]*$")
    note: UUID | None = None


class UnmaskedText(View):
    text: str
    hides_in_s: int


class AskForWord(Shape):
    act: Literal["put", "remove"]
    word: Word
    use: Literal["citizens", "clerks", "both", "harmless"] = "both"
    strict: bool = False
    reason: str = Field(min_length=2, max_length=200, pattern=r"^[^\x00]*$")


class DecideWord(Shape):
    approve: bool


class WordView(View):
    word: str
    use: str
    strict: bool
    since: datetime


class WordChangeView(View):
    id: UUID
    act: str
    word: str
    use: str
    strict: bool
    reason: str
    state: str
    asked_name: str
    asked_at: datetime
    mine: bool
    decided_name: str
    decided_at: datetime | None


class WordsView(View):
    version: int
    words: list[WordView]
    changes: list[WordChangeView]  # those that wait first, then the latest decided


class AbuseQuery(Shape):
    days: int = Field(30, ge=1, le=365)


class AbuseRow(View):
    conversation: UUID
    item: Text | None
    department: Text | None
    clerk: str | None
    times: int
    messages: int
    last_at: datetime


class AbuseView(View):
    items: list[AbuseRow]
    times: int
