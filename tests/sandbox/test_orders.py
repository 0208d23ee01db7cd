"""Prepay, query, close, and the gate in front of them."""

import time
from typing import Any

import pytest

from tests.sandbox.merchant import Merchant, new_number

JSAPI = "/v3/pay/transactions/jsapi"


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def stamp(seconds: float, zone: str = "+08:00") -> str:
    moment = time.gmtime(time.time() + seconds + 8 * 3600)
    return time.strftime("%Y-%m-%dT%H:%M:%S", moment) + zone


def test_answers_are_signed_with_the_key_the_request_names(merchant: Merchant) -> None:
    answer = merchant.native()
    assert answer.status_code == 200
    assert answer.headers["Wechatpay-Serial"] == merchant.pub_key_id
    assert answer.headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
    assert merchant.verifies(answer.headers, answer.content)
    plain = merchant.get("/v3/certificates", headers={"Wechatpay-Serial": None})
    assert plain.headers["Wechatpay-Serial"] == plain.json()["data"][-1]["serial_no"]
    assert not merchant.verifies(plain.headers, plain.content)


def test_unknown_platform_serial_is_refused(merchant: Merchant) -> None:
    assert refusal(merchant.get("/v3/certificates", headers={"Wechatpay-Serial": "7" * 40})) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    "changes",
    [
        {"signed": b"{}"},
        {"off_by_s": -301},
        {"off_by_s": 400},
        {"timestamp": "soon"},
        {"mchid": "1600000000"},
        {"serial_no": "7" * 40},
        {"nonce_str": "N" * 33},
        {"headers": {"Authorization": None}},
        {"headers": {"Authorization": "WECHATPAY2-SHA256-RSA2048 nothing"}},
    ],
)
def test_wrong_signature_is_refused_and_places_nothing(merchant: Merchant, changes: dict[str, Any]) -> None:
    if "off_by_s" in changes:  # from the moment of the test, which may come minutes after the collection
        changes = {"timestamp": int(time.time()) + changes["off_by_s"]}
    body = merchant.order_body(payer={"openid": merchant.person()})
    answer = merchant.call("POST", JSAPI, body, **changes)
    assert refusal(answer) == (401, "SIGN_ERROR")
    assert answer.json()["detail"]["location"] == "authorization"
    assert "Wechatpay-Signature" not in answer.headers
    assert merchant.query(body["out_trade_no"])["code"] == "ORDER_NOT_EXIST"


def test_query_string_is_part_of_the_signature(merchant: Merchant) -> None:
    number = new_number()
    target = f"/v3/pay/transactions/out-trade-no/{number}?mchid={merchant.mch_id}"
    authorization = merchant.authorization("GET", target.partition("?")[0], b"")
    assert refusal(merchant.get(target, headers={"Authorization": authorization})) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    "headers", [{"User-Agent": ""}, {"Accept": "text/html"}, {"Content-Type": "application/x-www-form-urlencoded"}]
)
def test_protocol_headers_are_required(merchant: Merchant, headers: dict[str, str]) -> None:
    body = merchant.order_body()
    assert refusal(merchant.call("POST", "/v3/pay/transactions/native", body, headers=headers)) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description": None}, "/description"),
        ({"description": "字" * 128}, "/description"),
        ({"description": " "}, "/description"),
        ({"out_trade_no": "GOV1"}, "/out_trade_no"),
        ({"out_trade_no": "G" * 33}, "/out_trade_no"),
        ({"out_trade_no": "订单号一二三四"}, "/out_trade_no"),
        ({"amount": None}, "/amount"),
        ({"amount": {"total": 0}}, "/amount/total"),
        ({"amount": {"total": -5}}, "/amount/total"),
        ({"amount": {"total": 1.5}}, "/amount/total"),
        ({"amount": {"total": "100"}}, "/amount/total"),
        ({"amount": {"total": True}}, "/amount/total"),
        ({"amount": {"total": 1, "currency": "USD"}}, "/amount/currency"),
        ({"attach": "a" * 129}, "/attach"),
        ({"notify_url": None}, "/notify_url"),
        ({"notify_url": "http://gov.example.cn/pay"}, "/notify_url"),
        ({"notify_url": "https://gov.example.cn/pay?x=1"}, "/notify_url"),
        ({"notify_url": "https://gov.example.cn/" + "a" * 240}, "/notify_url"),
        ({"payer": None}, "/payer"),
        ({"payer": {"openid": "nobody"}}, "/payer/openid"),
        ({"time_expire": "2026-01-02 08:00:00"}, "/time_expire"),
        ({"time_expire": "2027-02-30T08:00:00+08:00"}, "/time_expire"),
        ({"time_expire": "2020-01-02T08:00:00+08:00"}, "/time_expire"),
        ({"support_fapiao": "yes"}, "/support_fapiao"),
        ({"settle_info": []}, "/settle_info"),
    ],
)
def test_broken_parameter_is_named_and_places_nothing(merchant: Merchant, changes: dict[str, Any], field: str) -> None:
    body = {"out_trade_no": new_number(), "payer": {"openid": merchant.person()}} | changes
    answer = merchant.jsapi(**body)
    assert (*refusal(answer), answer.json()["detail"]["field"]) == (400, "PARAM_ERROR", field)
    placed = [order["out_trade_no"] for order in merchant.sandbox.control("/orders")["orders"]]
    assert body["out_trade_no"] not in placed


