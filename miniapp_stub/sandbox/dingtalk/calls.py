"""The calls of DingTalk an office needs to sign its people in."""

import json
import secrets
from sqlite3 import Row

from starlette.requests import Request

from miniapp_stub.sandbox.clock import DAY
from miniapp_stub.sandbox.dingtalk.answers import Body, NewError, OlderError
from miniapp_stub.sandbox.messages.kept import deliver
from miniapp_stub.sandbox.organisation import (
    TOKEN_LIFE_S,
    MemberRefused,
    app_token,
    living_token,
    person,
    person_token,
    take_code,
)
from miniapp_stub.sandbox.wire import json_object
from miniapp_stub.sandbox.world import World

KIND = "dingtalk"


def older_token(world: World, request: Request, body: Body) -> Body:
    """`GET /gettoken?appkey&appsecret`."""
    del body
    query = request.query_params
    if not _app_fits(world, query.get("appkey"), query.get("appsecret")):
        raise OlderError(40089)
    token, life = app_token(world, KIND)
    return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": life}


def new_token(world: World, request: Request, body: Body) -> Body:
    """`POST /v1.0/oauth2/accessToken` `{appKey, appSecret}`."""
    del request
    if not _app_fits(world, body.get("appKey"), body.get("appSecret")):
        raise NewError("invalidClientIdOrSecret", "无效的clientId或者clientSecret", status=403)
    token, life = app_token(world, KIND)
    return {"accessToken": token, "expireIn": life}


def opened_by(world: World, request: Request, body: Body) -> Body:
    """`POST /topapi/v2/user/getuserinfo` `{code}`: who opened the page within the app (免登)."""
    _check_token(world, request)
    row = take_code(world, KIND, code=str(body.get("code", "")), scenes=("app",))
    if row is None:
        raise OlderError(40078)
    if not row["member"]:
        raise OlderError(60121)
    result = {"userid": row["userid"], "unionid": row["unionid"], "name": row["name"], "device_id": "", "sys": False}
    return {"errcode": 0, "errmsg": "ok", "result": result | {"sys_level": 0, "associated_unionid": ""}}


def user_token(world: World, request: Request, body: Body) -> Body:
    """`POST /v1.0/oauth2/userAccessToken`: the token of who agreed to a scan."""
    del request
    if not _app_fits(world, body.get("clientId"), body.get("clientSecret")):
        raise NewError("invalidClientIdOrSecret", "无效的clientId或者clientSecret", status=403)
    if body.get("grantType") != "authorization_code":
        raise NewError("invalidParameter.grantType", "不合法的授权类型")
    row = take_code(world, KIND, code=str(body.get("code", "")), scenes=("scan",))
    if row is None:
        raise NewError("invalidParameter.authCode.notFound", "不存在的临时授权码")
    told = {"accessToken": person_token(world, KIND, userid=str(row["userid"])), "expireIn": TOKEN_LIFE_S}
    corp = world.store.setting("dingtalk_corp_id") if row["member"] else f"ding{'0' * 32}"
    return told | {"refreshToken": secrets.token_hex(32), "corpId": corp}


def contact_me(world: World, request: Request, body: Body) -> Body:
    """`GET /v1.0/contact/users/me` with the person's own token: union id and nick, no user id."""
    del body
    token = request.headers.get("x-acs-dingtalk-access-token", "")
    row = living_token(world, KIND, token=token)
    if row is None or row["userid"] is None or row["expires_at"] <= world.clock.now():
        raise NewError("InvalidAuthentication", "不合法的access_token", status=401)
    who = person(world, KIND, userid=str(row["userid"]))
    return {"nick": who["name"], "unionId": who["unionid"], "openId": secrets.token_urlsafe(12), "stateCode": "86"}


def by_union_id(world: World, request: Request, body: Body) -> Body:
    """`POST /topapi/user/getbyunionid` `{unionid}`: 60121 for who is not of this organisation."""
    _check_token(world, request)
    row = world.store.one(
        "SELECT * FROM organisation_people WHERE kind = ? AND unionid = ? AND member",
        KIND,
        str(body.get("unionid", "")),
    )
    if row is None:
        raise OlderError(60121)
    return {"errcode": 0, "errmsg": "ok", "result": {"contact_type": 0, "userid": row["userid"]}}


def member_facts(world: World, request: Request, body: Body) -> Body:
    """`POST /topapi/v2/user/get` `{userid}`."""
    _check_token(world, request)
    try:
        row: Row = person(world, KIND, userid=str(body.get("userid", "")))
    except MemberRefused:
        raise OlderError(60121) from None
    if not row["member"]:
        raise OlderError(60121)
    facts = {"userid": row["userid"], "unionid": row["unionid"], "name": row["name"], "mobile": row["mobile"]}
    return {"errcode": 0, "errmsg": "ok", "result": facts | {"dept_id_list": [1], "active": True}}


def work_message(world: World, request: Request, body: Body) -> Body:
    """
    `POST /topapi/message/corpconversation/asyncsend_v2` `{agent_id, userid_list, msg}`: up to 100 members of ours, a
    `text` or an `action_card` that opens a page. The same to the same member is delivered once a day.
    """
    _check_token(world, request)
    if str(body.get("agent_id")) != world.store.setting("dingtalk_agent_id"):
        raise OlderError(33014)
    members = str(body.get("userid_list") or "").split(",")
    message = body.get("msg")
    content = _content(json_object(message.encode()) if isinstance(message, str) else message)
    if not all(members) or len(members) > 100:
        raise OlderError(33013)
    for userid in members:
        row = world.store.one("SELECT member FROM organisation_people WHERE kind = ? AND userid = ?", KIND, userid)
        if row is not None and row["member"] and content not in _today(world, userid):  # who is unknown is left out
            deliver(world, KIND, userid, title=content["title"], content=content, page=content["page"])
    return {"errcode": 0, "errmsg": "ok", "task_id": secrets.randbelow(10**12), "request_id": secrets.token_hex(6)}


def _content(message: object) -> dict[str, str]:
    """What the member sees. Raises OlderError for a message of another shape."""
    card = message.get("action_card") if isinstance(message, dict) and message.get("msgtype") == "action_card" else None
    wanted = ("title", "markdown", "single_title", "single_url")
    if not isinstance(card, dict) or not all(isinstance(card.get(name), str) and card[name] for name in wanted):
        raise OlderError(40035)
    return {"title": card["title"], "text": card["markdown"], "page": card["single_url"]}


def _today(world: World, userid: str) -> list[dict[str, str]]:
    since = world.clock.now() - DAY
    rows = world.store.all(
        "SELECT content FROM messages WHERE platform = ? AND recipient = ? AND at > ?", KIND, userid, since
    )
    return [json.loads(row["content"]) for row in rows]


def _app_fits(world: World, key: object, secret: object) -> bool:
    known = world.store.setting("dingtalk_app_secret")
    return key == world.store.setting("dingtalk_app_key") and secrets.compare_digest(
        str(secret).encode(), known.encode()
    )


def _check_token(world: World, request: Request) -> None:
    row = living_token(world, KIND, token=request.query_params.get("access_token", ""))
    if row is None or row["userid"] is not None:
        raise OlderError(40014)
    if row["expires_at"] <= world.clock.now():
        raise OlderError(42001)
