"""Receipts that wait for an outside platform's number: asked for with growing gaps until it has given one."""

import json
from datetime import timedelta
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, crypto, db
from kit.log import logger
from payments.receipts.issuers import Ask, IssuerRefused, IssuerUnknown, Numbers, PlatformIssuer

log = logger("payments")
LONGEST_GAP_MINUTES = 60

# A red-letter receipt names the blue one it takes back by its number: the blue one is numbered first.
DUE = """
SELECT r.id FROM payments_receipt r LEFT JOIN payments_receipt blue ON blue.id = r.reverses
WHERE r.next_try_at <= $1 AND (r.reverses IS NULL OR blue.number IS NOT NULL) ORDER BY r.next_try_at, r.id LIMIT $2
"""
CLAIM = """
UPDATE payments_receipt SET tries = tries + 1, next_try_at = $2
WHERE id = $1 AND next_try_at <= $3 AND number IS NULL RETURNING *
"""
ABOUT = """
SELECT id, payer_name_sealed, payment_code, department_id, income_item_code FROM payments_bill WHERE id = $1
"""


async def due(limit: int = 100) -> list[UUID]:
    """Receipts whose turn it is, the longest waiting first."""
    return [row["id"] for row in await db.fetch(DUE, clock.now(), limit)]


async def number(receipt: UUID) -> bool:
    """Asks the platform for a receipt's number and writes it down. Safe to repeat; False when it is still to come."""
    tries = await db.fetch_value("SELECT tries FROM payments_receipt WHERE id = $1", receipt)
    gap = timedelta(minutes=min(2 ** min(tries or 0, 10), LONGEST_GAP_MINUTES))
    claimed = await db.fetch(CLAIM, receipt, clock.now() + gap, clock.now())
    if not claimed:
        return False
    try:
        numbers = await PlatformIssuer().number(await _ask(claimed[0]))
    except (IssuerUnknown, IssuerRefused) as error:
        log.error("receipt_not_numbered", receipt=str(receipt), why=type(error).__name__, tries=claimed[0]["tries"])
        return False
    await _write(receipt, numbers)
    return True


async def _ask(row: Record) -> Ask:
    bill = (await db.fetch(ABOUT, row["bill_id"]))[0]
    blue = await db.fetch("SELECT code, number FROM payments_receipt WHERE id = $1", row["reverses"])
    return Ask(
        row["id"], row["amount_fen"], row["issued_at"], json.loads(row["lines"]),
        crypto.unseal(bill["payer_name_sealed"], bound_to=f"payments_bill.payer_name:{bill['id']}"),
        bill["payment_code"], bill["department_id"], bill["income_item_code"],
        (blue[0]["code"], blue[0]["number"]) if blue else None,
    )  # fmt: skip


async def _write(receipt: UUID, numbers: Numbers) -> None:
    async with db.transaction():
        done = await db.execute(
            "UPDATE payments_receipt SET code = $2, number = $3, check_code = $4, next_try_at = NULL "
            "WHERE id = $1 AND number IS NULL",
            receipt, numbers.code, numbers.number, numbers.check_code,
        )  # fmt: skip
        if done:
            subject = f"receipt:{receipt}"
            await audit.record(actor="system", action="receipt.numbered", subject=subject, number=numbers.number)
