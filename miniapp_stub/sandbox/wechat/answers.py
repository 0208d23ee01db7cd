"""How api.weixin.qq.com answers: always HTTP 200, `errcode` in the body, absent on some successes."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.faults import Struck
from miniapp_stub.sandbox.weather import carried
from miniapp_stub.sandbox.wire import Unreadable, bounded_body, json_bytes, json_object, json_response
from miniapp_stub.sandbox.world import World

MEANING = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40226: "code blocked",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    47001: "data format error",
    47003: "argument invalid!",
    87009: "invalid signature",
}


class WeChatError(Exception):
    """A business refusal of the open platform, sent as HTTP 200 with its `errcode`."""

    def __init__(self, errcode: int, *, about: str = "") -> None:
        super().__init__(about or MEANING[errcode])
        self.errcode = errcode


@dataclass(frozen=True)
class Visit:
    """One call of the open platform, its body read."""

    world: World
    request: Request
    raw: bytes

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    def json(self) -> dict[str, Any]:
        """The JSON body.

        Raises WeChatError 47001 for a form body or anything that is not a JSON object.
        """
        if "form" in self.request.headers.get("content-type", ""):
            raise WeChatError(47001)
        try:
            return json_object(self.raw)
        except Unreadable as error:
            raise WeChatError(47001) from error


Call = Callable[[Visit], dict[str, Any]]


def open_api(where: str, call: Call) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a call of the open platform: reads the body, lets faults strike, renders the answer."""

    async def endpoint(request: Request) -> Response:
        world: World = request.app.state.world
        struck = world.faults.strike(where, channel="wechat")
        try:
            visit = Visit(world, request, await bounded_body(request))
        except Unreadable:
            return json_response(_refusal(WeChatError(47001)))
        return await carried(
            world,
            f"{where} wechat",
            struck=struck,
            act=lambda: _answered(visit, call, struck=struck),
            broken=Response("Internal Server Error", 500),
            busy=json_response(_refusal(WeChatError(-1))),
        )

    return endpoint


def _answered(visit: Visit, call: Call, *, struck: Struck) -> Response:
    try:
        if "not_subscribed" in struck:
            raise WeChatError(43101)
        content = json_bytes(call(visit))
    except WeChatError as error:
        content = json_bytes(_refusal(error))
    return Response(content[: len(content) // 2] if "tamper" in struck else content, media_type="application/json")


def check_app(world: World, *, appid: str | None, secret: str | None) -> None:
    """Compare app id and secret with the ones issued.

    Raises WeChatError 41002/41004 when missing, 40013/40125 when wrong.
    """
    if not appid:
        raise WeChatError(41002)
    if not secret:
        raise WeChatError(41004)
    if appid != world.credentials.app_id:
        raise WeChatError(40013)
    if not secrets.compare_digest(str(secret).encode(), world.credentials.app_secret.encode()):
        raise WeChatError(40125)


def _refusal(error: WeChatError) -> dict[str, Any]:
    return {"errcode": error.errcode, "errmsg": f"{error}, rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"}
