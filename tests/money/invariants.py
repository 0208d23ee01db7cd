"""
What must be true of money whatever happened, asked of the rows; and the channel's own record of charges beside them.

Every finding is a sentence; no finding is the only good answer. Nothing here uses a verb of the office.
"""

import json
from collections.abc import Sequence
from typing import Any

from kit import audit, db
from payments.states import BILL_MOVES, MOVES, REFUND_MOVES, BillState, OrderState, RefundState

# Each asks for what must not be there; a row found is a violation, told by its first column.
NEVER = {
    "an entry does not sum to zero": (
        "SELECT e.kind || ' ' || e.reference FROM payments_ledger_entry e LEFT JOIN payments_posting p "
        "ON p.entry_id = e.id GROUP BY e.id HAVING coalesce(sum(p.amount_fen), 0) <> 0 OR count(p.id) < 2"
    ),
    "the books do not sum to zero": "SELECT sum(amount_fen)::text FROM payments_posting HAVING sum(amount_fen) <> 0",
    "a payment is not booked once": (
        "SELECT p.transaction_id || ' ' || count(e.id) FROM payments_payment p LEFT JOIN payments_ledger_entry e "
        "ON e.kind = 'payment' AND e.reference = left(p.channel || ':' || p.transaction_id, 64) "
        "GROUP BY p.id HAVING count(e.id) <> 1"
    ),
    "a transaction was taken twice": (
        "SELECT channel || ' ' || transaction_id FROM payments_payment GROUP BY channel, transaction_id "
        "HAVING count(*) > 1"
    ),
    "an order settled twice": (
        "SELECT number FROM payments_payment WHERE outcome = 'settled' GROUP BY number HAVING count(*) > 1"
    ),
    "refunds exceed their payment": (
        "SELECT p.transaction_id FROM payments_payment p JOIN payments_refund r ON r.payment_id = p.id "
        "WHERE r.state <> 'closed' GROUP BY p.id HAVING sum(r.amount_fen) > p.amount_fen"
    ),
    "surplus was not given back": (
        "SELECT p.transaction_id FROM payments_payment p WHERE p.outcome = 'surplus' AND NOT EXISTS "
        "(SELECT 1 FROM payments_refund r WHERE r.payment_id = p.id)"
    ),
    "a paid order has no settled payment": (
        "SELECT o.number FROM payments_order o WHERE o.state = 'paid' AND NOT EXISTS "
        "(SELECT 1 FROM payments_payment p WHERE p.order_id = o.id AND p.outcome = 'settled')"
    ),
    "a refunded order still has a refund under way": (
        "SELECT o.number FROM payments_order o JOIN payments_refund r ON r.order_id = o.id "
        "WHERE o.state = 'refunded' AND r.state NOT IN ('succeeded', 'closed')"
    ),
    "a bill is held by two orders": (
        "SELECT bill_id::text FROM payments_order_bill WHERE holding GROUP BY bill_id HAVING count(*) > 1"
    ),
    "an order that is over holds a bill": (
        "SELECT o.number FROM payments_order_bill b JOIN payments_order o ON o.id = b.order_id "
        "WHERE b.holding AND o.state IN ('closed', 'refunding', 'refunded')"
    ),
    "a pending order is on no schedule and nobody was told": (
        "SELECT o.number FROM payments_order o WHERE o.next_check_at IS NULL "
        "AND o.state IN ('created', 'unknown', 'awaiting_payer', 'confirming', 'closing') AND NOT EXISTS "
        "(SELECT 1 FROM payments_exception e WHERE e.reference = o.number)"
    ),
    "a notice was settled and nothing came of it": (
        "SELECT n.sender_id FROM payments_notice n WHERE n.state = 'settled' AND n.event LIKE 'TRANSACTION.%' "
        "AND NOT EXISTS (SELECT 1 FROM payments_payment)"
    ),
    "a transaction was left open": (
        "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND state LIKE 'idle in transaction%' AND application_name = 'handheld'"
    ),
    "an advisory lock was left behind": (
        "SELECT l.objid::text FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
        "AND a.datname = current_database() AND a.application_name = 'handheld'"
    ),
}

