"""Notices: what is announced to the merchant, and how the announcement is written and sealed."""

import json
import secrets
from sqlite3 import Row
from typing import Any

from miniapp_stub.sandbox.clock import beijing, rfc3339
from miniapp_stub.sandbox.wechatpay.orders import transaction
from miniapp_stub.sandbox.wechatpay.signing import new_nonce, seal
from miniapp_stub.sandbox.wire import json_bytes
from miniapp_stub.sandbox.world import World

RECEIVED_IN = "支付用户零钱"
SUMMARY = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


def payment_succeeded(world: World, order: Row) -> str:
    """Write the notice of a payment, due at once; returns its id."""
    return _write(
        world,
        event_type="TRANSACTION.SUCCESS",
        order=order,
        url=str(order["notify_url"]),
        resource=transaction(world, order, state="SUCCESS"),
    )


def refund_settled(world: World, order: Row, *, refund: Row) -> str | None:
    """Write the notice of a refund's outcome, or none when the merchant named no address for it."""
    if not refund["notify_url"]:
        return None
    return _write(
        world,
        event_type=f"REFUND.{refund['status']}",
        order=order,
        url=str(refund["notify_url"]),
        resource=_refund_resource(world, order, refund=refund),
        out_refund_no=str(refund["out_refund_no"]),
    )


def envelope(
    world: World, *, notice_id: str, event_type: str, created_at: float, resource: dict[str, Any]
) -> dict[str, Any]:
    """The notice's body: the resource sealed under the APIv3 key, the rest in clear."""
    original_type = "refund" if event_type.startswith("REFUND") else "transaction"
    nonce = new_nonce(12)
    ciphertext = seal(
        json_bytes(resource), api_v3_key=world.credentials.api_v3_key, nonce=nonce, associated_data=original_type
    )
    return {
        "id": notice_id,
        "create_time": rfc3339(created_at),
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": SUMMARY.get(event_type, ""),
        "resource": {
            "original_type": original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": original_type,
            "nonce": nonce,
        },
    }


def new_notice_id(at: float) -> str:
    return f"EV-{beijing(at):%Y%m%d%H%M%S}{secrets.randbelow(10**9):09d}"


def listed(world: World, *, out_trade_no: str | None = None) -> list[dict[str, Any]]:
    """Every notice with its attempts: faults, headers and body as sent, the merchant's answer."""
    rows = world.store.all(
        "SELECT * FROM notices WHERE out_trade_no = coalesce(?, out_trade_no) ORDER BY rowid", out_trade_no
    )
    return [_notice_shown(world, row) for row in rows]


def _write(
    world: World, *, event_type: str, order: Row, url: str, resource: dict[str, Any], out_refund_no: str | None = None
) -> str:
    now = world.clock.now()
    notice_id = new_notice_id(now)
    world.store.run(
        "INSERT INTO notices (id, event_type, out_trade_no, out_refund_no, url, resource, created_at, next_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        notice_id,
        event_type,
        order["out_trade_no"],
        out_refund_no,
        url,
        json_bytes(resource).decode(),
        now,
        now,
    )
    world.courier.wake()
    return notice_id


def _refund_resource(world: World, order: Row, *, refund: Row) -> dict[str, Any]:
    settled = order["total_fen"] - order["coupon_fen"]
    resource = {
        "mchid": world.credentials.mch_id,
        "out_trade_no": order["out_trade_no"],
        "transaction_id": order["transaction_id"],
        "out_refund_no": refund["out_refund_no"],
        "refund_id": refund["refund_id"],
        "refund_status": refund["status"],  # the query calls the same thing "status"
        "user_received_account": RECEIVED_IN,
        "amount": {
            "total": order["total_fen"],
            "refund": refund["refund_fen"],
            "payer_total": settled,
            "payer_refund": refund["payer_fen"],
        },
    }
    return resource | ({"success_time": rfc3339(refund["success_at"])} if refund["success_at"] is not None else {})


def _notice_shown(world: World, row: Row) -> dict[str, Any]:
    attempts = world.store.all("SELECT * FROM attempts WHERE notice_id = ? ORDER BY id", row["id"])
    names = ("id", "event_type", "out_trade_no", "out_refund_no", "url", "state", "tries")
    return {name: row[name] for name in names} | {
        "created_at": rfc3339(row["created_at"]),
        "next_at": rfc3339(row["next_at"]) if row["next_at"] is not None else None,
        "attempts": [_attempt_shown(attempt) for attempt in attempts],
    }


def _attempt_shown(row: Row) -> dict[str, Any]:
    names = ("n", "status", "answer", "error", "took_ms", "body")
    return {name: row[name] for name in names} | {
        "at": rfc3339(row["at"]),
        "faults": json.loads(row["faults"]),
        "headers": json.loads(row["headers"]),
    }
