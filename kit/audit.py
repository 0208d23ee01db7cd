"""
The audit log: one row an act, chained by hash, written in the transaction of the act itself.

`digest = SHA-256(previous digest ‖ canonical JSON of the row)`, and `mac` keys it, so that whoever has the database but
not our key cannot write a row that holds. Rows are numbered without gaps under one advisory lock that is taken right
before commit, so that it is held for a moment only. The database refuses UPDATE and DELETE.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from kit import clock, crypto, db

CHAIN_LOCK = 0x48484F01  # advisory lock of the chain; any fixed number of ours
GENESIS = "0" * 64


@dataclass(frozen=True)
class Act:
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    at: datetime
    request_id: str


@dataclass
class _Waiting:
    transaction: object
    acts: list[Act] = field(default_factory=list)


_waiting: ContextVar[_Waiting | None] = ContextVar("audit_waiting", default=None)


async def record(*, actor: str, action: str, subject: str, **detail: Any) -> None:
    """
    Notes an act in the open transaction, or in one of its own. `detail` holds ids and amounts, never personal data.

    `actor` is like `staff:UUID`, `citizen:UUID` or `system`; `subject` like `application:UUID`.
    """
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    act = Act(actor, action, subject, json.loads(json.dumps(detail, default=str)), clock.now(), request_id)
    async with db.transaction():
        waiting, transaction = _waiting.get(), db.open_transaction()
        if waiting is None or not waiting.acts or waiting.transaction is not transaction:  # left by one rolled back
            waiting = _Waiting(transaction)
            _waiting.set(waiting)
            db.before_commit(f"audit:{id(waiting)}", lambda: _write(waiting))
        waiting.acts.append(act)


async def _write(waiting: _Waiting) -> None:
    await db.execute("SELECT pg_advisory_xact_lock($1)", CHAIN_LOCK)
    last = await db.fetch("SELECT seq, digest FROM kit_audit ORDER BY seq DESC LIMIT 1")
    seq, previous = (last[0]["seq"], last[0]["digest"]) if last else (0, GENESIS)
    for act in waiting.acts:
        seq += 1
        digest = digest_of(seq, act, previous=previous)
        await db.execute(
            "INSERT INTO kit_audit (seq, at, actor, action, subject, detail, request_id, previous, digest, mac) "
            "VALUES ($1,$2,$3,$4,$5,$6::jsonb,$7,$8,$9,$10)",
            seq, act.at, act.actor, act.action, act.subject, json.dumps(act.detail, ensure_ascii=False),
            act.request_id, previous, digest, mac_of(digest),
        )  # fmt: skip
        previous = digest
    waiting.acts = []


def digest_of(seq: int, act: Act, *, previous: str) -> str:
    canonical = json.dumps(
        [seq, act.at.isoformat(timespec="microseconds"), act.actor, act.action, act.subject, act.detail,
         act.request_id],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(f"{previous}{canonical}".encode()).hexdigest()


def mac_of(digest: str) -> str:
    return crypto.blind_index(digest, purpose="audit.row")


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold: the first row that does not fit, and why."""

    seq: int
    why: str


async def verify() -> tuple[int, Broken | None]:
    """Walks the whole chain: number of rows that hold, and the first place that does not."""
    expected, previous, keyed = 0, GENESIS, False
    async for row in _rows():
        expected += 1
        if row["seq"] != expected:
            return expected - 1, Broken(expected, "a row is missing")
        keyed = keyed or row["mac"] != ""  # rows from before they were keyed have none, and none comes after
        if _changed(row, previous=previous) or (keyed and row["mac"] != mac_of(row["digest"])):
            return expected - 1, Broken(expected, "a row was changed")
        previous = row["digest"]
    top = await db.fetch_value("SELECT max(last_value) FROM kit_audit_top")
    if top is not None and top != expected:
        return expected, Broken(expected + 1, "rows were cut from the end")
    return expected, None


def _changed(row: Any, *, previous: str) -> bool:
    act = Act(row["actor"], row["action"], row["subject"], json.loads(row["detail"]), row["at"], row["request_id"])
    return bool(row["previous"] != previous or row["digest"] != digest_of(row["seq"], act, previous=previous))


async def _rows(page: int = 1000) -> AsyncIterator[Any]:
    after = 0
    while rows := await db.fetch("SELECT * FROM kit_audit WHERE seq > $1 ORDER BY seq LIMIT $2", after, page):
        for row in rows:
            yield row
        after = rows[-1]["seq"]
