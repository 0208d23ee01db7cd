"""Orders: prepay for JSAPI and Native, query by both numbers, close."""

import json
import secrets
import string
from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.clock import DAY, HOUR, MINUTE, beijing, rfc3339
from miniapp_stub.sandbox.wechatpay import parameters
from miniapp_stub.sandbox.wechatpay.edge import NO_CONTENT, Answer, Call
from miniapp_stub.sandbox.wechatpay.errors import PayError, param_error
from miniapp_stub.sandbox.world import World

PREPAY_LIFE_S = 2 * HOUR
ORDER_LIFE_S = 7 * DAY
LONGEST_ORDER_LIFE_S = 90 * DAY
SHORTEST_ORDER_LIFE_S = MINUTE
STATE_WORDS = {"NOTPAY": "订单未支付", "SUCCESS": "支付成功", "REFUND": "转入退款", "CLOSED": "订单已关闭"}
_OPTIONAL_BLOCKS = ("detail", "scene_info", "settle_info")


def jsapi(call: Call) -> dict[str, Any]:
    """`POST /v3/pay/transactions/jsapi` → `{prepay_id}`, payable for two hours by the openid named."""
    body = call.body()
    openid = parameters.text(parameters.block(body, "payer"), "openid", most=128)
    if call.world.store.one("SELECT 1 FROM people WHERE openid = ? AND platform = 'wechat'", openid) is None:
        raise param_error("/payer/openid", openid, issue="无效的openid")
    return {"prepay_id": _prepay(call, body, trade_type="JSAPI", openid=openid)}


def native(call: Call) -> dict[str, Any]:
    """`POST /v3/pay/transactions/native` → `{code_url}`, payable by whoever scans it."""
    return {"code_url": _prepay(call, call.body(), trade_type="NATIVE", openid=None)}


def query_by_out_trade_no(call: Call) -> dict[str, Any]:
    parameters.merchant(call.query("mchid"), ours=call.world.credentials.mch_id)
    return transaction(call.world, _known(find(call.world, call.path["out_trade_no"])))


def query_by_transaction_id(call: Call) -> dict[str, Any]:
    parameters.merchant(call.query("mchid"), ours=call.world.credentials.mch_id)
    order = call.world.store.one("SELECT * FROM orders WHERE transaction_id = ?", call.path["transaction_id"])
    return transaction(call.world, _known(order))


def close(call: Call) -> Answer:
    """`POST …/close` → 204 with an empty, signed body. A paid order is not closed."""
    parameters.merchant(call.body().get("mchid"), ours=call.world.credentials.mch_id)
    order = _known(find(call.world, call.path["out_trade_no"]))
    if order["paid_at"] is not None:
        raise PayError("INVALID_REQUEST", "该订单已支付，不能关闭")
    if order["closed_at"] is not None:
        raise PayError("ORDER_CLOSED", "订单已关闭")
    call.world.store.run(
        "UPDATE orders SET closed_at = ? WHERE out_trade_no = ?", call.world.clock.now(), order["out_trade_no"]
    )
    return NO_CONTENT


def find(world: World, out_trade_no: str) -> Row | None:
    return world.store.one("SELECT * FROM orders WHERE out_trade_no = ?", out_trade_no)


def trade_state(world: World, order: Row) -> str:
    """Expiry does not close an order: it stays NOTPAY until the merchant closes it."""
    if order["closed_at"] is not None:
        return "CLOSED"
    if order["paid_at"] is None:
        return "NOTPAY"
    refunded = world.store.one(
        "SELECT 1 FROM refunds WHERE out_trade_no = ? AND status <> 'CLOSED'", order["out_trade_no"]
    )
    return "REFUND" if refunded else "SUCCESS"


def transaction(world: World, order: Row, *, state: str | None = None) -> dict[str, Any]:
    """The order as query and notice show it; payer, times and attach appear once it is paid."""
    state = state or trade_state(world, order)
    shown: dict[str, Any] = {
        "mchid": world.credentials.mch_id,
        "appid": world.credentials.app_id,
        "out_trade_no": order["out_trade_no"],
        "trade_state": state,
        "trade_state_desc": STATE_WORDS[state],
    }
    if order["paid_at"] is None:
        return shown | {"amount": {"total": order["total_fen"], "currency": "CNY"}, "promotion_detail": []}
    return shown | {
        "transaction_id": order["transaction_id"],
        "trade_type": order["trade_type"],
        "bank_type": "OTHERS",
        "attach": order["attach"],
        "success_time": rfc3339(order["paid_at"]),
        "payer": {"openid": order["openid"]},
        "amount": _amount(order),
        "promotion_detail": _promotions(order),
    }


