"""The control surface of messages: what a phone answers when it is asked, and what came to it."""

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.control.asking import Asked, ControlRefused
from miniapp_stub.sandbox.control.pages import page
from miniapp_stub.sandbox.messages.account import template_by_id
from miniapp_stub.sandbox.messages.kept import ANSWERS, agree, credits_of, delivered, withdraw
from miniapp_stub.sandbox.people import person
from miniapp_stub.sandbox.world import World

MARK = "模拟手机的通知栏 · 沙箱，没有消息真的发出"
MOST_AT_ONCE = 3


async def subscribe(world: World, asked: Asked) -> dict[str, Any]:
    """
    `{openid, templates: {template_id: accept|reject|ban|filter}}` → `{answers, credits}`: what
    wx.requestSubscribeMessage does, at most three templates at once.
    """
    openid, answers = asked.need("openid", str), asked.need("templates", dict)
    platform = str(person(world, openid)["platform"])
    if not 0 < len(answers) <= MOST_AT_ONCE:
        raise ControlRefused("FIELD_WRONG", f"one to {MOST_AT_ONCE} templates are asked about at once")
    for template_id, answer in answers.items():
        if answer not in ANSWERS:
            raise ControlRefused("FIELD_WRONG", f"an answer is one of {', '.join(ANSWERS)}")
        if template_by_id(world.store, template_id, platform=platform) is None:
            raise ControlRefused("TEMPLATE_UNKNOWN", "20001: no such template of this app")
    for template_id, answer in answers.items():
        if answer == "accept":
            agree(world, openid=openid, template_id=template_id)
    left = {t: credits_of(world, openid=openid, template_id=t) for t in answers}
    return {"answers": answers, "credits": left}


async def unsubscribe(world: World, asked: Asked) -> dict[str, Any]:
    """`?openid=`: the person switches all messages of this app off in the platform's own settings."""
    openid = asked.query.get("openid", "")
    person(world, openid)
    withdraw(world, openid=openid)
    return {"openid": openid}


async def messages(world: World, asked: Asked) -> dict[str, Any]:
    """`GET /messages?openid=&platform=` → what came to phones (wechat, alipay, dingtalk, wecom), the newest first."""
    query = asked.query
    return {"messages": delivered(world, recipient=query.get("openid"), platform=query.get("platform"))}


async def show(request: Request) -> Response:
    """`GET /_sandbox/phone`: the same for people."""
    query = request.query_params
    kept = delivered(request.app.state.world, recipient=query.get("openid"), platform=query.get("platform"), limit=20)
    return page("手机通知", "".join(_shown(one) for one in kept) or "<p>还没有通知</p>", mark=MARK)


def _shown(one: dict[str, Any]) -> str:
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in one["content"].items())
    opens = f"<dt>点开</dt><dd><code>{escape(one['page'])}</code></dd>" if one["page"] else ""
    return f"<h2>{escape(one['at'][11:16])} {escape(one['title'])}</h2><dl>{rows}{opens}</dl>"
