"""Trades: made for a mini program or a QR code, queried and closed by either number."""

import secrets
import string
from decimal import Decimal
from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.alipay.errors import TradeRefusal
from miniapp_stub.sandbox.alipay.trade import parameters
from miniapp_stub.sandbox.alipay.trade.account import new_trade_no
from miniapp_stub.sandbox.clock import DAY, bill_time
from miniapp_stub.sandbox.people import PersonRefused, person
from miniapp_stub.sandbox.world import World

REFUNDABLE_FOR_S = 365 * DAY
QR_START = "https://qr.alipay.com/"

Asked = dict[str, str]
Answer = dict[str, object]


def create(world: World, asked: Asked, *, more_fen: int = 0) -> Answer:
    """`alipay.trade.create` for a mini program → `trade_no` for my.tradePay; the trade exists at once."""
    content = parameters.content(asked)
    if content.get("product_code") != "JSAPI_PAY":
        raise parameters.wrong("product_code须为JSAPI_PAY")
    if content.get("op_app_id") != world.alipay.app_id:
        raise parameters.wrong("op_app_id须为商家实际经营主体的小程序应用")
    buyer = _buyer(world, content)
    trade = _placed(world, asked, content=content, buyer=buyer, more_fen=more_fen)
    return ok({"out_trade_no": trade["out_trade_no"], "trade_no": trade["trade_no"]})


def precreate(world: World, asked: Asked, *, more_fen: int = 0) -> Answer:
    """`alipay.trade.precreate` → `qr_code`; there is no trade until somebody scans it."""
    trade = _placed(world, asked, content=parameters.content(asked), buyer=None, more_fen=more_fen)
    return ok({"out_trade_no": trade["out_trade_no"], "qr_code": trade["qr_code"]})


def query(world: World, asked: Asked) -> Answer:
    """`alipay.trade.query` by `trade_no` or `out_trade_no`."""
    trade = named(world, parameters.content(asked))
    return ok(shown(world, trade))


def close(world: World, asked: Asked) -> Answer:
    """`alipay.trade.close`: only a trade that waits for its buyer. A QR code nobody scanned is no trade yet."""
    trade = named(world, parameters.content(asked))
    if status(world, trade) != "WAIT_BUYER_PAY":
        raise TradeRefusal("ACQ.TRADE_STATUS_ERROR")
    world.store.run(
        "UPDATE alipay_trades SET closed_at = ? WHERE out_trade_no = ?", world.clock.now(), trade["out_trade_no"]
    )
    return ok({"out_trade_no": trade["out_trade_no"], "trade_no": trade["trade_no"]})


def find(world: World, out_trade_no: str) -> Row | None:
    return world.store.one("SELECT * FROM alipay_trades WHERE out_trade_no = ?", out_trade_no)


def named(world: World, content: dict[str, Any]) -> Row:
    """The trade a request means; when both numbers are given the platform's decides.

    Raises TradeRefusal for none, an unknown one and one that has not begun.
    """
    if trade_no := content.get("trade_no"):
        trade = world.store.one("SELECT * FROM alipay_trades WHERE trade_no = ?", str(trade_no))
    elif out_trade_no := content.get("out_trade_no"):
        trade = find(world, str(out_trade_no))
    else:
        raise parameters.wrong("trade_no与out_trade_no不能同时为空")
    if trade is None or trade["begun_at"] is None:
        raise TradeRefusal("ACQ.TRADE_NOT_EXIST")
    return trade


def status(world: World, trade: Row) -> str:
    """Time closes an unpaid trade by itself, and ends the time of refunds of a paid one."""
    now = world.clock.now()
    if trade["paid_at"] is None:
        return "TRADE_CLOSED" if trade["closed_at"] is not None or trade["expires_at"] <= now else "WAIT_BUYER_PAY"
    if refunded_fen(world, trade) == trade["total_fen"]:
        return "TRADE_CLOSED"
    return "TRADE_FINISHED" if now - trade["paid_at"] > REFUNDABLE_FOR_S else "TRADE_SUCCESS"


def refunded_fen(world: World, trade: Row) -> int:
    row = world.store.one(
        "SELECT coalesce(sum(refund_fen), 0) AS fen FROM alipay_refunds WHERE out_trade_no = ? AND status = 'SUCCESS'",
        trade["out_trade_no"],
    )
    assert row is not None
    return int(row["fen"])


