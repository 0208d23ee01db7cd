"""The gate of api.mch.weixin.qq.com: checks every request's signature, signs every 2xx answer, lets faults strike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.faults import Struck
from miniapp_stub.sandbox.weather import carried
from miniapp_stub.sandbox.wechatpay import signing
from miniapp_stub.sandbox.wechatpay.certificates import answer_signer, foreign_signer
from miniapp_stub.sandbox.wechatpay.errors import PayError
from miniapp_stub.sandbox.wire import Unreadable, bounded_body, json_bytes, json_object, json_response
from miniapp_stub.sandbox.world import World


@dataclass(frozen=True)
class Call:
    """One request that passed the gate."""

    world: World
    request: Request
    raw: bytes
    struck: Struck

    @property
    def path(self) -> dict[str, str]:
        return dict(self.request.path_params)

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    def body(self) -> dict[str, Any]:
        """The JSON body.

        Raises PayError PARAM_ERROR.
        """
        try:
            return json_object(self.raw)
        except Unreadable as error:
            raise PayError("PARAM_ERROR", f"请求体不是合法的JSON: {error}") from error


@dataclass(frozen=True)
class Answer:
    """A 2xx answer. A file (`unsigned`) goes out without a signature, as bill downloads do."""

    content: bytes
    status: int = 200
    media_type: str | None = "application/json"
    unsigned: bool = False


Handler = Callable[[Call], "dict[str, Any] | Answer"]
NO_CONTENT = Answer(b"", status=204, media_type=None)


def signed_api(where: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler: signature in, faults, signature out."""

    async def endpoint(request: Request) -> Response:
        world: World = request.app.state.world
        try:
            raw = await bounded_body(request)
            check_headers(request)
            check_signature(world, request, raw=raw)
            signer = answer_signer(world, request.headers.get("wechatpay-serial"))
        except PayError as error:
            return _refused(error)
        except Unreadable as error:
            return _refused(PayError("PARAM_ERROR", str(error)))
        struck = world.faults.strike(where, channel="wechat")
        call = Call(world, request, raw, struck)
        return await carried(
            world,
            f"{where} wechat",
            struck=struck,
            act=lambda: _answered(call, handler, signer=signer),
            broken=_refused(PayError("SYSTEM_ERROR", "系统异常，请用相同参数重新调用")),
            busy=_refused(PayError("FREQUENCY_LIMITED", "频率过高，请降低频率后重试")),
        )

    return endpoint


def _answered(call: Call, handler: Handler, *, signer: signing.Signer) -> Response:
    try:
        return _render(call.world, handler(call), signer=signer, struck=call.struck)
    except PayError as error:
        return _refused(error)


def _refused(error: PayError) -> Response:
    return json_response(error.body(), error.status)


def check_headers(request: Request) -> None:
    """Raises PayError PARAM_ERROR without a User-Agent, a fitting Accept, or JSON as content type of a POST."""
    accept = request.headers.get("accept", "")
    if not request.headers.get("user-agent") or not ("application/json" in accept or "*/*" in accept):
        raise PayError("PARAM_ERROR", "Http头缺少Accept或User-Agent")
    if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
        raise PayError("PARAM_ERROR", "Http头Content-Type应为application/json")


def check_signature(world: World, request: Request, *, raw: bytes) -> None:
    """Check the merchant's signature over the request exactly as it came over the line.

    Raises PayError SIGN_ERROR.
    """
    target = _target(request)
    try:
        authorization = signing.parse_authorization(request.headers.get("authorization"))
        text = signing.request_text(method=request.method, target=target, authorization=authorization, body=raw)
        _check_authorization(world, authorization, text=text)
    except signing.SignatureRefused as error:
        raise PayError(
            "SIGN_ERROR",
            "签名错误，请检查后再试",
            detail={
                "field": error.field,
                "value": error.value,
                "issue": error.issue,
                "location": "authorization",
                "sign_information": {
                    "method": request.method,
                    "url": target.decode("latin-1"),
                    "body_length": len(raw),
                },
            },
        ) from error


def _check_authorization(world: World, authorization: signing.Authorization, *, text: bytes) -> None:
    ours = world.credentials
    if authorization.mchid != ours.mch_id:
        raise signing.SignatureRefused("no such merchant", field="mchid", value=authorization.mchid)
    if authorization.serial_no != ours.serial_no:
        raise signing.SignatureRefused(
            "serial number is not that of the merchant's certificate", field="serial_no", value=authorization.serial_no
        )
    if not 1 <= len(authorization.nonce_str) <= 32:
        raise signing.SignatureRefused("nonce_str has 1 to 32 characters", field="nonce_str")
    signing.check_freshness(authorization, now=world.clock.signing_now())
    if not signing.verifies(text, authorization.signature, key=ours.merchant_key):
        raise signing.SignatureRefused("sign not match", value=authorization.signature)


def _target(request: Request) -> bytes:
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return raw_path.partition(b"?")[0] + (b"?" + query if query else b"")


def _render(world: World, result: dict[str, Any] | Answer, *, signer: signing.Signer, struck: Struck) -> Response:
    if isinstance(result, dict):
        if "wrong_amount" in struck:
            result = _with_wrong_amount(result)
        result = Answer(json_bytes(result))
    signer = foreign_signer(signer) if "forge" in struck else signer
    headers = {"Request-ID": signing.new_nonce()}
    if not result.unsigned:
        headers |= signing.signature_headers(result.content, signer, now=world.clock.signing_now())
    content = _altered(result.content) if "tamper" in struck else result.content
    return Response(content, result.status, headers, result.media_type)


def _with_wrong_amount(payload: dict[str, Any]) -> dict[str, Any]:
    """One fen more, under a genuine signature: only a comparison with the order finds it."""
    if "amount" not in payload:
        return payload
    amount = {name: value + 1 if isinstance(value, int) else value for name, value in payload["amount"].items()}
    return payload | {"amount": amount}


def _altered(content: bytes) -> bytes:
    """Change one byte near the middle; an empty body stays empty, as nothing can be altered in it."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :] if content else content
