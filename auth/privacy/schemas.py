"""Requests and answers about one's own data."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View


class NoticeQuery(Shape):
    version: str | None = Field(None, pattern=r"^\d{4}-\d{2}-\d{2}$")


class NoticeView(View):
    """The words, in the caller's language; `sha256` is over both languages, and what a consent records."""

    version: str
    text: str
    sha256: str
    versions: list[str]


class KeptView(View):
    """What is kept of people, why, on which ground, for how long, and what closing the account does with it."""

    what: Text
    why: Text
    ground: Text
    kept_for: Text
    at_closure: Literal["deleted", "pseudonymised", "kept"]


class KeptList(View):
    items: list[KeptView]


class ConsentView(View):
    purpose: str
    ground: Literal["duty", "separate", "consent"]
    title: Text
    what: Text
    effect: Text
    needed_for: Text
    standing: Literal["not_needed", "not_asked", "given", "withdrawn", "outdated"]
    version: str | None
    at: datetime | None


class ConsentList(View):
    items: list[ConsentView]
    version: str


class ConsentSaid(Shape):
    """`version`: the notice that was read; needed for a yes."""

    given: bool
    version: str = Field("", max_length=16)
    ward: str | None = Field(None, max_length=64, description="of a guardian's consent: the child's mandate")


class ExportView(View):
    id: UUID
    state: Literal["asked", "ready", "ended"]
    asked_at: datetime
    ready_at: datetime | None
    ends_at: datetime | None
    size: int
    fetched: int


class ExportList(View):
    items: list[ExportView]


class ExportLink(View):
    """`url` answers once, to the person alone, until `ends_at`; ask with the same access token."""

    url: str
    ends_at: datetime


class LookView(View):
    at: datetime
    office: Text
    what: Text
    purpose: str
    about: str


class LookPage(View):
    items: list[LookView]
    next_cursor: str | None


class CorrectionAsk(Shape):
    field: Literal["name", "id_number", "other"]
    wanted: str = Field(min_length=1, max_length=200)
    why: str = Field(min_length=1, max_length=500)
    uploads: list[UUID] = Field(default_factory=list, max_length=6)


class CorrectionView(View):
    id: UUID
    field: str
    wanted: str
    why: str
    state: Literal["asked", "approved", "refused", "withdrawn"]
    asked_at: datetime
    due_on: date
    decided_at: datetime | None
    reason: str


class CorrectionList(View):
    items: list[CorrectionView]


class DeskQuery(PageQuery):
    state: Literal["asked", "approved", "refused", "withdrawn"] = "asked"


class DeskCorrectionRow(View):
    id: UUID
    field: str
    citizen_masked: str
    state: str
    asked_at: datetime
    due_on: date
    overdue: bool


class DeskCorrections(View):
    """`yours`: whether the caller's department is the data desk."""

    yours: bool
    items: list[DeskCorrectionRow]
    next_cursor: str | None


class PaperView(View):
    url: str
    thumbnail_url: str


class DeskCorrection(CorrectionView):
    citizen_masked: str
    present: str
    papers: list[PaperView]


class CorrectionDecision(Shape):
    approve: bool
    reason: str = Field(min_length=2, max_length=500)


class MatterView(View):
    code: str
    title: Text
    blocks: bool
    count: int
    link: str


class ClosureView(View):
    """`state` none or cooling; `matters` what is unfinished; `kept` what law makes us keep, under an opaque id."""

    state: Literal["none", "cooling"]
    closes_at: datetime | None
    days: int
    sign_in_keeps: bool
    matters: list[MatterView]
    kept: list[KeptView]


class ClosureAsk(Shape):
    understood: Literal[True]
