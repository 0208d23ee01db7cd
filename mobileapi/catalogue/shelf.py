"""
The shelf: the published catalogue as this process holds it, thrown away when its edition changes.

Any change to items, themes, synonyms, departments or regions gives the catalogue a new edition number; readers look at
the number at most every two seconds. A guide is thus served from memory, and never older than that.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.models import Department, Region
from kit import db
from kit.errors import NotFound
from kit.texts import Text, text
from mobileapi.catalogue import words
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.matching import Match, Matcher
from mobileapi.catalogue.models import ItemVersion, ServiceItem, SynonymGroup, Theme
from mobileapi.catalogue.schemas import DepartmentOfGuide, GuideView, ItemSummary, NamedCode
from mobileapi.catalogue.search import Phrases

LOOK_EVERY_S = 2.0
PastAnswers = Callable[[], Awaitable[Mapping[str, Sequence[tuple[str, str]]]]]
_past_answers: list[PastAnswers] = []
MATCHED = 20  # the likeliest items of the catalogue; of these, those that are offered in the region
CURRENT_GUIDES = """
SELECT v.guide FROM catalogue_item i JOIN catalogue_item_version v ON v.item_id = i.code AND v.version = i.version
ORDER BY i.code
"""


@dataclass(frozen=True)
class Printed:
    """A guide as it is sent, and the strong tag of exactly these bytes."""

    body: bytes
    etag: str


@dataclass
class Shelf:
    edition: int
    summaries: dict[str, ItemSummary]  # by code, in order of code
    regions_of: dict[str, frozenset[str]]
    phrases: dict[str, Phrases]
    departments: dict[str, Department]
    regions: dict[str, Region]
    themes: list[Theme]
    synonyms: list[list[str]]
    printed: dict[str, Printed] = field(default_factory=dict)
    matcher: Matcher | None = None  # made when the first question comes

    def offered_in(self, code: str, region: str) -> bool:
        """An item of a region is offered in everything that lies in it."""
        here: str | None = region
        for _ in range(8):
            if here is None or here in self.regions_of[code]:
                return here is not None
            here = self.regions[here].parent_code if here in self.regions else None
        return False


def install_past_answers(reader: PastAnswers) -> None:
    """`reader()` answers item → questions and answers that were published under it; the matcher learns from them."""
    _past_answers[:] = [reader]


_held: list[tuple[float, Shelf]] = []
_filling = asyncio.Lock()


async def shelf() -> Shelf:
    """The catalogue, at most two seconds old."""
    if _held and time.monotonic() - _held[0][0] < LOOK_EVERY_S:
        return _held[0][1]
    async with _filling:
        if _held and time.monotonic() - _held[0][0] < LOOK_EVERY_S:
            return _held[0][1]
        looked_at = time.monotonic()
        edition = await db.fetch_value("SELECT number FROM catalogue_edition")
        held = _held[0][1] if _held else None
        _held[:] = [(looked_at, held if held and held.edition == edition else await _filled(edition))]
        return _held[0][1]


def look_again() -> None:
    """The next reader looks at the edition at once."""
    if _held:
        _held[:] = [(float("-inf"), _held[0][1])]


def clear() -> None:
    """Throws the shelf away; another database may have been opened."""
    _held.clear()


async def _filled(edition: int) -> Shelf:
    departments = {d.code: d for d in await Department.all()}
    items = await ServiceItem.all().order_by("code")
    synonyms: list[list[str]] = [group.words for group in await SynonymGroup.all().order_by("id")]
    words.teach(word for group in synonyms for word in group)
    return Shelf(
        edition=edition,
        summaries={item.code: _summary(item, departments) for item in items},
        regions_of={item.code: frozenset(item.regions) for item in items},
        phrases={item.code: _phrases(item) for item in items},
        departments=departments,
        regions={r.code: r for r in await Region.all().order_by("code")},
        themes=await Theme.all().order_by("position", "code"),
        synonyms=synonyms,
    )


def _summary(item: ServiceItem, departments: dict[str, Department]) -> ItemSummary:
    department = NamedCode(code=item.department_code, name=_name_of(item.department_code, departments))
    return ItemSummary(
        code=item.code, name=Text.model_validate(item.name), department=department, themes=item.themes, **_shown(item)
    )


def _shown(item: ServiceItem) -> dict[str, Any]:
    names = ("case_type", "online", "promised_limit", "fee", "visits", "assurance")
    return {name: item.summary[name] for name in names}


def _name_of(code: str, departments: dict[str, Department]) -> Text:
    return Text.model_validate(departments[code].name) if code in departments else text(code)


def _phrases(item: ServiceItem) -> Phrases:
    return Phrases(words.normal(item.name["zh"]), tuple(words.normal(alias) for alias in item.summary["aliases"]))


async def printed_guide(code: str) -> Printed:
    """The current guide, ready to send. Raises NotFound."""
    held = await shelf()
    if code not in held.summaries:
        raise NotFound
    if code not in held.printed:
        held.printed[code] = await _print(code, held)
    return held.printed[code]


async def _print(code: str, held: Shelf) -> Printed:
    row = await ItemVersion.filter(item_id=code).order_by("-version").first()
    if row is None:
        raise NotFound
    guide = Guide.model_validate(row.guide)
    department = held.departments.get(guide.department)
    shared = (GuideView.model_fields.keys() & Guide.model_fields.keys()) - {"department"}
    view = GuideView(
        **{name: getattr(guide, name) for name in shared},
        department=DepartmentOfGuide(
            code=guide.department, name=_name_of(guide.department, held.departments),
            phone=department.phone if department else "",
        ),
        version=row.version, effective_from=row.effective_from,
    )  # fmt: skip
    body = json.dumps(view.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")).encode()
    return Printed(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


async def matcher() -> Matcher:
    """The index by which everyday questions find their item; made in a thread, once an edition."""
    held = await shelf()
    if held.matcher is None:
        rows = await db.fetch(CURRENT_GUIDES)
        past = await _past_answers[0]() if _past_answers else {}
        held.matcher = await asyncio.to_thread(_indexed, [row["guide"] for row in rows], held.synonyms, past=past)
    return held.matcher


async def likely_items(question: str, *, region: str | None = None) -> list[Match]:
    """The items an everyday question is probably about, best first, of those offered in the region."""
    found, held = (await matcher()).best(question, most=MATCHED), await shelf()
    known = [m for m in found if m.code in held.summaries]
    return [m for m in known if not region or held.offered_in(m.code, region)]


def _indexed(
    guides: list[str], synonyms: list[list[str]], *, past: Mapping[str, Sequence[tuple[str, str]]]
) -> Matcher:  # fmt: skip
    return Matcher([Guide.model_validate_json(guide) for guide in guides], synonyms, past=past)
