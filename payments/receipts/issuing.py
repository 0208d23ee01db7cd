"""
A receipt is issued in the transaction that settles its bill: a snapshot nobody edits afterwards. Its number comes from
an issuer (payments/receipts/issuers.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from kit import clock, db
from kit.config import current
from kit.ids import new_id, readable_code
from kit.texts import text
from payments.config import PaymentSettings
from payments.receipts.issuers import Ask, issuer

SURCHARGE = text("加处罚款", "Daily surcharge")


@dataclass(frozen=True)
class Sheet:
    """What is to stand on a receipt. `reverses`, `replaces`: the blue receipt a red or a remainder's one is for."""

    bill: UUID
    order: UUID
    amount_fen: int
    lines: Sequence[dict[str, Any]]
    reverses: UUID | None = None
    replaces: UUID | None = None
    refund: UUID | None = None


async def issue(bill: UUID, *, order: UUID, part: Record) -> UUID:
    """Issues the receipt of a bill that was just settled by `part` of the order. Joins the open transaction."""
    amount = part["principal_fen"] + part["surcharge_fen"]
    return await write(Sheet(bill, order, amount, await _lines(bill, part=part)))


async def _lines(bill: UUID, *, part: Record) -> list[dict[str, Any]]:
    """The bill's lines when all of them were paid at once, or else one line for the instalment or what was left."""
    rows = await db.fetch(
        "SELECT place, name, amount_fen FROM payments_bill_line WHERE bill_id = $1 ORDER BY place", bill
    )
    lines = [
        {"place": str(row["place"]), "name": json.loads(row["name"]), "amount_fen": row["amount_fen"]} for row in rows
    ]
    if sum(line["amount_fen"] for line in lines) != part["principal_fen"]:
        title = json.loads(await db.fetch_value("SELECT title FROM payments_bill WHERE id = $1", bill))
        lines = [{"place": "", "name": title, "amount_fen": part["principal_fen"]}] if part["principal_fen"] else []
    if part["surcharge_fen"]:
        lines.append({"place": "surcharge", "name": SURCHARGE.model_dump(), "amount_fen": part["surcharge_fen"]})
    return lines


async def write(sheet: Sheet) -> UUID:
    """Writes a receipt in the open transaction, numbered at once unless an outside platform has to be asked."""
    now, receipt, through = clock.now(), new_id(), issuer()
    numbers = await through.number(Ask(receipt, sheet.amount_fen, now)) if through.inside else None
    await db.execute(
        "INSERT INTO payments_receipt (id, code, number, check_code, verify_code, bill_id, order_id, amount_fen, "
        "lines, issuer, status, issued_at, reverses, replaces, refund, through, next_try_at) "
        "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9::jsonb,$10,$11,$12,$13,$14,$15,$16,$17)",
        receipt, numbers and numbers.code, numbers and numbers.number, numbers and numbers.check_code,
        readable_code(26), sheet.bill, sheet.order, sheet.amount_fen, json.dumps(sheet.lines, ensure_ascii=False),
        current(PaymentSettings).receipt_issuer, "red" if sheet.reverses else "issued", now, sheet.reverses,
        sheet.replaces, sheet.refund, through.name, None if numbers else now,
    )  # fmt: skip
    return receipt
