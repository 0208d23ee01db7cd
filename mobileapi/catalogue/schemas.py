"""What is asked of the catalogue, and what it answers."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from mobileapi.catalogue.guide import (
    Channels,
    Faq,
    Fee,
    FormField,
    GuideMaterial,
    GuideQuestion,
    LegalBasis,
    Place,
    Result,
    Step,
    TimeLimit,
)

CODE = Field(None, max_length=40)


class NamedCode(View):
    code: str
    name: Text


class DepartmentSummary(NamedCode):
    phone: str
    item_count: int


class RegionView(NamedCode):
    level: str
    parent: str | None


class ThemeSummary(NamedCode):
    item_count: int


class Departments(View):
    items: list[DepartmentSummary]


class Regions(View):
    items: list[RegionView]


class Themes(View):
    items: list[ThemeSummary]


class ParagraphView(View):
    """`at`: its name, as cards and quick replies give it."""

    at: str
    chapter: str
    heading: Text
    words: Text


class Paragraphs(View):
    code: str
    version: int
    items: list[ParagraphView]


class FeeSummary(View):
    charged: bool
    amount_fen: int


class Matched(View):
    """
    Where the search met the query; null when nothing was searched for. `related`: other items are plainly meant, and
    this one only mentions them.
    """

    by: Literal["name", "alias", "word", "guide"] | None
    related: bool = False


class ItemSummary(View):
    code: str
    name: Text
    department: NamedCode
    themes: list[str]
    case_type: str
    online: str
    promised_limit: TimeLimit
    fee: FeeSummary
    visits: int
    assurance: str
    matched: Matched = Matched(by=None)


class ItemQuery(PageQuery):
    q: str = Field("", max_length=100)
    department: str | None = CODE
    region: str | None = CODE
    theme: str | None = CODE


class Items(View):
    items: list[ItemSummary]
    next_cursor: str | None
    suggestions: list[str]


class Question(Shape):
    """A question in somebody's own words."""

    text: str = Field(min_length=1, max_length=1000)
    region: str | None = CODE


class Matches(View):
    """The items a question is probably about, likeliest first; the department when the words leave no doubt."""

    items: list[ItemSummary]
    department: NamedCode | None


class DepartmentOfGuide(NamedCode):
    phone: str


class GuideView(View):
    """The guide as citizens read it; the clerks' review points are not part of it."""

    code: str
    implementation_code: str
    version: int
    effective_from: datetime
    name: Text
    aliases: list[str]
    department: DepartmentOfGuide
    kind: str
    case_type: str
    audience: list[str]
    themes: list[str]
    regions: list[str]
    legal_basis: list[LegalBasis]
    conditions: list[Text]
    materials: list[GuideMaterial]
    questions: list[GuideQuestion]
    form: list[FormField]
    steps: list[Step]
    statutory_limit: TimeLimit
    promised_limit: TimeLimit
    fee: Fee
    result: Result
    visits: int
    online: str
    assurance: str
    places: list[Place]
    channels: Channels
    faq: list[Faq]
    remedies: Text


class Answers(Shape):
    answers: dict[str, str] = Field(default_factory=dict, max_length=40)


class BecauseView(View):
    question: str
    value: str
    answer: Text


class SatisfiedBy(View):
    """What stands in for the material: `shared_data` (offices hold it themselves) or, later, a certificate."""

    kind: str


class ChecklistMaterial(View):
    code: str
    name: Text
    necessity: str
    form: str
    copies: int
    source: str
    issuer: Text | None
    note: Text | None
    reason: Text
    because: BecauseView | None
    satisfied_by: SatisfiedBy | None


class Checklist(View):
    item: str
    version: int
    materials: list[ChecklistMaterial]
    unanswered: list[str]
