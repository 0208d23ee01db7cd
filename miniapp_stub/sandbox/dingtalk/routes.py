"""The paths of oapi.dingtalk.com, api.dingtalk.com and login.dingtalk.com that the sandbox serves."""

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from miniapp_stub.sandbox.access import LoopbackOnly
from miniapp_stub.sandbox.agreeing import Asked, asking, on_this_machine
from miniapp_stub.sandbox.dingtalk import calls
from miniapp_stub.sandbox.dingtalk.answers import served
from miniapp_stub.sandbox.world import World


def _asked(request: Request) -> Asked | str:
    """`GET /oauth2/auth` as login.dingtalk.com takes it."""
    world: World = request.app.state.world
    query = request.query_params
    if query.get("client_id") != world.store.setting("dingtalk_app_key"):
        return "应用不存在（client_id）"
    if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
        return "参数错误（response_type、scope）"
    if not query.get("state") or not on_this_machine(query.get("redirect_uri", "")):
        return "回调地址不在登录白名单，或缺少 state"
    return query["redirect_uri"], query["state"]


routes = [
    Route("/gettoken", served(calls.older_token), methods=["GET"]),
    Route("/v1.0/oauth2/accessToken", served(calls.new_token), methods=["POST"]),
    Route("/v1.0/oauth2/userAccessToken", served(calls.user_token), methods=["POST"]),
    Route("/v1.0/contact/users/me", served(calls.contact_me), methods=["GET"]),
    Route("/topapi/v2/user/getuserinfo", served(calls.opened_by), methods=["POST"]),
    Route("/topapi/user/getbyunionid", served(calls.by_union_id), methods=["POST"]),
    Route("/topapi/v2/user/get", served(calls.member_facts), methods=["POST"]),
    Route(
        "/topapi/message/corpconversation/asyncsend_v2",
        served(calls.work_message, where="work_message"),
        methods=["POST"],
    ),
    Route("/oauth2/auth", asking("dingtalk", _asked), methods=["GET"], middleware=[Middleware(LoopbackOnly)]),
]
