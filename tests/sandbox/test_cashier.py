"""People pay: once, in time, what was asked; and what they were charged is counted."""

import base64
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.sandbox.merchant import Merchant, new_number
from tests.sandbox_server import ControlRefused


def refused(merchant: Merchant, **body: Any) -> str:
    with pytest.raises(ControlRefused) as caught:
        merchant.sandbox.control("/pay", body)
    return str(caught.value.code)


def request_payment(merchant: Merchant, prepay_id: str, **changes: str) -> dict[str, str]:
    """What the app passes to wx.requestPayment."""
    package, stamp, nonce = f"prepay_id={prepay_id}", "1767312000", "593BEC0C930BF1AFEB40B4A08C8FB242"
    text = f"{merchant.app_id}\n{stamp}\n{nonce}\n{package}\n".encode()
    signature = base64.b64encode(merchant.key.sign(text, PKCS1v15(), SHA256())).decode()
    return {
        "timeStamp": stamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": signature,
    } | changes


def charges(merchant: Merchant, openid: str) -> dict[str, Any]:
    return merchant.sandbox.control(f"/charges?openid={openid}")


def test_jsapi_payer_is_charged_once(merchant: Merchant) -> None:
    openid, number = merchant.person("13700000001"), new_number()
    placed = merchant.jsapi(out_trade_no=number, payer={"openid": openid}, description="罚款").json()
    paid = merchant.sandbox.control("/pay", placed)
    assert (paid["out_trade_no"], paid["openid"], paid["amount_fen"]) == (number, openid, 12345)
    assert refused(merchant, **placed) == "ORDER_PAID"
    counted = charges(merchant, openid)
    assert counted["totals"] == {"count": 1, "amount_fen": 12345, "refunded_fen": 0, "net_fen": 12345}
    (charge,) = counted["charges"]
    assert (charge["out_trade_no"], charge["description"]) == (number, "罚款")
    assert charge["transaction_id"] == paid["transaction_id"]


def test_only_the_named_payer_pays_a_jsapi_order(merchant: Merchant) -> None:
    placed = merchant.jsapi().json()
    other = merchant.person("13700000002")
    assert refused(merchant, **placed, openid=other) == "NOT_THE_PAYER"
    assert charges(merchant, other)["totals"]["count"] == 0


def test_native_order_is_paid_by_whoever_scans(merchant: Merchant) -> None:
    openid = merchant.person("13700000003")
    code_url = merchant.native().json()["code_url"]
    assert merchant.sandbox.control("/pay", {"code_url": code_url, "openid": openid})["openid"] == openid
    stranger = merchant.sandbox.control("/pay", {"code_url": merchant.native().json()["code_url"]})["openid"]
    assert stranger != openid
    assert refused(merchant, code_url=merchant.native().json()["code_url"], openid="nobody") == "PERSON_UNKNOWN"


def test_request_payment_is_checked_before_paying(merchant: Merchant) -> None:
    prepay_id = merchant.jsapi().json()["prepay_id"]
    assert refused(merchant, **request_payment(merchant, prepay_id, nonceStr="other")) == "PAY_SIGN_ERROR"
    assert refused(merchant, **request_payment(merchant, prepay_id, signType="MD5")) == "PAY_SIGN_ERROR"
    paid = merchant.sandbox.control("/pay", dict(request_payment(merchant, prepay_id)))
    assert merchant.query(paid["out_trade_no"])["trade_state"] == "SUCCESS"


def test_prepay_id_lives_two_hours(merchant: Merchant) -> None:
    number = new_number()
    placed = merchant.jsapi(out_trade_no=number).json()
    merchant.sandbox.control("/clock", {"offset_s": 7201})
    assert refused(merchant, **placed) == "PREPAY_EXPIRED"
    again = merchant.jsapi(out_trade_no=number).json()
    assert merchant.sandbox.control("/pay", again)["out_trade_no"] == number


