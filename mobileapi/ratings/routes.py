"""Ratings: of one's own matters, and what supervisors make of the bad ones."""

from datetime import date
from uuid import UUID

from auth.callers import who_is
from auth.models import Department, StaffMember
from auth.reading import let_read, note_look
from auth.rights import Values, condition
from chat.access import own as own_conversation
from kit import audit, clock, db
from kit.config import current
from kit.cursors import end_of, place_in
from kit.reach import Reach
from kit.texts import Text, text
from kit.web import Call, get, post
from mobileapi.applications.access import own_application
from mobileapi.catalogue.items import names_of
from mobileapi.ratings import cases, figures, rectifications, schemas, views
from mobileapi.ratings.access import columns, desk_rectification, own_rectification
from mobileapi.ratings.config import RatingSettings
from mobileapi.ratings.errors import NotDecidedYet
from mobileapi.ratings.levels import LEVELS
from mobileapi.ratings.models import Rectification
from mobileapi.ratings.rules import open_until

CITIZEN, SUPERVISOR = {"citizen"}, {"supervisor"}
FIGURES: dict[str, Reach] = {"clerk": "self", "supervisor": "department", "auditor": "all", "admin": "all"}

LISTED = """
SELECT r.id FROM ratings_rectification r WHERE r.state = ANY ($1) AND r.rated IS DISTINCT FROM $2
AND ($3::date IS NULL OR (r.due, r.id) > ($3, $4::uuid)) AND {seen} ORDER BY r.due, r.id LIMIT $5
"""


async def list_levels(call: Call) -> schemas.LevelList:  # noqa: ARG001 - every handler takes the call
    """The five levels and the reasons offered with each."""
    shown = [schemas.LevelView.model_validate(level, from_attributes=True) for level in LEVELS]
    return schemas.LevelList(items=shown, days=current(RatingSettings).rating_days)


async def rate_application(call: Call, body: schemas.Rate) -> schemas.OwnRatingView:
    """Rate a decided case, once; also for somebody one files for."""
    case = call.path_id("id")
    await cases.rate(call.actor, case, level=body.level, reasons=body.reasons, comment=body.comment)
    return await _own("application", case)


async def show_application_rating(call: Call) -> schemas.OwnRatingView:
    case = await own_application(call.actor, call.path_id("id"))
    shown = await _own("application", case.id)
    try:
        shown.open_until = clock.city_time(open_until(cases.ended_at(case))) if shown.rating is None else None
    except NotDecidedYet:
        shown.open_until = None
    return shown


async def show_conversation_rating(call: Call) -> schemas.OwnRatingView:
    talk = await own_conversation(call.actor, call.path_id("id"))
    shown = await _own("conversation", talk.id)
    if shown.rating is None and talk.closed_at is not None:
        shown.open_until = clock.city_time(open_until(talk.closed_at))
    return shown


async def _own(kind: str, about: UUID) -> schemas.OwnRatingView:
    return schemas.OwnRatingView(
        rating=await views.rating_of(kind, about), open_until=None, result=await views.result_of(kind, about)
    )


async def show_result(call: Call) -> schemas.ResultView:
    """What became of one's bad rating."""
    return views.result_view(await own_rectification(call.actor, call.path_id("id")))


async def rate_result(call: Call, body: schemas.RateResult) -> schemas.ResultView:
    """Say whether it was put right, once."""
    found = await own_rectification(call.actor, call.path_id("id"))
    await rectifications.rate_result(found, level=body.level, comment=body.comment)
    return views.result_view(await Rectification.get(id=found.id))


async def list_rectifications(call: Call, query: schemas.DeskQuery) -> schemas.DeskPage:
    """Of one's departments, what is due first comes first; nothing about oneself."""
    who = await who_is(call.actor)
    states = ["open", "answered", "contested"] if query.state == "waiting" else [query.state]
    after = place_in("rectifications", query.cursor, date, UUID) or (None, None)
    values = Values([states, who.id, *after, query.limit + 1])
    seen = condition(who, "rectification", columns(), values=values)
    ids = [row["id"] for row in await db.fetch(LISTED.format(seen=seen), *values.given)]
    found = {r.id: r for r in await Rectification.filter(id__in=ids)}
    page = [found[id_] for id_ in ids[: query.limit]]
    await note_look(call.actor, "rectifications", purpose="ratings", state=query.state)
    more = end_of("rectifications", page[-1].due, page[-1].id) if len(ids) > query.limit else None
    return schemas.DeskPage(items=await views.rows_of(page, reader=who.id), next_cursor=more)


