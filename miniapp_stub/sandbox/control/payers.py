"""What people do: have a phone, hand out codes, pay. And what they were charged."""

from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox import delivery
from miniapp_stub.sandbox.alipay.handset import hand_over
from miniapp_stub.sandbox.alipay.trade import cashier as alipay_cashier
from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.control.asking import Asked, ControlRefused
from miniapp_stub.sandbox.people import hand_out_codes, person, register
from miniapp_stub.sandbox.wechat.session import user_data
from miniapp_stub.sandbox.wechatpay import payments
from miniapp_stub.sandbox.wechatpay.orders import find, trade_state
from miniapp_stub.sandbox.wechatpay.payments import CashierRefused
from miniapp_stub.sandbox.world import World


async def people(world: World, asked: Asked) -> dict[str, Any]:
    """`{platform, phone, high_risk?}` → `{openid}`. A high-risk person is refused login with 40226."""
    platform, phone = asked.need("platform", str), asked.need("phone", str)
    return {"openid": register(world, platform=platform, phone=phone, high_risk=asked.get("high_risk", bool) or False)}


async def codes(world: World, asked: Asked) -> dict[str, str]:
    """`{openid, appid?, bare?}` → `{login_code, phone_code}`; another `appid` mints codes of a foreign app.

    An Alipay person's `phone_code` is the JSON text of my.getPhoneNumber, with `bare` one without a moment in it.
    """
    openid, appid = asked.need("openid", str), asked.get("appid", str)
    if person(world, openid)["platform"] == "alipay":
        return hand_over(world, openid=openid, appid=appid, bare=asked.get("bare", bool) or False)
    return hand_out_codes(world, openid=openid, appid=appid)


async def signed_user_data(world: World, asked: Asked) -> dict[str, str]:
    """`{openid}` → `{rawData, signature, encryptedData, iv}` for the newest session."""
    return user_data(world, asked.need("openid", str))


async def pay(world: World, asked: Asked) -> dict[str, Any]:
    """The payer pays, and the notice goes out.

    Body: `prepay_id`, `code_url` (of either channel), `trade_no` (Alipay's number, or the merchant's order number), or
    the arguments of wx.requestPayment, whose `paySign` is then checked; `openid?`, `coupon_fen?`, `channel?` when both
    channels have the number, `wait?` (default true: the answer waits for the first attempt).
    """
    trade = _trade_meant(world, asked)
    openid, coupon_fen = asked.get("openid", str), asked.get("coupon_fen", int) or 0
    if trade is not None:
        traded, told = alipay_cashier.pay(world, trade, openid=openid, coupon_fen=coupon_fen)
        return await _receipt(world, asked, paid=traded, number=traded["trade_no"], notice_id=told) | {
            "channel": "alipay",
            "result_code": "9000",
        }
    paid, notice_id = payments.pay(world, _order_meant(world, asked), openid=openid, coupon_fen=coupon_fen)
    receipt = await _receipt(world, asked, paid=paid, number=paid["transaction_id"], notice_id=notice_id)
    return receipt | {"channel": "wechat"}


async def charges(world: World, asked: Asked) -> dict[str, Any]:
    """`?openid=&channel=` → what people were really charged over both channels, net of refunds, with totals."""
    openid, channel = asked.query.get("openid"), asked.query.get("channel")
    listed = payments.charges(world, openid=openid) if channel != "alipay" else []
    listed += alipay_cashier.charges(world, openid=openid) if channel != "wechat" else []
    names = ("amount_fen", "refunded_fen", "net_fen")
    totals = {name: sum(charge[name] for charge in listed) for name in names}
    return {"charges": listed, "totals": {"count": len(listed)} | totals}


async def orders(world: World, asked: Asked) -> dict[str, Any]:
    """`?out_trade_no=` → the orders placed here over both channels, with state and the number of prepay calls."""
    number = asked.query.get("out_trade_no")
    rows = world.store.all(
        "SELECT * FROM orders WHERE out_trade_no = coalesce(?, out_trade_no) ORDER BY created_at", number
    )
    names = ("out_trade_no", "trade_type", "description", "total_fen", "openid", "notify_url", "prepay_calls")
    shown = [
        {"channel": "wechat"} | {name: row[name] for name in names} | {"state": trade_state(world, row)} for row in rows
    ]
    return {"orders": shown + alipay_cashier.listed(world, out_trade_no=number)}


def _trade_meant(world: World, asked: Asked) -> Row | None:
    """The Alipay trade that is meant, None when it is an order of WeChat Pay's."""
    channel = asked.get("channel", str) or asked.get("platform", str)
    if channel not in (None, "wechat", "alipay"):
        raise ControlRefused("CHANNEL_UNKNOWN", "channel must be wechat or alipay")
    named = [asked.get(name, str) for name in ("code_url", "trade_no", "tradeNO", "out_trade_no")]
    handle = next(filter(None, named), "")
    trade = alipay_cashier.meant(world, handle) if channel != "wechat" else None
    if trade is None and (channel == "alipay" or alipay_cashier.is_code(handle)):
        raise CashierRefused("TRADE_UNKNOWN", "没有这笔支付宝交易")
    by_theirs = trade is not None and handle != trade["out_trade_no"]
    return trade if channel == "alipay" or by_theirs or find(world, handle) is None else None


async def _receipt(world: World, asked: Asked, *, paid: Row, number: str, notice_id: str | None) -> dict[str, Any]:
    if notice_id is not None and asked.get("wait", bool) is not False:
        await delivery.attempt(world, notice_id)
    state = world.store.one("SELECT state, tries FROM notices WHERE id = ?", notice_id)
    return {
        "transaction_id": number,
        "out_trade_no": paid["out_trade_no"],
        "openid": paid["openid"],
        "amount_fen": paid["total_fen"] - paid["coupon_fen"],
        "paid_at": rfc3339(paid["paid_at"]),
        "notice": {"id": notice_id} | (dict(state) if state else {}),
    }


def _order_meant(world: World, asked: Asked) -> Any:
    if "package" in asked.body:
        return payments.order_behind(world, payments.prepay_of(world, asked.body))
    if handle := asked.get("prepay_id", str) or asked.get("code_url", str):
        return payments.order_behind(world, handle)
    if number := asked.get("trade_no", str) or asked.get("out_trade_no", str):
        return payments.order_numbered(world, number)
    raise ControlRefused("FIELD_MISSING", "prepay_id, code_url or trade_no is required")


async def whoami(world: World, asked: Asked) -> dict[str, Any]:
    """`?openid=` → platform and phone of a person."""
    row = person(world, asked.query.get("openid", ""))
    return {name: row[name] for name in ("openid", "platform", "phone")}
