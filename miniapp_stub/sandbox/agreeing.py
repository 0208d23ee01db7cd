"""The page on which somebody plays the phone: scanned, asked, agreed (同意登录); back goes a code and the state."""

from collections.abc import Awaitable, Callable
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from miniapp_stub.sandbox.access import is_loopback
from miniapp_stub.sandbox.control.pages import HEADERS, page
from miniapp_stub.sandbox.organisation import MemberRefused, mint_code, people
from miniapp_stub.sandbox.wire import Unreadable, bounded_body
from miniapp_stub.sandbox.world import World

NAMES = {"dingtalk": "钉钉", "wecom": "企业微信"}
# A form that sends no referrer names no origin either, and would be taken for a stranger's. Its answer may send the
# browser back to the office, which is another origin of this machine.
POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:* http://localhost:*; base-uri 'none'; "
    "frame-ancestors 'none'"
)
Asked = tuple[str, str]
"""Where the browser goes back to, and the state that goes with it."""


def asking(kind: str, read: Callable[[Request], Asked | str]) -> Callable[[Request], Awaitable[Response]]:
    """`read` answers what the address asks for, or a sentence that refuses it."""

    async def endpoint(request: Request) -> Response:
        told = read(request)
        if isinstance(told, str):
            return _page(kind, f"<p>{escape(told)}</p>", status=400)
        return _page(kind, _form(request.app.state.world, kind, asked=told))

    return endpoint


async def agree(request: Request) -> Response:
    """The form's answer: `userid` agrees, `action=refuse` does not."""
    world: World = request.app.state.world
    try:
        form = dict(parse_qsl((await bounded_body(request)).decode("utf-8")))
        kind, back, state = form["kind"], form["back"], form["state"]
        if not on_this_machine(back) or kind not in NAMES:
            raise MemberRefused("the address to go back to is not of this machine")
        if form.get("action") == "refuse":
            return _page(kind, "<p>您拒绝了登录，可以关闭此页。</p>")
        code = mint_code(world, kind, userid=form.get("userid", ""), scene="scan")
    except (Unreadable, MemberRefused, KeyError, ValueError) as refusal:
        return _page("dingtalk", f"<p>无法登录：{escape(str(refusal))}</p>", status=400)
    named = {"authCode": code, "code": code} if kind == "dingtalk" else {"code": code}
    return RedirectResponse(_with(back, named | {"state": state}), 303, {"Content-Security-Policy": POLICY})


def on_this_machine(url: str) -> bool:
    """Only pages of this machine may be gone back to."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and is_loopback(parts.hostname)
    except ValueError:
        return False


def _with(url: str, query: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | query)))


def _form(world: World, kind: str, *, asked: Asked) -> str:
    back, state = asked
    choices = "".join(
        f'<button class="pay" name="userid" value="{escape(row["userid"])}">'
        f"{escape(row['name'])}{'' if row['member'] else '（外部人员）'} 同意登录</button>"
        for row in people(world, kind)
    )
    return (
        f"<p>用{NAMES[kind]}扫码后，手机上会问：是否登录“掌上办工作台”？请选择由谁回答。</p>"
        '<form method="post" action="/_sandbox/organisation/agree">'
        f'<input type="hidden" name="kind" value="{kind}"><input type="hidden" name="back" value="{escape(back)}">'
        f'<input type="hidden" name="state" value="{escape(state)}">{choices}'
        '<button name="action" value="refuse" formnovalidate>拒绝</button></form>'
    )


def _page(kind: str, content: str, *, status: int = 200) -> Response:
    response = page(f"{NAMES[kind]}登录", content, status=status, mark=f"模拟{NAMES[kind]} · 沙箱，人物均为虚构")
    response.headers.update(HEADERS | {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"})
    return response
