"""Refunds: accepted at once, done a moment later, within the limits of the platform."""

import json
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.clock import DAY, MINUTE, rfc3339
from miniapp_stub.sandbox.wechatpay import notices, parameters
from miniapp_stub.sandbox.wechatpay.account import Movement, balance_fen, book, fee_fen, numbered
from miniapp_stub.sandbox.wechatpay.edge import Call
from miniapp_stub.sandbox.wechatpay.errors import PayError, param_error
from miniapp_stub.sandbox.wechatpay.orders import find
from miniapp_stub.sandbox.world import World

WINDOW_S = 365 * DAY
MOST_PER_ORDER = 50
GAP_S = MINUTE
GOOD_CALLS_A_SECOND, BAD_CALLS_A_SECOND = 150, 6
OLD_AFTER_S, OLD_ORDERS_A_MINUTE = 30 * DAY, 5_000
OUTCOMES = ("SUCCESS", "ABNORMAL", "CLOSED")
DELAY_SETTING, MODE_SETTING = "refund_delay_s", "refund_mode"
DEFAULT_DELAY_S = 2.0


@dataclass(frozen=True)
class Request:
    """A checked refund request."""

    out_refund_no: str
    refund_fen: int
    total_fen: int
    reason: str
    notify_url: str
    body: str


def ask(call: Call) -> dict[str, Any]:
    """`POST /v3/refund/domestic/refunds`: accepted is not yet refunded; the same number twice refunds once."""
    quotas = call.world.quotas
    if quotas.count("refund:bad", within_s=1) >= BAD_CALLS_A_SECOND:
        raise PayError("FREQUENCY_LIMITED", "错误或无效请求频率过高，请降低频率后重试")
    if not quotas.spend("refund", limit=GOOD_CALLS_A_SECOND, within_s=1):
        raise PayError("FREQUENCY_LIMITED", "频率过高，请降低频率后重试")
    try:
        with call.world.store.transaction():
            return _accept(call.world, call.body())
    except PayError:
        quotas.note("refund:bad")
        raise


def query(call: Call) -> dict[str, Any]:
    """`GET /v3/refund/domestic/refunds/{out_refund_no}`."""
    settle_due(call.world)
    refund = find_refund(call.world, call.path["out_refund_no"])
    if refund is None:
        raise PayError("RESOURCE_NOT_EXISTS", "退款单不存在")
    return shown(call.world, refund)


def find_refund(world: World, out_refund_no: str) -> Row | None:
    return world.store.one("SELECT * FROM refunds WHERE out_refund_no = ?", out_refund_no)


def settle_due(world: World) -> int:
    """Finish the refunds whose time has come, unless refunds are on hold; returns how many."""
    if world.store.setting(MODE_SETTING, "auto") == "hold":
        return 0
    due = world.store.all(
        "SELECT out_refund_no FROM refunds WHERE status = 'PROCESSING' AND due_at <= ?", world.clock.now()
    )
    for row in due:
        settle(world, row["out_refund_no"], outcome="SUCCESS")
    return len(due)


def settle(world: World, out_refund_no: str, *, outcome: str) -> Row:
    """Give a refund its outcome and write the notice. An ABNORMAL one may still be settled otherwise later.

    Raises ValueError when there is no such refund or it is final.
    """
    refund = find_refund(world, out_refund_no)
    if refund is None or outcome not in OUTCOMES:
        raise ValueError(f"no such refund, or outcome not one of {', '.join(OUTCOMES)}")
    if refund["status"] not in ("PROCESSING", "ABNORMAL") or refund["status"] == outcome:
        raise ValueError(f"the refund is {refund['status']} already")
    with world.store.transaction():
        world.store.run(
            "UPDATE refunds SET status = ?, success_at = ? WHERE out_refund_no = ?",
            outcome,
            world.clock.now() if outcome == "SUCCESS" else None,
            out_refund_no,
        )
        if outcome == "CLOSED":
            _give_back(world, refund)
        settled = find_refund(world, out_refund_no)
        assert settled is not None
        notices.refund_settled(world, _order_of(world, settled), refund=settled)
    return settled


def shown(world: World, refund: Row) -> dict[str, Any]:
    """The refund as asking and querying show it."""
    order = _order_of(world, refund)
    answer = {
        "refund_id": refund["refund_id"],
        "out_refund_no": refund["out_refund_no"],
        "transaction_id": order["transaction_id"],
        "out_trade_no": order["out_trade_no"],
        "channel": "ORIGINAL",
        "user_received_account": notices.RECEIVED_IN,
        "create_time": rfc3339(refund["created_at"]),
        "status": refund["status"],
        "funds_account": "AVAILABLE",
        "amount": _amount(order, refund),
        "promotion_detail": [],
    }
    return answer | ({"success_time": rfc3339(refund["success_at"])} if refund["success_at"] is not None else {})


def _accept(world: World, body: dict[str, Any]) -> dict[str, Any]:
    request = _checked(body)
    known = find_refund(world, request.out_refund_no)
    if known is not None:
        if known["body"] != request.body:
            raise PayError("INVALID_REQUEST", "同一退款单号的参数与之前请求不一致，请核实后再试")
        return shown(world, known)
    order = _refundable_order(world, body, request=request)
    _check_limits(world, order, request=request)
    _insert(world, order, request=request)
    accepted = find_refund(world, request.out_refund_no)
    assert accepted is not None
    return shown(world, accepted)


