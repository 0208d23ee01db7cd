"""Login: code2Session. One login code gives the openid and a fresh session key, once."""

import base64
import secrets
from typing import Any

from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.people import living_code, person, use_code
from miniapp_stub.sandbox.wechat.answers import Visit, WeChatError, check_app
from miniapp_stub.sandbox.world import World

LOGINS_A_MINUTE = 100
"""Per user; the 101st is answered 45011."""


def code2session(visit: Visit) -> dict[str, Any]:
    """`GET /sns/jscode2session`: only the query counts, so the same call sent as a POST form lacks its parameters.

    Success has no `errcode` and no `unionid` (the app is not bound to an Open Platform account).
    """
    world, query = visit.world, visit.query
    check_app(world, appid=query.get("appid"), secret=query.get("secret"))
    if not (js_code := query.get("js_code")):
        raise WeChatError(41008)
    if query.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    code = living_code(world, js_code, kind="login")
    if code is None or code["appid"] != world.credentials.app_id:
        raise WeChatError(40029)
    return _open_session(world, openid=str(code["openid"]), js_code=js_code)


def _open_session(world: World, *, openid: str, js_code: str) -> dict[str, Any]:
    if not world.quotas.spend(f"login:{openid}", limit=LOGINS_A_MINUTE, within_s=MINUTE):
        raise WeChatError(45011)
    session_key = base64.b64encode(secrets.token_bytes(16)).decode()
    high_risk = bool(person(world, openid)["high_risk"])
    with world.store.transaction():
        use_code(world, js_code)
        if not high_risk:
            world.store.run("UPDATE people SET session_key = ? WHERE openid = ?", session_key, openid)
    if high_risk:
        raise WeChatError(40226)
    return {"session_key": session_key, "openid": openid}
