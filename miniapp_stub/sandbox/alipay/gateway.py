"""`/gateway.do`: one address for every method; each request signed by the app, each answer by Alipay.

A request that cannot be told to be the app's (unknown app, wrong signature) is refused without a signature.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox import issuing
from miniapp_stub.sandbox.alipay.errors import GatewayRefusal, TradeRefusal
from miniapp_stub.sandbox.alipay.login import oauth_token
from miniapp_stub.sandbox.alipay.messages import send
from miniapp_stub.sandbox.alipay.signing import request_text, signed_answer, verifies
from miniapp_stub.sandbox.alipay.trade import refunds, trades
from miniapp_stub.sandbox.alipay.trade.bills import requests as bills
from miniapp_stub.sandbox.faults import Struck
from miniapp_stub.sandbox.rotation import alipay_signing_key
from miniapp_stub.sandbox.weather import carried
from miniapp_stub.sandbox.wire import Unreadable, bounded_body, json_bytes
from miniapp_stub.sandbox.world import World

MOMENT = "%Y-%m-%d %H:%M:%S"
MOMENT_SHAPE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
MOST_PARAMETERS = 100

Parameters = dict[str, str]


@dataclass(frozen=True)
class Method:
    """One method of the gateway, the place at which faults strike it, and how it does with a wrong amount."""

    where: str
    answer: Callable[[World, Parameters], dict[str, object]]
    lie: Callable[[World, Parameters], dict[str, object]] | None = None


METHODS = {
    "alipay.system.oauth.token": Method("login", oauth_token),
    "alipay.open.app.mini.templatemessage.send": Method("message", send),
    "alipay.trade.create": Method("prepay", trades.create, partial(trades.create, more_fen=1)),
    "alipay.trade.precreate": Method("prepay", trades.precreate, partial(trades.precreate, more_fen=1)),
    "alipay.trade.query": Method("query", trades.query),
    "alipay.trade.close": Method("close", trades.close),
    "alipay.trade.refund": Method("refund", refunds.ask),
    "alipay.trade.fastpay.refund.query": Method("query", refunds.query),
    "alipay.data.dataservice.bill.downloadurl.query": Method(
        "bill", bills.download_url, partial(bills.download_url, wrong_amount=True)
    ),
}


async def gateway(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        asked = _parameters(request.url.query, await _form(request))
    except (Unreadable, ValueError):
        return _unsigned(GatewayRefusal("isv.invalid-parameter"))
    method = METHODS.get(asked.get("method", ""))
    if method is None:
        return _checked_answer(world, asked, struck={})
    struck = world.faults.strike(method.where, channel="alipay") | world.faults.strike("gateway")
    return await carried(
        world,
        f"{method.where} alipay",
        struck=struck,
        act=lambda: _checked_answer(world, asked, struck=struck),
        broken=Response("Internal Server Error", 500),
        busy=_busy(world, asked["method"], method=method),
    )


async def bill_file(request: Request) -> Response:
    """The address a bill is handed out at; faults of the place `download` strike here."""
    world: World = request.app.state.world
    struck = world.faults.strike("download", channel="alipay")
    busy = Response("Too Many Requests", 429)
    return await carried(
        world, "download alipay", struck=struck, broken=Response("Internal Server Error", 500), busy=busy,
        act=lambda: _damaged(bills.download(world, request), struck=struck),
    )  # fmt: skip


def _checked_answer(world: World, asked: Parameters, *, struck: Struck) -> Response:
    try:
        check_request(world, asked)
    except GatewayRefusal as refusal:
        return _unsigned(refusal)
    return _answered(world, asked, struck=struck)


def _busy(world: World, name: str, *, method: Method) -> Response:
    """Trades answer in their own node, the rest in `error_response`; both signed."""
    trade = method.where not in ("login", "message")
    refusal = GatewayRefusal("ACQ.SYSTEM_ERROR" if trade else "isp.unknow-error", code="20000")
    node = _node(name) if trade else "error_response"
    content = json_bytes(refusal.content())
    return _written(signed_answer(node, content, key=alipay_signing_key(world, content.decode())))


def _damaged(answer: Response, *, struck: Struck) -> Response:
    """A byte of the archive turned over."""
    content = bytes(answer.body)
    if "tamper" not in struck or not content:
        return answer
    middle = len(content) // 2
    spoilt = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return Response(spoilt, answer.status_code, media_type=answer.media_type)


def check_request(world: World, asked: Parameters) -> None:
    """Whether the request is our app's, to the letter. Raises GatewayRefusal."""
    for name, sub_code in (("app_id", "app-id"), ("method", "method"), ("sign_type", "signature-type")):
        if not asked.get(name):
            raise GatewayRefusal(f"isv.missing-{sub_code}")
    if asked["app_id"] != world.alipay.app_id:
        raise GatewayRefusal("isv.invalid-app-id")
    if asked["sign_type"] != "RSA2":
        raise GatewayRefusal("isv.invalid-signature-type")
    if not asked.get("sign"):
        raise GatewayRefusal("isv.missing-signature")
    if not verifies(request_text(asked), asked["sign"], key=world.alipay.app_key):
        raise GatewayRefusal("isv.invalid-signature")


