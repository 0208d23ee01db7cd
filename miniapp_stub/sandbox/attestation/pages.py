"""The control surface of the register and of faces, and the page that plays the camera."""

from html import escape
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.attestation.checks import NoSuchCheck, check, show_face
from miniapp_stub.sandbox.attestation.registry import enter
from miniapp_stub.sandbox.control.asking import Asked, ControlRefused
from miniapp_stub.sandbox.control.pages import facts, page
from miniapp_stub.sandbox.wire import Unreadable, bounded_body
from miniapp_stub.sandbox.world import World

MARK = "模拟人脸核身 · 沙箱，不拍照、不比对"


async def register(world: World, asked: Asked) -> dict[str, Any]:
    """`{name, id_number}` → the register knows them."""
    enter(world, name=asked.need("name", str), number=asked.need("id_number", str))
    return {"known": True}


async def faces(world: World, asked: Asked) -> dict[str, Any]:
    """`{token, passes}` → the person passes, or somebody else stood there."""
    passes = asked.get("passes", bool)
    try:
        show_face(world, asked.need("token", str), passes=True if passes is None else passes)
    except NoSuchCheck:
        raise ControlRefused("CHECK_UNKNOWN", "no check has this token") from None
    return {"done": True}


async def show(request: Request) -> Response:
    """`GET /_sandbox/face?token=`: 通过 and 不通过."""
    token = request.query_params.get("token", "")
    try:
        row = check(request.app.state.world, token)
    except NoSuchCheck:
        return page("核身已失效", "<p>请回到办事页面重新发起。</p>", status=404, mark=MARK)
    if row["passed"] is not None:
        return _done()
    number = str(row["number"])
    form = (
        f'<form method="post" action="/_sandbox/face"><input type="hidden" name="token" value="{escape(token)}">'
        '<button class="pay" name="passes" value="1">模拟通过</button>'
        '<button name="passes" value="0">模拟不通过</button></form>'
    )
    told = facts({"姓名": row["name"], "证件号码": f"{number[:3]}***********{number[-4:]}"})
    return page("人脸核身", f"{told}{form}", mark=MARK)


async def decide(request: Request) -> Response:
    """The form's answer."""
    try:
        form = dict(parse_qsl((await bounded_body(request)).decode("utf-8")))
        show_face(request.app.state.world, form.get("token", ""), passes=form.get("passes") == "1")
    except (Unreadable, ValueError):
        return page("核身已失效", "<p>请回到办事页面重新发起。</p>", status=404, mark=MARK)
    return _done()


def _done() -> Response:
    return page("核身已完成", "<p>请回到办事页面，点“我已完成”。</p>", mark=MARK)
