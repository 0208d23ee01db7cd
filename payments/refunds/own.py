"""What payers see of refunds of their bills: that one was agreed to, which way it goes, when to expect it."""

from uuid import UUID

from asyncpg import Record

from kit import db
from kit.texts import text
from payments.refunds.board import ROUTES
from payments.refunds.schemas import OwnRefund
from payments.states import RefundRoute, RefundState

STATES = {
    "refunding": text("退款中", "Being refunded"),
    "refunded": text("已退款", "Refunded"),
    "looked_at": text("工作人员处理中", "Our staff see to it"),
}
PUBLIC = {
    RefundState.REQUESTED: "refunding",
    RefundState.PROCESSING: "refunding",
    RefundState.HANDED_OVER: "refunding",
    RefundState.SUCCEEDED: "refunded",
    RefundState.ABNORMAL: "looked_at",
    RefundState.CLOSED: "looked_at",
}
# Of a bill its parts; surplus money of an order of this bill alone, for it is of no bill.
OF_BILL = """
SELECT r.*, part.fen FROM payments_refund r CROSS JOIN LATERAL (
  SELECT sum(p.amount_fen)::bigint AS fen FROM payments_refund_part p WHERE p.refund_id = r.id AND p.bill_id = $1) part
WHERE r.id IN (SELECT refund_id FROM payments_refund_part WHERE bill_id = $1)
UNION ALL
SELECT r.*, r.amount_fen FROM payments_refund r JOIN payments_order_bill b ON b.order_id = r.order_id AND b.bill_id = $1
WHERE r.reason IN ('surplus', 'disputed')
  AND (SELECT count(*) FROM payments_order_bill o WHERE o.order_id = r.order_id) = 1
ORDER BY requested_at
"""


async def of_bill(bill: UUID) -> list[OwnRefund]:
    """The refunds that were agreed to, the earliest first; what was only asked for is not promised to anybody."""
    return [_shown(row) for row in await db.fetch(OF_BILL, bill) if row["state"] in PUBLIC]


def _shown(row: Record) -> OwnRefund:
    state = PUBLIC[row["state"]]
    return OwnRefund(
        number=row["number"], amount_fen=row["fen"], state=state, state_text=STATES[state], route=row["route"],
        route_text=ROUTES[RefundRoute(row["route"])], decided_at=row["approved_at"] or row["requested_at"],
        expected_by=row["expected_by"] if state == "refunding" else None, finished_at=row["finished_at"],
    )  # fmt: skip
