"""A scripted WeChat Pay at the wire: answers what a test wants, signed or not, and writes notices."""

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.payments.keys import key

V3_KEY = "0123456789abcdef0123456789ABCDEF"
SERIAL = "PUB_KEY_ID_0000000001"
MERCHANT, APP = "1900000001", "wx0000000000000001"
Script = Callable[[Request, bytes], Awaitable[Response]]


def proof(body: bytes, *, signer: str = "platform", shift_s: int = 0, serial: str = SERIAL) -> dict[str, str]:
    """Signature headers over exactly these bytes."""
    timestamp, nonce = str(int(time.time()) + shift_s), uuid4().hex
    signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = key(signer).sign(signed, PKCS1v15(), SHA256())
    return {
        "Wechatpay-Serial": serial,
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }


def signed(status: int, body: dict[str, Any] | None, **how: Any) -> Response:
    raw = b"" if body is None else json.dumps(body).encode()
    return Response(raw, status_code=status, headers=proof(raw, **how), media_type="application/json")


def seal(clear: dict[str, Any] | bytes, *, associated: str = "transaction", v3_key: str = V3_KEY) -> dict[str, str]:
    raw = clear if isinstance(clear, bytes) else json.dumps(clear).encode()
    sealed = AESGCM(v3_key.encode()).encrypt(b"abcdefghijkl", raw, associated.encode())
    return {
        "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "associated_data": associated,
        "nonce": "abcdefghijkl", "ciphertext": base64.b64encode(sealed).decode(),
    }  # fmt: skip


def transaction(order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the channel says about a paid order; `total` and `currency` change the amount."""
    amount = {"total": changes.pop("total", order["amount_fen"]), "currency": changes.pop("currency", "CNY")}
    return {
        "mchid": MERCHANT, "appid": APP, "out_trade_no": order["number"], "trade_type": "JSAPI",
        "transaction_id": f"42{order['number'][2:]}", "trade_state": "SUCCESS", "trade_state_desc": "支付成功",
        "success_time": "2026-11-20T08:00:05+08:00", "amount": amount, "payer": {"openid": "o"},
    } | changes  # fmt: skip


def notice(said: dict[str, Any], *, id: str | None = None, event: str = "TRANSACTION.SUCCESS") -> bytes:  # noqa: A002
    envelope = {
        "id": id or str(uuid4()), "create_time": "2026-11-20T08:00:05+08:00", "resource_type": "encrypt-resource",
        "event_type": event, "summary": "支付成功", "resource": seal(said),
    }  # fmt: skip
    return json.dumps(envelope, ensure_ascii=False).encode()


@dataclass
class FakeWechatPay:
    """Orders it was asked to prepare, what it says about them, and every request it saw."""

    said: dict[str, dict[str, Any]] = field(default_factory=dict)  # by out_trade_no
    scripts: dict[str, Script] = field(default_factory=dict)  # prepay, query, close, refund, refund_query, certificates
    seen: list[str] = field(default_factory=list)
    refunded: dict[str, int] = field(default_factory=dict)
    statement: bytes | None = None  # the trade bill, before compression
    flow: bytes | None = None  # the fund bill

    def routes(self) -> list[Route]:
        return [Route("/{path:path}", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        body, what = await request.body(), kind_of(request)
        self.seen.append(what)
        script = self.scripts.get(what)
        return await script(request, body) if script else await getattr(self, what)(request, body)

    async def prepay(self, request: Request, body: bytes) -> Response:
        asked = json.loads(body)
        self.said.setdefault(asked["out_trade_no"], {"trade_state": "NOTPAY", "out_trade_no": asked["out_trade_no"]})
        miniapp = request.url.path.endswith("jsapi")
        return signed(200, {"prepay_id": "wx1"} if miniapp else {"code_url": "weixin://wxpay/bizpayurl?pr=1"})

    async def query(self, request: Request, _: bytes) -> Response:
        said = self.said.get(request.url.path.rsplit("/", 1)[1])
        return signed(200, said) if said else signed(404, {"code": "ORDER_NOT_EXIST", "message": "-"})

    async def close(self, request: Request, _: bytes) -> Response:
        self.said[request.url.path.split("/")[-2]]["trade_state"] = "CLOSED"
        return signed(204, None)

    async def refund(self, _: Request, body: bytes) -> Response:
        asked = json.loads(body)
        self.refunded[asked["out_refund_no"]] = asked["amount"]["refund"]
        return signed(200, self.refund_said(asked["out_refund_no"], status="SUCCESS"))

    async def refund_query(self, request: Request, _: bytes) -> Response:
        number = request.url.path.rsplit("/", 1)[1]
        if number not in self.refunded:
            return signed(404, {"code": "RESOURCE_NOT_EXISTS", "message": "-"})
        return signed(200, self.refund_said(number, status="SUCCESS"))

    def refund_said(self, number: str, *, status: str) -> dict[str, Any]:
        return {
            "refund_id": f"50{number}", "out_refund_no": number, "status": status, "amount": {"refund": self.refunded[number]},
            "create_time": "2026-11-20T09:00:00+08:00", "success_time": "2026-11-20T09:00:05+08:00",
        }  # fmt: skip

    async def certificates(self, _: Request, __: bytes) -> Response:
        return signed(404, {"code": "RESOURCE_NOT_EXISTS", "message": "-"})

    async def bill(self, request: Request, _: bytes) -> Response:
        return self.handed_out(request, self.statement, token="trade")

    async def fund(self, request: Request, _: bytes) -> Response:
        return self.handed_out(request, self.flow, token="fund")

    def handed_out(self, request: Request, content: bytes | None, *, token: str) -> Response:
        if content is None:
            return signed(404, {"code": "NO_STATEMENT_EXIST", "message": "-"})
        return signed(200, {
            "hash_type": "SHA1", "hash_value": hashlib.sha1(content).hexdigest().upper(),
            "download_url": f"{request.base_url}v3/billdownload/file?token={token}",
        })  # fmt: skip

    async def download(self, request: Request, __: bytes) -> Response:
        content = self.flow if request.query_params["token"] == "fund" else self.statement
        assert content is not None
        return Response(gzip.compress(content))  # downloads are not signed


def kind_of(request: Request) -> str:
    path = request.url.path
    if path.startswith("/v3/refund"):
        return "refund" if request.method == "POST" else "refund_query"
    if path.endswith("/close"):
        return "close"
    if path.startswith("/v3/billdownload"):
        return "download"
    if path.startswith("/v3/bill"):
        return "fund" if path.endswith("fundflowbill") else "bill"
    if path == "/v3/certificates":
        return "certificates"
    return "prepay" if request.method == "POST" else "query"


@dataclass
class Postman:
    """Delivers notices to our callback as the channel does."""

    client: httpx2.AsyncClient

    async def deliver(self, body: bytes, *, headers: dict[str, str] | None = None, **how: Any) -> httpx2.Response:
        given = {"content-type": "application/json"} | proof(body, **how) | (headers or {})
        return await self.client.post("/callbacks/wechatpay", content=body, headers=given)