def _checked(body: dict[str, Any]) -> Request:
    amount = parameters.block(body, "amount")
    if "currency" not in amount:
        raise param_error("/amount/currency", None, issue="必填")
    parameters.currency(amount)
    if body.get("funds_account") not in (None, "AVAILABLE"):
        raise param_error("/funds_account", body["funds_account"], issue="仅支持AVAILABLE")
    if not body.get("transaction_id") and not body.get("out_trade_no"):
        raise param_error("/transaction_id", None, issue="transaction_id与out_trade_no须二选一")
    return Request(
        out_refund_no=parameters.number(body, "out_refund_no", pattern=parameters.OUT_REFUND_NO),
        refund_fen=parameters.fen(amount, "refund"),
        total_fen=parameters.fen(amount, "total"),
        reason=parameters.text(body, "reason", most=80, required=False),
        notify_url=parameters.notify_url(body, required=False),
        body=json.dumps(body, ensure_ascii=False, sort_keys=True),
    )


def _refundable_order(world: World, body: dict[str, Any], *, request: Request) -> Row:
    if transaction_id := body.get("transaction_id"):
        order = world.store.one("SELECT * FROM orders WHERE transaction_id = ?", str(transaction_id))
        if order and body.get("out_trade_no") not in (None, order["out_trade_no"]):
            raise PayError("INVALID_REQUEST", "微信支付订单号与商户订单号不是同一笔")
    else:
        order = find(world, str(body["out_trade_no"]))
    if order is None:
        raise PayError("RESOURCE_NOT_EXISTS", "订单号不存在")
    if order["paid_at"] is None:
        raise PayError("INVALID_REQUEST", "订单未支付，不能退款")
    if request.total_fen != order["total_fen"]:
        raise PayError("INVALID_REQUEST", "订单金额与原订单不一致，请核实后再试")
    return order


def _check_limits(world: World, order: Row, *, request: Request) -> None:
    now = world.clock.now()
    earlier = _counted(world, order)
    if now - order["paid_at"] > WINDOW_S:
        raise PayError("INVALID_REQUEST", "订单已超过一年退款期限")
    if sum(row["refund_fen"] for row in earlier) + request.refund_fen > order["total_fen"]:
        raise PayError("INVALID_REQUEST", "申请退款金额大于订单剩余可退金额")
    if len(earlier) >= MOST_PER_ORDER:
        raise PayError("INVALID_REQUEST", "该订单部分退款已达50次")
    if any(abs(now - row["created_at"]) < GAP_S for row in earlier):
        raise PayError("FREQUENCY_LIMITED", "同一笔订单多次退款须间隔1分钟")
    old = now - order["paid_at"] > OLD_AFTER_S
    if old and not world.quotas.spend("refund:old", limit=OLD_ORDERS_A_MINUTE, within_s=MINUTE):
        raise PayError("FREQUENCY_LIMITED", "一个月之前的订单退款频率过高")
    payer_fen, fee_back = _shares(world, order, refund_fen=request.refund_fen)
    if payer_fen - fee_back > balance_fen(world):
        raise PayError("NOT_ENOUGH", "基本账户余额不足，请充值后使用原退款单号重新发起退款")


def _insert(world: World, order: Row, *, request: Request) -> None:
    now = world.clock.now()
    payer_fen, fee_back = _shares(world, order, refund_fen=request.refund_fen)
    refund_id = numbered("503000", now, digits=29)
    world.store.run(
        "INSERT INTO refunds (out_refund_no, refund_id, out_trade_no, body, reason, notify_url, status, refund_fen,"
        " payer_fen, fee_back_fen, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?, ?, ?, ?)",
        request.out_refund_no,
        refund_id,
        order["out_trade_no"],
        request.body,
        request.reason,
        request.notify_url,
        request.refund_fen,
        payer_fen,
        fee_back,
        now,
        now + float(world.store.setting(DELAY_SETTING, str(DEFAULT_DELAY_S))),
    )
    book(world, Movement("refund", payer_fen, refund_id, request.out_refund_no, request.reason))
    book(world, Movement("fee_back", fee_back, refund_id, request.out_refund_no))


def _give_back(world: World, refund: Row) -> None:
    number, voucher = str(refund["refund_id"]), str(refund["out_refund_no"])
    book(world, Movement("refund_returned", refund["payer_fen"], number, voucher))
    book(world, Movement("fee_again", refund["fee_back_fen"], number, voucher))


def _counted(world: World, order: Row) -> list[Row]:
    """Earlier refunds of the order that took money or may still take it."""
    return world.store.all("SELECT * FROM refunds WHERE out_trade_no = ? AND status <> 'CLOSED'", order["out_trade_no"])


def _shares(world: World, order: Row, *, refund_fen: int) -> tuple[int, int]:
    """What the payer gets of this refund, and what the merchant gets of the fee: cumulative, so that parts add up."""
    earlier = _counted(world, order)
    settled = order["total_fen"] - order["coupon_fen"]
    refunded = sum(row["refund_fen"] for row in earlier) + refund_fen
    payer_so_far = refunded * settled // order["total_fen"]
    fee_so_far = order["fee_fen"] - fee_fen(settled - payer_so_far)
    return (
        payer_so_far - sum(row["payer_fen"] for row in earlier),
        fee_so_far - sum(row["fee_back_fen"] for row in earlier),
    )


def _order_of(world: World, refund: Row) -> Row:
    order = find(world, refund["out_trade_no"])
    assert order is not None
    return order


def _amount(order: Row, refund: Row) -> dict[str, Any]:
    settled = order["total_fen"] - order["coupon_fen"]
    return {
        "total": order["total_fen"],
        "refund": refund["refund_fen"],
        "payer_total": settled,
        "payer_refund": refund["payer_fen"],
        "settlement_refund": refund["payer_fen"],
        "settlement_total": settled,
        "discount_refund": refund["refund_fen"] - refund["payer_fen"],
        "currency": "CNY",
        "from": [],
    }
