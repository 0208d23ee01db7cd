"""The paths of qyapi.weixin.qq.com and of WeCom's two sign-in pages that the sandbox serves."""

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from miniapp_stub.sandbox.access import LoopbackOnly
from miniapp_stub.sandbox.agreeing import Asked, asking, on_this_machine
from miniapp_stub.sandbox.wecom import calls
from miniapp_stub.sandbox.wecom.calls import served
from miniapp_stub.sandbox.wecom.messages import send
from miniapp_stub.sandbox.world import World


def _asked(request: Request) -> Asked | str:
    """`/wwlogin/sso/login` for browsers, `/connect/oauth2/authorize` for WeCom's own."""
    world: World = request.app.state.world
    query = request.query_params
    if query.get("appid") != world.store.setting("wecom_corp_id"):
        return "企业不存在（appid）"
    if query.get("agentid") != world.store.setting("wecom_agent_id"):
        return "应用不存在（agentid）"
    if not on_this_machine(query.get("redirect_uri", "")):
        return "redirect_uri 与配置的授权登录可信域名不一致"
    return query["redirect_uri"], query.get("state", "")


routes = [
    Route("/cgi-bin/gettoken", served(calls.token), methods=["GET"]),
    Route("/cgi-bin/auth/getuserinfo", served(calls.whose_code), methods=["GET"]),
    Route("/cgi-bin/user/getuserinfo", served(calls.whose_code_of_old), methods=["GET"]),
    Route("/cgi-bin/message/send", send, methods=["POST"]),
    Route("/wwlogin/sso/login", asking("wecom", _asked), methods=["GET"], middleware=[Middleware(LoopbackOnly)]),
    Route("/connect/oauth2/authorize", asking("wecom", _asked), methods=["GET"], middleware=[Middleware(LoopbackOnly)]),
]
