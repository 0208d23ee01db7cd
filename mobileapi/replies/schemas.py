"""Shapes of quick replies."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from kit.texts import Text
from kit.web import PageQuery, Shape, View

LONGEST = 1000
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]
Place = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[\x21-\x7e]+$")]


def _within(longest: int) -> AfterValidator:
    def check(words: Text) -> Text:
        for part in (words.zh, words.en):
            if part is not None and (len(part) > longest or "\x00" in part):
                raise ValueError(f"takes at most {longest} characters")
        if not words.zh.strip():
            raise ValueError("the Chinese text is needed")
        return words

    return AfterValidator(check)


class WriteReply(Shape):
    """`at`: the paragraph of the item's guide it rests on. `seen`: the newest revision the author looked at."""

    title: Annotated[Text, _within(60)]
    words: Annotated[Text, _within(LONGEST)]
    at: Place | None = None
    seen: int = Field(0, ge=0)


class NewReply(WriteReply):
    scope: Literal["item", "department", "personal"]
    item: Code | None = None


class DecideReply(Shape):
    number: int = Field(ge=1, le=2**31 - 1)
    approve: bool
    note: str = Field("", max_length=200, pattern=r"^[^\x00]*$")


class ConfirmReply(Shape):
    seen: int = Field(ge=1, le=2**31 - 1)


class FillReply(Shape):
    """`language`: unless it is said, the one the citizen reads."""

    conversation: UUID
    language: Literal["zh", "en"] | None = None


class CiteView(View):
    """`heading`, `says`: the paragraph it rests on; `now`: what stands there in the guide in force, when it differs."""

    item: str
    version: int
    at: str
    heading: Text | None
    says: Text | None
    now: Text | None


class RevisionView(View):
    number: int
    state: str
    title: Text
    words: Text
    cite_version: int | None
    cite_at: str | None
    author_name: str
    mine: bool
    written_at: datetime
    decided_name: str
    decided_at: datetime | None
    note: str


class ReplyRow(View):
    """`live` and `newest`: numbers of revisions; `asked`: one waits for another person."""

    id: UUID
    scope: str
    item: str | None
    item_name: Text | None
    department: str | None
    title: Text
    words: Text
    initials: str
    live: int
    newest: int
    asked: bool
    asked_by_me: bool
    at: str | None
    version: int | None
    stale_since: datetime | None
    withdrawn: bool
    uses: int
    last_used_at: datetime | None
    updated_at: datetime
    may_write: bool


class ReplyView(ReplyRow):
    cite: CiteView | None
    revisions: list[RevisionView]


class RepliesQuery(PageQuery):
    """`conversation`: those one may use in it, the most used first. `show` narrows the page of a desk."""

    show: Literal["all", "stale", "asked", "mine", "withdrawn"] = "all"
    item: str | None = Field(None, max_length=40)
    q: str = Field("", max_length=60)
    conversation: UUID | None = None


class ReplyPage(View):
    items: list[ReplyRow]
    next_cursor: str | None
    stale: int
    asked: int


class FilledReply(View):
    """`missing`: variables nobody knows a value for; they still stand in `text` and are asked of the clerk."""

    text: str
    language: str
    missing: list[str]
    stale: bool
    at: str | None
    item: str | None
    version: int | None
