"""
One order's money from bill to books: what is owed, what came, what went back, what was booked, what was doubted, and
one list of everything that happened in its order.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from kit import db
from kit.texts import Text, text
from payments.bills import masked_payer
from payments.models import Bill
from payments.refunds import board as refund_board
from payments.refunds.schemas import RefundView
from payments.states import OrderState
from payments.tracing.schemas import (
    CheckedView,
    EntryView,
    Happening,
    PostingView,
    Story,
    TracedBill,
    TracedPayment,
    TracedReceipt,
)
from payments.treasury.board import KINDS as ENTRY_KINDS
from payments.treasury.board import name_of

BEIJING = ZoneInfo("Asia/Shanghai")  # the channels' own day, whatever the city's

ORDER_STATES = {
    OrderState.CREATED: text("已创建", "Opened"),
    OrderState.UNKNOWN: text("下单结果未知", "The channel's answer was lost"),
    OrderState.AWAITING_PAYER: text("等待支付", "Awaiting the payer"),
    OrderState.CONFIRMING: text("确认中", "Confirming"),
    OrderState.CLOSING: text("关闭中", "Closing"),
    OrderState.PAID: text("已支付", "Paid"),
    OrderState.DISPUTED: text("待处理", "Disputed"),
    OrderState.CLOSED: text("已关闭", "Closed"),
    OrderState.REFUNDING: text("退付中", "Refunding"),
    OrderState.REFUNDED: text("已退付", "Refunded"),
}
OUTCOMES = {
    "settled": text("已核销缴款书", "Settled its bills"),
    "surplus": text("多缴，自动退回", "Surplus, goes back"),
    "disputed": text("金额等不符，待处理", "Disputed"),
}


async def of_order(order: UUID) -> Story:
    """The story of one order that is there."""
    row = (await db.fetch("SELECT * FROM payments_order WHERE id = $1", order))[0]
    payments = [_payment(p) for p in await db.fetch(PAYMENTS, order)]
    refunds = await refund_board.of_orders([order])
    receipts = [_receipt(r) for r in await db.fetch(RECEIPTS, order)]
    entries = await _entries(row["channel"], payments, refunds)
    back = sum(refund.amount_fen for refund in refunds if refund.state == "succeeded")
    return Story(
        order=order, number=row["number"], channel=row["channel"], scene=row["scene"], state=row["state"],
        state_text=ORDER_STATES[OrderState(row["state"])], amount_fen=row["amount_fen"], created_at=row["created_at"],
        bills=await _bills(await db.fetch(PARTS, order)), payments=payments, refunds=refunds, receipts=receipts,
        entries=entries, checked=await _checked(row["channel"], payments),
        happenings=await _happenings(row, payments, refunds, receipts),
        held_fen=sum(payment.amount_fen for payment in payments) - back,
    )  # fmt: skip


async def of_bill(bill: UUID) -> Story:
    """A bill nobody opened an order for yet."""
    rows = await db.fetch(
        "SELECT id AS bill_id, principal_fen, 0::bigint AS surcharge_fen FROM payments_bill WHERE id = $1", bill
    )
    bills = await _bills(rows)
    return Story(
        order=None, number="", channel="", scene="", state="", state_text=None, amount_fen=0, created_at=None,
        bills=bills, payments=[], refunds=[], receipts=[], entries=[], checked=[], happenings=[], held_fen=0,
    )  # fmt: skip


PARTS = "SELECT bill_id, principal_fen, surcharge_fen FROM payments_order_bill WHERE order_id = $1 ORDER BY bill_id"
PAYMENTS = "SELECT * FROM payments_payment WHERE order_id = $1 ORDER BY learned_at, id"
RECEIPTS = "SELECT * FROM payments_receipt WHERE order_id = $1 ORDER BY issued_at, id"


async def _bills(parts: Sequence[Record]) -> list[TracedBill]:
    found = {
        bill.id: bill for bill in await Bill.filter(id__in=[p["bill_id"] for p in parts]).select_related("department")
    }
    return [_bill(found[part["bill_id"]], part) for part in parts]


def _bill(bill: Bill, part: Record) -> TracedBill:
    return TracedBill(
        id=bill.id, title=Text.model_validate(bill.title), payment_code=bill.payment_code,
        department=Text.model_validate(bill.department.name), state=bill.state, payer_masked=masked_payer(bill),
        principal_fen=part["principal_fen"], surcharge_fen=part["surcharge_fen"], due_on=bill.due_on,
    )  # fmt: skip


def _payment(row: Record) -> TracedPayment:
    return TracedPayment(
        id=row["id"], transaction_id=row["transaction_id"], amount_fen=row["amount_fen"], outcome=row["outcome"],
        outcome_text=OUTCOMES[row["outcome"]], paid_at=row["paid_at"], learned_at=row["learned_at"],
        learned_by=row["learned_by"],
    )  # fmt: skip


def _receipt(row: Record) -> TracedReceipt:
    number = f"{row['code']}-{row['number']}" if row["number"] else ""
    return TracedReceipt(
        id=row["id"], number=number, status=row["status"], amount_fen=row["amount_fen"], issued_at=row["issued_at"]
    )


ENTRIES = """
SELECT e.at, e.kind, e.reference,
  jsonb_agg(jsonb_build_array(p.account, p.amount_fen) ORDER BY p.amount_fen DESC, p.account) AS postings