NEVER |= {
    "a paid bill has not one settled order": (
        "SELECT b.payment_code FROM payments_bill b WHERE b.state = 'paid' AND (SELECT count(*) FROM "
        "payments_order_bill p JOIN payments_payment y ON y.order_id = p.order_id AND y.outcome = 'settled' "
        "WHERE p.bill_id = b.id AND p.holding) <> 1 AND NOT EXISTS (SELECT 1 FROM payments_refund_part r "
        "WHERE r.bill_id = b.id)"
    ),
    "a bill was paid another amount than its part of the order": (
        "SELECT b.payment_code FROM payments_bill b JOIN payments_order_bill p ON p.bill_id = b.id AND p.holding "
        "WHERE b.state = 'paid' AND b.paid_fen <> p.principal_fen + p.surcharge_fen"
    ),
    "the receipts of a paid bill do not add up to what stays paid": (
        "SELECT b.payment_code FROM payments_bill b WHERE b.state = 'paid' AND (SELECT coalesce(sum(r.amount_fen), 0) "
        "FROM payments_receipt r WHERE r.bill_id = b.id) <> b.paid_fen - (SELECT coalesce(sum(part.amount_fen), 0) "
        "FROM payments_refund_part part JOIN payments_refund r ON r.id = part.refund_id "
        "WHERE part.bill_id = b.id AND r.state = 'succeeded')"
    ),
    "a refund was agreed to by who asked for it": (
        "SELECT number FROM payments_refund WHERE requested_by IN (approved_by, second_by) OR approved_by = second_by"
    ),
    "money asked back by a person moved without another one": (
        "SELECT number FROM payments_refund WHERE reason <> 'surplus' AND approved_by IS NULL "
        "AND state NOT IN ('asked', 'refused')"
    ),
    "an unpaid bill has a receipt": (
        "SELECT b.payment_code FROM payments_bill b JOIN payments_receipt r ON r.bill_id = b.id "
        "WHERE b.state = 'unpaid' AND r.status = 'issued'"
    ),
}


async def violations() -> list[str]:
    """What is wrong with the rows, in sentences."""
    found = []
    for name, sql in NEVER.items():
        rows = await db.fetch(sql)
        if rows:
            found.append(f"{name}: {', '.join(str(row[0]) for row in rows[:5])}")
    return found + await _histories() + await _chain()


async def _histories() -> list[str]:
    """Every order came to its state along edges of the graph, one after the other from its beginning."""
    rows = await db.fetch(
        "SELECT o.number, o.state, coalesce(json_agg(json_build_array(c.from_state, c.to_state) ORDER BY c.at, c.id) "
        "FILTER (WHERE c.id IS NOT NULL), '[]') AS steps FROM payments_order o "
        "LEFT JOIN payments_order_change c ON c.order_id = o.id GROUP BY o.id"
    )
    return [
        f"an order's history is none: {row['number']}"
        for row in rows
        if not is_history(json.loads(row["steps"]), ends=row["state"])
    ]


def is_history(steps: Sequence[Sequence[str]], *, ends: str) -> bool:
    """Whether edges of the graph, each used once it can be, lead from `created` to `ends`."""
    here = {come: [to for start, to in steps if start == come] for come, _ in steps}
    if any(OrderState(to) not in MOVES[OrderState(come)] for come, to in steps):
        return False
    arrivals = [to for _, to in steps]
    balance = {state: arrivals.count(state) - len(here.get(state, [])) for state in {*arrivals, *here}}
    if not steps:
        return ends == OrderState.CREATED
    wanted = dict.fromkeys(balance, 0) | ({ends: 1, "created": -1} if ends != "created" else {})
    return balance == wanted


async def _chain() -> list[str]:
    _, broken = await audit.verify()
    return [] if broken is None else [f"the audit chain is broken: {broken}"]


def graph_is_whole() -> list[str]:
    """Every state is in its graph, and reachable."""
    found = []
    for name, states, moves in (
        ("order", OrderState, MOVES), ("bill", BillState, BILL_MOVES), ("refund", RefundState, REFUND_MOVES),
    ):  # fmt: skip
        reached = {next(iter(states))} | {to for edges in moves.values() for to in edges}
        found += [f"{name} state {state} has no edges listed" for state in states if state not in moves]
        found += [f"{name} state {state} is never reached" for state in states if state not in reached]
    return found


async def books_against_charges(charges: Sequence[dict[str, Any]], *, channel: str) -> list[str]:
    """
    The channel's record of what people were charged, against our books. To be asked when all is quiet.

    `charges` as the sandbox lists them; those of orders we do not know were never ours to take.
    """
    numbers = {row["number"] for row in await db.fetch("SELECT number FROM payments_order")}
    strange = [c["out_trade_no"] for c in charges if c["out_trade_no"] not in numbers]
    net = sum(charge["net_fen"] for charge in charges)
    held = await _sum("SELECT sum(amount_fen) FROM payments_posting WHERE account = $1", f"channel:{channel}")
    found = [f"people were charged for orders we do not know: {strange[:5]}"] if strange else []
    if net != held:
        found.append(f"people were charged {net} fen net, the books hold {held}")
    return found


async def dues() -> int:
    """What was owed and paid of all bills, without what lawfully went back, in fen."""
    back = (
        "SELECT sum(part.amount_fen) FROM payments_refund_part part JOIN payments_refund r ON r.id = part.refund_id "
        "WHERE r.state = 'succeeded'"
    )
    return await _sum("SELECT sum(paid_fen) FROM payments_bill") - await _sum(back)


async def _sum(sql: str, *values: object) -> int:
    return int(await db.fetch_value(sql, *values) or 0)
