"""Notices of trades: a form, signed by name without `sign` and `sign_type`, answered by exactly `success`."""

import json
import secrets
from decimal import Decimal
from sqlite3 import Row
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from miniapp_stub.sandbox.alipay.signing import notice_text, sign
from miniapp_stub.sandbox.alipay.trade.trades import money, status, yuan
from miniapp_stub.sandbox.clock import HOUR, MINUTE, beijing, bill_time
from miniapp_stub.sandbox.wire import json_bytes
from miniapp_stub.sandbox.world import World

EVENT = "trade_status_sync"
RETRY_S = (4 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR)
"""Gaps between attempts: eight of them within 25 hours; after the last one the seller has to ask."""
ACCEPTED = b"success"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"

Fields = dict[str, str]


def paid(world: World, trade: Row) -> str | None:
    """Write the notice of a payment, due at once; returns its id, or None when the seller named no address."""
    return _write(world, trade, fields=_common(world, trade))


def refunded(world: World, trade: Row, *, refund: Row) -> str | None:
    """A refund tells the trade again, to the trade's address: `out_biz_no` is the refund's number."""
    so_far = world.store.one(
        "SELECT sum(refund_fen) AS fen FROM alipay_refunds WHERE out_trade_no = ? AND status = 'SUCCESS'",
        trade["out_trade_no"],
    )
    assert so_far is not None
    more = {
        "out_biz_no": refund["out_request_no"],
        "refund_fee": yuan(so_far["fen"]),
        "gmt_refund": f"{bill_time(refund['done_at'])}.{int(refund['done_at'] * 1000) % 1000:03d}",
    }
    closed = {"gmt_close": bill_time(refund["done_at"])} if so_far["fen"] == trade["total_fen"] else {}
    return _write(world, trade, fields=_common(world, trade) | more | closed, out_request_no=refund["out_request_no"])


def letter_body(world: World, fields: Fields, *, notice_id: str, key: RSAPrivateKey) -> bytes:
    """The form of one attempt: the id stays, the time is that of sending."""
    told = fields | {"notify_id": notice_id, "notify_time": bill_time(world.clock.signing_now())}
    return signed_form(told, key=key)


def signed_form(fields: Fields, *, key: RSAPrivateKey) -> bytes:
    return urlencode(fields | {"sign": sign(notice_text(fields), key)}).encode()


def with_wrong_amount(fields: Fields) -> Fields:
    """One fen more, under a genuine signature: only a comparison with the order finds it."""
    return fields | {"total_amount": str(Decimal(fields["total_amount"]) + Decimal("0.01"))}


def new_notice_id(at: float) -> str:
    return f"{beijing(at):%Y%m%d}00222{beijing(at):%H%M%S}{secrets.randbelow(10**15):015d}"


def _common(world: World, trade: Row) -> Fields:
    told = {
        "notify_type": EVENT,
        "app_id": world.alipay.app_id,
        "auth_app_id": world.alipay.app_id,
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "buyer_open_id": trade["openid"],
        "seller_id": world.store.setting("alipay_seller_id"),
        "trade_status": status(world, trade),
        "total_amount": yuan(trade["total_fen"]),
        "subject": trade["subject"],
        "gmt_create": bill_time(trade["begun_at"]),
        "gmt_payment": bill_time(trade["paid_at"]),
        "fund_bill_list": _fund_bills(trade),
    }
    passback = {"passback_params": trade["passback"]} if trade["passback"] else {}
    return told | money(trade) | passback


def _fund_bills(trade: Row) -> str:
    paid_by = [{"amount": yuan(trade["total_fen"] - trade["coupon_fen"]), "fundChannel": "ALIPAYACCOUNT"}]
    coupon = [{"amount": yuan(trade["coupon_fen"]), "fundChannel": "COUPON"}] if trade["coupon_fen"] else []
    return json_bytes(paid_by + coupon).decode()


def _write(world: World, trade: Row, *, fields: Fields, out_request_no: str | None = None) -> str | None:
    if not trade["notify_url"]:
        return None
    now = world.clock.now()
    notice_id = new_notice_id(now)
    world.store.run(
        "INSERT INTO notices (id, event_type, out_trade_no, out_refund_no, url, resource, created_at, next_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        notice_id,
        EVENT,
        trade["out_trade_no"],
        out_request_no,
        trade["notify_url"],
        json.dumps(fields, ensure_ascii=False),
        now,
        now,
    )
    world.courier.wake()
    return notice_id
