"""App messages of WeCom: a card with a page behind it, to members of the organisation."""

import json
import secrets
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.messages.kept import deliver
from miniapp_stub.sandbox.wecom.calls import KIND, WeComError, check_token
from miniapp_stub.sandbox.wire import BrokenAnswer, Unreadable, bounded_body, json_object, json_response
from miniapp_stub.sandbox.world import World

A_MINUTE_EACH = 30
TITLE_BYTES, WORDS_BYTES, BUTTON_LETTERS = 128, 512, 4


async def send(request: Request) -> Response:
    """
    `POST /cgi-bin/message/send` `{touser, msgtype: textcard, agentid, textcard, enable_duplicate_check}`.

    Members that do not exist are named in `invaliduser`; 81013 when none exists.
    """
    world: World = request.app.state.world
    struck = world.faults.strike("work_message")
    if unanswered := struck.keys() & {"drop", "timeout_before"}:
        return BrokenAnswer(0 if "drop" in unanswered else struck["timeout_before"])
    if "http_500" in struck:
        return Response("Internal Server Error", 500)
    await anyio.sleep(struck.get("delay", 0))
    try:
        body = json_object(await bounded_body(request))
        check_token(world, request)
        told = {"errcode": 0, "errmsg": "ok"} | _sent(world, body)
    except Unreadable:
        told = {"errcode": 40008, "errmsg": "invalid message type"}
    except WeComError as error:
        told = {"errcode": error.errcode, "errmsg": f"{error}, hint: [{secrets.token_hex(8)}]"}
    return BrokenAnswer(struck["timeout_after"]) if "timeout_after" in struck else json_response(told)


def _sent(world: World, body: dict[str, Any]) -> dict[str, Any]:
    if str(body.get("agentid")) != world.store.setting("wecom_agent_id"):
        raise WeComError(40056)
    content = _content(body)
    named = [name for name in str(body.get("touser") or "").split("|") if name]
    known = {name: _member(world, name) for name in named}
    if not any(known.values()):
        raise WeComError(81013)
    for userid in {userid for userid in known.values() if userid}:
        if not world.quotas.spend(f"wecom:{userid}", limit=A_MINUTE_EACH, within_s=MINUTE):
            raise WeComError(45009)
        if body.get("enable_duplicate_check") and content in _lately(world, userid, body):
            continue
        deliver(world, KIND, userid, title=content["title"], content=content, page=content["page"])
    wrong = [name for name, userid in known.items() if not userid]
    return {"invaliduser": "|".join(wrong), "msgid": secrets.token_urlsafe(24)}


def _content(body: dict[str, Any]) -> dict[str, str]:
    card = body.get("textcard") if body.get("msgtype") == "textcard" else None
    if not isinstance(card, dict) or not all(card.get(name) for name in ("title", "description", "url")):
        raise WeComError(40008)
    too_long = len(str(card["title"]).encode()) > TITLE_BYTES or len(str(card["description"]).encode()) > WORDS_BYTES
    if too_long or len(str(card.get("btntxt", ""))) > BUTTON_LETTERS:
        raise WeComError(40058)
    return {"title": str(card["title"]), "text": str(card["description"]), "page": str(card["url"])}


def _member(world: World, name: str) -> str | None:
    row = world.store.one(
        "SELECT userid, member FROM organisation_people WHERE kind = ? AND lower(userid) = lower(?)", KIND, name
    )
    return str(row["userid"]) if row is not None and row["member"] else None


def _lately(world: World, userid: str, body: dict[str, Any]) -> list[dict[str, str]]:
    since = world.clock.now() - float(body.get("duplicate_check_interval", 1800))
    rows = world.store.all(
        "SELECT content FROM messages WHERE platform = ? AND recipient = ? AND at > ?", KIND, userid, since
    )
    return [json.loads(row["content"]) for row in rows]
