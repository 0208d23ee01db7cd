"""
The books: double entry, append-only, whole fen. Debit is positive, credit negative; every entry sums to zero.

Accounts: `channel:NAME` (what a channel holds for us), `income:DEPARTMENT:ITEM` (what is owed to the treasury),
`treasury:LEVEL:TREASURY:ACCOUNT:ITEM` (what was handed on to which treasury), `suspense:surplus` (to go back to
payers), `suspense:disputed` (until finance decides), `suspense:refunding` (decided, not yet through),
`returned:treasury` (what the treasury paid back itself), `bank:counter` (what windows brought to the bank),
`fee:NAME` and `fee_payable:NAME` (what a channel charges, never taken from public money).
"""

from collections.abc import Sequence
from datetime import datetime

from kit import clock, db
from kit.ids import new_id

SURPLUS, DISPUTED, REFUNDING = "suspense:surplus", "suspense:disputed", "suspense:refunding"
RETURNED = "returned:treasury"
BANK = "bank:counter"


def channel_account(channel: str) -> str:
    return f"channel:{channel}"


def income_account(department: str, item: str) -> str:
    return f"income:{department}:{item}"


async def post(kind: str, reference: str, *, postings: Sequence[tuple[str, int]]) -> None:
    """
    Books an entry in the open transaction. `postings`: (account, fen), summing to zero; a (kind, reference) is booked
    once or the transaction fails.
    """
    assert sum(fen for _, fen in postings) == 0, "an entry that does not balance is never sent"
    entry = new_id()
    await db.execute(
        "INSERT INTO payments_ledger_entry (id, at, kind, reference) VALUES ($1, $2, $3, $4)",
        entry, clock.now(), kind, reference,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO payments_posting (id, entry_id, account, amount_fen) "
        "SELECT gen_random_uuid(), $1, account, fen FROM unnest($2::text[], $3::bigint[]) AS p(account, fen)",
        entry, [account for account, _ in postings], [fen for _, fen in postings],
    )  # fmt: skip


async def counter(kind: str, reference: str, *, of: tuple[str, str]) -> None:
    """Books the opposite of the entry `of` (kind, reference): nothing is ever edited, only countered."""
    rows = await db.fetch(
        "SELECT p.account, p.amount_fen FROM payments_posting p JOIN payments_ledger_entry e ON e.id = p.entry_id "
        "WHERE e.kind = $1 AND e.reference = $2 ORDER BY p.account, p.amount_fen",
        *of,
    )
    assert rows, "what is countered was booked"
    await post(kind, reference, postings=[(row["account"], -row["amount_fen"]) for row in rows])


async def balances(at: datetime | None = None) -> dict[str, int]:
    """Fen on every account that was ever used, now or at a past instant."""
    rows = await db.fetch(
        "SELECT p.account, sum(p.amount_fen)::bigint AS fen FROM payments_posting p "
        "JOIN payments_ledger_entry e ON e.id = p.entry_id WHERE $1::timestamptz IS NULL OR e.at <= $1 "
        "GROUP BY p.account ORDER BY p.account",
        at,
    )
    return {row["account"]: row["fen"] for row in rows}


async def balance(account: str, *, at: datetime | None = None) -> int:
    """Fen on an account, now or at a past instant."""
    total: int = await db.fetch_value(
        "SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM payments_posting p "
        "JOIN payments_ledger_entry e ON e.id = p.entry_id "
        "WHERE p.account = $1 AND ($2::timestamptz IS NULL OR e.at <= $2)",
        account, at,
    )  # fmt: skip
    return total


async def unbalanced_entries() -> int:
    """How many entries do not sum to zero: none, or somebody wrote behind the guards."""
    count: int = await db.fetch_value(
        "SELECT count(*) FROM (SELECT e.id FROM payments_ledger_entry e "
        "LEFT JOIN payments_posting p ON p.entry_id = e.id "
        "GROUP BY e.id HAVING coalesce(sum(p.amount_fen), 0) <> 0 OR count(p.id) < 2) wrong"
    )
    return count
