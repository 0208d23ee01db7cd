"""People's rights over their own data: notice, consents, export, who looked, correction, closure."""

from datetime import date, datetime
from uuid import UUID

from starlette.responses import Response

from auth.access import own_citizen
from auth.citizens import citizen, masked_name, masked_phone, open_id_number, open_name
from auth.models import Citizen
from auth.privacy import closures, consents, contributors, corrections, exports, lookups, notices, papers
from auth.privacy.config import PrivacySettings
from auth.privacy.consents import Held
from auth.privacy.contributors import Kept
from auth.privacy.corrections import Wish, opened
from auth.privacy.laws import law
from auth.privacy.lookups import Look
from auth.privacy.models import CorrectionRequest
from auth.privacy.schemas import (
    ClosureAsk,
    ClosureView,
    ConsentList,
    ConsentSaid,
    ConsentView,
    CorrectionAsk,
    CorrectionDecision,
    CorrectionList,
    CorrectionView,
    DeskCorrection,
    DeskCorrectionRow,
    DeskCorrections,
    DeskQuery,
    ExportLink,
    ExportList,
    ExportView,
    KeptList,
    KeptView,
    LookPage,
    LookView,
    MatterView,
    NoticeQuery,
    NoticeView,
    PaperView,
)
from auth.roles import CITIZEN_ROLES
from kit import audit, clock
from kit.config import current
from kit.cursors import end_of, place_in
from kit.web import Call, PageQuery, delete, get, post, put

DESK = frozenset({"clerk", "supervisor"})


async def read_notice(call: Call, query: NoticeQuery) -> NoticeView:
    """The privacy notice in force, or an earlier version."""
    found = notices.notice(query.version)
    return NoticeView(
        version=found.version, text=found.in_language(call.language), sha256=found.digest,
        versions=[n.version for n in notices.versions()],
    )  # fmt: skip


async def what_is_kept(call: Call) -> KeptList:  # noqa: ARG001 - every handler takes the call
    """What the office keeps of people, and why."""
    return KeptList(items=_kept())


def _kept(*, after_closure: bool = False) -> list[KeptView]:
    """Each kind of data once, as people would name it; what differs in nothing they are told is one."""
    found = {
        (k.what.zh, k.why.zh, k.ground, k.kept_for.zh, k.at_closure): _kept_view(k)
        for k in contributors.kept()
        if not after_closure or k.at_closure != "deleted"
    }
    return list(found.values())


def _kept_view(k: Kept) -> KeptView:
    return KeptView(what=k.what, why=k.why, ground=law(k.ground), kept_for=k.kept_for, at_closure=k.at_closure)


async def my_consents(call: Call) -> ConsentList:
    """Every purpose, its ground, and what one last said to it."""
    held = await consents.of_citizen(call.actor.id)
    return ConsentList(items=[_consent(h) for h in held], version=notices.present().version)


async def say_consent(call: Call, body: ConsentSaid) -> ConsentView:
    """Agree to a purpose, or take it back."""
    scope = {"ward": body.ward} if body.ward else {}
    purpose = call.path("purpose")
    return _consent(await consents.say(call.actor, purpose, given=body.given, version=body.version, scope=scope))


def _consent(held: Held) -> ConsentView:
    p = held.purpose
    return ConsentView(
        purpose=p.code, ground=p.ground.value, title=p.title, what=p.what, effect=p.effect, needed_for=p.needed_for,
        standing=held.standing.value, version=held.version, at=held.at,
    )  # fmt: skip


async def ask_export(call: Call) -> ExportView:
    """A copy of everything about oneself; needs a fresh sign-in."""
    return ExportView.model_validate(await exports.ask(call.actor))


async def my_exports(call: Call) -> ExportList:
    return ExportList(items=[ExportView.model_validate(e) for e in await exports.of_citizen(call.actor.id)])


async def link_export(call: Call) -> ExportLink:
    """A link that opens the copy once, for the one it is about."""
    id_ = call.path_id("id")
    ticket = await exports.link(call.actor, id_)
    return ExportLink(url=f"/api/v1/me/exports/{id_}/files/{ticket.text}", ends_at=ticket.ends_at)


async def fetch_export(call: Call) -> Response:
    content = await exports.fetch(call.actor, call.path_id("id"), ticket=call.path("ticket"))
    headers = {"content-disposition": 'attachment; filename="my-data.zip"', "cache-control": "no-store"}
    return Response(content, media_type="application/zip", headers=headers)


async def who_looked(call: Call, query: PageQuery) -> LookPage:
    """Every act of staff about oneself, the latest first."""
    (before,) = place_in("looks", query.cursor, int) or (None,)
    looks = await lookups.of_citizen(await own_citizen(call.actor), limit=query.limit + 1, before=before)
    shown = looks[: query.limit]
    more = end_of("looks", shown[-1].seq) if len(looks) > query.limit else None
    return LookPage(items=[_look(look, language=call.language) for look in shown], next_cursor=more)


def _look(look: Look, *, language: str) -> LookView:
    purpose = look.purpose.in_language(language)
    return LookView(at=look.at, office=look.office, what=look.what, purpose=purpose, about=look.about)


async def ask_correction(call: Call, body: CorrectionAsk) -> CorrectionView:
    """Say what is wrong and what would be right; staff answer within working days."""
    wish = Wish(field=body.field, wanted=body.wanted, why=body.why, photos=body.uploads)
    return _correction(await corrections.ask(call.actor, wish))


async def my_corrections(call: Call) -> CorrectionList:
    return CorrectionList(items=[_correction(c) for c in await corrections.of_citizen(call.actor.id)])


async def withdraw_correction(call: Call) -> CorrectionView:
    return _correction(await corrections.withdraw(call.actor, call.path_id("id")))


