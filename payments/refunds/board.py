"""What finance sees of refunds: lists, one with its history, and what of an order can still be given back."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from kit import db
from kit.errors import NotFound
from kit.texts import Text, text
from payments.errors import RefundNotPossible
from payments.receipts.issuing import SURCHARGE
from payments.refunds import asking, breakdown
from payments.refunds.schemas import (
    PersonView,
    Refundable,
    RefundableBill,
    RefundableLine,
    RefundChangeView,
    RefundDetail,
    RefundPartView,
    RefundView,
)
from payments.states import RefundReason, RefundRoute, RefundState

STATES = {
    RefundState.ASKED: text("待审批", "Waits for approval"),
    RefundState.REFUSED: text("未同意", "Not agreed to"),
    RefundState.REQUESTED: text("待提交渠道", "About to be sent"),
    RefundState.PROCESSING: text("渠道处理中", "The channel is at it"),
    RefundState.HANDED_OVER: text("待国库或窗口付款", "Waits for treasury or counter"),
    RefundState.SUCCEEDED: text("已退付", "Refunded"),
    RefundState.ABNORMAL: text("退付异常", "The account cannot take it"),
    RefundState.CLOSED: text("退付关闭", "Closed without money"),
}
REASONS = {
    RefundReason.SURPLUS: text("多缴自动退回", "Surplus, returned by rule"),
    RefundReason.MISTAKEN: text("误缴", "Paid by mistake"),
    RefundReason.OVERPAID: text("多缴", "Overpaid"),
    RefundReason.PAID_TWICE: text("重复缴款", "Paid twice"),
    RefundReason.REVOKED: text("决定撤销或变更", "Decision revoked or changed"),
    RefundReason.RELIEF: text("政策减免", "Relief"),
    RefundReason.CASE_ENDED: text("办件未予许可或撤回", "Case refused or withdrawn"),
    RefundReason.DISPUTED: text("到账金额不符", "Another amount than asked for"),
}
ROUTES = {
    RefundRoute.CHANNEL: text("原路退回", "Back the way it came"),
    RefundRoute.TREASURY: text("国库退付", "By the treasury"),
    RefundRoute.COUNTER: text("窗口退付", "At a counter"),
}
CHANNELS = {
    "wechat": text("微信支付", "WeChat Pay"),
    "alipay": text("支付宝", "Alipay"),
    "counter": text("窗口收款", "Counter"),
}
KINDS: dict[str, tuple[str, ...]] = {
    "asked": ("asked",),
    "under_way": ("requested", "processing", "handed_over"),
    "stuck": ("abnormal",),
    "ended": ("succeeded", "closed", "refused"),
    "all": tuple(RefundState),
}
LIST = f"""
SELECT r.*, p.channel, p.transaction_id, p.amount_fen AS paid_fen, p.number AS order_number,
  ({asking.ASKED_OF_PAYMENT.format("r.payment_id")}) AS asked_of_payment
FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
"""  # noqa: S608 - ours


async def refunds(*, kind: str, limit: int, after: tuple[datetime, UUID] | None) -> list[Record]:
    """The latest asked for first."""
    at, id_ = after or (None, None)
    return list(
        await db.fetch(
            f"{LIST} WHERE r.state = ANY($1) AND ($2::timestamptz IS NULL OR (r.requested_at, r.id) < ($2, $3::uuid)) "
            "ORDER BY r.requested_at DESC, r.id DESC LIMIT $4",
            list(KINDS[kind]), at, id_, limit,
        )
    )  # fmt: skip


async def of_orders(orders: Sequence[UUID]) -> list[RefundView]:
    """The refunds of orders, the earliest first."""
    return await shown(await db.fetch(f"{LIST} WHERE r.order_id = ANY($1) ORDER BY r.requested_at, r.id", list(orders)))


async def shown(rows: Sequence[Record]) -> list[RefundView]:
    names = await names_of(who for row in rows for who in (row["requested_by"], row["approved_by"], row["second_by"]))
    return [RefundView(**_shown(row, names)) for row in rows]


async def detail(refund: UUID) -> RefundDetail:
    """One refund, what of which bill it is, and every edge it went along. Raises NotFound."""
    rows = await db.fetch(f"{LIST} WHERE r.id = $1", refund)
    if not rows:
        raise NotFound
    row = rows[0]
    changes = await db.fetch("SELECT * FROM payments_refund_change WHERE refund_id = $1 ORDER BY at, id", refund)
    names = await names_of(
        [row["requested_by"], row["approved_by"], row["second_by"], *(change["who"] for change in changes)]
    )
    title = await db.fetch_value("SELECT description FROM payments_order WHERE id = $1", row["order_id"])
    return RefundDetail(
        **_shown(row, names), title=title, lines=await _lines(refund),
        changes=[
            RefundChangeView(
                at=c["at"], from_state=c["from_state"], to_state=c["to_state"], who=names[c["who"]], why=c["why"]
            )
            for c in changes
        ],
    )  # fmt: skip


def _shown(row: Record, names: dict[str, PersonView]) -> dict[str, Any]:
    same = (
        "id", "number", "state", "order_number", "channel", "transaction_id", "amount_fen", "paid_fen", "reason",
        "note", "route", "requested_at", "approved_at", "second_at", "refusal", "expected_by", "finished_at",
        "channel_refund_id", "voucher", "next_check_at",
    )  # fmt: skip
    many = asking.needs_second(row["asked_of_payment"])
    return {name: row[name] for name in same} | {
        "order": row["order_id"],
        "state_text": STATES[RefundState(row["state"])],
        "reason_text": REASONS[RefundReason(row["reason"])],
        "route_text": ROUTES[RefundRoute(row["route"])],
        "needs_second": many and row["reason"] != RefundReason.SURPLUS,
        "requested_by": names[row["requested_by"]],
        "approved_by": names.get(row["approved_by"] or ""),
        "second_by": names.get(row["second_by"] or ""),
    }


async def names_of(actors: Iterable[str | None]) -> dict[str, PersonView]:
    """Who the names of the audit log are: staff by their names; a rule, a channel, a payer by what they are."""
    wanted = {actor for actor in actors if actor}
    staff = [UUID(actor.removeprefix("staff:")) for actor in wanted if actor.startswith("staff:")]
    rows = await db.fetch("SELECT id, name FROM auth_staff_member WHERE id = ANY($1)", staff)
    named = {f"staff:{row['id']}": text(row["name"]) for row in rows}
    return {actor: PersonView(id=_told(actor), name=named.get(actor) or _kind_of(actor)) for actor in wanted}


ACTORS = {
    "channel": text("支付渠道", "The channel"),
    "citizen": text("缴款人", "The payer"),
    "system": text("系统", "By rule"),
    "staff": text("工作人员", "Staff"),
}


def _kind_of(actor: str) -> Text:
    kind, _, which = actor.partition(":")
    return CHANNELS.get(which, ACTORS["channel"]) if kind == "channel" else ACTORS.get(kind, ACTORS["system"])


def _told(actor: str) -> str:
    """Which citizen it was is not told, that it was one is."""
    return "citizen" if actor.startswith("citizen:") else actor


LINES = """
SELECT p.bill_id, p.line, p.amount_fen, b.title, l.name FROM payments_refund_part p
JOIN payments_bill b ON b.id = p.bill_id
LEFT JOIN payments_bill_line l ON l.bill_id = p.bill_id AND l.place::text = p.line
WHERE p.refund_id = $1 ORDER BY p.bill_id, p.line
"""


async def _lines(refund: UUID) -> list[RefundPartView]:
    return [
        RefundPartView(
            bill=row["bill_id"], title=Text.model_validate_json(row["title"]), line=row["line"],
            line_name=_line_name(row), amount_fen=row["amount_fen"],
        )
        for row in await db.fetch(LINES, refund)
    ]  # fmt: skip


def _line_name(row: Record) -> Text | None:
    if row["line"] == breakdown.SURCHARGE:
        return SURCHARGE
    return Text.model_validate_json(row["name"]) if row["name"] else None


async def refundable(order: UUID) -> Refundable:
    """What can still be asked for of the payment that is no surplus. Raises NotFound."""
    payment = await payment_of(order)
    paid = await asking.paid_of(payment["id"]) if payment["outcome"] == "settled" else {}
    names = await _names_of_bills(list(paid))
    bills = [_refundable_bill(bill, found, names[bill]) for bill, found in paid.items()]
    route = await asking.route_of(payment)
    back = await db.fetch_value(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM payments_refund WHERE payment_id = $1 "
        "AND state NOT IN ('closed', 'refused')",
        payment["id"],
    )
    return Refundable(
        order=order, order_number=payment["number"], payment_fen=payment["amount_fen"],
        left_fen=payment["amount_fen"] - back, route=route, route_text=ROUTES[route], bills=bills,
    )  # fmt: skip


async def payment_of(order: UUID) -> Record:
    """The payment of an order that settled it, or is disputed. Raises NotFound for an order that is not there."""
    if not await db.fetch_value("SELECT 1 FROM payments_order WHERE id = $1", order):
        raise NotFound
    rows = await db.fetch(
        "SELECT * FROM payments_payment WHERE order_id = $1 ORDER BY outcome = 'surplus', learned_at LIMIT 1", order
    )
    if not rows:
        raise RefundNotPossible
    return rows[0]


async def _names_of_bills(bills: list[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = await db.fetch(
        "SELECT b.id, b.title, b.payment_code, coalesce(jsonb_object_agg(l.place::text, l.name) "
        "FILTER (WHERE l.id IS NOT NULL), '{}') AS names FROM payments_bill b "
        "LEFT JOIN payments_bill_line l ON l.bill_id = b.id WHERE b.id = ANY($1) GROUP BY b.id",
        bills,
    )
    return {
        row["id"]: {
            "title": Text.model_validate_json(row["title"]),
            "payment_code": row["payment_code"],
            "names": {place: Text.model_validate(name) for place, name in json.loads(row["names"]).items()}
            | {breakdown.SURCHARGE: SURCHARGE},
        }
        for row in rows
    }


def _refundable_bill(bill: UUID, found: breakdown.Paid, told: dict[str, Any]) -> RefundableBill:
    lines = [
        RefundableLine(
            line=line, name=told["names"][line], left_fen=min(fen - found.lines_back.get(line, 0), found.left_fen)
        )
        for line, fen in found.lines.items()
    ]
    return RefundableBill(
        bill=bill, title=told["title"], payment_code=told["payment_code"], paid_fen=found.amount_fen,
        left_fen=found.left_fen, lines=lines,
    )  # fmt: skip
