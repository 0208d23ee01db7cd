"""Subscription messages: each "allow" of the person is good for one message of that template."""

import re
from typing import Any

from miniapp_stub.sandbox.messages.account import template_by_id
from miniapp_stub.sandbox.messages.kept import deliver, spend
from miniapp_stub.sandbox.messages.templates import Template, fault_in
from miniapp_stub.sandbox.people import PersonRefused, person
from miniapp_stub.sandbox.wechat.answers import Visit, WeChatError
from miniapp_stub.sandbox.wechat.tokens import check_token
from miniapp_stub.sandbox.world import World

PUBLISHED = re.compile(r"(pages|sub)/[a-z][a-z0-9_/-]*(\?[^\s#]{0,900})?")
STATES = ("formal", "trial", "developer")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")


def send(visit: Visit) -> dict[str, Any]:
    """
    `POST /cgi-bin/message/subscribe/send`.

    40003 openid, 40037 template, 41030 page, 47003 a value that breaks its field's rule, 43101 no credit left.
    """
    check_token(visit)
    world, body = visit.world, visit.json()
    openid, template = _recipient(world, body), template_by_id(world.store, body.get("template_id"), platform="wechat")
    if template is None:
        raise WeChatError(40037)
    _check_shape(body, template)
    with world.store.transaction():
        if not spend(world, openid=openid, template_id=str(body["template_id"])):
            raise WeChatError(43101)
        content = {label: str(body["data"][name]["value"]) for name, label in template.fields.items()}
        number = deliver(
            world, "wechat", openid, title=template.title, content=content, page=str(body.get("page") or ""),
            template_id=str(body["template_id"]),
        )  # fmt: skip
    return {"errcode": 0, "errmsg": "ok", "msgid": int(number)}


def _recipient(world: World, body: dict[str, Any]) -> str:
    try:
        who = person(world, str(body.get("touser", "")))
    except PersonRefused as error:
        raise WeChatError(40003) from error
    if who["platform"] != "wechat":
        raise WeChatError(40003)
    return str(who["openid"])


def _check_shape(body: dict[str, Any], template: Template) -> None:
    page = body.get("page")
    if page and (not isinstance(page, str) or not PUBLISHED.fullmatch(page)):
        raise WeChatError(41030)
    if body.get("miniprogram_state", "formal") not in STATES or body.get("lang", "zh_CN") not in LANGUAGES:
        raise WeChatError(47003)
    wrong = fault_in(
        template, body.get("data"), wrapped=lambda entry: entry.get("value") if isinstance(entry, dict) else None
    )
    if wrong is not None:
        raise WeChatError(47003, about=f"argument invalid! data.{wrong}.value invalid")
