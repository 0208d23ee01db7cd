"""What people do: have a phone, hand out codes, pay. And what they were charged."""

from typing import Any

from miniapp_stub.sandbox.alipay.handset import hand_over
from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.control.asking import Asked, ControlRefused
from miniapp_stub.sandbox.people import hand_out_codes, person, register
from miniapp_stub.sandbox.wechat.session import user_data
from miniapp_stub.sandbox.wechatpay import delivery, payments
from miniapp_stub.sandbox.wechatpay.orders import trade_state
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

    Body: `prepay_id`, `code_url`, `trade_no` (the merchant's order number), or the arguments of wx.requestPayment,
    whose `paySign` is then checked; `openid?`, `coupon_fen?`, `wait?` (default true: the answer waits for the first
    attempt).
    """
    asked.channel()
    asked.channel("platform")
    order = _order_meant(world, asked)
    paid, notice_id = payments.pay(
        world, order, openid=asked.get("openid", str), coupon_fen=asked.get("coupon_fen", int) or 0
    )
    if asked.get("wait", bool) is not False:
        await delivery.attempt(world, notice_id)
    state = world.store.one("SELECT state, tries FROM notices WHERE id = ?", notice_id)
    return {
        "transaction_id": paid["transaction_id"],
        "out_trade_no": paid["out_trade_no"],
        "openid": paid["openid"],
        "amount_fen": paid["total_fen"] - paid["coupon_fen"],
        "paid_at": rfc3339(paid["paid_at"]),
        "notice": {"id": notice_id} | (dict(state) if state else {}),
    }


async def charges(world: World, asked: Asked) -> dict[str, Any]:
    """`?openid=` → what people were really charged, net of refunds, with totals."""
    return payments.charges(world, openid=asked.query.get("openid"))


async def orders(world: World, asked: Asked) -> dict[str, Any]:
    """`?out_trade_no=` → the orders placed here, with state and the number of prepay calls."""
    rows = world.store.all(
        "SELECT * FROM orders WHERE out_trade_no = coalesce(?, out_trade_no) ORDER BY created_at",
        asked.query.get("out_trade_no"),
    )
    names = ("out_trade_no", "trade_type", "description", "total_fen", "openid", "notify_url", "prepay_calls")
    shown = [{name: row[name] for name in names} | {"state": trade_state(world, row)} for row in rows]
    return {"orders": shown}


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
