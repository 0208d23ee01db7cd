"""Delivery of notices: the envelope, the judgement of answers, the retries."""

from datetime import datetime
from typing import Any

import pytest

from tests.sandbox.merchant import Merchant

MINUTE, HOUR = 60, 3600
SCHEDULE = [15, 15, 30, 3 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE, HOUR]
SCHEDULE += [3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR]


def only(merchant: Merchant, number: str) -> dict[str, Any]:
    notice: dict[str, Any]
    (notice,) = merchant.sandbox.control(f"/notices?out_trade_no={number}")["notices"]
    return notice


def retry(merchant: Merchant, number: str, **more: Any) -> dict[str, Any]:
    merchant.sandbox.control("/notices/retry", {"out_trade_no": number} | more)
    return only(merchant, number)


def test_schedule_is_the_documented_day_and_four_minutes() -> None:
    assert sum(SCHEDULE) == 24 * HOUR + 4 * MINUTE


def test_paid_order_is_announced_signed_and_sealed(merchant: Merchant) -> None:
    number = merchant.paid()
    letter = merchant.box.take()
    assert merchant.verifies(letter.headers, letter.body)
    assert letter.headers["Wechatpay-Serial"] == merchant.pub_key_id
    content = letter.content
    assert (content["event_type"], content["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    assert content["resource"]["associated_data"] == content["resource"]["original_type"] == "transaction"
    resource = merchant.open(letter)
    assert resource == merchant.query(number)
    assert (resource["mchid"], resource["appid"], resource["trade_type"]) == (merchant.mch_id, merchant.app_id, "JSAPI")
    assert only(merchant, number)["state"] == "delivered"


@pytest.mark.parametrize(
    ("status", "answer", "state"),
    [
        (200, b"", "delivered"),
        (204, b"", "delivered"),
        (200, b'{"code":"FAIL","message":"no"}', "delivered"),
        (500, b'{"code":"FAIL","message":"no"}', "pending"),
        (401, b"", "pending"),
        (302, b"", "pending"),
        (201, b"", "pending"),
    ],
)
def test_only_200_and_204_are_success_whatever_the_body(
    merchant: Merchant, status: int, answer: bytes, state: str
) -> None:
    merchant.box.answers.append((status, answer))
    notice = only(merchant, merchant.paid())
    assert (notice["state"], notice["attempts"][0]["status"]) == (state, status)
    merchant.box.take()
    assert merchant.box.empty


def test_each_retry_is_signed_afresh_and_keeps_its_id(merchant: Merchant) -> None:
    merchant.box.answers.append((500, b""))
    number = merchant.paid()
    assert retry(merchant, number)["state"] == "delivered"
    first, second = merchant.box.take(), merchant.box.take()
    assert first.content["id"] == second.content["id"]
    assert first.headers["Wechatpay-Nonce"] != second.headers["Wechatpay-Nonce"]
    assert merchant.verifies(second.headers, second.body)


def test_retries_follow_the_schedule_and_end(merchant: Merchant) -> None:
    merchant.box.answers += [(500, b"")] * 16
    number = merchant.paid()
    gaps = []
    for _ in SCHEDULE:
        notice = only(merchant, number)
        last = datetime.fromisoformat(notice["attempts"][-1]["at"])
        gaps.append((datetime.fromisoformat(notice["next_at"]) - last).total_seconds())
        retry(merchant, number)
    assert gaps == SCHEDULE
    notice = only(merchant, number)
    assert (notice["state"], notice["tries"], notice["next_at"]) == ("exhausted", 16, None)
    assert retry(merchant, number)["tries"] == 16


def test_due_retry_goes_out_when_its_time_comes(merchant: Merchant) -> None:
    merchant.box.answers.append((503, b""))
    number = merchant.paid()
    merchant.box.take()
    merchant.sandbox.control("/clock", {"offset_s": 15})
    assert merchant.open(merchant.box.take())["out_trade_no"] == number


def test_unreachable_merchant_is_tried_again_later(merchant: Merchant) -> None:
    address, merchant.box.url = merchant.box.url, "http://127.0.0.1:9/callbacks/wechatpay"
    number = merchant.paid()
    merchant.box.url = address
    notice = only(merchant, number)
    assert (notice["state"], notice["attempts"][0]["status"]) == ("pending", None)
    assert "Error" in notice["attempts"][0]["error"]


def test_delivered_notice_is_sent_again_on_request_only(merchant: Merchant) -> None:
    number = merchant.paid()
    merchant.box.take()
    assert retry(merchant, number)["tries"] == 1
    assert retry(merchant, number, again=True)["state"] == "delivered"
    assert merchant.open(merchant.box.take())["out_trade_no"] == number


def test_paying_without_waiting_sends_the_notice_all_the_same(merchant: Merchant) -> None:
    number = merchant.paid(wait=False)
    assert merchant.open(merchant.box.take())["out_trade_no"] == number


def test_crafted_notice_carries_anything_under_a_chosen_key(merchant: Merchant) -> None:
    body: dict[str, Any] = {"resource": {"out_trade_no": "NOBODYS"}, "url": merchant.box.url, "id": "EV-1"}
    merchant.sandbox.control("/notices/craft", body)
    genuine = merchant.box.take()
    assert merchant.verifies(genuine.headers, genuine.body)
    assert (merchant.open(genuine), genuine.content["id"]) == ({"out_trade_no": "NOBODYS"}, "EV-1")
    merchant.sandbox.control("/notices/craft", body | {"key": "foreign"})
    forged = merchant.box.take()
    assert forged.headers["Wechatpay-Serial"] == merchant.pub_key_id
    assert not merchant.verifies(forged.headers, forged.body)
    old = merchant.sandbox.control("/notices/craft", {"resource": {}, "skew_s": -400})
    assert int(genuine.headers["Wechatpay-Timestamp"]) - int(old["headers"]["Wechatpay-Timestamp"]) >= 399
    assert merchant.box.empty
