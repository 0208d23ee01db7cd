"""
The books looked at: balances at any past moment, what moved on an account, and days that are sealed.

A seal holds what a past day came to and a digest over its entries, chained to the day before. Recomputing gives the
same digests and balances byte for byte, or somebody wrote behind the guards: then people are called.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from asyncpg import Record

from kit import clock, db
from kit.log import logger
from payments import ledger
from payments.exceptions import open_exception
from payments.states import ExceptionKind

log = logger("payments")
FIRST = "0" * 64  # what the first day's digest is chained to


@dataclass(frozen=True)
class Account:
    """What an account came to at a moment, and what moved on it in all. Debit is positive."""

    name: str
    debit_fen: int
    credit_fen: int

    @property
    def balance_fen(self) -> int:
        return self.debit_fen - self.credit_fen


async def trial_balance(at: datetime | None = None) -> list[Account]:
    """Every account with what was ever booked on it, now or at a past instant; debits and credits come to the same."""
    rows = await db.fetch(
        "SELECT p.account, coalesce(sum(p.amount_fen) FILTER (WHERE p.amount_fen > 0), 0)::bigint AS debit, "
        "coalesce(-sum(p.amount_fen) FILTER (WHERE p.amount_fen < 0), 0)::bigint AS credit "
        "FROM payments_posting p JOIN payments_ledger_entry e ON e.id = p.entry_id "
        "WHERE $1::timestamptz IS NULL OR e.at <= $1 GROUP BY p.account ORDER BY p.account",
        at,
    )
    return [Account(row["account"], row["debit"], row["credit"]) for row in rows]


STATEMENT = """
SELECT p.id, e.at, e.kind, e.reference, p.amount_fen,
  (SELECT array_agg(o.account ORDER BY o.account) FROM payments_posting o
   WHERE o.entry_id = p.entry_id AND o.account <> p.account) AS against
FROM payments_posting p JOIN payments_ledger_entry e ON e.id = p.entry_id
WHERE p.account = $1 AND e.at >= $2 AND e.at < $3 AND ($4::timestamptz IS NULL OR (e.at, p.id) > ($4, $5::uuid))
ORDER BY e.at, p.id LIMIT $6
"""


async def statement(
    account: str, *, since: datetime, until: datetime, limit: int, after: tuple[datetime, UUID] | None
) -> list[Record]:
    """What moved on an account in a span, the earliest first, each with the accounts it moved against."""
    at, id_ = after or (None, None)
    return list(await db.fetch(STATEMENT, account, since, until, at, id_, limit))


def span_of(day: date) -> tuple[datetime, datetime]:
    """The city's day, from its first instant to the next day's."""
    start = datetime.combine(day, time(), clock.city_zone())
    return start, datetime.combine(day + timedelta(days=1), time(), clock.city_zone())


async def balance_before(account: str, instant: datetime) -> int:
    """Fen on an account right before an instant."""
    return await ledger.balance(account, at=instant - timedelta(microseconds=1))


# One line an entry, in the order of its id within its instant; the digest is over the lines.
ENTRIES = """
SELECT e.at, e.kind, e.reference,
  array_agg(p.account || ' ' || p.amount_fen ORDER BY p.account, p.amount_fen, p.id) AS postings
FROM payments_ledger_entry e LEFT JOIN payments_posting p ON p.entry_id = e.id
WHERE e.at >= $1 AND e.at < $2 GROUP BY e.id ORDER BY e.at, e.kind, e.reference
"""


@dataclass(frozen=True)
class Seal:
    day: date
    entries: int
    balances: dict[str, int]
    digest: str


async def computed(day: date, *, previous: str) -> Seal:
    """The seal a day has by the books as they are now. The same books give the same bytes."""
    start, end = span_of(day)
    told, entries = hashlib.sha256(previous.encode()), 0
    for row in await db.fetch(ENTRIES, start, end):
        line = [row["at"].isoformat(), row["kind"], row["reference"], row["postings"]]
        told.update(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        entries += 1
    balances = await ledger.balances(end - timedelta(microseconds=1))
    told.update(json.dumps(balances, sort_keys=True, separators=(",", ":")).encode())
    return Seal(day, entries, balances, told.hexdigest())


async def seal_days() -> list[date]:
    """Seals every past day since the last sealed one, or since the first entry; the days that were sealed."""
    today, sealed = clock.today(), []
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('treasury_book_seal', 12))")
        last = await db.fetch("SELECT day, digest FROM treasury_book_seal ORDER BY day DESC LIMIT 1")
        first = await db.fetch_value("SELECT min(at) FROM payments_ledger_entry")
        if first is None:
            return []
        day = last[0]["day"] + timedelta(days=1) if last else clock.city_time(first).date()
        previous = last[0]["digest"] if last else FIRST
        while day < today:
            seal = await computed(day, previous=previous)
            await db.execute(
                "INSERT INTO treasury_book_seal (day, entries, balances, digest, sealed_at) "
                "VALUES ($1, $2, $3::jsonb, $4, $5)",
                day, seal.entries, json.dumps(seal.balances), seal.digest, clock.now(),
            )  # fmt: skip
            previous, day = seal.digest, day + timedelta(days=1)
            sealed.append(seal.day)
    return sealed


@dataclass(frozen=True)
class Proof:
    """What recomputing found: days proven, and the first that differs, if any; entries that do not sum to zero."""

    days: int
    first_wrong: date | None
    unbalanced: int
    sum_fen: int

    @property
    def holds(self) -> bool:
        return self.first_wrong is None and self.unbalanced == 0 and self.sum_fen == 0


async def replay() -> Proof:
    """Recomputes every sealed day from the entries and compares. Reads only; in one snapshot of the database."""
    async with db.transaction():
        await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        previous, days, wrong = FIRST, 0, None
        for row in await db.fetch("SELECT day, entries, balances, digest FROM treasury_book_seal ORDER BY day"):
            found = await computed(row["day"], previous=previous)
            kept = Seal(row["day"], row["entries"], json.loads(row["balances"]), row["digest"])
            if found != kept:
                wrong = kept.day
                break
            previous, days = kept.digest, days + 1
        total = sum((await ledger.balances()).values())
        return Proof(days, wrong, await ledger.unbalanced_entries(), total)


async def watch() -> Proof:
    """Seals what is over, proves all of it, and calls people when the books are not what they were."""
    proof = await replay()
    if proof.holds:
        await seal_days()
        return proof
    log.error("books_drift", first_wrong=str(proof.first_wrong), unbalanced=proof.unbalanced, sum_fen=proof.sum_fen)
    await open_exception(
        ExceptionKind.BOOKS_DRIFT, channel="", reference=str(proof.first_wrong or clock.today()),
        unbalanced=proof.unbalanced, sum_fen=proof.sum_fen,
    )  # fmt: skip
    return proof
