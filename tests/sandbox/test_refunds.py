"""Refunds: limits, idempotency, outcomes, and the merchant's account behind them."""

from typing import Any

import pytest

from tests.sandbox.merchant import Merchant, new_number
from tests.sandbox_server import ControlRefused


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def state(merchant: Merchant, number: str) -> dict[str, Any]:
    answer: dict[str, Any] = merchant.get(f"/v3/refund/domestic/refunds/{number}").json()
    return answer


def charge(merchant: Merchant, number: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [one for one in merchant.sandbox.control("/charges")["charges"] if one["out_trade_no"] == number]
    return found


@pytest.fixture(autouse=True)
def on_hold(merchant: Merchant) -> None:
    merchant.sandbox.control("/refunds", {"mode": "hold"})


def test_accepted_is_not_yet_refunded(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    answer = merchant.refund(number, refund=345, out_refund_no=refund, reason="多缴").json()
    assert (answer["status"], answer["amount"]["refund"], answer["channel"]) == ("PROCESSING", 345, "ORIGINAL")
    assert "success_time" not in answer
    assert charge(merchant, number)["refunded_fen"] == 0
    assert merchant.query(number)["trade_state"] == "REFUND"
    merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund})
    assert state(merchant, refund)["status"] == "SUCCESS"
    assert (charge(merchant, number)["refunded_fen"], charge(merchant, number)["net_fen"]) == (345, 12000)


def test_refund_succeeds_by_itself_after_its_delay(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    merchant.box.take()
    merchant.sandbox.control("/refunds", {"mode": "auto", "delay_s": 60.0})
    merchant.refund(number, refund=1, out_refund_no=refund)
    assert state(merchant, refund)["status"] == "PROCESSING"
    merchant.sandbox.control("/clock", {"offset_s": 61})
    assert merchant.open(merchant.box.take())["refund_status"] == "SUCCESS"
    assert state(merchant, refund)["status"] == "SUCCESS"


def test_same_refund_number_refunds_once(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    first = merchant.refund(number, refund=345, out_refund_no=refund)
    again = merchant.refund(number, refund=345, out_refund_no=refund)
    assert first.json() == again.json()
    assert refusal(merchant.refund(number, refund=346, out_refund_no=refund)) == (400, "INVALID_REQUEST")
    merchant.sandbox.control("/refunds/settle", {})
    assert charge(merchant, number)["refunded_fen"] == 345


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": {"refund": 12346, "total": 12345, "currency": "CNY"}}, "INVALID_REQUEST"),
        ({"amount": {"refund": 1, "total": 12344, "currency": "CNY"}}, "INVALID_REQUEST"),
        ({"amount": {"refund": 0, "total": 12345, "currency": "CNY"}}, "PARAM_ERROR"),
        ({"amount": {"refund": 1, "total": 12345}}, "PARAM_ERROR"),
        ({"out_refund_no": "退款一"}, "PARAM_ERROR"),
        ({"out_refund_no": "R" * 65}, "PARAM_ERROR"),
        ({"reason": "因" * 81}, "PARAM_ERROR"),
        ({"funds_account": "OTHER"}, "PARAM_ERROR"),
        ({"out_trade_no": None}, "PARAM_ERROR"),
        ({"out_trade_no": "GOV-NOBODY"}, "RESOURCE_NOT_EXISTS"),
        ({"transaction_id": "4200"}, "RESOURCE_NOT_EXISTS"),
    ],
)
def test_broken_refund_moves_nothing(merchant: Merchant, changes: dict[str, Any], code: str) -> None:
    number = merchant.paid()
    merchant.box.take()
    balance = merchant.sandbox.control("/account")
    assert merchant.refund(number, refund=1, **changes).json()["code"] == code
    assert merchant.query(number)["trade_state"] == "SUCCESS"
    assert merchant.sandbox.control("/account") == balance
    assert merchant.box.empty


def test_unpaid_order_is_not_refunded(merchant: Merchant) -> None:
    number = new_number()
    merchant.jsapi(out_trade_no=number)
    assert refusal(merchant.refund(number, refund=1)) == (400, "INVALID_REQUEST")


def test_parts_wait_a_minute_and_never_exceed_the_whole(merchant: Merchant) -> None:
    number = merchant.paid()
    assert merchant.refund(number, refund=10000).status_code == 200
    assert refusal(merchant.refund(number, refund=2345)) == (429, "FREQUENCY_LIMITED")
    merchant.sandbox.control("/clock", {"offset_s": 61})
    assert refusal(merchant.refund(number, refund=2346)) == (400, "INVALID_REQUEST")
    assert merchant.refund(number, refund=2345).status_code == 200
    merchant.sandbox.control("/refunds/settle", {})
    assert charge(merchant, number)["net_fen"] == 0