def shown(world: World, trade: Row) -> Answer:
    """The trade as a query shows it; money of the payment appears once it is paid."""
    answer: Answer = {
        "buyer_logon_id": logon_id(world, trade["openid"]),
        "buyer_open_id": trade["openid"] or "",
        "out_trade_no": trade["out_trade_no"],
        "total_amount": yuan(trade["total_fen"]),
        "trade_no": trade["trade_no"],
        "trade_status": status(world, trade),
    }
    return answer | (money(trade) | {"send_pay_date": bill_time(trade["paid_at"])} if trade["paid_at"] else {})


def money(trade: Row) -> dict[str, str]:
    """What the buyer paid, and what the seller got: coupons are the platform's, the seller gets all of it."""
    paid = trade["total_fen"] - trade["coupon_fen"]
    return {
        "buyer_pay_amount": yuan(paid),
        "invoice_amount": yuan(paid),
        "point_amount": "0.00",
        "receipt_amount": yuan(trade["total_fen"]),
    }


def logon_id(world: World, openid: str | None) -> str:
    """The buyer's account as sellers see it: masked."""
    phone = str(person(world, openid)["phone"]) if openid else ""
    return f"{phone[:3]}****{phone[-2:]}" if phone.isdigit() else ""


def yuan(fen: int) -> str:
    """Integer fen as yuan text with two decimals."""
    return str(Decimal(fen).scaleb(-2).quantize(Decimal("0.01")))


def ok(answer: Answer) -> Answer:
    return {"code": "10000", "msg": "Success"} | answer


def _buyer(world: World, content: dict[str, Any]) -> str:
    openid = parameters.text(content, "buyer_open_id", most=128)
    try:
        known = person(world, openid)
    except PersonRefused:
        raise parameters.wrong("买家不存在") from None
    if known["platform"] != "alipay":
        raise parameters.wrong("买家不存在")
    return openid


def _placed(world: World, asked: Asked, *, content: dict[str, Any], buyer: str | None, more_fen: int) -> Row:
    """The trade of this number: a new one, or the same again when nothing of it changed.

    A fault may place it with `more_fen` than was asked: the buyer will be charged that.
    """
    out_trade_no = parameters.number(content, "out_trade_no", pattern=parameters.OUT_TRADE_NO)
    now = world.clock.now()
    with world.store.transaction():
        known = find(world, out_trade_no)
        if known is None:
            _insert(world, asked, content=content, buyer=buyer, now=now)
            world.store.run(
                "UPDATE alipay_trades SET total_fen = total_fen + ? WHERE out_trade_no = ?", more_fen, out_trade_no
            )
        else:
            _check_repeat(world, known, method=asked["method"], content=content)
            world.store.run("UPDATE alipay_trades SET calls = calls + 1 WHERE out_trade_no = ?", out_trade_no)
    trade = find(world, out_trade_no)
    assert trade is not None
    return trade


def _insert(world: World, asked: Asked, *, content: dict[str, Any], buyer: str | None, now: float) -> None:
    world.store.run(
        "INSERT INTO alipay_trades (out_trade_no, trade_no, method, content, subject, total_fen, passback, notify_url,"
        " qr_code, openid, created_at, expires_at, begun_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        content["out_trade_no"],
        new_trade_no(now),
        asked["method"],
        parameters.canonical(content),
        parameters.subject(content),
        parameters.fen(content, "total_amount"),
        parameters.text(content, "passback_params", most=512, required=False),
        parameters.notify_url(asked),
        None if buyer else _new_qr_code(),
        buyer,
        now,
        parameters.expiry(content, now=now),
        now if buyer else None,
    )


def _check_repeat(world: World, known: Row, *, method: str, content: dict[str, Any]) -> None:
    if known["paid_at"] is not None:
        raise TradeRefusal("ACQ.TRADE_HAS_SUCCESS")
    if status(world, known) == "TRADE_CLOSED":
        raise TradeRefusal("ACQ.TRADE_HAS_CLOSE")
    if (known["method"], known["content"]) != (method, parameters.canonical(content)):
        raise TradeRefusal("ACQ.CONTEXT_INCONSISTENT")


def _new_qr_code() -> str:
    letters = string.ascii_lowercase + string.digits
    return f"{QR_START}bax{''.join(secrets.choice(letters) for _ in range(21))}"
