"""How DingTalk answers: the older API with HTTP 200 and an `errcode`, the new one with an HTTP status and a `code`."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.wire import BrokenAnswer, Unreadable, bounded_body, json_object, json_response
from miniapp_stub.sandbox.world import World

MEANING = {
    -1: "系统繁忙",
    40014: "不合法的access_token",
    40035: "不合法的参数",
    40078: "不存在的临时授权码",
    40089: "不合法的corpid或corpsecret",
    42001: "access_token已过期",
    33013: "接收者用户id列表不能为空或格式不正确",
    33014: "不合法的agent_id",
    60121: "找不到该用户",
}


class OlderError(Exception):
    """A refusal of oapi.dingtalk.com."""

    def __init__(self, errcode: int) -> None:
        super().__init__(MEANING[errcode])
        self.errcode = errcode


class NewError(Exception):
    """A refusal of api.dingtalk.com."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


Body = dict[str, Any]
Call = Callable[[World, Request, Body], Body]


def served(call: Call, *, where: str = "workplace") -> Callable[[Request], Awaitable[Response]]:
    """Wrap a call: reads the JSON body, lets faults strike, renders the answer."""

    async def endpoint(request: Request) -> Response:
        world: World = request.app.state.world
        struck = world.faults.strike(where)
        try:
            raw = await bounded_body(request)
            if unanswered := struck.keys() & {"drop", "timeout_before"}:
                return BrokenAnswer(0 if "drop" in unanswered else struck["timeout_before"])
            if "http_500" in struck:
                return Response("Internal Server Error", 500)
            await anyio.sleep(struck.get("delay", 0))
            told = call(world, request, json_object(raw) if raw.strip() else {})
            return BrokenAnswer(struck["timeout_after"]) if "timeout_after" in struck else json_response(told)
        except (Unreadable, OlderError) as error:
            errcode = error.errcode if isinstance(error, OlderError) else 40035
            return json_response({"errcode": errcode, "errmsg": MEANING[errcode], "request_id": secrets.token_hex(6)})
        except NewError as error:
            told = {"code": error.code, "message": str(error), "requestid": secrets.token_hex(16).upper()}
            return json_response(told, error.status)

    return endpoint