def test_closed_expired_and_unknown_orders_take_no_money(merchant: Merchant) -> None:
    closed, expired = new_number(), new_number()
    handle = merchant.jsapi(out_trade_no=closed).json()
    merchant.call("POST", f"/v3/pay/transactions/out-trade-no/{closed}/close", {"mchid": merchant.mch_id})
    merchant.jsapi(out_trade_no=expired)
    before = merchant.sandbox.control("/charges")["totals"]
    assert refused(merchant, **handle) == "ORDER_CLOSED"
    merchant.sandbox.control("/clock", {"offset_s": 7 * 86400 + 1})
    assert refused(merchant, trade_no=expired) == "ORDER_EXPIRED"
    assert refused(merchant, trade_no="GOV-NOBODY") == "ORDER_UNKNOWN"
    assert refused(merchant, prepay_id="wx-nothing") == "PREPAY_UNKNOWN"
    assert refused(merchant) == "FIELD_MISSING"
    assert merchant.sandbox.control("/charges")["totals"] == before
    assert merchant.box.empty


def test_an_order_of_one_channel_is_not_paid_at_the_other(merchant: Merchant) -> None:
    number = new_number()
    merchant.jsapi(out_trade_no=number)
    assert refused(merchant, trade_no=number, channel="alipay") == "TRADE_UNKNOWN"
    assert refused(merchant, trade_no=number, channel="unionpay") == "CHANNEL_UNKNOWN"
    assert merchant.query(number)["trade_state"] == "NOTPAY"


def test_coupon_lowers_what_the_payer_is_charged(merchant: Merchant) -> None:
    openid, number = merchant.person("13700000004"), new_number()
    merchant.jsapi(out_trade_no=number, payer={"openid": openid})
    assert refused(merchant, trade_no=number, coupon_fen=12345) == "COUPON_TOO_LARGE"
    merchant.sandbox.control("/pay", {"trade_no": number, "coupon_fen": 345})
    (charge,) = charges(merchant, openid)["charges"]
    assert (charge["order_total_fen"], charge["amount_fen"], charge["net_fen"]) == (12345, 12000, 12000)


def page(merchant: Merchant, **params: str) -> Any:
    return merchant.sandbox.client.get(f"{merchant.sandbox.url}/_sandbox/cashier", params=params)


def form(merchant: Merchant, **fields: str) -> Any:
    return merchant.sandbox.client.post(f"{merchant.sandbox.url}/_sandbox/cashier", data=fields)


def test_cashier_page_shows_the_order_and_takes_the_money(merchant: Merchant) -> None:
    number = new_number()
    code_url = merchant.native(out_trade_no=number, description="<b>学费</b>").json()["code_url"]
    back = "http://127.0.0.1:8000/app/#/orders"
    shown = page(merchant, code_url=code_url, return_url=back)
    assert shown.status_code == 200
    assert "模拟收银台" in shown.text and "¥ 123.45" in shown.text and "&lt;b&gt;学费&lt;/b&gt;" in shown.text
    assert re.findall(r"<script|style=|onclick", shown.text) == []
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "已取消" in form(merchant, handle=code_url, action="cancel").text
    assert merchant.query(number)["trade_state"] == "NOTPAY"
    paid = form(merchant, handle=code_url, action="pay", phone="13700000005", return_url=back)
    assert "支付成功" in paid.text and f'href="{back}"' in paid.text
    assert merchant.query(number)["payer"] == {"openid": merchant.person("13700000005")}
    assert merchant.open(merchant.box.take())["out_trade_no"] == number
    assert (
        page(merchant, code_url=code_url).status_code,
        form(merchant, handle=code_url, action="pay").status_code,
    ) == (
        409,
        409,
    )


def test_cashier_returns_to_this_machine_only(merchant: Merchant) -> None:
    code_url = merchant.native().json()["code_url"]
    assert "evil.example" not in page(merchant, code_url=code_url, return_url="https://evil.example/").text
    assert "javascript:" not in page(merchant, code_url=code_url, return_url="javascript:alert(1)").text