def _answered(world: World, asked: Parameters, *, struck: Struck) -> Response:
    node = _node(asked["method"])
    try:
        _check_public_parameters(asked)
        content = json_bytes(_told(world, asked, struck=struck))
    except TradeRefusal as refusal:
        content = json_bytes(refusal.content())
    except GatewayRefusal as refusal:
        node, content = "error_response", json_bytes(refusal.content())
    key = foreign_key() if "forge" in struck else alipay_signing_key(world, content.decode())
    body = signed_answer(node, content, key=key)
    if "tamper" in struck:
        body = body.replace(content, content[:-1] + b',"tampered":"true"}')
    return _written(body)


def _told(world: World, asked: Parameters, *, struck: Struck) -> dict[str, object]:
    method = METHODS[asked["method"]]
    if "not_subscribed" in struck:
        raise GatewayRefusal("USER_NOT_SUBSCRIBE", code="40004")
    if struck.keys() & {"not_ready", "absent"}:
        raise bills.absent()  # the platform has one word for both
    if "wrong_amount" not in struck:
        return method.answer(world, asked)
    return method.lie(world, asked) if method.lie else _with_wrong_amount(method.answer(world, asked))


def _node(name: str) -> str:
    return f"{name.replace('.', '_')}_response"


def _check_public_parameters(asked: Parameters) -> None:
    if asked["method"] not in METHODS:
        raise GatewayRefusal("isv.invalid-method")
    for name in ("timestamp", "version"):
        if not asked.get(name):
            raise GatewayRefusal(f"isv.missing-{name}")
    if not _is_moment(asked["timestamp"]):
        raise GatewayRefusal("isv.invalid-timestamp")
    fixed = {"version": "1.0", "charset": "utf-8", "format": "json"}
    for name, value in fixed.items():
        if asked.get(name, value).lower() != value:
            raise GatewayRefusal(f"isv.invalid-{name}")


def _with_wrong_amount(told: dict[str, object]) -> dict[str, object]:
    """One fen more, under a genuine signature: only a comparison with the order finds it."""
    amounts = {name: str(told[name]) for name in ("total_amount", "refund_amount", "refund_fee") if name in told}
    return told | {name: str(Decimal(amount) + Decimal("0.01")) for name, amount in amounts.items()}


def _is_moment(text: str) -> bool:
    if not MOMENT_SHAPE.fullmatch(text):
        return False
    try:
        datetime.strptime(text, MOMENT)
    except ValueError:
        return False
    return True


async def _form(request: Request) -> str:
    raw = await bounded_body(request)
    if raw and not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Unreadable("the gateway takes a form")
    return raw.decode("ascii")


def _parameters(query: str, form: str) -> Parameters:
    """Query and form together, decoded once; a name that comes twice is ValueError."""
    pairs = [
        pair
        for part in (query, form)
        for pair in parse_qsl(part, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    ]
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a parameter comes twice")
    return dict(pairs)


def _unsigned(refusal: GatewayRefusal) -> Response:
    return _written(json_bytes({"error_response": refusal.content()}))


def _written(body: bytes) -> Response:
    return Response(body, media_type="text/html;charset=utf-8")  # as the platform does, JSON or not


@cache
def foreign_key() -> RSAPrivateKey:
    """A key nobody knows: what a forger would sign with."""
    return issuing.new_key()
