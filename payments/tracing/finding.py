"""From any number to the orders and bills it is about. Nobody is found by a name or a phone here."""

import re
from dataclasses import dataclass
from uuid import UUID

from kit import db

MOST = 20  # stories shown of one number

# What a number may be, each with the orders and the bills it leads to. $1: as written, $2: without blanks and dashes.
SOURCES: dict[str, str] = {
    "order": "SELECT id AS order_id, NULL::uuid AS bill_id FROM payments_order WHERE number = $1",
    "transaction": "SELECT order_id, NULL::uuid FROM payments_payment WHERE transaction_id = $1",
    "refund": "SELECT order_id, NULL::uuid FROM payments_refund WHERE number = $1",
    "channel_refund": "SELECT order_id, NULL::uuid FROM payments_refund WHERE channel_refund_id = $1",
    "voucher": "SELECT order_id, NULL::uuid FROM payments_refund WHERE voucher = $1",
    "payment_code": (
        "SELECT p.order_id, b.id FROM payments_bill b LEFT JOIN payments_order_bill p ON p.bill_id = b.id "
        "WHERE b.payment_code = $2"
    ),
    "receipt": (
        "SELECT order_id, NULL::uuid FROM payments_receipt WHERE (number = $2 AND length($2) = 10) "
        "OR (length($2) = 18 AND code = left($2, 8) AND number = right($2, 10))"
    ),
    "verify_code": "SELECT order_id, NULL::uuid FROM payments_receipt WHERE verify_code = $1",
}
BY_ID = """
SELECT 'order' AS kind, id AS order_id, NULL::uuid AS bill_id FROM payments_order WHERE id = $1
UNION SELECT 'refund', order_id, NULL FROM payments_refund WHERE id = $1
UNION SELECT 'receipt', order_id, NULL FROM payments_receipt WHERE id = $1
UNION SELECT 'bill', p.order_id, b.id FROM payments_bill b LEFT JOIN payments_order_bill p ON p.bill_id = b.id
  WHERE b.id = $1
"""


@dataclass(frozen=True)
class Found:
    """`kinds`: what the number is; `orders` it is about, and `bills` nobody ever opened an order for."""

    kinds: list[str]
    orders: list[UUID]
    bills: list[UUID]


async def find(number: str) -> Found:
    """Everything a number leads to; empty when it is nobody's."""
    given = number.strip()
    try:
        rows = await db.fetch(BY_ID, UUID(given))
    except ValueError:
        union = " UNION ALL ".join(
            f"SELECT '{kind}'::text AS kind, found.* FROM ({source}) AS found (order_id, bill_id)"  # noqa: S608 - ours
            for kind, source in SOURCES.items()
        )
        rows = await db.fetch(f"{union} LIMIT 500", given, re.sub(r"[\s-]", "", given))
    orders = list(dict.fromkeys(row["order_id"] for row in rows if row["order_id"]))
    with_order = {row["bill_id"] for row in rows if row["order_id"]}
    bills = list(dict.fromkeys(row["bill_id"] for row in rows if row["bill_id"] and row["bill_id"] not in with_order))
    return Found(sorted({row["kind"] for row in rows}), orders[:MOST], bills[:MOST])
