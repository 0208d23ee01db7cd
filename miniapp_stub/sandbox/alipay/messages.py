"""
Subscription messages of an Alipay mini program: `alipay.open.app.mini.templatemessage.send`.

The parameters are those of the vendor's SDK model; sub codes beyond the platform-wide ones are this sandbox's own.
"""

import re

from miniapp_stub.sandbox.alipay.errors import GatewayRefusal
from miniapp_stub.sandbox.messages.account import template_by_id
from miniapp_stub.sandbox.messages.kept import deliver, spend
from miniapp_stub.sandbox.messages.templates import Template, fault_in
from miniapp_stub.sandbox.people import PersonRefused, person
from miniapp_stub.sandbox.wire import Unreadable, json_object
from miniapp_stub.sandbox.world import World

PAGE = re.compile(r"(pages|sub)/[a-z][a-z0-9_/-]*(\?[^\s#]{0,900})?")


def send(world: World, asked: dict[str, str]) -> dict[str, object]:
    """`biz_content{to_open_id, user_template_id, page, data}`, `data` being JSON text. Raises GatewayRefusal."""
    content = _object(asked.get("biz_content", ""))
    openid = _recipient(world, content.get("to_open_id"))
    template = template_by_id(world.store, content.get("user_template_id"), platform="alipay")
    if template is None:
        raise GatewayRefusal("TEMPLATE_NOT_EXIST", code="40004")
    data = _data(content, template)
    page = content.get("page")
    if not isinstance(page, str) or not PAGE.fullmatch(page):
        raise GatewayRefusal("isv.invalid-parameter")
    with world.store.transaction():
        if not spend(world, openid=openid, template_id=str(content["user_template_id"])):
            raise GatewayRefusal("USER_NOT_SUBSCRIBE", code="40004")
        shown = {label: str(data[name]["value"]) for name, label in template.fields.items()}
        deliver(
            world, "alipay", openid, title=template.title, content=shown, page=page,
            template_id=str(content["user_template_id"]),
        )  # fmt: skip
    return {"code": "10000", "msg": "Success"}


def _recipient(world: World, openid: object) -> str:
    try:
        who = person(world, str(openid or ""))
    except PersonRefused:
        raise GatewayRefusal("USER_NOT_EXIST", code="40004") from None
    if who["platform"] != "alipay":
        raise GatewayRefusal("USER_NOT_EXIST", code="40004")
    return str(who["openid"])


def _data(content: dict[str, object], template: Template) -> dict[str, dict[str, str]]:
    data = _object(content.get("data"))
    wrong = fault_in(template, data, wrapped=lambda entry: entry.get("value") if isinstance(entry, dict) else None)
    if wrong is not None:
        raise GatewayRefusal("TEMPLATE_DATA_INVALID", code="40004")
    return data  # type: ignore[return-value]  # every entry was looked at


def _object(text: object) -> dict[str, object]:
    try:
        return json_object(str(text or "").encode())
    except Unreadable:
        raise GatewayRefusal("isv.invalid-parameter") from None
