"""How ratings and rectifications are shown: to who gave them, and to supervisors."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from auth.models import Department, StaffMember
from chat.people import citizen_name
from kit import clock, db, workdays
from kit.texts import Text, text
from kit.workdays import Calendar
from mobileapi.applications import clocks
from mobileapi.catalogue.items import names_of
from mobileapi.ratings import schemas
from mobileapi.ratings.given import GIVEN
from mobileapi.ratings.levels import NAMES, words_of
from mobileapi.ratings.models import Contact, Rectification, RectificationChange
from mobileapi.ratings.states import FOUND, WORDS, Finding, Way
from mobileapi.ratings.states import RectificationState as S

RATING = f"SELECT level, reasons, comment, at FROM {GIVEN} r WHERE kind = $1 AND about = $2"  # noqa: S608 - ours


TOLD = {  # to the citizen
    S.open: text("整改中", "Being put right"),
    S.void: text("已核实，本次评价不计入统计", "Looked into; not counted"),
}


async def rating_of(kind: str, about: UUID) -> schemas.GivenView | None:
    rows = await db.fetch(RATING, kind, about)
    if not rows:
        return None
    row = rows[0]
    return schemas.GivenView(
        level=row["level"], name=NAMES[row["level"]], reasons=words_of(json.loads(row["reasons"])),
        comment=row["comment"], at=clock.city_time(row["at"]),
    )  # fmt: skip


async def result_of(kind: str, about: UUID) -> schemas.ResultView | None:
    found = await Rectification.get_or_none(kind=kind, about=about)
    return result_view(found) if found else None


def result_view(found: Rectification) -> schemas.ResultView:
    """What the citizen is told. While two people look at whether it is fair, it is simply being handled."""
    done = found.state == S.confirmed
    told = S.confirmed if done else S.void if found.state == S.void else S.open
    return schemas.ResultView(
        id=found.id, kind=found.kind, about=found.about, state=told, state_text=TOLD.get(told, WORDS[told]),
        due=found.due,
        finding=FOUND[Finding(found.finding)] if done else None, measures=found.measures if done else "",
        done_at=clock.city_time(found.confirmed_at) if done and found.confirmed_at else None,
        level=found.result_level, comment=found.result_comment, may_rate=done and found.result_level is None,
    )  # fmt: skip


async def rows_of(found: list[Rectification], *, reader: UUID) -> list[schemas.DeskRow]:
    """For a list: a handful of statements, whatever its length."""
    items = await names_of({f.item_code for f in found if f.item_code})
    desks = {d.code: Text.model_validate(d.name) for d in await Department.all()}
    people = await _names({f.owner for f in found if f.owner})
    calendar, levels = await workdays.calendar(), await _levels(found)
    return [
        schemas.DeskRow(
            id=f.id, kind=f.kind, item=_named(f.item_code, items), department=_named(f.department_code, desks),
            level=levels[f.about], level_text=NAMES[levels[f.about]], state=S(f.state), state_text=WORDS[S(f.state)],
            owner=_person(f.owner, people), mine=f.owner == reader, opened_at=clock.city_time(f.opened_at), due=f.due,
            **_light(f, calendar),
        )
        for f in found
    ]  # fmt: skip


def _light(found: Rectification, calendar: Calendar) -> dict[str, Any]:
    since = clock.city_time(found.opened_at).date()
    stands = clocks.standing(since, due_on=found.due, today=clock.today(), calendar=calendar)
    running = found.state not in {S.confirmed, S.void}
    return {"working_days_left": stands.left, "light": stands.light if running else "green"}


async def _levels(found: list[Rectification]) -> dict[UUID, int]:
    sql = f"SELECT about, level FROM {GIVEN} r WHERE about = ANY ($1)"  # noqa: S608 - ours
    return {row["about"]: row["level"] for row in await db.fetch(sql, [f.about for f in found])}


async def desk_view(found: Rectification, *, reader: UUID) -> schemas.DeskView:
    """One, with everything that was said and done about it."""
    row = (await rows_of([found], reader=reader))[0]
    rating = await rating_of(found.kind, found.about)
    assert rating is not None, "a rectification has its rating"
    contacts = await Contact.filter(rectification=found).order_by("at")
    changes = await RectificationChange.filter(rectification=found).order_by("id")
    acting = {UUID(c.actor.partition(":")[2]) for c in changes if c.actor.startswith("staff:")}
    known = {found.rated, found.answered_by, found.contested_by, *acting, *(c.by for c in contacts)} - {None}
    people = await _names(known)  # type: ignore[arg-type]
    return schemas.DeskView(
        **row.model_dump(), about=found.about, citizen=await citizen_name(found.citizen),
        rated=_person(found.rated, people), reasons=rating.reasons, comment=rating.comment,
        contact_due=found.contact_due, escalation=found.escalation,
        contacts=[_contact(c, people) for c in contacts],
        finding=Finding(found.finding) if found.finding else None,
        finding_text=FOUND[Finding(found.finding)] if found.finding else None, measures=found.measures,
        answered_by=people.get(found.answered_by) if found.answered_by else None, contest_reason=found.contest_reason,
        contested_by=people.get(found.contested_by) if found.contested_by else None,
        result_level=found.result_level, result_comment=found.result_comment,
        history=[_change(c, people) for c in changes], actions=actions(found, reader, called=bool(contacts)),
        version=found.version,
    )  # fmt: skip


def actions(found: Rectification, reader: UUID, *, called: bool) -> list[schemas.Action]:
    """What this person may do about it now."""
    if found.state == S.open:
        return ["contact", "answer", "contest"] if called else ["contact", "contest"]
    if found.state == S.answered:
        return ["confirm"] if found.answered_by != reader else []
    if found.state == S.contested:
        return ["decide"] if found.contested_by != reader else []
    return []


def _contact(tried: Contact, people: dict[UUID, str]) -> schemas.ContactView:
    return schemas.ContactView(
        at=clock.city_time(tried.at), by=people.get(tried.by, ""), way=Way(tried.way), reached=tried.reached,
        note=tried.note,
    )  # fmt: skip


def _change(change: RectificationChange, people: dict[UUID, str]) -> schemas.ChangeView:
    kind, _, id_ = change.actor.partition(":")
    by = people.get(UUID(id_), "") if kind == "staff" else "系统"
    return schemas.ChangeView(
        at=clock.city_time(change.at), by=by, state_text=WORDS[S(change.to_state)], note=change.note
    )


async def _names(ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(await StaffMember.filter(id__in=list(ids)).values_list("id", "name"))


def _person(id: UUID | None, names: dict[UUID, str]) -> schemas.PersonView | None:  # noqa: A002
    return schemas.PersonView(id=id, name=names.get(id, "")) if id else None


def _named(code: str | None, names: dict[str, Text]) -> schemas.NamedCode | None:
    return schemas.NamedCode(code=code, name=names.get(code) or text(code)) if code else None
