"""The audit log as auditors read it: found by who, what, about whom and when; with the names of those who did it."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from auth.auditing.schemas import ActView, PartyView, ProofView, Wanted
from auth.callers import who_is
from auth.citizens import masked_name, masked_phone
from auth.models import Citizen, StaffMember
from auth.rights import Columns, Values, condition
from kit import anchors, audit, clock, db
from kit.web import Actor

COLUMNS = Columns(topic="a.action")
PROVED = "audit.proved"
NAMED = ("staff", "citizen")


async def found(actor: Actor, wanted: Wanted, *, before: int | None, limit: int) -> Sequence[Record]:
    """Rows the rules let the actor read, the latest first."""
    values = Values()
    seen = condition(await who_is(actor), "audit row", COLUMNS, values=values)
    wishes = [seen, *await _wishes(wanted, values)]
    if before is not None:
        wishes.append(f"a.seq < {values.add(before)}")
    where = " AND ".join(wishes)
    return await db.fetch(
        f"SELECT a.* FROM kit_audit a WHERE {where} ORDER BY a.seq DESC LIMIT {values.add(limit)}",  # noqa: S608 - ours
        *values.given,
    )


async def _wishes(wanted: Wanted, values: Values) -> list[str]:
    wishes = []
    if wanted.actor is not None:
        wishes.append(f"a.actor = {values.add(await _actor_named(wanted.actor))}")
    if wanted.action is not None:
        wishes.append(f"starts_with(a.action, {values.add(wanted.action)})")
    if wanted.subject is not None:
        wishes.append(f"a.subject = {values.add(wanted.subject)}")
    if wanted.since is not None:
        wishes.append(f"a.at >= {values.add(wanted.since)}")
    if wanted.until is not None:
        wishes.append(f"a.at < {values.add(wanted.until)}")
    return wishes


async def _actor_named(named: str) -> str:
    """`staff:UUID` for a user name; anything else as it is."""
    member = await StaffMember.get_or_none(username=named)
    return f"staff:{member.id}" if member else named


async def one(actor: Actor, seq: int) -> Record | None:
    """The row, when the actor may read it."""
    values = Values()
    number = values.add(seq)
    seen = condition(await who_is(actor), "audit row", COLUMNS, values=values)
    rows = await db.fetch(f"SELECT a.* FROM kit_audit a WHERE a.seq = {number} AND {seen}", *values.given)  # noqa: S608
    return rows[0] if rows else None


async def shown(rows: Sequence[Record]) -> list[ActView]:
    """With names: of staff in full, of citizens masked."""
    details: list[dict[str, Any]] = [json.loads(row["detail"]) for row in rows]
    parties = {row[what] for row in rows for what in ("actor", "subject")}
    parties |= {str(detail["on_behalf_of"]) for detail in details if detail.get("on_behalf_of")}
    names = await _names(parties)
    return [
        ActView(
            seq=row["seq"], at=clock.city_time(row["at"]), action=row["action"], detail=detail,
            actor=_party(row["actor"], names), subject=_party(row["subject"], names),
            on_behalf_of=_party(str(detail["on_behalf_of"]), names) if detail.get("on_behalf_of") else None,
            request_id=row["request_id"], digest=row["digest"],
        )
        for row, detail in zip(rows, details, strict=True)
    ]  # fmt: skip


async def _names(parties: set[str]) -> dict[str, str]:
    """Party → name; two statements, whatever the number."""
    ids: dict[str, list[UUID]] = {kind: [] for kind in NAMED}
    for party in parties:
        kind, _, id_ = party.partition(":")
        if kind in ids and (uuid := _uuid(id_)):
            ids[kind].append(uuid)
    staff = await StaffMember.filter(id__in=ids["staff"]).values_list("id", "name")
    people = await Citizen.filter(id__in=ids["citizen"])
    names = {f"staff:{id_}": str(name) for id_, name in staff}
    return names | {f"citizen:{p.id}": masked_name(p) or masked_phone(p) or "" for p in people}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _party(named: str, names: dict[str, str]) -> PartyView:
    kind, colon, id_ = named.partition(":")
    return PartyView(kind=kind if colon else "", id=id_ if colon else named, name=names.get(named) or None)


async def prove(by: Actor) -> ProofView:
    """Walks the whole chain now, and leaves what was found in it."""
    held, broken = await anchors.proven()
    told = ProofView(
        verified_to=held, at=clock.now(), broken_at=broken.seq if broken else None, why=broken.why if broken else ""
    )
    await audit.record(
        actor=by.name, action=PROVED, subject="audit", verified_to=held, broken_at=told.broken_at, why=told.why
    )
    return told


async def last_proof() -> ProofView | None:
    """What the last walk found, and when."""
    rows = await db.fetch(
        "SELECT at, detail FROM kit_audit WHERE action = $1 AND subject = 'audit' ORDER BY seq DESC LIMIT 1", PROVED
    )
    if not rows:
        return None
    detail = json.loads(rows[0]["detail"])
    return ProofView(
        verified_to=detail["verified_to"], at=clock.city_time(rows[0]["at"]), broken_at=detail["broken_at"],
        why=detail["why"],
    )  # fmt: skip


HEAD = ("seq", "at", "actor", "actor_name", "on_behalf_of", "on_behalf_of_name", "action", "subject", "subject_name",
        "detail", "request_id", "digest")  # fmt: skip


def as_csv(acts: Sequence[ActView]) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it; what a spreadsheet would take for a formula is told as text."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(HEAD)
    for act in acts:
        behalf = act.on_behalf_of
        row = (
            str(act.seq), _stamp(act.at), _said(act.actor), act.actor.name or "", _said(behalf) if behalf else "",
            (behalf.name or "") if behalf else "", act.action, _said(act.subject), act.subject.name or "",
            json.dumps(act.detail, ensure_ascii=False), act.request_id, act.digest,
        )  # fmt: skip
        writer.writerow([as_text(cell) for cell in row])
    return ("\ufeff" + sheet.getvalue()).encode()


def as_text(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} else cell


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _said(party: PartyView) -> str:
    return f"{party.kind}:{party.id}" if party.kind else party.id
