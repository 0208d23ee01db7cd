"""
A refund in the books. When it is decided its amount is set aside, when it is through it leaves us, when it comes to
nothing the first entry is countered. Surplus money was set aside when it came.
"""

from uuid import UUID

from asyncpg import Record

from kit import db
from payments import ledger
from payments.states import RefundReason, RefundRoute
from payments.treasury import handing

PAYMENT = """
SELECT p.outcome, e.at AS booked_at FROM payments_payment p JOIN payments_ledger_entry e
ON e.kind = 'payment' AND e.reference = left(p.channel || ':' || p.transaction_id, 64) WHERE p.id = $1
"""


async def set_aside(refund: Record) -> None:
    """Takes the amount from where it was booked. Nothing happens when it is set aside already."""
    if refund["set_aside"] or refund["reason"] == RefundReason.SURPLUS:
        return
    again = refund["bookings"] + 1
    sources = await _sources(refund)
    assert sum(fen for _, fen in sources) == refund["amount_fen"], "the parts are the refund"
    await ledger.post(
        "refund_decided", _reference(refund, again), postings=[*sources, (ledger.REFUNDING, -refund["amount_fen"])]
    )
    await db.execute("UPDATE payments_refund SET set_aside = true, bookings = $2 WHERE id = $1", refund["id"], again)


async def put_back(refund: Record) -> None:
    """The refund came to nothing: what was set aside goes back to where it was."""
    if not refund["set_aside"]:
        return
    reference = _reference(refund, refund["bookings"])
    await ledger.counter("refund_undone", reference, of=("refund_decided", reference))
    await db.execute("UPDATE payments_refund SET set_aside = false WHERE id = $1", refund["id"])


async def pay_out(refund: Record, *, channel: str) -> None:
    """The money is with the payer. What was put back after an abnormal end is set aside again first."""
    await set_aside(refund)
    surplus, treasury = refund["reason"] == RefundReason.SURPLUS, refund["route"] == RefundRoute.TREASURY
    out_of = ledger.SURPLUS if surplus else ledger.REFUNDING
    into = ledger.RETURNED if treasury else ledger.channel_account(channel)
    await ledger.post(
        "refund", refund["number"], postings=[(out_of, refund["amount_fen"]), (into, -refund["amount_fen"])]
    )


def _reference(refund: Record, booking: int) -> str:
    return f"{refund['number']}:{booking}"


async def _sources(refund: Record) -> list[tuple[str, int]]:
    """Where the money lies: disputed, still owed to the treasury, or shared out among treasuries already."""
    payment = (await db.fetch(PAYMENT, refund["payment_id"]))[0]
    if payment["outcome"] != "settled":
        return [(ledger.DISPUTED, refund["amount_fen"])]
    sources: list[tuple[str, int]] = []
    for part in await _parts(refund["id"]):
        item, fen = (part["department_id"], part["income_item_code"]), part["fen"]
        handed = await handing.handed_over(*item, booked_at=payment["booked_at"])
        if handed is None:
            sources.append((ledger.income_account(*item), fen))
        else:
            sources += handing.shared_out(fen, shares=handed, item=item[1])
    return sources


async def _parts(refund: UUID) -> list[Record]:
    return list(
        await db.fetch(
            "SELECT b.department_id, b.income_item_code, sum(p.amount_fen)::bigint AS fen FROM payments_refund_part p "
            "JOIN payments_bill b ON b.id = p.bill_id WHERE p.refund_id = $1 "
            "GROUP BY b.department_id, b.income_item_code ORDER BY b.department_id, b.income_item_code",
            refund,
        )
    )