async def read_rectification(call: Call) -> schemas.DeskView:
    """One, with who rated whom and what was done; that it was read is counted and audited."""
    found = await _opened(call)
    await audit.record(actor=call.actor.name, action="rectification.read", subject=f"rectification:{found.id}")
    return await _shown(call, found)


async def note_contact(call: Call, body: schemas.NoteContact) -> schemas.DeskView:
    found = await _opened(call)
    await rectifications.note_contact(found, by=call.actor.id, way=body.way, reached=body.reached, note=body.note)
    return await _shown(call, found)


async def answer(call: Call, body: schemas.Answer) -> schemas.DeskView:
    found = await _opened(call)
    await rectifications.answer(
        found, by=call.actor.id, finding=body.finding, measures=body.measures, version=body.version
    )
    return await _shown(call, found)


async def confirm(call: Call, body: schemas.Confirm) -> schemas.DeskView:
    """Another person accepts the answer, or returns it with a reason."""
    found = await _opened(call)
    await rectifications.confirm(found, by=call.actor.id, accept=body.accept, note=body.note, version=body.version)
    return await _shown(call, found)


async def contest(call: Call, body: schemas.Contest) -> schemas.DeskView:
    """Hold the rating to be unfair; it counts until another person has agreed."""
    found = await _opened(call)
    await rectifications.contest(found, by=call.actor.id, reason=body.reason, version=body.version)
    return await _shown(call, found)


async def decide_contest(call: Call, body: schemas.DecideContest) -> schemas.DeskView:
    """Another person decides whether the rating counts."""
    found = await _opened(call)
    await rectifications.decide_contest(found, by=call.actor.id, void=body.void, note=body.note, version=body.version)
    return await _shown(call, found)


async def _opened(call: Call) -> Rectification:
    found = await desk_rectification(call.actor, call.path_id("id"))
    await let_read(call.actor, found.citizen)
    return found


async def _shown(call: Call, found: Rectification) -> schemas.DeskView:
    return await views.desk_view(await Rectification.get(id=found.id), reader=call.actor.id)


async def show_figures(call: Call, query: schemas.FiguresQuery) -> schemas.FiguresView:
    """How satisfied people are; of who has no rank, with their own work only."""
    who, (since, until) = await who_is(call.actor), query.days()
    if who.roles & {"supervisor", "auditor", "admin"}:
        found = await figures.figures(who, by=query.by, since=since, until=until)
    else:
        found = [await figures.of_clerk(who.id, since=since, until=until)]
    names = await _names_of(query.by if who.roles != {"clerk"} else "clerk", [f.group for f in found])
    rows = [
        schemas.FiguresRow(
            code=f.group, name=names.get(f.group) or text(f.group), ratings=f.ratings, levels=f.levels,
            satisfied=f.satisfied, rectified=f.rectified, void=f.void,
        )
        for f in found
    ]  # fmt: skip
    least = current(RatingSettings).rating_smallest
    return schemas.FiguresView(since=since, until=until, smallest=least, items=rows)


async def _names_of(by: str, groups: list[str]) -> dict[str, Text]:
    if by == "item":
        return await names_of(groups)
    if by == "department":
        return {d.code: Text.model_validate(d.name) for d in await Department.filter(code__in=groups)}
    return {str(id_): text(name) for id_, name in await StaffMember.filter(id__in=groups).values_list("id", "name")}


DESK = "/desk/rectifications"
ROUTES = [
    get("/ratings/levels", list_levels, public=True),
    post("/applications/{id}/rating", rate_application, roles=CITIZEN, reach="own", status=201),
    get("/applications/{id}/rating", show_application_rating, roles=CITIZEN, reach="own"),
    get("/consultations/{id}/rating", show_conversation_rating, roles=CITIZEN, reach="own"),
    get("/rectifications/{id}", show_result, roles=CITIZEN, reach="own"),
    post("/rectifications/{id}/rating", rate_result, roles=CITIZEN, reach="own", status=201),
    get(DESK, list_rectifications, roles=SUPERVISOR, reach="department"),
    get(f"{DESK}/{{id}}", read_rectification, roles=SUPERVISOR, reach="department"),
    post(f"{DESK}/{{id}}/contacts", note_contact, roles=SUPERVISOR, reach="department", status=201),
    post(f"{DESK}/{{id}}/answer", answer, roles=SUPERVISOR, reach="department"),
    post(f"{DESK}/{{id}}/confirmation", confirm, roles=SUPERVISOR, reach="department"),
    post(f"{DESK}/{{id}}/contest", contest, roles=SUPERVISOR, reach="department"),
    post(f"{DESK}/{{id}}/contest-decision", decide_contest, roles=SUPERVISOR, reach="department"),
    get("/desk/rating-figures", show_figures, cost=5, roles=set(FIGURES), reach=FIGURES),
]
