"""
A receipt is issued in the transaction that settles its bill: a snapshot nobody edits afterwards.

The demonstration's own issuer numbers it there and then. Code 8 digits = division, class, kind and year; number 10
digits, rising; a check code of 6 characters over both and the amount. A number that a rolled-back transaction took is
not used again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from kit import clock, crypto, db
from kit.config import current
from kit.ids import READABLE, new_id, readable_code
from kit.texts import text
from payments.config import PaymentSettings

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


def check_code(code: str, number: str, *, amount_fen: int) -> str:
    """Six characters that a forged code, number or amount does not have."""
    digest = crypto.sign(f"{code}{number}:{amount_fen}", purpose="receipt.check").encode()
    return "".join(READABLE[byte % len(READABLE)] for byte in digest[:6])


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
    """Writes and numbers a receipt in the open transaction."""
    settings, now = current(PaymentSettings), clock.now()
    code = f"{settings.receipt_class_code}{clock.city_time(now):%y}"
    sequence: int = await db.fetch_value("SELECT nextval('payments_receipt_number')")
    number, receipt = f"{sequence:010d}", new_id()
    await db.execute(
        "INSERT INTO payments_receipt (id, code, number, check_code, verify_code, bill_id, order_id, amount_fen, "
        "lines, issuer, status, issued_at, reverses, replaces, refund) "
        "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9::jsonb,$10,$11,$12,$13,$14,$15)",
        receipt, code, number, check_code(code, number, amount_fen=sheet.amount_fen), readable_code(26), sheet.bill,
        sheet.order, sheet.amount_fen, json.dumps(sheet.lines, ensure_ascii=False), settings.receipt_issuer,
        "red" if sheet.reverses else "issued", now, sheet.reverses, sheet.replaces, sheet.refund,
    )  # fmt: skip
    return receipt
