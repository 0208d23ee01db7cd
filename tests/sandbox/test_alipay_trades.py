"""Trades of Alipay: placed once, paid once, queried, closed, refunded within what was paid."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.merchant import new_number, open_letterbox
from tests.sandbox.seller import Seller, refusal
from tests.sandbox_server import ControlRefused, SandboxServer

YEAR = 365 * 86400


@pytest.fixture
def seller(platform: SandboxServer) -> Iterator[Seller]:
    box, server = open_letterbox()
    box.word = b"success"
    yield Seller(platform, box)
    platform.calm()
    server.shutdown()
    server.server_close()


def pay(seller: Seller, **body: Any) -> dict[str, Any]:
    return seller.sandbox.control("/pay", body)


def refused(seller: Seller, **body: Any) -> Any:
    with pytest.raises(ControlRefused) as caught:
        pay(seller, **body)
    return caught.value.code


def charges(seller: Seller, openid: str) -> dict[str, Any]:
    return seller.sandbox.control(f"/charges?openid={openid}")


def test_a_trade_is_placed_paid_noticed_and_queried(seller: Seller) -> None:
    openid, number = seller.person("13700000101"), new_number()
    placed = seller.create(out_trade_no=number, buyer_open_id=openid, passback_params="bill=1&x=2")
    assert set(placed) == {"code", "msg", "out_trade_no", "trade_no"}
    waiting = seller.query(number)
    assert (waiting["trade_status"], waiting["total_amount"]) == ("WAIT_BUYER_PAY", "123.45")
    assert "send_pay_date" not in waiting
    paid = pay(seller, trade_no=placed["trade_no"])
    assert (paid["channel"], paid["transaction_id"], paid["amount_fen"]) == ("alipay", placed["trade_no"], 12345)
    fields = seller.read(seller.box.take())
    told = {name: fields[name] for name in ("app_id", "seller_id", "out_trade_no", "trade_no", "trade_status")}
    assert told == {
        "app_id": seller.app_id,
        "seller_id": seller.seller_id,
        "out_trade_no": number,
        "trade_no": placed["trade_no"],
        "trade_status": "TRADE_SUCCESS",
    }
    assert (fields["total_amount"], fields["buyer_open_id"], fields["notify_type"]) == (
        "123.45",
        openid,
        "trade_status_sync",
    )
    assert fields["passback_params"] == "bill=1&x=2"
    after = seller.trade("query", {"trade_no": placed["trade_no"]})
    assert (after["trade_status"], after["send_pay_date"]) == ("TRADE_SUCCESS", fields["gmt_payment"])
    assert refused(seller, trade_no=placed["trade_no"]) == "ORDER_PAID"
    assert charges(seller, openid)["totals"] == {"count": 1, "amount_fen": 12345, "refunded_fen": 0, "net_fen": 12345}


def test_a_code_is_no_trade_until_somebody_scans_it(seller: Seller) -> None:
    number = new_number()
    code = seller.precreate(out_trade_no=number)["qr_code"]
    assert refusal(seller.query(number)) == ("40004", "ACQ.TRADE_NOT_EXIST")
    assert refusal(seller.trade("close", {"out_trade_no": number})) == ("40004", "ACQ.TRADE_NOT_EXIST")
    page = seller.sandbox.client.get(f"{seller.sandbox.url}/_sandbox/cashier", params={"code_url": code})
    assert page.status_code == 200 and "支付宝" in page.text and "¥ 123.45" in page.text and "模拟收银台" in page.text
    assert seller.query(number)["trade_status"] == "WAIT_BUYER_PAY"
    buyer = seller.person("13700000102")
    assert pay(seller, code_url=code, openid=buyer)["openid"] == buyer
    assert seller.query(number)["buyer_open_id"] == buyer
    assert seller.read(seller.box.take())["out_trade_no"] == number


def test_the_cashier_page_takes_the_money_of_a_trade(seller: Seller) -> None:
    placed = seller.create(subject="<b>罚款")
    address = f"{seller.sandbox.url}/_sandbox/cashier"
    shown = seller.sandbox.client.get(address, params={"trade_no": placed["trade_no"]})
    assert "&lt;b&gt;罚款" in shown.text and 'name="phone"' not in shown.text
    paid = seller.sandbox.client.post(address, data={"handle": placed["trade_no"], "action": "pay"})
    assert "支付成功" in paid.text and placed["trade_no"] in paid.text
    assert seller.query(placed["out_trade_no"])["trade_status"] == "TRADE_SUCCESS"
    assert seller.sandbox.client.get(address, params={"trade_no": placed["trade_no"]}).status_code == 409


def test_only_the_buyer_pays_a_trade_of_the_mini_program(seller: Seller) -> None:
    placed = seller.create()
    other = seller.person("13700000103")
    assert refused(seller, trade_no=placed["trade_no"], openid=other) == "NOT_THE_PAYER"
    assert refused(seller, trade_no="2026010222009999999999999999", channel="alipay") == "TRADE_UNKNOWN"
    assert charges(seller, other)["totals"]["count"] == 0


def test_the_same_number_is_the_same_trade_only_with_the_same_content(seller: Seller) -> None:
    number = new_number()
    first = seller.create(out_trade_no=number)
    assert seller.create(out_trade_no=number) == first
    other = seller.create(out_trade_no=number, total_amount="123.46")
    assert refusal(other) == ("40004", "ACQ.CONTEXT_INCONSISTENT")
    pay(seller, trade_no=first["trade_no"])
    assert refusal(seller.create(out_trade_no=number)) == ("40004", "ACQ.TRADE_HAS_SUCCESS")
    (listed,) = seller.sandbox.control(f"/orders?out_trade_no={number}")["orders"]
    assert (listed["channel"], listed["prepay_calls"], listed["state"]) == ("alipay", 2, "TRADE_SUCCESS")


def test_a_closed_trade_is_neither_paid_nor_closed_nor_placed_again(seller: Seller) -> None:
    placed = seller.create()
    number = placed["out_trade_no"]
    assert seller.trade("close", {"out_trade_no": number})["trade_no"] == placed["trade_no"]
    assert seller.query(number)["trade_status"] == "TRADE_CLOSED"
    assert refused(seller, trade_no=placed["trade_no"]) == "ORDER_CLOSED"
    assert refusal(seller.trade("close", {"out_trade_no": number})) == ("40004", "ACQ.TRADE_STATUS_ERROR")
    assert refusal(seller.create(out_trade_no=number)) == ("40004", "ACQ.TRADE_HAS_CLOSE")
    paid = seller.paid()
    assert refusal(seller.trade("close", {"out_trade_no": paid})) == ("40004", "ACQ.TRADE_STATUS_ERROR")
    assert seller.query(paid)["trade_status"] == "TRADE_SUCCESS"


@pytest.mark.parametrize(("span", "lives_s"), [("1m", 60), ("2h", 7200), ("15d", 15 * 86400)])
def test_time_closes_an_unpaid_trade_by_itself(seller: Seller, span: str, lives_s: int) -> None:
    placed = seller.create(timeout_express=span)
    seller.sandbox.control("/clock", {"offset_s": lives_s - 10})
    assert seller.query(placed["out_trade_no"])["trade_status"] == "WAIT_BUYER_PAY"
    seller.sandbox.control("/clock", {"offset_s": lives_s + 1})
    assert seller.query(placed["out_trade_no"])["trade_status"] == "TRADE_CLOSED"
    assert refused(seller, trade_no=placed["trade_no"]) == "ORDER_EXPIRED"


@pytest.mark.parametrize(
    ("changes", "sub_code"),
    [
        ({"out_trade_no": "has space"}, "ACQ.INVALID_PARAMETER"),
        ({"out_trade_no": "x" * 65}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "0.00"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "1.234"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "-1"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "1e3"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": True}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "100000000.01"}, "ACQ.TOTAL_FEE_EXCEED"),
        ({"subject": "a&b"}, "ACQ.INVALID_PARAMETER"),
        ({"subject": "字" * 257}, "ACQ.INVALID_PARAMETER"),
        ({"product_code": "FACE_TO_FACE_PAYMENT"}, "ACQ.INVALID_PARAMETER"),
        ({"op_app_id": "2021999999999999"}, "ACQ.INVALID_PARAMETER"),
        ({"buyer_open_id": "nobody"}, "ACQ.INVALID_PARAMETER"),
        ({"timeout_express": "90"}, "ACQ.INVALID_PARAMETER"),
        ({"time_expire": "2026-01-02"}, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_a_wrong_field_is_refused_and_places_nothing(seller: Seller, changes: dict[str, Any], sub_code: str) -> None:
    number = new_number()
    assert refusal(seller.create(**{"out_trade_no": number} | changes)) == ("40004", sub_code)
    assert seller.sandbox.control(f"/orders?out_trade_no={number}")["orders"] == []


def test_refunds_add_up_and_the_same_number_refunds_once(seller: Seller) -> None:
    openid = seller.person("13700000104")
    placed = seller.create(buyer_open_id=openid)
    number = placed["out_trade_no"]
    pay(seller, trade_no=placed["trade_no"])
    payment = seller.read(seller.box.take())
    first = seller.refund(number, "23.45", out_request_no="R1")
    assert (first["fund_change"], first["refund_fee"]) == ("Y", "23.45")
    told = seller.read(seller.box.take())
    assert (told["out_biz_no"], told["refund_fee"], told["trade_status"]) == ("R1", "23.45", "TRADE_SUCCESS")
    assert told["notify_id"] != payment["notify_id"] and told["gmt_payment"] == payment["gmt_payment"]
    again = seller.refund(number, "23.45", out_request_no="R1")
    assert (again["fund_change"], again["refund_fee"]) == ("N", "23.45")
    assert refusal(seller.refund(number, "23.46", out_request_no="R1")) == ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST")
    assert refusal(seller.refund(number, "100.01")) == ("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    rest = seller.refund(number, "100.00", out_request_no="R2")
    assert (rest["fund_change"], rest["refund_fee"]) == ("Y", "123.45")
    last = seller.read(seller.box.take())
    assert (last["trade_status"], last["refund_fee"], last["out_biz_no"]) == ("TRADE_CLOSED", "123.45", "R2")
    assert seller.query(number)["trade_status"] == "TRADE_CLOSED"
    assert charges(seller, openid)["totals"] == {"count": 1, "amount_fen": 12345, "refunded_fen": 12345, "net_fen": 0}
    assert seller.box.empty


def test_a_refund_is_queried_and_one_nobody_asked_for_is_empty(seller: Seller) -> None:
    number = seller.paid()
    seller.refund(number, "1.00", out_request_no="Q1", refund_reason="多缴")
    asked = {"out_trade_no": number, "out_request_no": "Q1"}
    told = seller.trade("fastpay.refund.query", asked)
    assert (told["refund_status"], told["refund_amount"], told["total_amount"]) == ("REFUND_SUCCESS", "1.00", "123.45")
    assert told["refund_reason"] == "多缴"
    empty = seller.trade("fastpay.refund.query", asked | {"out_request_no": "Q2"})
    assert empty == {"code": "10000", "msg": "Success"}
    unknown = seller.trade("fastpay.refund.query", asked | {"out_trade_no": new_number()})
    assert refusal(unknown) == ("40004", "ACQ.TRADE_NOT_EXIST")


@pytest.mark.parametrize(("outcome", "status"), [("SUCCESS", "REFUND_SUCCESS"), ("CLOSED", "REFUND_FAIL")])
def test_a_refund_on_hold_moves_nothing_until_it_is_settled(seller: Seller, outcome: str, status: str) -> None:
    number = seller.paid()
    seller.box.take()
    seller.sandbox.control("/refunds", {"mode": "hold"})
    held = seller.refund(number, "1.00", out_request_no="H1")
    assert (held["fund_change"], held["refund_fee"]) == ("N", "0.00")
    asked = {"out_trade_no": number, "out_request_no": "H1"}
    assert "refund_status" not in seller.trade("fastpay.refund.query", asked)
    (settled,) = seller.sandbox.control("/refunds/settle", {"out_refund_no": "H1", "outcome": outcome})["settled"]
    assert settled["status"] == outcome
    assert seller.trade("fastpay.refund.query", asked)["refund_status"] == status
    assert seller.box.empty is (outcome == "CLOSED")


def test_a_refund_that_failed_is_tried_again_under_its_number(seller: Seller) -> None:
    number = seller.paid()
    before = seller.sandbox.control("/account?channel=alipay")["balance_fen"]
    seller.sandbox.control("/refunds", {"mode": "hold"})
    seller.refund(number, "1.00", out_request_no="A1")
    seller.sandbox.control("/refunds/settle", {"out_refund_no": "A1", "outcome": "CLOSED"})
    assert seller.sandbox.control("/account?channel=alipay")["balance_fen"] == before
    seller.sandbox.control("/refunds", {"mode": "auto"})
    assert refusal(seller.refund(number, "1.01", out_request_no="A1")) == ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST")
    again = seller.refund(number, "1.00", out_request_no="A1")
    assert (again["fund_change"], again["refund_fee"]) == ("Y", "1.00")
    assert seller.sandbox.control("/account?channel=alipay")["balance_fen"] == before - 99


def test_a_refund_beyond_the_balance_waits_for_a_top_up(seller: Seller) -> None:
    number = seller.paid()
    balance = seller.sandbox.control("/account?channel=alipay")["balance_fen"]
    seller.sandbox.control("/account", {"channel": "alipay", "withdraw_fen": balance})
    asked = {"out_request_no": "T1"}
    assert refusal(seller.refund(number, "123.45", **asked)) == ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH")
    assert seller.query(number)["trade_status"] == "TRADE_SUCCESS"
    seller.sandbox.control("/account", {"channel": "alipay", "top_up_fen": 12345 - 74})
    assert seller.refund(number, "123.45", **asked)["fund_change"] == "Y"
    assert seller.sandbox.control("/account?channel=alipay")["balance_fen"] == 0


def test_what_cannot_be_refunded_is_refused(seller: Seller) -> None:
    waiting, paid = seller.create()["out_trade_no"], seller.paid()
    assert refusal(seller.refund(waiting, "1.00")) == ("40004", "ACQ.TRADE_STATUS_ERROR")
    assert refusal(seller.refund(new_number(), "1.00")) == ("40004", "ACQ.TRADE_NOT_EXIST")
    assert refusal(seller.refund(paid, "1.00", out_request_no=None)) == ("40004", "ACQ.INVALID_PARAMETER")
    seller.sandbox.control("/clock", {"offset_s": YEAR + 10})
    assert seller.query(paid)["trade_status"] == "TRADE_FINISHED"
    assert refusal(seller.refund(paid, "1.00")) == ("40004", "ACQ.TRADE_HAS_FINISHED")


def test_a_coupon_lowers_what_the_buyer_pays_and_gets_back(seller: Seller) -> None:
    openid = seller.person("13700000105")
    placed = seller.create(buyer_open_id=openid, total_amount="100.00")
    pay(seller, trade_no=placed["trade_no"], coupon_fen=1000)
    fields = seller.read(seller.box.take())
    assert (fields["total_amount"], fields["receipt_amount"], fields["buyer_pay_amount"]) == (
        "100.00",
        "100.00",
        "90.00",
    )
    seller.refund(placed["out_trade_no"], "50.00")
    (charge,) = charges(seller, openid)["charges"]
    assert (charge["order_total_fen"], charge["amount_fen"], charge["refunded_fen"]) == (10000, 9000, 4500)


def test_a_notice_is_repeated_until_the_answer_is_exactly_success(seller: Seller) -> None:
    seller.box.answers += [(200, b"success\n"), (200, b'"success"'), (302, b"success"), (200, b"SUCCESS")]
    number = seller.paid()
    ids = {seller.read(seller.box.take())["notify_id"]}
    for gap in (4, 10, 10, 60):
        (notice,) = seller.sandbox.control(f"/notices?out_trade_no={number}")["notices"]
        assert notice["state"] == "pending"
        last, following = (datetime.fromisoformat(at) for at in (notice["attempts"][-1]["at"], notice["next_at"]))
        assert following - last == timedelta(minutes=gap)
        seller.sandbox.control("/notices/retry", {"out_trade_no": number})
        ids.add(seller.read(seller.box.take())["notify_id"])
    (notice,) = seller.sandbox.control(f"/notices?out_trade_no={number}")["notices"]
    assert (notice["state"], notice["tries"], len(ids)) == ("delivered", 5, 1)


def test_after_eight_attempts_the_seller_has_to_ask(seller: Seller) -> None:
    seller.box.answers += [(500, b"fail")] * 8
    number = seller.paid()
    for _ in range(7):
        seller.sandbox.control("/notices/retry", {"out_trade_no": number})
    (notice,) = seller.sandbox.control(f"/notices?out_trade_no={number}")["notices"]
    assert (notice["state"], notice["tries"], notice["next_at"]) == ("exhausted", 8, None)
    seller.sandbox.control("/notices/retry", {"out_trade_no": number})
    assert len({seller.read(seller.box.take())["notify_id"] for _ in range(8)}) == 1
    assert seller.box.empty


def test_a_crafted_notice_is_signed_as_asked(seller: Seller) -> None:
    fields = {"notify_type": "trade_status_sync", "sign_type": "RSA2", "subject": "空 格&等=号"}
    crafted = {"channel": "alipay", "resource": fields, "url": seller.box.url}
    assert seller.sandbox.control("/notices/craft", crafted)["accepted"] is True
    assert seller.read(seller.box.take())["subject"] == "空 格&等=号"
    seller.sandbox.control("/notices/craft", crafted | {"key": "foreign"})
    with pytest.raises(AssertionError):
        seller.read(seller.box.take())


@pytest.mark.parametrize("kind", ["forge", "tamper"])
def test_a_spoilt_notice_does_not_verify_and_the_genuine_one_follows(seller: Seller, kind: str) -> None:
    seller.sandbox.control("/faults", {"where": "notify", "kind": kind, "times": 1})
    seller.box.answers.append((400, b"failure"))
    number = seller.paid()
    with pytest.raises(AssertionError):
        seller.read(seller.box.take())
    seller.sandbox.control("/notices/retry", {"out_trade_no": number})
    assert seller.read(seller.box.take())["out_trade_no"] == number


def test_a_wrong_amount_is_told_under_a_genuine_signature(seller: Seller) -> None:
    seller.sandbox.control("/faults", {"where": "notify", "kind": "wrong_amount", "times": 1})
    number = seller.paid()
    assert seller.read(seller.box.take())["total_amount"] == "123.46"
    seller.sandbox.control("/faults", {"where": "query", "kind": "wrong_amount", "times": 1})
    assert seller.query(number)["total_amount"] == "123.46"
    assert seller.query(number)["total_amount"] == "123.45"
