"""Days, closes and statements as finance sees them."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record

from kit import clock
from kit.texts import Text
from kit.web import Actor
from payments.closing import closes, statements
from payments.closing.figures import accounts, span_of
from payments.closing.models import DayClose, Statement
from payments.closing.schemas import (
    AccountView,
    CloseView,
    DayRow,
    DayView,
    ObstacleView,
    RunBrief,
    StatementBrief,
)
from payments.desk.schemas import PersonView
from payments.desk.views import People, people_named
from payments.treasury.board import name_of


def staff_id(actor: str | None) -> UUID | None:
    """The id in `staff:UUID`; None for whatever else acted."""
    kind, _, id_ = (actor or "").partition(":")
    return UUID(id_) if kind == "staff" else None


async def _names(actors: Iterable[str | None]) -> People:
    return await people_named(staff_id(actor) for actor in actors)


def _person(actor: str | None, names: People) -> PersonView | None:
    id_ = staff_id(actor)
    return PersonView(id=id_, name=names.get(id_, "")) if id_ is not None else None


async def days_shown(rows: Sequence[Record]) -> list[DayRow]:
    """Days of `closes.days`; what stands in the way is looked at for the days that are open."""
    names = await _names(row["closed_by"] for row in rows)
    return [await _day(row, names) for row in rows]


async def _day(row: Record, names: People) -> DayRow:
    found = [] if row["id"] else await closes.obstacles(row["day"])
    return DayRow(
        day=row["day"], state=_state(row, ready=not found), number=row["number"], closes=row["closes"],
        statements=row["statements"], closed_at=row["closed_at"], closed_by=_person(row["closed_by"], names),
        obstacles=[ObstacleView.model_validate(obstacle) for obstacle in found],
    )  # fmt: skip


def _state(row: Record, *, ready: bool) -> str:
    if row["id"] is not None:
        return "reopen_asked" if row["reopen_asked_by"] else "closed"
    if row["day"] == clock.today():
        return "today"
    return "ready" if ready else "open"


async def day_shown(day: date, *, actor: Actor) -> DayView:
    """One day in figures, its closes, its statements, and what this person may do."""
    history = await closes.closes_of(day)
    (row,) = await closes.days(before=day, count=1)
    span = span_of(day)
    names = await _names(who for c in history for who in (c.closed_by, c.reopen_asked_by, c.reopened_by))
    brief = await _day(row, names)
    papers = await Statement.filter(day=day).select_related("close").order_by("department_code", "-made_at")
    finance = "finance" in actor.roles
    return DayView(
        **{name: getattr(brief, name) for name in DayRow.model_fields},
        time_zone=clock.city_zone().key, since=span.since, until=span.until,
        accounts=await _accounts(day, history), runs=[_run(r) for r in await closes.runs_of(span)],
        history=[_close(c, names) for c in history], papers=[paper(s) for s in papers],
        may_close=finance and brief.state == "ready", may_ask=finance and brief.state == "closed",
        may_decide=finance and row["reopen_asked_by"] not in {None, actor.name},
    )  # fmt: skip


async def _accounts(day: date, history: Sequence[DayClose]) -> list[AccountView]:
    """As it was summed up; of an open day as it is now."""
    if history and history[0].reopened_at is None:
        kept = history[0].summary["accounts"]
        return [AccountView(name=name_of(account["account"]), **account) for account in kept]
    return [
        AccountView(
            account=a.name, name=name_of(a.name), opening_fen=a.opening_fen, debit_fen=a.debit_fen,
            credit_fen=a.credit_fen, closing_fen=a.closing_fen, entries=a.entries,
        )
        for a in await accounts(span_of(day))
    ]  # fmt: skip


def _run(row: Record) -> RunBrief:
    return RunBrief(
        channel=row["channel"], run=row["id"], state=row["state"], matched=row["matched"], bill_sha1=row["sha1"],
        carried_over=row["open"] or 0,
    )  # fmt: skip


def _close(close: DayClose, names: People) -> CloseView:
    return CloseView(
        id=close.id, number=close.number, closed_by=_person(close.closed_by, names), closed_at=close.closed_at,
        reopen_asked_by=_person(close.reopen_asked_by, names), reopen_asked_at=close.reopen_asked_at,
        reopen_reason=close.reopen_reason, reopened_by=_person(close.reopened_by, names), reopened_at=close.reopened_at,
    )  # fmt: skip


def paper(statement: Statement) -> StatementBrief:
    """A statement in a line."""
    content = json.loads(statement.content)
    return StatementBrief(
        id=statement.id, number=statements.number_of(statement), close=content["close"],
        department=statement.department_code, name=Text.model_validate(content["body"]["name"]),
        received_fen=content["totals"]["received_fen"], returned_fen=content["totals"]["returned_fen"],
        handed_fen=content["totals"]["handed_fen"],
        closing_fen=content["totals"]["closing_fen"], entries=content["entries"], digest=statement.digest,
        verify_url=statements.verify_url(statement), replaced=statement.close.reopened_at is not None,
    )  # fmt: skip
