"""The control surface and the page on which sent messages are read."""

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.control.asking import Asked
from miniapp_stub.sandbox.control.pages import page
from miniapp_stub.sandbox.sms.messages import sent_to
from miniapp_stub.sandbox.world import World

MARK = "模拟短信收件箱 · 沙箱，没有短信真的发出"


async def texts(world: World, asked: Asked) -> dict[str, Any]:
    """`GET /texts?phone=` → what phones got, the newest first."""
    return {"texts": sent_to(world, asked.query.get("phone"))}


async def show(request: Request) -> Response:
    """`GET /_sandbox/inbox`: the same for people."""
    rows = "".join(
        f"<dt>{escape(one['at'][11:16])} {escape(one['phone'])}</dt><dd>{escape(one['text'])}</dd>"
        for one in sent_to(request.app.state.world, request.query_params.get("phone"), limit=20)
    )
    return page("短信收件箱", f"<dl>{rows}</dl>" if rows else "<p>还没有短信</p>", mark=MARK)
