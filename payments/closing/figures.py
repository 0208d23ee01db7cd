"""
What a day came to, by the books alone: every account's opening, movements and closing. Pure reading.

A day is the office's: from midnight to midnight of the city's zone, by the moment an entry was booked. What became
known later than its day was booked later, and stands on the day it was booked.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from asyncpg import Record

from kit import clock, db

PAGE = 5000


@dataclass(frozen=True)
class Span:
    """An office day as instants: `since` included, `until` not."""

    day: date
    since: datetime
    until: datetime


def span_of(day: date) -> Span:
    zone = clock.city_zone()
    start = datetime.combine(day, time(), tzinfo=zone)
    return Span(day, start, datetime.combine(day + timedelta(days=1), time(), tzinfo=zone))


ACCOUNTS = """
SELECT p.account,
  coalesce(sum(p.amount_fen) FILTER (WHERE e.at < $1), 0)::bigint AS opening_fen,
  coalesce(sum(p.amount_fen) FILTER (WHERE e.at >= $1 AND p.amount_fen > 0), 0)::bigint AS debit_fen,
  coalesce(-sum(p.amount_fen) FILTER (WHERE e.at >= $1 AND p.amount_fen < 0), 0)::bigint AS credit_fen,
  coalesce(sum(p.amount_fen) FILTER (WHERE e.at >= $1 AND e.kind = 'handing_over' AND p.amount_fen > 0), 0)::bigint
    AS handed_fen,
  count(*) FILTER (WHERE e.at >= $1) AS entries
FROM payments_posting p JOIN payments_ledger_entry e ON e.id = p.entry_id
WHERE e.at < $2 GROUP BY p.account ORDER BY p.account COLLATE "C" """


@dataclass(frozen=True)
class Account:
    """
    One account's day in fen; debit is positive, so an income account's balance is negative. `handed_fen`: what of the
    debit went on to the treasuries.
    """

    name: str
    opening_fen: int
    debit_fen: int
    credit_fen: int
    handed_fen: int
    entries: int

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.debit_fen - self.credit_fen


async def accounts(span: Span) -> list[Account]:
    """Every account that was ever booked on before the day's end, by name."""
    rows = await db.fetch(ACCOUNTS, span.since, span.until)
    return [
        Account(
            row["account"], row["opening_fen"], row["debit_fen"], row["credit_fen"], row["handed_fen"], row["entries"]
        )
        for row in rows
    ]


def body_of(account: str) -> str | None:
    """The department whose income an account holds; None for every other account."""
    kind, _, rest = account.partition(":")
    return rest.partition(":")[0] if kind == "income" and rest else None


SOURCES = """
SELECT s.account, -sum(p.amount_fen)::bigint AS received_fen, count(*) AS entries
FROM payments_ledger_entry e JOIN payments_posting p ON p.entry_id = e.id AND starts_with(p.account, $3)
LEFT JOIN LATERAL (SELECT account FROM payments_posting c WHERE c.entry_id = e.id AND c.amount_fen > 0
  ORDER BY amount_fen DESC, account COLLATE "C" LIMIT 1) s ON true
WHERE e.at >= $1 AND e.at < $2 AND p.amount_fen < 0 GROUP BY 1 ORDER BY 1"""


async def sources(span: Span, department: str) -> list[dict[str, object]]:
    """Where a body's receipts of the day came from: the account that holds the money, `channel:wechat` say."""
    rows = await db.fetch(SOURCES, span.since, span.until, f"income:{department}:")
    return [dict(row) for row in rows]


ENTRIES = """
SELECT e.at, e.id, e.kind, e.reference, p.account, sum(p.amount_fen)::bigint AS amount_fen
FROM payments_ledger_entry e JOIN payments_posting p ON p.entry_id = e.id AND starts_with(p.account, $3)
WHERE e.at < $2 AND (e.at, e.id, p.account COLLATE "C") > ($1, $4::uuid, $5 COLLATE "C")
GROUP BY e.at, e.id, p.account ORDER BY e.at, e.id, p.account COLLATE "C" LIMIT $6"""
BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


async def postings(span: Span, prefix: str) -> AsyncIterator[Record]:
    """What was booked on the accounts that begin with `prefix`, in the order of booking; read page by page."""
    at, entry, account = span.since, BEFORE_ALL, ""
    while rows := await db.fetch(ENTRIES, at, span.until, prefix, entry, account, PAGE):
        for row in rows:
            yield row
        at, entry, account = rows[-1]["at"], str(rows[-1]["id"]), rows[-1]["account"]


def digest_of(content: str | bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
