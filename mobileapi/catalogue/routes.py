"""The catalogue, open to everybody: departments, regions, themes, items, guides, my materials."""

from collections import Counter

from starlette.responses import Response

from kit.cursors import end_of, place_in
from kit.texts import Text
from kit.web import Call, get, post
from mobileapi.catalogue import search
from mobileapi.catalogue.checklist import ChecklistEntry, materials_for, refuse_strange_answers, unanswered
from mobileapi.catalogue.items import current_guide
from mobileapi.catalogue.matching import BEST, department_of
from mobileapi.catalogue.quoting import paragraphs_of
from mobileapi.catalogue.schemas import (
    Answers,
    BecauseView,
    Checklist,
    ChecklistMaterial,
    Departments,
    DepartmentSummary,
    GuideView,
    ItemQuery,
    Items,
    ItemSummary,
    Matched,
    Matches,
    Paragraphs,
    ParagraphView,
    Question,
    Regions,
    RegionView,
    SatisfiedBy,
    Themes,
    ThemeSummary,
)
from mobileapi.catalogue.shelf import Shelf, likely_items, printed_guide, shelf

FEW = 3  # a search that found fewer is helped with suggestions


async def list_departments(call: Call) -> Departments:  # noqa: ARG001 - every handler takes the call
    """All departments, the ones with most items first."""
    held = await shelf()
    counts = Counter(s.department.code for s in held.summaries.values())
    views = [
        DepartmentSummary(code=d.code, name=Text.model_validate(d.name), phone=d.phone, item_count=counts[d.code])
        for d in held.departments.values()
    ]
    return Departments(items=sorted(views, key=lambda d: (-d.item_count, d.code)))


async def list_regions(call: Call) -> Regions:  # noqa: ARG001
    """All regions, by code: parents before their children."""
    held = await shelf()
    return Regions(
        items=[
            RegionView(code=r.code, name=Text.model_validate(r.name), level=r.level, parent=r.parent_code)
            for r in held.regions.values()
        ]
    )


async def list_themes(call: Call) -> Themes:  # noqa: ARG001
    """All themes in the order they were given."""
    held = await shelf()
    counts = Counter(theme for s in held.summaries.values() for theme in s.themes)
    return Themes(
        items=[
            ThemeSummary(code=t.code, name=Text.model_validate(t.name), item_count=counts[t.code]) for t in held.themes
        ]
    )


async def list_items(call: Call, query: ItemQuery) -> Items:  # noqa: ARG001
    """Items by search, department, region and theme; best match first, or by code when nothing is searched for."""
    held = await shelf()
    ordered = await _searched(query.q, held) if query.q else list(held.summaries.values())
    wanted = _with_few_related([summary for summary in ordered if _fits(summary, query, held=held)])
    (begin,) = place_in("items", query.cursor, int) or (0,)
    page = wanted[begin : begin + query.limit]
    more = begin + query.limit < len(wanted)
    helped = search.suggestions(query.q, held.phrases) if query.q and len(wanted) < FEW else []
    return Items(items=page, next_cursor=end_of("items", begin + query.limit) if more else None, suggestions=helped)


async def _searched(q: str, held: Shelf) -> list[ItemSummary]:
    found = await search.find(q, phrases=held.phrases, synonyms=held.synonyms)
    return [held.summaries[f.code].model_copy(update={"matched": _matched(f)}) for f in found]


def _matched(found: search.Found) -> Matched:
    return Matched.model_validate({"by": found.by, "related": found.related})


def _with_few_related(ordered: list[ItemSummary]) -> list[ItemSummary]:
    """Papers like the ID card are asked for everywhere: of the items that only mention one, the first few will do."""
    meant = [summary for summary in ordered if not summary.matched.related]
    return meant + [summary for summary in ordered if summary.matched.related][: search.RELATED_SHOWN]


def _fits(summary: ItemSummary, query: ItemQuery, *, held: Shelf) -> bool:
    return (
        (query.department is None or summary.department.code == query.department)
        and (query.theme is None or query.theme in summary.themes)
        and (query.region is None or held.offered_in(summary.code, query.region))
    )


async def match_question(call: Call, body: Question) -> Matches:  # noqa: ARG001
    """The items an everyday question is probably about, at most three; none when its words fit nothing."""
    likely, held = await likely_items(body.text, region=body.region), await shelf()
    meant = department_of(likely)
    summaries = [held.summaries[m.code] for m in likely if m.code in held.summaries]
    return Matches(
        items=summaries[:BEST],
        department=next((s.department for s in summaries if s.department.code == meant), None),
    )


async def show_guide(call: Call) -> Response:
    """The guide of an item; 304 when the reader already has it (RFC 9110 §13.1.2)."""
    guide = await printed_guide(call.path("code"))
    headers = {"etag": guide.etag, "cache-control": "no-cache"}
    if _has_it_already(call.request.headers.get("if-none-match", ""), guide.etag):
        return Response(status_code=304, headers=headers)
    return Response(guide.body, media_type="application/json", headers=headers)


def _has_it_already(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


async def my_materials(call: Call, body: Answers) -> Checklist:
    """The materials one needs by one's answers, each with its reason."""
    code = call.path("code")
    version, guide = await current_guide(code)
    refuse_strange_answers(guide, body.answers)
    entries = [_entry(entry) for entry in materials_for(guide, body.answers)]
    return Checklist(item=code, version=version, materials=entries, unanswered=unanswered(guide, body.answers))


def _entry(entry: ChecklistEntry) -> ChecklistMaterial:
    m, because = entry.material, entry.because
    return ChecklistMaterial(
        code=m.code, name=m.name, necessity=m.necessity, form=m.form, copies=m.copies, source=m.source,
        issuer=m.issuer, note=m.note, reason=entry.reason,
        because=BecauseView.model_validate(because) if because else None,
        satisfied_by=SatisfiedBy(**entry.satisfied_by) if entry.satisfied_by else None,
    )  # fmt: skip


AN_ITEM = {"code": "000109101001"}


async def list_paragraphs(call: Call) -> Paragraphs:
    """What can be quoted of the guide in force, paragraph by paragraph."""
    code = call.path("code")
    version, guide = await current_guide(code)
    found = [ParagraphView(at=p.at, chapter=p.chapter, heading=p.heading, words=p.words) for p in paragraphs_of(guide)]
    return Paragraphs(code=code, version=version, items=found)


ROUTES = [
    get("/catalogue/departments", list_departments, public=True),
    get("/catalogue/regions", list_regions, public=True),
    get("/catalogue/item-themes", list_themes, public=True),
    get("/catalogue/items", list_items, cost=2, public=True),
    get("/catalogue/items/{code}", show_guide, public=True, examples=AN_ITEM, answers=(GuideView,),
        headers=("If-None-Match",)),
    get("/catalogue/items/{code}/paragraphs", list_paragraphs, public=True, examples=AN_ITEM),
    post("/catalogue/matches", match_question, cost=3, public=True),
    post("/catalogue/items/{code}/checklist", my_materials, public=True, examples=AN_ITEM),
]  # fmt: skip