def _prepay(call: Call, body: dict[str, Any], *, trade_type: str, openid: str | None) -> str:
    """A fault may place the order with one fen more than was asked: the payer will be charged that."""
    world = call.world
    order = _checked(world, body) | {"trade_type": trade_type, "openid": openid}
    order["total_fen"] += "wrong_amount" in call.struck
    with world.store.transaction():
        known = find(world, order["out_trade_no"])
        if known is None:
            _insert(world, order)
        else:
            _check_repeat(world, known, order=order)
        world.store.run(
            "UPDATE orders SET prepay_calls = prepay_calls + 1 WHERE out_trade_no = ?", order["out_trade_no"]
        )
        return _new_handle(world, order)


def _checked(world: World, body: dict[str, Any]) -> dict[str, Any]:
    ours, now = world.credentials, world.clock.now()
    app_id, mch_id = parameters.text(body, "appid", most=32), parameters.text(body, "mchid", most=32)
    if app_id != ours.app_id or mch_id != ours.mch_id:
        raise PayError("APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    amount = parameters.block(body, "amount")
    parameters.currency(amount)
    for field in _OPTIONAL_BLOCKS:
        if body.get(field) is not None:
            parameters.block(body, field)
    if not isinstance(body.get("support_fapiao", False), bool):
        raise param_error("/support_fapiao", body["support_fapiao"], issue="须为布尔值")
    parameters.text(body, "goods_tag", most=32, required=False)
    expires_at = parameters.moment(body, "time_expire")
    return {
        "out_trade_no": parameters.number(body, "out_trade_no", pattern=parameters.OUT_TRADE_NO),
        "description": parameters.text(body, "description", most=127),
        "total_fen": parameters.fen(amount, "total"),
        "attach": parameters.text(body, "attach", most=128, required=False),
        "notify_url": parameters.notify_url(body),
        "time_expire": expires_at,
        "expires_at": now + ORDER_LIFE_S if expires_at is None else min(expires_at, now + LONGEST_ORDER_LIFE_S),
        "body": _canonical(body),
        "now": now,
    }


def _insert(world: World, order: dict[str, Any]) -> None:
    if order["expires_at"] < order["now"] + SHORTEST_ORDER_LIFE_S:
        raise param_error("/time_expire", rfc3339(order["expires_at"]), issue="须晚于下单时间1分钟以上")
    world.store.run(
        "INSERT INTO orders (out_trade_no, trade_type, body, description, total_fen, attach, notify_url, openid,"
        " created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        order["out_trade_no"],
        order["trade_type"],
        order["body"],
        order["description"],
        order["total_fen"],
        order["attach"],
        order["notify_url"],
        order["openid"],
        order["now"],
        order["expires_at"],
    )


def _check_repeat(world: World, known: Row, *, order: dict[str, Any]) -> None:
    """The same number again is the same order only with the same parameters, unpaid, open and not expired."""
    if known["paid_at"] is not None:
        raise PayError("INVALID_REQUEST", "该订单已支付")
    if known["closed_at"] is not None:
        raise PayError("ORDER_CLOSED", "订单已关闭，请使用新的商户订单号")
    if (known["trade_type"], known["body"]) != (order["trade_type"], order["body"]):
        raise PayError("OUT_TRADE_NO_USED", "商户订单号重复，且参数与原请求不一致")
    if known["expires_at"] <= world.clock.now():
        raise PayError("INVALID_REQUEST", "订单已过期，请关闭后使用新的商户订单号")


def _new_handle(world: World, order: dict[str, Any]) -> str:
    stamp = beijing(order["now"]).strftime("%d%H%M%S")
    if order["trade_type"] == "JSAPI":
        handle = f"wx{stamp}{secrets.token_hex(13)}"
    else:
        letters = string.ascii_letters + string.digits
        handle = f"weixin://wxpay/bizpayurl?pr={''.join(secrets.choice(letters) for _ in range(9))}"
    world.store.run("INSERT INTO prepays VALUES (?, ?, ?)", handle, order["out_trade_no"], order["now"] + PREPAY_LIFE_S)
    return handle


def _canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


def _known(order: Row | None) -> Row:
    if order is None:
        raise PayError("ORDER_NOT_EXIST", "订单不存在")
    return order


def _amount(order: Row) -> dict[str, Any]:
    return {
        "total": order["total_fen"],
        "payer_total": order["total_fen"] - order["coupon_fen"],
        "currency": "CNY",
        "payer_currency": "CNY",
    }


def _promotions(order: Row) -> list[dict[str, Any]]:
    if not order["coupon_fen"]:
        return []
    coupon = {"coupon_id": f"C{order['transaction_id'][-10:]}", "name": "演示代金券", "scope": "GLOBAL"}
    return [coupon | {"type": "NOCASH", "amount": order["coupon_fen"], "currency": "CNY"}]