FROM payments_ledger_entry e JOIN payments_posting p ON p.entry_id = e.id
WHERE (e.kind = 'payment' AND e.reference = ANY($1)) OR (e.kind = 'refund' AND e.reference = ANY($2))
  OR (e.kind IN ('refund_decided', 'refund_undone') AND e.reference = ANY($3))
GROUP BY e.id ORDER BY e.at, e.kind
"""
MOST_BOOKINGS = 20  # times one refund was set aside


async def _entries(channel: str, payments: list[TracedPayment], refunds: list[RefundView]) -> list[EntryView]:
    rows = await db.fetch(
        ENTRIES, [f"{channel}:{payment.transaction_id}"[:64] for payment in payments],
        [refund.number for refund in refunds],
        [f"{refund.number}:{count}" for refund in refunds for count in range(1, MOST_BOOKINGS)],
    )  # fmt: skip
    return [
        EntryView(
            at=row["at"], kind=row["kind"], kind_text=ENTRY_KINDS.get(row["kind"], text(row["kind"])),
            reference=row["reference"],
            postings=[
                PostingView(account=account, name=name_of(account), amount_fen=fen)
                for account, fen in json.loads(row["postings"])
            ],
        )
        for row in rows
    ]  # fmt: skip


async def _checked(channel: str, payments: list[TracedPayment]) -> list[CheckedView]:
    days = {payment.paid_at.astimezone(BEIJING).date() for payment in payments}
    rows = await db.fetch(
        "SELECT r.id, r.day, r.state, (SELECT count(*) FROM payments_difference d WHERE d.run_id = r.id "
        "AND d.transaction_id = ANY($3))::int AS differences FROM payments_reconciliation_run r "
        "WHERE r.channel = $1 AND r.day = ANY($2) ORDER BY r.day",
        channel, list(days), [payment.transaction_id for payment in payments],
    )  # fmt: skip
    return [CheckedView(run=r["id"], day=r["day"], state=r["state"], differences=r["differences"]) for r in rows]


async def _happenings(
    order: Record, payments: list[TracedPayment], refunds: list[RefundView], receipts: list[TracedReceipt]
) -> list[Happening]:
    """Everything dated about the order, the earliest first."""
    told = [_happening(order["created_at"], "order", text("下单", "Order opened"), fen=order["amount_fen"])]
    told += await _moves(order["id"])
    for payment in payments:
        told.append(
            _happening(
                payment.paid_at, "payment", text("渠道收款", "The channel took the money"),
                fen=payment.amount_fen, reference=payment.transaction_id,
            )
        )  # fmt: skip
    for receipt in receipts:
        what = text("红字票据", "Red-letter receipt") if receipt.amount_fen < 0 else text("开具票据", "Receipt issued")
        told.append(_happening(receipt.issued_at, "receipt", what, fen=receipt.amount_fen, reference=receipt.number))
    told += await _of_refunds(refunds)
    told += await _doubts(order["number"], refunds)
    return sorted(told, key=lambda happening: happening.at.replace(microsecond=0))  # channels tell whole seconds


def _happening(
    at: Any, kind: str, what: Text, *, who: Text | None = None, fen: int | None = None, reference: str = ""
) -> Happening:
    return Happening(at=at, kind=kind, text=what, who=who, amount_fen=fen, reference=reference)


async def _moves(order: UUID) -> list[Happening]:
    rows = await db.fetch("SELECT * FROM payments_order_change WHERE order_id = $1 ORDER BY at, id", order)
    names = await refund_board.names_of(row["who"] for row in rows)
    return [
        _happening(row["at"], "order", ORDER_STATES[OrderState(row["to_state"])], who=names[row["who"]].name)
        for row in rows
    ]


async def _of_refunds(refunds: list[RefundView]) -> list[Happening]:
    told = [
        _happening(
            refund.requested_at, "refund", text("申请退付", "Refund asked for"), who=refund.requested_by.name,
            fen=refund.amount_fen, reference=refund.number,
        )
        for refund in refunds
    ]  # fmt: skip
    numbers = {refund.id: refund for refund in refunds}
    rows = await db.fetch("SELECT * FROM payments_refund_change WHERE refund_id = ANY($1) ORDER BY at", list(numbers))
    names = await refund_board.names_of(row["who"] for row in rows)
    for row in rows:
        refund = numbers[row["refund_id"]]
        told.append(
            _happening(
                row["at"], "refund", refund_board.STATES[row["to_state"]], who=names[row["who"]].name,
                fen=refund.amount_fen, reference=refund.number,
            )
        )  # fmt: skip
    return told


DOUBTS = """
SELECT opened_at AS at, 'exception' AS kind, kind AS what, reference FROM payments_exception
WHERE reference = ANY($1) OR split_part(reference, ':', 1) = $2
UNION ALL
SELECT found_at, 'difference', kind, coalesce(nullif(number, ''), transaction_id) FROM payments_difference
WHERE number = $2
ORDER BY 1
"""


async def _doubts(number: str, refunds: list[RefundView]) -> list[Happening]:
    rows = await db.fetch(DOUBTS, [number, *(refund.number for refund in refunds)], number)
    heads = {"exception": text("转人工处理", "Given to people"), "difference": text("对账差异", "Difference found")}
    return [
        _happening(
            row["at"], row["kind"],
            text(f"{heads[row['kind']].zh}：{row['what']}", f"{heads[row['kind']].en}: {row['what']}"),
            reference=row["reference"],
        )
        for row in rows
    ]  # fmt: skip
