"""The cashier page: what a payer would see on the phone, for humans in a browser."""

from html import escape
from sqlite3 import Row
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox.access import is_loopback
from miniapp_stub.sandbox.control.pages import HEADERS, STYLE, facts, page
from miniapp_stub.sandbox.people import PersonRefused, register
from miniapp_stub.sandbox.wechatpay import delivery, payments
from miniapp_stub.sandbox.wechatpay.bills.rows import yuan
from miniapp_stub.sandbox.wire import Unreadable, bounded_body
from miniapp_stub.sandbox.world import World


async def show(request: Request) -> Response:
    """`GET /_sandbox/cashier?prepay_id=|code_url=&return_url=`: payee, description, amount, 支付 and 取消."""
    world: World = request.app.state.world
    handle = request.query_params.get("prepay_id") or request.query_params.get("code_url") or ""
    back = _safe_return(request.query_params.get("return_url", ""))
    try:
        order = payments.order_behind(world, handle)
        payments.check_payable(world, order)
    except payments.CashierRefused as refusal:
        return page("无法支付", f"<p>{escape(refusal.message)}</p>{_back_link(back)}", status=409)
    return page("确认支付", _order_facts(world, order) + _form(handle, back, order=order))


async def decide(request: Request) -> Response:
    """The form's answer: `action` pay or cancel."""
    world: World = request.app.state.world
    try:
        form = dict(parse_qsl((await bounded_body(request)).decode("utf-8")))
    except (Unreadable, ValueError):
        return page("无法支付", "<p>表单无法读取</p>", status=400)
    back = _safe_return(form.get("return_url", ""))
    if form.get("action") != "pay":
        return page("已取消", f"<p>您取消了支付，未扣款。</p>{_back_link(back)}")
    try:
        order = payments.order_behind(world, form.get("handle", ""))
        openid = register(world, platform="wechat", phone=form["phone"]) if form.get("phone") else None
        paid, notice_id = payments.pay(world, order, openid=openid)
    except (payments.CashierRefused, PersonRefused) as refusal:
        return page("无法支付", f"<p>{escape(str(refusal))}</p>{_back_link(back)}", status=409)
    await delivery.attempt(world, notice_id)
    return page("支付成功", _order_facts(world, paid) + _back_link(back))


async def style(request: Request) -> Response:
    del request
    return Response(
        STYLE, 200, {"X-Content-Type-Options": HEADERS["X-Content-Type-Options"]}, "text/css; charset=utf-8"
    )


def _order_facts(world: World, order: Row) -> str:
    pairs = {"收款方": world.payee, "商品": order["description"], "订单号": order["out_trade_no"]}
    if order["transaction_id"] is not None:
        pairs["交易单号"] = order["transaction_id"]
    return facts(pairs, amount=yuan(order["total_fen"]))


def _form(handle: str, back: str, *, order: Row) -> str:
    phone = (
        '<label>付款人手机号（可不填）<input name="phone" inputmode="numeric" autocomplete="off"'
        ' pattern="1[3-9][0-9]{9}"></label>'
        if order["trade_type"] == "NATIVE"
        else ""
    )
    return (
        '<form method="post" action="/_sandbox/cashier">'
        f'<input type="hidden" name="handle" value="{escape(handle)}">'
        f'<input type="hidden" name="return_url" value="{escape(back)}">{phone}'
        '<button class="pay" name="action" value="pay">支付</button>'
        '<button name="action" value="cancel" formnovalidate>取消</button></form>'
    )


def _safe_return(url: str) -> str:
    """Only pages of this machine may be returned to."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme in ("http", "https") and is_loopback(parts.hostname)
    except ValueError:
        safe = False
    return url if safe else ""


def _back_link(url: str) -> str:
    return f'<a class="back" href="{escape(url)}">返回商户</a>' if url else ""