def test_fifty_parts_are_the_most(merchant: Merchant) -> None:
    number = merchant.paid()
    for turn in range(50):
        merchant.sandbox.control("/clock", {"offset_s": 61 * turn})
        assert merchant.refund(number, refund=1).status_code == 200
    merchant.sandbox.control("/clock", {"offset_s": 61 * 50})
    assert refusal(merchant.refund(number, refund=1)) == (400, "INVALID_REQUEST")


def test_refund_ends_a_year_after_payment(merchant: Merchant) -> None:
    number = merchant.paid()
    merchant.sandbox.control("/clock", {"offset_s": 365 * 86400 + 60})
    assert refusal(merchant.refund(number, refund=1)) == (400, "INVALID_REQUEST")
    merchant.sandbox.control("/clock", {"offset_s": 365 * 86400 - 60})
    assert merchant.refund(number, refund=1).status_code == 200


def test_bad_refund_calls_are_limited_to_six_a_second(merchant: Merchant) -> None:
    number = merchant.paid()
    merchant.sandbox.control("/clock", {"offset_s": 1})
    codes = [merchant.refund(number, refund=99999).json()["code"] for _ in range(12)]
    assert codes[0] == "INVALID_REQUEST"
    assert "FREQUENCY_LIMITED" in codes


@pytest.mark.parametrize("outcome", ["ABNORMAL", "CLOSED"])
def test_failed_refund_charges_the_payer_still(merchant: Merchant, outcome: str) -> None:
    number, refund = merchant.paid(), new_number("RF")
    merchant.box.take()
    balance = merchant.sandbox.control("/account")["balance_fen"]
    merchant.refund(number, refund=345, out_refund_no=refund)
    merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund, "outcome": outcome})
    letter = merchant.box.take()
    assert letter.content["event_type"] == f"REFUND.{outcome}"
    assert "success_time" not in merchant.open(letter)
    assert state(merchant, refund)["status"] == outcome
    assert charge(merchant, number)["refunded_fen"] == 0
    gone = balance - merchant.sandbox.control("/account")["balance_fen"]
    assert gone == (343 if outcome == "ABNORMAL" else 0)
    with pytest.raises(ControlRefused):
        merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund, "outcome": outcome})


def test_closed_refund_frees_its_money_for_another(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    merchant.refund(number, refund=12345, out_refund_no=refund)
    merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund, "outcome": "CLOSED"})
    assert merchant.query(number)["trade_state"] == "SUCCESS"
    merchant.sandbox.control("/clock", {"offset_s": 61})
    assert merchant.refund(number, refund=12345).status_code == 200


def test_empty_account_cannot_refund_until_topped_up(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    balance = merchant.sandbox.control("/account")["balance_fen"]
    merchant.sandbox.control("/account", {"withdraw_fen": balance})
    short = merchant.refund(number, refund=12345, out_refund_no=refund)
    assert refusal(short) == (403, "NOT_ENOUGH")
    assert state(merchant, refund)["code"] == "RESOURCE_NOT_EXISTS"
    merchant.sandbox.control("/account", {"top_up_fen": 12345 - 74})
    assert merchant.refund(number, refund=12345, out_refund_no=refund).status_code == 200
    assert merchant.sandbox.control("/account")["balance_fen"] == 0


def test_coupon_is_shared_out_over_the_parts(merchant: Merchant) -> None:
    number = merchant.paid(total=100, coupon_fen=33)
    amounts = []
    for turn, part in enumerate((34, 33, 33)):
        merchant.sandbox.control("/clock", {"offset_s": 61 * turn})
        amounts.append(merchant.refund(number, refund=part, total=100).json()["amount"])
    assert [one["payer_refund"] for one in amounts] == [22, 22, 23]
    assert [one["discount_refund"] for one in amounts] == [12, 11, 10]
    merchant.sandbox.control("/refunds/settle", {})
    assert charge(merchant, number)["net_fen"] == 0


def test_refund_notice_names_its_status_differently_from_the_query(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    merchant.box.take()
    merchant.refund(number, refund=345, out_refund_no=refund)
    merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund})
    letter = merchant.box.take()
    assert letter.content["resource"]["original_type"] == "refund"
    resource = merchant.open(letter)
    assert "status" not in resource
    assert (resource["refund_status"], resource["out_refund_no"], resource["out_trade_no"]) == (
        "SUCCESS",
        refund,
        number,
    )
    assert resource["amount"] == {"total": 12345, "refund": 345, "payer_total": 12345, "payer_refund": 345}


def test_refund_without_address_is_not_announced(merchant: Merchant) -> None:
    number, refund = merchant.paid(), new_number("RF")
    merchant.box.take()
    merchant.refund(number, refund=1, out_refund_no=refund, notify_url=None)
    merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund})
    assert merchant.box.empty
