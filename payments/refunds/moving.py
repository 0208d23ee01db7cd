"""
`move` is the only writer of a refund's state. What follows from a state happens in the same transaction: the books,
the order's state, the receipts, the notice to the payer.
"""

import json
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.log import logger
from payments import orders, receipts
from payments.errors import MoveRefused
from payments.events import RefundMoved, SurplusRefunded
from payments.exceptions import open_exception
from payments.refunds import booking
from payments.states import (
    REFUND_MOVES,
    REFUND_UNDER_WAY,
    ExceptionKind,
    OrderState,
    RefundReason,
    RefundState,
)

log = logger("payments")
FAILED = frozenset({RefundState.ABNORMAL, RefundState.CLOSED})
ENDS = FAILED | {RefundState.SUCCEEDED, RefundState.REFUSED}
TOLD = FAILED | {RefundState.REQUESTED, RefundState.HANDED_OVER, RefundState.SUCCEEDED}  # what the payer hears of
READ = (
    "SELECT r.*, p.channel, p.transaction_id, p.number AS order_number, p.amount_fen AS paid_fen, p.outcome, p.paid_at "
    "FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id WHERE r.id = $1"
)


async def locked(refund: UUID) -> tuple[Record, Record]:
    """The refund with its payment, and its order, locked after the bills. Raises NotFound."""
    order = await db.fetch_value("SELECT order_id FROM payments_refund WHERE id = $1", refund)
    if order is None:
        raise NotFound
    await lock_bills(order)
    held = await orders.locked(order)
    return (await db.fetch(f"{READ} FOR UPDATE OF r", refund))[0], held


async def lock_bills(order: UUID) -> None:
    """Bills before order: the one order in which rows are locked."""
    await db.execute(
        "SELECT 1 FROM payments_bill WHERE id IN (SELECT bill_id FROM payments_order_bill WHERE order_id = $1) "
        "ORDER BY id FOR UPDATE",
        order,
    )


async def move(refund: Record, *, order: Record, to: RefundState, who: str, why: str, **columns: Any) -> None:
    """
    Moves a refund along an edge of the graph; `columns` are set with it. Both rows are locked by the caller.

    Raises MoveRefused, then nothing is written.
    """
    come_from = RefundState(refund["state"])
    if to not in REFUND_MOVES[come_from]:
        log.warning("refund_move_refused", refund=str(refund["id"]), come_from=str(come_from), to=str(to))
        raise MoveRefused
    if to in ENDS:
        columns = {"next_check_at": None, "finished_at": clock.now()} | columns
    extra = "".join(f", {name} = ${number}" for number, name in enumerate(columns, 7))
    moved = await db.execute(
        f"WITH moved AS (UPDATE payments_refund SET state = $3{extra} WHERE id = $1 AND state = $2 RETURNING id) "  # noqa: S608 - column names of our own
        "INSERT INTO payments_refund_change (id, refund_id, at, from_state, to_state, who, why) "
        "SELECT gen_random_uuid(), id, $4, $2, $3, $5, $6 FROM moved",
        refund["id"], str(come_from), str(to), clock.now(), who[:80], why[:120], *columns.values(),
    )  # fmt: skip
    if moved != 1:
        raise MoveRefused
    await audit.record(
        actor=who, action=f"refund.{to}", subject=f"refund:{refund['id']}", amount_fen=refund["amount_fen"]
    )
    await _follow(refund["id"], order=order, to=to)


async def _follow(refund_id: UUID, *, order: Record, to: RefundState) -> None:
    refund = (await db.fetch(READ, refund_id))[0]
    if to in REFUND_UNDER_WAY:
        await booking.set_aside(refund)
    elif to is RefundState.SUCCEEDED:
        await booking.pay_out(refund, channel=refund["channel"])
        await _reverse_receipts(refund)
    elif to in FAILED:
        await booking.put_back(refund)
        await open_exception(
            ExceptionKind.REFUND_STUCK, channel=refund["channel"], reference=refund["number"], state=str(to)
        )
    await _follow_order(order, channel=refund["channel"])
    if to in TOLD:
        await _tell(refund, order=order, to=to)


