"""Differences, exceptions and proposals as finance sees them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from auth.models import StaffMember
from kit import clock, db
from kit.errors import HouseError
from kit.web import Actor
from payments.desk import matters
from payments.desk.booking import postings_for
from payments.desk.carrying import BOOKS, refuse_impossible
from payments.desk.schemas import (
    ActionView,
    AgeView,
    BoardView,
    BookedView,
    KindView,
    MatterDetail,
    MatterView,
    PersonView,
    ProposalView,
)
from payments.desk.states import ACTIONS, Action, actions_for
from payments.desk.words import class_text, suggestion
from payments.treasury.board import name_of

People = dict[UUID, str]


async def matters_shown(rows: Sequence[Record], *, reader: UUID) -> list[MatterView]:
    """Rows of `matters.listed`, with the owners' names; two statements, whatever the number."""
    names = await people_named(row["owner"] for row in rows)
    return [MatterView(**_matter(row, names, reader=reader)) for row in rows]


async def people_named(ids: Iterable[UUID | None]) -> People:
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    return dict(await StaffMember.filter(id__in=wanted).values_list("id", "name"))


def _person(id_: UUID | None, names: People) -> PersonView | None:
    return PersonView(id=id_, name=names.get(id_, "")) if id_ is not None else None


def _matter(row: Record, names: People, *, reader: UUID) -> dict[str, Any]:
    told = {name: row[name] for name in (
        "id", "source", "kind", "channel", "day", "run", "reference", "transaction_id", "ours_fen", "theirs_fen",
        "ours", "theirs", "opened_at", "expected_by", "state",
    )}  # fmt: skip
    return told | {
        "class_text": class_text(row["kind"]), "suggestion": suggestion(row["kind"]), "out_trade_no": row["number"],
        "age_days": (clock.now() - row["opened_at"]).days, "overdue": matters.is_overdue(row),
        "owner": _person(row["owner"], names), "mine": row["owner"] == reader, "proposal": row["proposal_state"],
    }  # fmt: skip


async def matter_shown(subject: UUID, *, actor: Actor) -> MatterDetail:
    """One matter, everything that was proposed about it, and what this person may do now. Raises NotFound."""
    row = await matters.one(subject)
    proposals = await matters.proposals_of(subject)
    names = await people_named([row["owner"], *(p[who] for p in proposals for who in ("proposed_by", "decided_by"))])
    acts = "finance" in actor.roles and row["state"] == "open"
    waiting = next((p for p in proposals if p["state"] == "waiting"), None)
    actions = await _actions(row) if acts and row["proposal"] is None else []
    proposed = [_proposal(p, row, names) for p in proposals]
    told = _matter(row, names, reader=actor.id)
    if row["source"] == "exception" and actions:
        told["suggestion"] = actions[0].words
    return MatterDetail(
        **told,
        settled_at=row["settled_at"],
        day_closed=bool(await db.fetch_value("SELECT closing_is_closed($1)", row["day"])),
        actions=actions,
        may_decide=acts and waiting is not None and waiting["proposed_by"] != actor.id,
        may_withdraw="finance" in actor.roles and waiting is not None and waiting["proposed_by"] == actor.id,
        proposals=proposed,
        accounts=_accounts_of(actions, proposed),
    )


async def _actions(row: Record) -> list[ActionView]:
    """What is possible now, the suggested one first."""
    found: list[ActionView] = []
    for action in actions_for(row["kind"]):
        try:
            await refuse_impossible(action, row)
        except HouseError:
            continue
        rule = ACTIONS[action]
        found.append(
            ActionView(
                action=str(action), title=rule.title, words=rule.words, waits=rule.waits, suggested=not found,
                books=_books(action, row),
            )
        )  # fmt: skip
    return found


def _accounts_of(actions: Sequence[ActionView], proposals: Sequence[ProposalView]) -> list[BookedView]:
    booked = [*(a.books for a in actions), *(b for p in proposals for b in (p.booked, p.books))]
    return [BookedView(account=a, name=name_of(a)) for a in sorted({a for lines in booked for a, _ in lines})]


def _books(action: Action, row: Record) -> list[tuple[str, int]]:
    try:
        return postings_for(action, row) if action in BOOKS else []
    except HouseError:
        return []


def _proposal(p: Record, row: Record, names: People) -> ProposalView:
    proposer = _person(p["proposed_by"], names)
    assert proposer is not None, "somebody proposed it"
    return ProposalView(
        id=p["id"], action=p["action"], title=ACTIONS[Action(p["action"])].title, note=p["note"],
        expected_by=p["expected_by"], state=p["state"], proposed_by=proposer, proposed_at=p["proposed_at"],
        decided_by=_person(p["decided_by"], names), decided_at=p["decided_at"], decision_note=p["decision_note"],
        outcome=p["outcome"], booked=[(account, fen) for account, fen in json.loads(p["booked"])],
        books=_books(Action(p["action"]), row) if p["state"] == "waiting" else [],
    )  # fmt: skip


async def board_shown() -> BoardView:
    """What is open, by kind and age."""
    rows = await matters.ageing()
    ages = [
        AgeView(since_days=since, until_days=until, count=_sum(rows, "n", bucket=n), fen=_sum(rows, "fen", bucket=n))
        for n, (since, until) in enumerate(matters.AGES, start=1)
    ]
    kinds = sorted({(row["source"], row["kind"]) for row in rows})
    return BoardView(
        at=clock.now(), open=_sum(rows, "n"), overdue=_sum(rows, "overdue"), waiting=_sum(rows, "waiting"),
        unowned=_sum(rows, "unowned"), ages=ages,
        kinds=[_kind([r for r in rows if (r["source"], r["kind"]) == kind]) for kind in kinds],
    )  # fmt: skip


def _sum(rows: Sequence[Record], what: str, *, bucket: int | None = None) -> int:
    return sum(row[what] for row in rows if bucket is None or row["bucket"] == bucket)


def _kind(rows: Sequence[Record]) -> KindView:
    kind = rows[0]["kind"]
    return KindView(
        source=rows[0]["source"], kind=kind, class_text=class_text(kind), count=_sum(rows, "n"), fen=_sum(rows, "fen"),
        overdue=_sum(rows, "overdue"), ages=[_sum(rows, "n", bucket=n) for n in range(1, len(matters.AGES) + 1)],
    )  # fmt: skip
