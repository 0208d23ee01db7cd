"""
冲红: a receipt is never edited. A red-letter receipt takes all of it back, and what remains paid gets a new blue one
(administrative measures for fiscal notes, order 70 of the Ministry of Finance: red-letter issue on return of money).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db, events
from kit.errors import NotFound
from payments.errors import ReceiptReversed, RefundExceedsPaid
from payments.events import ReceiptTakenBack
from payments.receipts.issuing import Sheet, write


async def reverse(
    receipt_id: UUID, *, refund: UUID, amount_fen: int, by: str, lines: Mapping[str, int] | None = None
) -> UUID:
    """
    Takes back the receipt because `amount_fen` of it was refunded; the id of the red-letter receipt.

    Of a receipt that was reversed before, the one of its remainder is meant. `lines`: fen by the place of a bill's
    line, `surcharge` or "" for the rest; what is not named is taken from the last line upwards. The same refund asked
    again answers the same red-letter receipt. Joins the open transaction.

    Raises: NotFound, RefundExceedsPaid, ReceiptReversed when nothing of it stands any more.
    """
    async with db.transaction():
        named = await _locked_all(receipt_id)
        done = next((row["id"] for row in named if row["status"] == "red" and row["refund"] == refund), None)
        if done is not None:
            return UUID(str(done))
        blue = next((row for row in named if row["status"] == "issued"), None)
        if blue is None:
            raise ReceiptReversed
        if not 0 < amount_fen <= blue["amount_fen"]:
            raise RefundExceedsPaid(extra={"left_fen": blue["amount_fen"]})
        return await _take_back(blue, refund=refund, amount_fen=amount_fen, by=by, named_lines=lines or {})


async def _locked_all(receipt: UUID) -> Sequence[Record]:
    """Every receipt of the same bill and payment, locked. Raises NotFound."""
    rows = await db.fetch(
        "SELECT r.* FROM payments_receipt r "
        "JOIN payments_receipt n ON n.bill_id = r.bill_id AND n.order_id = r.order_id "
        "WHERE n.id = $1 ORDER BY r.id FOR UPDATE OF r",
        receipt,
    )
    if not rows:
        raise NotFound
    return rows


async def _take_back(blue: Record, *, refund: UUID, amount_fen: int, by: str, named_lines: Mapping[str, int]) -> UUID:
    await db.execute(
        "UPDATE payments_receipt SET status = 'reversed', reversed_at = $2 WHERE id = $1", blue["id"], clock.now()
    )
    lines = json.loads(blue["lines"])
    red = await write(
        Sheet(
            blue["bill_id"], blue["order_id"], -blue["amount_fen"],
            [line | {"amount_fen": -line["amount_fen"]} for line in lines], reverses=blue["id"], refund=refund,
        )
    )  # fmt: skip
    left, remainder = blue["amount_fen"] - amount_fen, None
    if left:
        kept = left_of(lines, amount_fen=amount_fen, named=named_lines)
        remainder = await write(
            Sheet(blue["bill_id"], blue["order_id"], left, kept, replaces=blue["id"], refund=refund)
        )
    await events.publish(ReceiptTakenBack(receipt=blue["id"], red=red, remainder=remainder, amount_fen=amount_fen))
    await audit.record(
        actor=by, action="receipt.reversed", subject=f"receipt:{blue['id']}", red=str(red), amount_fen=amount_fen,
        remainder=str(remainder) if remainder else None, refund=str(refund),
    )  # fmt: skip
    return red


def left_of(lines: Sequence[dict[str, Any]], *, amount_fen: int, named: Mapping[str, int]) -> list[dict[str, Any]]:
    """
    The lines that remain after `amount_fen` went back: what `named` lines say first, the rest from the last line
    upwards, as a surcharge stands last and falls with what it is for. Never below zero, and no line of nothing.
    """
    left = [line["amount_fen"] for line in lines]
    rest = amount_fen
    for index, line in enumerate(lines):
        taken = min(named.get(line.get("place", ""), 0), left[index], rest) if line.get("place") else 0
        left[index], rest = left[index] - taken, rest - taken
    for index in reversed(range(len(lines))):
        taken = min(left[index], rest)
        left[index], rest = left[index] - taken, rest - taken
    return [line | {"amount_fen": fen} for line, fen in zip(lines, left, strict=True) if fen]
