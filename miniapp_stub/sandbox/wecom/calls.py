"""The calls of WeCom an office needs to sign its people in; always HTTP 200, `errcode` in the body."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.organisation import app_token, living_token, take_code
from miniapp_stub.sandbox.wire import BrokenAnswer, json_response
from miniapp_stub.sandbox.world import World

KIND = "wecom"
MEANING = {
    40001: "invalid credential",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40008: "invalid message type",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    42001: "access_token expired",
    45009: "api freq out of limit",
    81013: "user & party & tag all invalid",
}


class WeComError(Exception):
    def __init__(self, errcode: int) -> None:
        super().__init__(MEANING[errcode])
        self.errcode = errcode


Call = Callable[[World, Request], dict[str, Any]]


def served(call: Call) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a call: lets faults strike, renders the answer."""

    async def endpoint(request: Request) -> Response:
        world: World = request.app.state.world
        struck = world.faults.strike("workplace")
        if unanswered := struck.keys() & {"drop", "timeout_before"}:
            return BrokenAnswer(0 if "drop" in unanswered else struck["timeout_before"])
        if "http_500" in struck:
            return Response("Internal Server Error", 500)
        await anyio.sleep(struck.get("delay", 0))
        try:
            return json_response({"errcode": 0, "errmsg": "ok"} | call(world, request))
        except WeComError as error:
            return json_response({"errcode": error.errcode, "errmsg": f"{error}, hint: [{secrets.token_hex(8)}]"})

    return endpoint


def token(world: World, request: Request) -> dict[str, Any]:
    """`GET /cgi-bin/gettoken?corpid&corpsecret`: the living token again."""
    query = request.query_params
    if query.get("corpid") != world.store.setting("wecom_corp_id"):
        raise WeComError(40013)
    known = world.store.setting("wecom_secret")
    if not secrets.compare_digest(query.get("corpsecret", "").encode(), known.encode()):
        raise WeComError(40001)
    living, life = app_token(world, KIND)
    return {"access_token": living, "expires_in": life}


def whose_code(world: World, request: Request) -> dict[str, Any]:
    """`GET /cgi-bin/auth/getuserinfo?access_token&code`: `userid` of a member, `openid` of somebody else."""
    check_token(world, request)
    row = take_code(world, KIND, code=request.query_params.get("code", ""), scenes=("app", "scan"))
    if row is None:
        raise WeComError(40029)
    if row["member"]:
        return {"userid": row["userid"]}
    return {"openid": f"o{row['unionid']}", "external_userid": f"wm{row['unionid']}"}


def whose_code_of_old(world: World, request: Request) -> dict[str, Any]:
    """`GET /cgi-bin/user/getuserinfo`: the same under its older path, in capitals."""
    told = whose_code(world, request)
    if "userid" in told:
        return {"UserId": told["userid"], "DeviceId": ""}
    return {"OpenId": told["openid"], "DeviceId": ""}


def check_token(world: World, request: Request) -> None:
    row = living_token(world, KIND, token=request.query_params.get("access_token", ""))
    if row is None:
        raise WeComError(40014)
    if row["expires_at"] <= world.clock.now():
        raise WeComError(42001)
