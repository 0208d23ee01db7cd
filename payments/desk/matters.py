"""
One list of work: differences a day's bill showed, and exceptions that came up meanwhile. Read here, changed by
`proposals.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record

from kit import clock, db
from kit.errors import NotFound

Source = Literal["difference", "exception"]
Shown = Literal["open", "waiting", "mine", "over", "all"]

# An exception is of the day it came up. Amounts stand in its detail, where there are any.
MATTERS = """
WITH matters AS (
  SELECT d.id, 'difference' AS source, d.kind, r.channel, r.day, r.id AS run, d.reference, d.number, d.transaction_id,
    d.ours_fen, d.theirs_fen, d.ours, d.theirs, d.expected_by, d.state, d.found_at AS opened_at, d.settled_at
  FROM payments_difference d JOIN payments_reconciliation_run r ON r.id = d.run_id
  UNION ALL
  SELECT x.id, 'exception', x.kind, x.channel, (x.opened_at AT TIME ZONE 'Asia/Shanghai')::date, NULL, x.reference,
    split_part(x.reference, ':', 1), split_part(x.reference, ':', 2), (x.detail->>'ours_fen')::bigint,
    (x.detail->>'theirs_fen')::bigint, '', '', w.expected_by,
    CASE WHEN x.resolved_at IS NULL THEN 'open' ELSE 'resolved' END, x.opened_at, x.resolved_at
  FROM payments_exception x LEFT JOIN desk_work w ON w.subject = x.id)
SELECT m.*, w.owner, p.id AS proposal, p.state AS proposal_state FROM matters m
LEFT JOIN desk_work w ON w.subject = m.id
LEFT JOIN desk_proposal p ON p.subject = m.id AND p.state IN ('waiting', 'approved')
"""
SHOWN = {
    "open": "m.state = 'open'",
    "waiting": "m.state = 'open' AND p.id IS NOT NULL",
    "mine": "m.state = 'open' AND w.owner = $1",
    "over": "m.state <> 'open'",
    "all": "true",
}


@dataclass(frozen=True)
class Wish:
    """What is asked for; None is everything."""

    shown: Shown = "open"
    channel: str | None = None
    day: date | None = None
    kind: str | None = None
    source: str | None = None


async def listed(
    wish: Wish, *, reader: UUID, limit: int, after: tuple[datetime, UUID] | None = None
) -> Sequence[Record]:
    """The oldest first: what has waited longest is at the top."""
    at, id_ = after or (None, None)
    return await db.fetch(
        f"{MATTERS} WHERE {SHOWN[wish.shown]} AND $1::uuid IS NOT NULL "
        "AND ($2::text IS NULL OR m.channel = $2) AND ($3::date IS NULL OR m.day = $3) "
        "AND ($4::text IS NULL OR m.kind = $4) AND ($5::text IS NULL OR m.source = $5) "
        "AND ($6::timestamptz IS NULL OR (m.opened_at, m.id) > ($6, $7::uuid)) ORDER BY m.opened_at, m.id LIMIT $8",
        reader, wish.channel, wish.day, wish.kind, wish.source, at, id_, limit,
    )  # fmt: skip


async def one(subject: UUID) -> Record:
    """A difference or exception. Raises NotFound."""
    rows = await db.fetch(f"{MATTERS} WHERE m.id = $1", subject)
    if not rows:
        raise NotFound
    return rows[0]


async def locked(subject: UUID) -> Record:
    """The same with its row locked until the open transaction ends. Raises NotFound."""
    await db.execute("SELECT 1 FROM payments_difference WHERE id = $1 FOR UPDATE", subject)
    await db.execute("SELECT 1 FROM payments_exception WHERE id = $1 FOR UPDATE", subject)
    return await one(subject)


def is_overdue(matter: Record) -> bool:
    """Open, and past the day it was expected by."""
    return matter["state"] == "open" and matter["expected_by"] is not None and matter["expected_by"] < clock.today()


@dataclass(frozen=True)
class Unfinished:
    """What of a day still needs somebody: all of it stands in the way of closing the day."""

    differences: int
    exceptions: int
    proposals: int


UNFINISHED = f"""
WITH open AS ({MATTERS} WHERE m.state = 'open' AND m.day = $1)
SELECT count(*) FILTER (WHERE source = 'difference' AND (expected_by IS NULL OR expected_by < $2)) AS differences,
  count(*) FILTER (WHERE source = 'exception' AND (expected_by IS NULL OR expected_by < $2)) AS exceptions,
  count(*) FILTER (WHERE proposal IS NOT NULL) AS proposals FROM open"""  # noqa: S608 - ours


async def unfinished(day: date) -> Unfinished:
    """What is awaited until a day still to come does not count: it is carried over."""
    (row,) = await db.fetch(UNFINISHED, day, clock.today())
    return Unfinished(row["differences"], row["exceptions"], row["proposals"])


AGES = ((0, 1), (2, 3), (4, 7), (8, 30), (31, None))  # days, both ends included

AGEING = f"""
WITH open AS ({MATTERS} WHERE m.state = 'open')
SELECT source, kind, width_bucket(extract(epoch FROM $1 - opened_at)::bigint / 86400, ARRAY[0, 2, 4, 8, 31]::bigint[])
    AS bucket, count(*) AS n, coalesce(sum(abs(coalesce(theirs_fen, 0) - coalesce(ours_fen, 0))), 0)::bigint AS fen,
  count(*) FILTER (WHERE expected_by < $2) AS overdue, count(*) FILTER (WHERE proposal_state = 'waiting') AS waiting,
  count(*) FILTER (WHERE owner IS NULL) AS unowned
FROM open GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""  # noqa: S608 - ours


async def ageing() -> Sequence[Record]:
    """Open work by kind and age: `bucket` 1…5 as in AGES, number, and the amounts that differ in fen."""
    return await db.fetch(AGEING, clock.now(), clock.today())


async def proposals_of(subject: UUID) -> Sequence[Record]:
    """Everything that was ever proposed about it, the latest first."""
    return await db.fetch("SELECT * FROM desk_proposal WHERE subject = $1 ORDER BY proposed_at DESC", subject)