def _correction(request: CorrectionRequest) -> CorrectionView:
    words = opened(request)
    return CorrectionView(
        id=request.id, field=request.field, wanted=words.wanted, why=words.why, state=request.state,
        asked_at=request.asked_at, due_on=request.due_on, decided_at=request.decided_at, reason=words.reason,
    )  # fmt: skip


async def desk_corrections(call: Call, query: DeskQuery) -> DeskCorrections:
    """The work list of the data desk, the earliest due first; empty for other departments."""
    after = place_in("desk corrections", query.cursor, date, datetime, UUID)
    rows = await corrections.on_desk(call.actor, state=query.state, limit=query.limit + 1, after=after)
    people = {p.id: p for p in await Citizen.filter(id__in={row.citizen for row in rows})}
    shown = rows[: query.limit]
    last = shown[-1] if len(rows) > query.limit else None
    more = end_of("desk corrections", last.due_on, last.asked_at, last.id) if last else None
    items = [_row(row, people.get(row.citizen)) for row in shown]
    return DeskCorrections(yours=await corrections.is_data_desk(call.actor), items=items, next_cursor=more)


def _row(request: CorrectionRequest, person: Citizen | None) -> DeskCorrectionRow:
    overdue = request.decided_at is None and request.due_on < clock.today()
    return DeskCorrectionRow(
        id=request.id, field=request.field, citizen_masked=_masked(person), state=request.state,
        asked_at=request.asked_at, due_on=request.due_on, overdue=overdue,
    )  # fmt: skip


def _masked(person: Citizen | None) -> str:
    return (masked_name(person) or masked_phone(person) or "—") if person else "—"


async def read_correction(call: Call) -> DeskCorrection:
    """One request with what is kept now; that it was read is audited."""
    return await _on_desk(call, await corrections.desk_correction(call.actor, call.path_id("id")))


async def decide_correction(call: Call, body: CorrectionDecision) -> DeskCorrection:
    request = await corrections.decide(call.actor, call.path_id("id"), approve=body.approve, reason=body.reason)
    return await _on_desk(call, request)


async def _on_desk(call: Call, request: CorrectionRequest) -> DeskCorrection:
    person = await citizen(request.citizen)
    present = {"name": open_name, "id_number": open_id_number}.get(request.field, lambda _: None)(person) or ""
    await audit.record(
        actor=call.actor.name, action="correction.read", subject=f"correction:{request.id}", purpose="correction",
        field=request.field,
    )  # fmt: skip
    photos = await papers.shown(request, reader=call.actor.name)
    return DeskCorrection(
        **_correction(request).model_dump(), citizen_masked=_masked(person), present=present,
        papers=[PaperView(url=p.url, thumbnail_url=p.thumbnail_url) for p in photos],
    )  # fmt: skip


async def read_closure(call: Call) -> ClosureView:
    """What closing the account would mean: what is unfinished, what goes, what law keeps."""
    return await _closure(call)


async def ask_closure(call: Call, body: ClosureAsk) -> ClosureView:  # noqa: ARG001 - its one field is a promise
    await closures.ask(call.actor)
    return await _closure(call)


async def cancel_closure(call: Call) -> ClosureView:
    """Keep the account."""
    await closures.cancel(call.actor)
    return await _closure(call)


async def _closure(call: Call) -> ClosureView:
    person, settings = await own_citizen(call.actor), current(PrivacySettings)
    under_way = await closures.present(person.id)
    return ClosureView(
        state="cooling" if under_way else "none", closes_at=under_way.closes_at if under_way else None,
        days=settings.closure_days, sign_in_keeps=settings.closure_sign_in_keeps, kept=_kept(after_closure=True),
        matters=[MatterView.model_validate(m) for m in await contributors.matters_of(person)],
    )  # fmt: skip


ROUTES = [
    get("/privacy/notice", read_notice, public=True, reach="public"),
    get("/privacy/kept", what_is_kept, public=True, reach="public"),
    get("/me/consents", my_consents, roles=CITIZEN_ROLES, reach="self"),
    put("/me/consents/{purpose}", say_consent, roles=CITIZEN_ROLES, reach="self", examples={"purpose": "reminders"}),
    get("/me/exports", my_exports, roles=CITIZEN_ROLES, reach="self"),
    post("/me/exports", ask_export, cost=20, roles=CITIZEN_ROLES, reach="self", status=201, idempotent=True),
    post("/me/exports/{id}/link", link_export, roles=CITIZEN_ROLES, reach="self", status=201),
    get(
        "/me/exports/{id}/files/{ticket}", fetch_export, roles=CITIZEN_ROLES, reach="self", media="application/zip",
        examples={"ticket": "x"},
    ),
    get("/me/lookups", who_looked, roles=CITIZEN_ROLES, reach="self"),
    get("/me/corrections", my_corrections, roles=CITIZEN_ROLES, reach="self"),
    post("/me/corrections", ask_correction, roles=CITIZEN_ROLES, reach="self", status=201, idempotent=True),
    delete("/me/corrections/{id}", withdraw_correction, roles=CITIZEN_ROLES, reach="self"),
    get("/me/closure", read_closure, roles=CITIZEN_ROLES, reach="self"),
    post("/me/closure", ask_closure, roles=CITIZEN_ROLES, reach="self", status=201, idempotent=True),
    delete("/me/closure", cancel_closure, roles=CITIZEN_ROLES, reach="self"),
    get("/desk/corrections", desk_corrections, roles=DESK, reach="department"),
    get("/desk/corrections/{id}", read_correction, roles=DESK, reach="department"),
    post("/desk/corrections/{id}/decision", decide_correction, roles=DESK, reach="department", idempotent=True),
]  # fmt: skip
