"""The cashier: a person pays a trade, or learns why not. Every payment here is a charge of somebody."""

from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.alipay.trade import account, notices
from miniapp_stub.sandbox.alipay.trade.account import Movement
from miniapp_stub.sandbox.alipay.trade.trades import QR_START, find, logon_id, status
from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.people import STRANGER, PersonRefused, person, register
from miniapp_stub.sandbox.wechatpay.payments import CashierRefused
from miniapp_stub.sandbox.world import World


def meant(world: World, handle: str) -> Row | None:
    """The trade behind a QR code, a `trade_no` or the seller's number; None when there is no such trade."""
    return world.store.one(
        "SELECT * FROM alipay_trades WHERE ? IN (qr_code, trade_no, out_trade_no)"
        " ORDER BY trade_no = ? DESC, out_trade_no = ? DESC LIMIT 1",
        handle,
        handle,
        handle,
    )


def is_code(handle: str) -> bool:
    return handle.startswith(QR_START)


def scan(world: World, trade: Row) -> Row:
    """Somebody scans the QR code: from now on the trade exists.

    Raises CashierRefused when it can no longer be paid.
    """
    check_payable(world, trade)
    if trade["begun_at"] is None:
        world.store.run(
            "UPDATE alipay_trades SET begun_at = ? WHERE out_trade_no = ?", world.clock.now(), trade["out_trade_no"]
        )
    return _again(world, trade)


def check_payable(world: World, trade: Row) -> None:
    """Raises CashierRefused when paid, closed or past its time."""
    if trade["paid_at"] is not None:
        raise CashierRefused("ORDER_PAID", "该交易已支付，请勿重复支付")
    if trade["closed_at"] is not None:
        raise CashierRefused("ORDER_CLOSED", "该交易已关闭")
    if status(world, trade) != "WAIT_BUYER_PAY":
        raise CashierRefused("ORDER_EXPIRED", "该交易已过期")


def pay(world: World, trade: Row, *, openid: str | None = None, coupon_fen: int = 0) -> tuple[Row, str | None]:
    """Charge the buyer and write the notice; returns the paid trade and the notice's id, if an address was named.

    A trade of a mini program is payable by its buyer only; a QR code by anybody, by a stranger when nobody is named.
    Raises CashierRefused.
    """
    trade = scan(world, trade)
    buyer = _buyer(world, trade, openid=openid)
    if not 0 <= coupon_fen < trade["total_fen"]:
        raise CashierRefused("COUPON_TOO_LARGE", "优惠金额须小于订单金额")
    fee = account.fee_fen(trade["total_fen"])
    with world.store.transaction():
        world.store.run(
            "UPDATE alipay_trades SET paid_at = ?, openid = ?, coupon_fen = ?, fee_fen = ? WHERE out_trade_no = ?",
            world.clock.now(),
            buyer,
            coupon_fen,
            fee,
            trade["out_trade_no"],
        )
        paid = _again(world, trade)
        for kind, amount in (("payment", paid["total_fen"]), ("fee", fee)):
            numbers = (paid["trade_no"], paid["out_trade_no"], paid["subject"], logon_id(world, buyer))
            account.book(world, Movement(kind, amount, *numbers))
        return paid, notices.paid(world, paid)


def charges(world: World, *, openid: str | None = None) -> list[dict[str, Any]]:
    """What people were really charged: paid by them, given back to them, and the difference."""
    rows = world.store.all(
        "SELECT t.*, (SELECT coalesce(sum(payer_fen), 0) FROM alipay_refunds r WHERE r.out_trade_no = t.out_trade_no"
        " AND r.status = 'SUCCESS') AS refunded_fen FROM alipay_trades t"
        " WHERE paid_at IS NOT NULL AND t.openid = coalesce(?, t.openid) ORDER BY paid_at",
        openid,
    )
    return [_charge_shown(row) for row in rows]


def listed(world: World, *, out_trade_no: str | None = None) -> list[dict[str, Any]]:
    """The trades placed here in the words orders are listed in; a QR code nobody scanned is `NOT_SCANNED`."""
    rows = world.store.all(
        "SELECT * FROM alipay_trades WHERE out_trade_no = coalesce(?, out_trade_no) ORDER BY created_at", out_trade_no
    )
    return [
        {
            "channel": "alipay",
            "out_trade_no": row["out_trade_no"],
            "trade_type": "QR" if row["qr_code"] else "JSAPI",
            "description": row["subject"],
            "total_fen": row["total_fen"],
            "openid": row["openid"],
            "notify_url": row["notify_url"],
            "prepay_calls": row["calls"],
            "state": status(world, row) if row["begun_at"] else "NOT_SCANNED",
        }
        for row in rows
    ]


def _again(world: World, trade: Row) -> Row:
    found = find(world, trade["out_trade_no"])
    assert found is not None
    return found


def _buyer(world: World, trade: Row, *, openid: str | None) -> str:
    if trade["qr_code"] is None:
        if openid not in (None, trade["openid"]):
            raise CashierRefused("NOT_THE_PAYER", "该交易只能由下单人支付")
        return str(trade["openid"])
    buyer = openid or register(world, platform="alipay", phone=STRANGER)
    try:
        known = person(world, buyer)
    except PersonRefused as error:
        raise CashierRefused("PERSON_UNKNOWN", "没有这个付款人") from error
    if known["platform"] != "alipay":
        raise CashierRefused("PERSON_UNKNOWN", "付款人不是支付宝用户")
    return buyer


def _charge_shown(row: Row) -> dict[str, Any]:
    amount = row["total_fen"] - row["coupon_fen"]
    return {
        "channel": "alipay",
        "out_trade_no": row["out_trade_no"],
        "transaction_id": row["trade_no"],
        "openid": row["openid"],
        "description": row["subject"],
        "order_total_fen": row["total_fen"],
        "amount_fen": amount,
        "refunded_fen": row["refunded_fen"],
        "net_fen": amount - row["refunded_fen"],
        "paid_at": rfc3339(row["paid_at"]),
    }