PARTS = """
SELECT p.bill_id, sum(p.amount_fen)::bigint AS fen, jsonb_object_agg(p.line, p.amount_fen) AS lines,
  (SELECT r.id FROM payments_receipt r WHERE r.bill_id = p.bill_id AND r.order_id = $2 AND r.amount_fen > 0
   ORDER BY r.issued_at, r.id LIMIT 1) AS receipt
FROM payments_refund_part p WHERE p.refund_id = $1 GROUP BY p.bill_id ORDER BY p.bill_id
"""


async def _reverse_receipts(refund: Record) -> None:
    """冲红: what went back of each bill is taken back on its receipt too."""
    for part in await db.fetch(PARTS, refund["id"], refund["order_id"]):
        assert part["receipt"] is not None, "what was settled has its receipt"
        by = refund["approved_by"] or refund["requested_by"]
        lines = json.loads(part["lines"])
        await receipts.reverse(part["receipt"], refund=refund["id"], amount_fen=part["fen"], by=by, lines=lines)


async def _follow_order(order: Record, *, channel: str) -> None:
    """
    A paid order is refunding while all of its money is on its way back, refunded when it is back, and paid again when
    it does not come to that. Surplus money of an order that settled nothing is back when every refund is through.
    """
    sums = (await db.fetch(SUMS, order["id"], [str(s) for s in REFUND_UNDER_WAY]))[0]
    state = OrderState(await db.fetch_value("SELECT state FROM payments_order WHERE id = $1", order["id"]))
    whole = sums["paid"] > 0 and sums["back"] == sums["paid"]
    to = None
    if state in {OrderState.PAID, OrderState.DISPUTED} and whole:
        to = OrderState.REFUNDING
    elif state is OrderState.REFUNDING and sums["paid"] > 0 and not whole:
        to = OrderState.PAID if sums["settled"] else None
    if to is not None:
        await orders.move(order["id"], come_from=state, to=to, who=f"channel:{channel}", why=f"refund: {to}")
        state = to
    through = sums["open"] == 0 and sums["done"] == sums["came"]
    if state is OrderState.REFUNDING and through:
        await orders.move(
            order["id"], come_from=state, to=OrderState.REFUNDED, who=f"channel:{channel}", why="refunded"
        )


# What came, what of it is no surplus, what of that is back or on its way; what is back of all; refunds still open.
SUMS = """
SELECT p.came, p.paid, p.settled, r.* FROM
  (SELECT coalesce(sum(amount_fen), 0)::bigint AS came,
     coalesce(sum(amount_fen) FILTER (WHERE outcome <> 'surplus'), 0)::bigint AS paid,
     coalesce(bool_or(outcome = 'settled'), false) AS settled FROM payments_payment WHERE order_id = $1) p,
  (SELECT
     coalesce(sum(amount_fen) FILTER (WHERE reason <> 'surplus' AND (state = 'succeeded' OR state = ANY($2))), 0)
       ::bigint AS back,
     coalesce(sum(amount_fen) FILTER (WHERE state = 'succeeded'), 0)::bigint AS done,
     (count(*) FILTER (WHERE state NOT IN ('succeeded', 'closed', 'refused')))::int AS open
   FROM payments_refund WHERE order_id = $1) r
"""


async def _tell(refund: Record, *, order: Record, to: RefundState) -> None:
    if to is RefundState.SUCCEEDED and refund["reason"] == RefundReason.SURPLUS:
        await events.publish(
            SurplusRefunded(order=order["id"], citizen=order["citizen_id"], amount_fen=refund["amount_fen"])
        )
    expected: date | None = refund["expected_by"]
    bill = await db.fetch_value(
        "SELECT bill_id FROM payments_order_bill WHERE order_id = $1 ORDER BY bill_id LIMIT 1", order["id"]
    )
    await events.publish(
        RefundMoved(
            refund=refund["id"], number=refund["number"], order=order["id"], citizen=order["citizen_id"], bill=bill,
            amount_fen=refund["amount_fen"], state=str(to), route=refund["route"], expected_by=expected,
        )
    )  # fmt: skip
