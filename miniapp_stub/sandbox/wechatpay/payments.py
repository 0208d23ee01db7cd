"""The cashier: a person pays an order, or learns why not. Every payment here is a charge of somebody."""

from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.people import STRANGER, PersonRefused, person, register
from miniapp_stub.sandbox.wechatpay import notices, signing
from miniapp_stub.sandbox.wechatpay.account import Movement, book, fee_fen, numbered
from miniapp_stub.sandbox.wechatpay.orders import find
from miniapp_stub.sandbox.world import World


class CashierRefused(Exception):
    """The cashier page would show `message` and take no money."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def prepay_of(world: World, client: dict[str, Any]) -> str:
    """Check what the app passed to wx.requestPayment and return the prepay id inside.

    `client` has `timeStamp`, `nonceStr`, `package`, `signType`, `paySign`. Raises CashierRefused for a bad `paySign`.
    """
    package, stamp, nonce = (str(client.get(name, "")) for name in ("package", "timeStamp", "nonceStr"))
    text = signing.pay_sign_text(app_id=world.credentials.app_id, timestamp=stamp, nonce=nonce, package=package)
    fits = client.get("signType") == "RSA" and isinstance(client.get("timeStamp"), str) and len(nonce) <= 32
    if not fits or not signing.verifies(text, str(client.get("paySign", "")), key=world.credentials.merchant_key):
        raise CashierRefused("PAY_SIGN_ERROR", "支付验证签名失败")
    return package.removeprefix("prepay_id=")


def order_behind(world: World, handle: str) -> Row:
    """The order a living prepay id or code URL leads to.

    Raises CashierRefused when unknown or older than two hours.
    """
    row = world.store.one("SELECT * FROM prepays WHERE handle = ?", handle)
    if row is None:
        raise CashierRefused("PREPAY_UNKNOWN", "支付会话不存在")
    if row["expires_at"] <= world.clock.now():
        raise CashierRefused("PREPAY_EXPIRED", "支付会话已过期，请返回商户重新发起")
    order = find(world, row["out_trade_no"])
    assert order is not None
    return order


def order_numbered(world: World, out_trade_no: str) -> Row:
    """Raises CashierRefused when no order has the merchant's number."""
    order = find(world, out_trade_no)
    if order is None:
        raise CashierRefused("ORDER_UNKNOWN", "没有这笔订单")
    return order


def check_payable(world: World, order: Row) -> None:
    """Raises CashierRefused when paid, closed or past its time."""
    if order["paid_at"] is not None:
        raise CashierRefused("ORDER_PAID", "该订单已支付，请勿重复支付")
    if order["closed_at"] is not None:
        raise CashierRefused("ORDER_CLOSED", "该订单已关闭")
    if order["expires_at"] <= world.clock.now():
        raise CashierRefused("ORDER_EXPIRED", "该订单已过期")


def pay(world: World, order: Row, *, openid: str | None = None, coupon_fen: int = 0) -> tuple[Row, str]:
    """Charge the payer and write the notice to be sent; returns the paid order and the notice's id.

    A JSAPI order is payable by its openid only; a Native one by anybody, by a stranger when nobody is named.
    Raises CashierRefused.
    """
    check_payable(world, order)
    payer = _payer(world, order, openid=openid)
    if not 0 <= coupon_fen < order["total_fen"]:
        raise CashierRefused("COUPON_TOO_LARGE", "优惠金额须小于订单金额")
    with world.store.transaction():
        paid = _charge(world, order, payer=payer, coupon_fen=coupon_fen)
        return paid, notices.payment_succeeded(world, paid)


def charges(world: World, *, openid: str | None = None) -> list[dict[str, Any]]:
    """What people were really charged: paid by them, given back to them, and the difference."""
    rows = world.store.all(
        "SELECT o.*, (SELECT coalesce(sum(payer_fen), 0) FROM refunds r WHERE r.out_trade_no = o.out_trade_no"
        " AND r.status = 'SUCCESS') AS refunded_fen FROM orders o"
        " WHERE paid_at IS NOT NULL AND o.openid = coalesce(?, o.openid) ORDER BY paid_at",
        openid,
    )
    return [_charge_shown(row) for row in rows]


def _payer(world: World, order: Row, *, openid: str | None) -> str:
    if order["trade_type"] == "JSAPI":
        if openid not in (None, order["openid"]):
            raise CashierRefused("NOT_THE_PAYER", "该订单只能由下单人支付")
        return str(order["openid"])
    payer = openid or register(world, platform="wechat", phone=STRANGER)
    try:
        known = person(world, payer)
    except PersonRefused as error:
        raise CashierRefused("PERSON_UNKNOWN", "没有这个付款人") from error
    if known["platform"] != "wechat":
        raise CashierRefused("PERSON_UNKNOWN", "付款人不是微信用户")
    return payer


def _charge(world: World, order: Row, *, payer: str, coupon_fen: int) -> Row:
    now, settled = world.clock.now(), order["total_fen"] - coupon_fen
    transaction_id, fee = numbered("420000", now, digits=28), fee_fen(settled)
    world.store.run(
        "UPDATE orders SET paid_at = ?, transaction_id = ?, openid = ?, coupon_fen = ?, fee_fen = ?"
        " WHERE out_trade_no = ? AND paid_at IS NULL AND closed_at IS NULL",
        now,
        transaction_id,
        payer,
        coupon_fen,
        fee,
        order["out_trade_no"],
    )
    voucher = str(order["out_trade_no"])
    book(world, Movement("payment", settled, transaction_id, voucher))
    book(world, Movement("fee", fee, transaction_id, voucher))
    return order_numbered(world, voucher)


def _charge_shown(row: Row) -> dict[str, Any]:
    amount = row["total_fen"] - row["coupon_fen"]
    return {
        "channel": "wechat",
        "out_trade_no": row["out_trade_no"],
        "transaction_id": row["transaction_id"],
        "openid": row["openid"],
        "description": row["description"],
        "order_total_fen": row["total_fen"],
        "amount_fen": amount,
        "refunded_fen": row["refunded_fen"],
        "net_fen": amount - row["refunded_fen"],
        "paid_at": rfc3339(row["paid_at"]),
    }