@pytest.mark.parametrize("changes", [{"appid": "wx0000000000000000"}, {"mchid": "1600000000"}])
def test_foreign_app_or_merchant_is_refused(merchant: Merchant, changes: dict[str, str]) -> None:
    assert refusal(merchant.jsapi(**changes)) == (400, "APPID_MCHID_NOT_MATCH")


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"a":NaN}', b"\xff\xfe"])
def test_body_that_is_no_json_object_is_refused(merchant: Merchant, raw: bytes) -> None:
    assert refusal(merchant.call("POST", JSAPI, raw=raw)) == (400, "PARAM_ERROR")


def test_same_order_again_gives_a_fresh_prepay_id(merchant: Merchant) -> None:
    body = merchant.order_body(payer={"openid": merchant.person()})
    first, second = merchant.call("POST", JSAPI, body), merchant.call("POST", JSAPI, body)
    assert first.status_code == second.status_code == 200
    assert first.json()["prepay_id"] != second.json()["prepay_id"]
    (order,) = merchant.sandbox.control(f"/orders?out_trade_no={body['out_trade_no']}")["orders"]
    assert order["prepay_calls"] == 2
    for answer in (first, second):
        assert answer.json()["prepay_id"].startswith("wx")


@pytest.mark.parametrize(
    "change", [{"description": "别的"}, {"amount": {"total": 1, "currency": "CNY"}}, {"time_expire": stamp(7200)}]
)
def test_number_used_for_another_order_is_refused(merchant: Merchant, change: dict[str, Any]) -> None:
    number = new_number()
    assert merchant.jsapi(out_trade_no=number).status_code == 200
    assert refusal(merchant.jsapi(out_trade_no=number, **change)) == (403, "OUT_TRADE_NO_USED")
    assert merchant.query(number)["amount"]["total"] == 12345
    assert refusal(merchant.native(out_trade_no=number)) == (403, "OUT_TRADE_NO_USED")


def test_order_expires_without_being_closed(merchant: Merchant) -> None:
    number, change = new_number(), {"time_expire": stamp(90)}
    assert merchant.jsapi(out_trade_no=number, **change).status_code == 200
    merchant.sandbox.control("/clock", {"offset_s": 91})
    assert refusal(merchant.jsapi(out_trade_no=number, **change)) == (400, "INVALID_REQUEST")
    assert merchant.query(number)["trade_state"] == "NOTPAY"
    close = f"/v3/pay/transactions/out-trade-no/{number}/close"
    assert merchant.call("POST", close, {"mchid": merchant.mch_id}).status_code == 204
    assert merchant.query(number)["trade_state"] == "CLOSED"


def test_close_answers_an_empty_signed_204(merchant: Merchant) -> None:
    number = new_number()
    merchant.jsapi(out_trade_no=number)
    close = f"/v3/pay/transactions/out-trade-no/{number}/close"
    assert refusal(merchant.call("POST", close, {"mchid": "1600000000"})) == (400, "MCH_NOT_EXISTS")
    answer = merchant.call("POST", close, {"mchid": merchant.mch_id})
    assert (answer.status_code, answer.content) == (204, b"")
    assert merchant.verifies(answer.headers, b"")
    assert refusal(merchant.call("POST", close, {"mchid": merchant.mch_id})) == (400, "ORDER_CLOSED")
    assert refusal(merchant.jsapi(out_trade_no=number)) == (400, "ORDER_CLOSED")


def test_paid_order_is_neither_closed_nor_placed_again(merchant: Merchant) -> None:
    number = merchant.paid()
    close = f"/v3/pay/transactions/out-trade-no/{number}/close"
    assert refusal(merchant.call("POST", close, {"mchid": merchant.mch_id})) == (400, "INVALID_REQUEST")
    assert refusal(merchant.jsapi(out_trade_no=number)) == (400, "INVALID_REQUEST")
    assert merchant.query(number)["trade_state"] == "SUCCESS"


def test_query_shows_payer_attach_and_money_only_once_paid(merchant: Merchant) -> None:
    number = new_number()
    merchant.jsapi(out_trade_no=number, attach="case 7")
    before = merchant.query(number)
    assert (before["trade_state"], before["trade_state_desc"]) == ("NOTPAY", "订单未支付")
    assert not {"attach", "payer", "transaction_id", "success_time"} & set(before)
    merchant.sandbox.control("/pay", {"trade_no": number})
    after = merchant.query(number)
    assert (after["attach"], after["payer"]) == ("case 7", {"openid": merchant.person()})
    assert after["amount"] == {"total": 12345, "payer_total": 12345, "currency": "CNY", "payer_currency": "CNY"}
    assert after["success_time"].endswith("+08:00")
    assert len(after["transaction_id"]) == 28


def test_query_wants_our_merchant_number(merchant: Merchant) -> None:
    target = f"/v3/pay/transactions/out-trade-no/{merchant.paid()}"
    assert refusal(merchant.get(target)) == (400, "PARAM_ERROR")
    assert refusal(merchant.get(f"{target}?mchid=1600000000")) == (400, "MCH_NOT_EXISTS")
    nobody = f"/v3/pay/transactions/id/4200?mchid={merchant.mch_id}"
    assert refusal(merchant.get(nobody)) == (404, "ORDER_NOT_EXIST")


def test_coupon_lowers_payer_total_and_leaves_total(merchant: Merchant) -> None:
    shown = merchant.query(merchant.paid(coupon_fen=2345))
    assert (shown["amount"]["total"], shown["amount"]["payer_total"]) == (12345, 10000)
    assert shown["promotion_detail"][0]["amount"] == 2345


def test_unknown_path_answers_in_the_platforms_form(merchant: Merchant) -> None:
    assert refusal(merchant.get("/v3/no/such/thing")) == (404, "RESOURCE_NOT_EXISTS")
