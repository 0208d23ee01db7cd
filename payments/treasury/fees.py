"""
What channels charge, in accounts of its own: public money is settled gross, the fee is paid apart (measures on the
separation of fines and their collection, 1997, art. 14).
"""

from kit import db
from payments import ledger
from payments.events import DayReconciled

BOOKED = """
SELECT count(DISTINCT e.id)::int AS entries, coalesce(sum(p.amount_fen), 0)::bigint AS fen
FROM payments_ledger_entry e JOIN payments_posting p ON p.entry_id = e.id AND p.account = $1
WHERE e.kind = 'channel_fee' AND e.reference LIKE $2 || ':%'
"""


async def book(event: DayReconciled) -> None:
    """Books the fees of a reconciled day; run again, only what changed. A day that could not be run says nothing."""
    fees = await db.fetch_value(
        "SELECT (totals->>'fees')::bigint FROM payments_reconciliation_run WHERE channel = $1 AND day = $2::text::date "
        "AND state IN ('balanced', 'differences')",
        event.channel, event.day,
    )  # fmt: skip
    if fees is None:
        return
    day, expense = f"{event.channel}:{event.day}", f"fee:{event.channel}"
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 12))", f"channel_fee:{day}")
    booked = (await db.fetch(BOOKED, expense, day))[0]
    change = fees - booked["fen"]
    if change:
        await ledger.post(
            "channel_fee", f"{day}:{booked['entries'] + 1}",
            postings=[(expense, change), (f"fee_payable:{event.channel}", -change)],
        )  # fmt: skip
