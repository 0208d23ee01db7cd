"""
What must be true of money whatever happened, asked of the rows; and the channel's own record of charges beside them.

Every finding is a sentence; no finding is the only good answer. Nothing here uses a verb of the office.
"""

import json
from collections.abc import Sequence
from typing import Any

from kit import audit, db
from payments.states import BILL_MOVES, MOVES, REFUND_MOVES, BillState, OrderState, RefundState

AT_WINDOWS = (
    "SELECT (SELECT coalesce(sum(amount_fen), 0) FROM counter_taking WHERE state = 'taken') "
    "- (SELECT coalesce(sum(amount_fen), 0) FROM counter_payout)"
)

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

# What settled orders paid of a bill `b`.
SETTLED = (
    "(SELECT coalesce(sum(p.{}), 0) FROM payments_order_bill p JOIN payments_payment y ON y.order_id = p.order_id "
    "AND y.outcome = 'settled' WHERE p.bill_id = b.id)"
)

NEVER |= {
    "a paid bill has not one settled order": (
        "SELECT b.payment_code FROM payments_bill b WHERE b.state = 'paid' AND (SELECT count(*) FROM "
        "payments_order_bill p JOIN payments_payment y ON y.order_id = p.order_id AND y.outcome = 'settled' "
        "WHERE p.bill_id = b.id AND p.holding) <> 1 AND NOT EXISTS (SELECT 1 FROM payments_refund_part r "
        "WHERE r.bill_id = b.id)"
    ),
    "a bill was paid another amount than its parts of orders": (
        "SELECT b.payment_code FROM payments_bill b "
        f"WHERE b.paid_fen <> {SETTLED.format('principal_fen + p.surcharge_fen')}"
    ),
    "of a paid bill another principal was paid than is owed": (
        "SELECT b.payment_code FROM payments_bill b WHERE b.state = 'paid' "
        f"AND b.principal_fen - b.waived_principal_fen <> {SETTLED.format('principal_fen')}"
    ),
    "the receipts of a bill do not add up to what stays paid": (
        "SELECT b.payment_code FROM payments_bill b WHERE b.paid_fen > 0 AND (SELECT coalesce(sum(r.amount_fen), 0) "
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
        "WHERE b.paid_fen = 0 AND r.status = 'issued'"
    ),
}

NEVER |= {
    "instalments were paid another amount than their bill": (
        "SELECT b.payment_code FROM payments_bill b JOIN dues_plan_part t ON t.bill_id = b.id GROUP BY b.id "
        "HAVING coalesce(sum(t.paid_fen), 0) <> b.paid_fen OR (b.state = 'paid') <> bool_and(t.paid_fen IS NOT NULL)"
    ),
    "a later instalment was paid before an earlier one": (
        "SELECT b.payment_code FROM payments_bill b JOIN dues_plan_part t ON t.bill_id = b.id "
        "JOIN dues_plan_part later ON later.bill_id = b.id AND later.place > t.place "
        "WHERE t.paid_fen IS NULL AND later.paid_fen IS NOT NULL"
    ),
    "a bill has other relief than two people agreed to": (
        "SELECT b.payment_code FROM payments_bill b LEFT JOIN dues_amendment a ON a.bill_id = b.id "
        "AND a.state = 'approved' AND a.kind = 'waiver' AND a.proposed_by <> a.decided_by GROUP BY b.id "
        "HAVING coalesce(sum((a.terms->>'principal_fen')::bigint), 0) <> b.waived_principal_fen"
    ),
    "a waived bill was paid, or is owed": (
        "SELECT payment_code FROM payments_bill "
        "WHERE state = 'waived' AND (paid_fen <> 0 OR waived_principal_fen <> principal_fen)"
    ),
    "what was agreed at the desk was not booked once": (
        "SELECT p.id::text FROM desk_proposal p WHERE (SELECT count(*) FROM payments_ledger_entry e WHERE "
        "e.kind = 'correction' AND e.reference = p.id::text) <> (p.state = 'done' AND p.action IN "
        "('suspense', 'fee', 'recover', 'return'))::int"
    ),
    "a correction nobody agreed to": (
        "SELECT e.reference FROM payments_ledger_entry e WHERE e.kind = 'correction' AND NOT EXISTS (SELECT 1 FROM "
        "desk_proposal p WHERE p.id::text = e.reference AND p.state = 'done' AND p.decided_by <> p.proposed_by)"
    ),
    "money taken at a window is not what was settled": (
        "SELECT t.id::text FROM counter_taking t WHERE t.state = 'taken' AND (SELECT count(*) FROM payments_payment y "
        "WHERE y.order_id = t.order_id AND y.channel = 'counter' AND y.amount_fen = t.amount_fen) <> 1"
    ),
    "a window's payment was never taken": (
        "SELECT y.number FROM payments_payment y WHERE y.channel = 'counter' AND NOT EXISTS "
        "(SELECT 1 FROM counter_taking t WHERE t.order_id = y.order_id AND t.state = 'taken')"
    ),
    "cash was given back without its refund, or another amount": (
        "SELECT p.voucher FROM counter_payout p LEFT JOIN payments_refund r ON r.id = p.refund "
        "WHERE r.state IS DISTINCT FROM 'succeeded' OR r.amount_fen <> p.amount_fen OR r.route <> 'counter'"
    ),
    "the books hold other cash than the drawers": (
        "SELECT held.fen::text FROM (SELECT coalesce(sum(p.amount_fen), 0) AS fen FROM payments_posting p "
        "JOIN payments_ledger_entry e ON e.id = p.entry_id AND e.kind <> 'counter_deposit' "
        "WHERE p.account = 'channel:counter') held "
        f"WHERE held.fen <> ({AT_WINDOWS})"
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

    `charges` as the sandbox lists them. What finance corrected by the channel's bill was charged to nobody. Those
    of orders we do not know were never ours to take.
    """
    numbers = {row["number"] for row in await db.fetch("SELECT number FROM payments_order")}
    strange = [c["out_trade_no"] for c in charges if c["out_trade_no"] not in numbers]
    net = sum(charge["net_fen"] for charge in charges)
    held = await _sum(
        "SELECT sum(p.amount_fen) FROM payments_posting p JOIN payments_ledger_entry e ON e.id = p.entry_id "
        "WHERE p.account = $1 AND e.kind <> 'correction'",
        f"channel:{channel}",
    )
    found = [f"people were charged for orders we do not know: {strange[:5]}"] if strange else []
    if net != held:
        found.append(f"people were charged {net} fen net, the books hold {held}")
    return found


async def at_windows() -> int:
    """What people handed over at windows and did not get back, in fen."""
    return await _sum(AT_WINDOWS)


async def dues() -> int:
    """What was owed and paid of all bills, without what lawfully went back, in fen."""
    back = (
        "SELECT sum(part.amount_fen) FROM payments_refund_part part JOIN payments_refund r ON r.id = part.refund_id "
        "WHERE r.state = 'succeeded'"
    )
    return await _sum("SELECT sum(paid_fen) FROM payments_bill") - await _sum(back)


async def _sum(sql: str, *values: object) -> int:
    return int(await db.fetch_value(sql, *values) or 0)
