"""The cashier page: what a payer would see on the phone, for humans in a browser."""

from dataclasses import dataclass
from html import escape
from sqlite3 import Row
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox import delivery
from miniapp_stub.sandbox.access import is_loopback
from miniapp_stub.sandbox.alipay.trade import cashier as alipay
from miniapp_stub.sandbox.control.pages import HEADERS, STYLE, facts, page
from miniapp_stub.sandbox.people import PersonRefused, register
from miniapp_stub.sandbox.wechatpay import payments
from miniapp_stub.sandbox.wechatpay.bills.rows import yuan
from miniapp_stub.sandbox.wire import Unreadable, bounded_body
from miniapp_stub.sandbox.world import World

WAYS = {"wechat": "微信支付", "alipay": "支付宝"}


@dataclass(frozen=True)
class Purchase:
    """What the page shows of an order or a trade; `open_to_all` when whoever scans may pay."""

    channel: str
    record: Row
    subject: str
    number: str | None
    open_to_all: bool


async def show(request: Request) -> Response:
    """`GET /_sandbox/cashier?prepay_id=|code_url=|trade_no=&return_url=`: payee, subject, amount, 支付 and 取消.

    Opening an Alipay QR code here is the scan with which its trade begins.
    """
    world: World = request.app.state.world
    asked = request.query_params
    handle = asked.get("prepay_id") or asked.get("code_url") or asked.get("trade_no") or ""
    back = _safe_return(asked.get("return_url", ""))
    try:
        purchase = _purchase(world, handle)
    except payments.CashierRefused as refusal:
        return page("无法支付", f"<p>{escape(refusal.message)}</p>{_back_link(back)}", status=409)
    return page("确认支付", _facts(world, purchase) + _form(handle, back, with_phone=purchase.open_to_all))


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
        paid, notice_id = _pay(world, _purchase(world, form.get("handle", "")), phone=form.get("phone"))
    except (payments.CashierRefused, PersonRefused) as refusal:
        return page("无法支付", f"<p>{escape(str(refusal))}</p>{_back_link(back)}", status=409)
    if notice_id is not None:
        await delivery.attempt(world, notice_id)
    return page("支付成功", _facts(world, paid) + _back_link(back))


async def style(request: Request) -> Response:
    del request
    return Response(
        STYLE, 200, {"X-Content-Type-Options": HEADERS["X-Content-Type-Options"]}, "text/css; charset=utf-8"
    )


def _purchase(world: World, handle: str) -> Purchase:
    """What a handle of either channel leads to. Raises CashierRefused."""
    trade = alipay.meant(world, handle)
    if trade is not None:
        return _of_trade(alipay.scan(world, trade))
    order = payments.order_behind(world, handle)
    payments.check_payable(world, order)
    return _of_order(order)


def _pay(world: World, purchase: Purchase, *, phone: str | None) -> tuple[Purchase, str | None]:
    openid = register(world, platform=purchase.channel, phone=phone) if phone else None
    if purchase.channel == "alipay":
        trade, told = alipay.pay(world, purchase.record, openid=openid)
        return _of_trade(trade), told
    order, notice_id = payments.pay(world, purchase.record, openid=openid)
    return _of_order(order), notice_id


def _of_trade(trade: Row) -> Purchase:
    return Purchase("alipay", trade, trade["subject"], trade["trade_no"], open_to_all=trade["qr_code"] is not None)


def _of_order(order: Row) -> Purchase:
    open_to_all = order["trade_type"] == "NATIVE"
    return Purchase("wechat", order, order["description"], order["transaction_id"], open_to_all=open_to_all)


def _facts(world: World, purchase: Purchase) -> str:
    record = purchase.record
    pairs = {"支付方式": WAYS[purchase.channel], "收款方": world.payee, "商品": purchase.subject}
    pairs |= {"订单号": record["out_trade_no"]} | ({"交易单号": purchase.number} if purchase.number else {})
    return facts(pairs, amount=yuan(record["total_fen"]))


def _form(handle: str, back: str, *, with_phone: bool) -> str:
    phone = (
        '<label>付款人手机号（可不填）<input name="phone" inputmode="numeric" autocomplete="off"'
        ' pattern="1[3-9][0-9]{9}"></label>'
        if with_phone
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
