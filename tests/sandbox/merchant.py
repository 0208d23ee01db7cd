"""A merchant made of nothing but the protocol: signs requests, checks answers, keeps a letter box for notices."""

import base64
import itertools
import json
import queue
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.sandbox_server import SandboxServer

_numbers = itertools.count(1)
_RUN = secrets.token_hex(3).upper()


@dataclass
class Notice:
    """One letter as it lay in the box."""

    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content


@dataclass
class Letterbox:
    """Receives notices; answers come from `answers` in turn, 204 (or 200 and the `word`) when there are none left."""

    url: str = ""
    word: bytes = b""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    letters: "queue.Queue[Notice]" = field(default_factory=queue.Queue)

    def take(self) -> Notice:
        """The next letter; waits for it."""
        return self.letters.get(timeout=10)

    @property
    def empty(self) -> bool:
        return self.letters.empty()


@dataclass
class Merchant:
    """Talks to the sandbox as the office would, with the credentials it was issued."""

    sandbox: SandboxServer
    box: Letterbox

    def __post_init__(self) -> None:
        issued = self.sandbox.credentials
        self.app_id, self.mch_id = issued["HANDHELD_WECHAT_APP_ID"], issued["HANDHELD_WECHATPAY_MCH_ID"]
        self.serial_no, self.api_v3_key = (
            issued["HANDHELD_WECHATPAY_SERIAL_NO"],
            issued["HANDHELD_WECHATPAY_API_V3_KEY"],
        )
        self.pub_key_id = issued["HANDHELD_WECHATPAY_PLATFORM_KEY_ID"]
        key = load_pem_private_key(Path(issued["HANDHELD_WECHATPAY_PRIVATE_KEY_FILE"]).read_bytes(), None)
        platform = load_pem_public_key(Path(issued["HANDHELD_WECHATPAY_PLATFORM_KEY_FILE"]).read_bytes())
        assert isinstance(key, RSAPrivateKey) and isinstance(platform, RSAPublicKey)
        self.key, self.platform_key = key, platform

    def person(self, phone: str = "13800000001") -> str:
        return str(self.sandbox.control("/people", {"platform": "wechat", "phone": phone})["openid"])

    def call(self, method: str, target: str, body: object = None, **changes: Any) -> httpx2.Response:
        """Send a signed request; `changes` spoil it: authorization fields by name, `signed`, `headers`, `raw`."""
        raw = changes.pop("raw", b"" if body is None else json.dumps(body, ensure_ascii=False).encode())
        authorization = self.authorization(method, target, changes.pop("signed", raw), **changes)
        headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "merchant"}
        headers |= {"Authorization": authorization, "Wechatpay-Serial": self.pub_key_id} | changes.get("headers", {})
        kept = {name: value for name, value in headers.items() if value is not None}
        return self.sandbox.client.request(method, self.sandbox.url + target, content=raw, headers=kept)

    def authorization(self, method: str, target: str, raw: bytes, **changes: Any) -> str:
        stamp = str(changes.get("timestamp", int(time.time())))
        nonce = changes.get("nonce_str", secrets.token_hex(16).upper())
        signed = f"{method}\n{target}\n{stamp}\n{nonce}\n".encode() + raw + b"\n"
        fields = {
            "mchid": changes.get("mchid", self.mch_id),
            "nonce_str": nonce,
            "signature": base64.b64encode(self.key.sign(signed, PKCS1v15(), SHA256())).decode(),
            "timestamp": stamp,
            "serial_no": changes.get("serial_no", self.serial_no),
        }
        return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in fields.items())

    def get(self, target: str, **changes: Any) -> httpx2.Response:
        return self.call("GET", target, **changes)

    def order_body(self, **changes: Any) -> dict[str, Any]:
        """A correct order; keyword arguments replace fields, None removes one."""
        body = {
            "appid": self.app_id,
            "mchid": self.mch_id,
            "description": "行政缴款",
            "out_trade_no": new_number(),
            "notify_url": self.box.url,
            "amount": {"total": 12345, "currency": "CNY"},
        } | changes
        return {name: value for name, value in body.items() if value is not None}

    def jsapi(self, **changes: Any) -> httpx2.Response:
        body = self.order_body(**{"payer": {"openid": self.person()}} | changes)
        return self.call("POST", "/v3/pay/transactions/jsapi", body)

    def native(self, **changes: Any) -> httpx2.Response:
        return self.call("POST", "/v3/pay/transactions/native", self.order_body(**changes))

    def paid(self, *, total: int = 12345, **pay: Any) -> str:
        """Place and pay an order; returns its number. The notice lies in the box."""
        number = new_number()
        assert self.jsapi(out_trade_no=number, amount={"total": total, "currency": "CNY"}).status_code == 200
        self.sandbox.control("/pay", {"trade_no": number} | pay)
        return number

    def query(self, number: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.get(f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.mch_id}").json()
        return answer

    def refund(self, number: str, *, refund: int, total: int = 12345, **changes: Any) -> httpx2.Response:
        body = {"out_trade_no": number, "out_refund_no": new_number("RF"), "notify_url": self.box.url} | changes
        body = {"amount": {"refund": refund, "total": total, "currency": "CNY"}} | body
        return self.call("POST", "/v3/refund/domestic/refunds", {k: v for k, v in body.items() if v is not None})

    def verifies(self, headers: Any, body: bytes, *, key: RSAPublicKey | None = None) -> bool:
        """Whether an answer or notice is signed by the platform (with the public-key mode's key unless another is given)."""
        stamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
        signed = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
        try:
            signature = base64.b64decode(headers["Wechatpay-Signature"], validate=True)
            (key or self.platform_key).verify(signature, signed, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    def open(self, notice: Notice) -> dict[str, Any]:
        """Decrypt a notice's resource."""
        sealed = notice.content["resource"]
        plain = AESGCM(self.api_v3_key.encode()).decrypt(
            sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
        )
        resource: dict[str, Any] = json.loads(plain)
        return resource


def new_number(prefix: str = "GOV") -> str:
    """An order or refund number never used before in this or another run."""
    return f"{prefix}{_RUN}{next(_numbers):06d}"


def open_letterbox() -> tuple[Letterbox, ThreadingHTTPServer]:
    """Start a letter box on a free port; the caller shuts the server down."""
    box = Letterbox()

    class Slot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = box.answers.pop(0) if box.answers else (200 if box.word else 204, box.word)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(answer)
            box.letters.put(Notice(dict(self.headers.items()), body))

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slot)
    box.url = f"http://127.0.0.1:{server.server_address[1]}/callbacks/wechatpay"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return box, server
