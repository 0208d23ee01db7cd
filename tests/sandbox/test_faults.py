"""Faults on demand: where they may strike, what the caller sees, and that a seed decides alone."""

import json
from typing import Any

import httpx2
import pytest

from tests.sandbox.merchant import Merchant, new_number
from tests.sandbox_server import ControlRefused

NATIVE = "/v3/pay/transactions/native"
BROKEN_LINE = (httpx2.RemoteProtocolError, httpx2.ReadError)


def fault(merchant: Merchant, where: str, kind: str, **more: Any) -> None:
    merchant.sandbox.control("/faults", {"where": where, "kind": kind} | more)


def lift(merchant: Merchant) -> None:
    merchant.sandbox.control("/faults", method="DELETE")


def place(merchant: Merchant, number: str) -> httpx2.Response:
    return merchant.native(out_trade_no=number)


def state(merchant: Merchant, number: str) -> Any:
    lift(merchant)
    answer = merchant.query(number)
    return answer.get("trade_state", answer.get("code"))


@pytest.mark.parametrize(
    "rule",
    [
        {"where": "nowhere", "kind": "drop"},
        {"where": "close", "kind": "wrong_amount"},
        {"where": "phone", "kind": "wrong_amount"},
        {"where": "login", "kind": "forge"},
        {"where": "notify", "kind": "redirect"},
        {"where": "prepay", "kind": "drop", "channel": "unionpay"},
        {"where": "prepay", "kind": "drop", "rate": 1.5},
        {"where": "prepay", "kind": "drop", "for_s": -1},
        {"where": "prepay"},
    ],
)
def test_senseless_rule_is_refused(merchant: Merchant, rule: dict[str, Any]) -> None:
    with pytest.raises(ControlRefused):
        merchant.sandbox.control("/faults", rule)
    assert merchant.sandbox.control("/faults")["faults"] == []


def test_every_kind_of_the_contract_exists_somewhere(merchant: Merchant) -> None:
    kinds = merchant.sandbox.control("/faults")["kinds"]
    assert {"login", "phone", "prepay", "notify", "query", "refund", "bill"} <= set(kinds)
    named = {"delay", "drop", "duplicate", "reorder", "forge", "tamper", "timeout_before", "timeout_after"}
    assert named | {"http_500", "wrong_amount"} <= {kind for there in kinds.values() for kind in there}


def test_same_seed_strikes_the_same_calls(merchant: Merchant) -> None:
    number = new_number()
    place(merchant, number)

    def fates(seed: int) -> list[int]:
        fault(merchant, "query", "http_500", rate=0.5, seed=seed)
        target = f"/v3/pay/transactions/out-trade-no/{number}?mchid={merchant.mch_id}"
        return [merchant.get(target).status_code for _ in range(24)]

    first = fates(7)
    assert set(first) == {200, 500}
    assert fates(7) == first
    assert fates(8) != first


def test_server_error_has_no_effect_and_no_signature(merchant: Merchant) -> None:
    number = new_number()
    fault(merchant, "prepay", "http_500")
    answer = place(merchant, number)
    assert (answer.status_code, answer.json()["code"]) == (500, "SYSTEM_ERROR")
    assert "Wechatpay-Signature" not in answer.headers
    assert state(merchant, number) == "ORDER_NOT_EXIST"


@pytest.mark.parametrize("kind", ["drop", "timeout_before"])
def test_lost_request_has_no_effect(merchant: Merchant, kind: str) -> None:
    number = new_number()
    fault(merchant, "prepay", kind, delay_s=0.05)
    with pytest.raises(BROKEN_LINE):
        place(merchant, number)
    assert state(merchant, number) == "ORDER_NOT_EXIST"


def test_lost_answer_hides_an_effect(merchant: Merchant) -> None:
    number = new_number()
    fault(merchant, "prepay", "timeout_after", delay_s=0.05)
    with pytest.raises(BROKEN_LINE):
        place(merchant, number)
    assert state(merchant, number) == "NOTPAY"


def test_silence_outlasts_an_impatient_caller(merchant: Merchant) -> None:
    fault(merchant, "prepay", "timeout_after")
    body = merchant.order_body()
    raw = json.dumps(body).encode()
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(
            merchant.sandbox.url + NATIVE,
            content=raw,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Authorization": merchant.authorization("POST", NATIVE, raw),
            },
            timeout=0.5,
            trust_env=False,
        )
    assert state(merchant, body["out_trade_no"]) == "NOTPAY"


@pytest.mark.parametrize("kind", ["forge", "tamper"])
def test_spoilt_answer_does_not_verify(merchant: Merchant, kind: str) -> None:
    fault(merchant, "prepay", kind)
    answer = place(merchant, new_number())
    assert answer.status_code == 200
    assert answer.headers["Wechatpay-Serial"] == merchant.pub_key_id
    assert not merchant.verifies(answer.headers, answer.content)


def test_wrong_amount_is_genuinely_signed(merchant: Merchant) -> None:
    number = merchant.paid()
    fault(merchant, "query", "wrong_amount")
    answer = merchant.get(f"/v3/pay/transactions/out-trade-no/{number}?mchid={merchant.mch_id}")
    assert merchant.verifies(answer.headers, answer.content)
    assert answer.json()["amount"]["total"] == 12346


def test_fault_ends_after_its_times(merchant: Merchant) -> None:
    fault(merchant, "prepay", "http_500", times=2)
    assert [place(merchant, new_number()).status_code for _ in range(3)] == [500, 500, 200]
    (rule,) = merchant.sandbox.control("/faults")["faults"]
    assert (rule["struck"], rule["over"]) == (2, True)


def test_fault_ends_after_its_time(merchant: Merchant) -> None:
    fault(merchant, "prepay", "http_500", for_s=0)
    assert place(merchant, new_number()).status_code == 200


@pytest.mark.parametrize(("kind", "errcode"), [("busy", -1), ("http_500", None), ("tamper", None)])
def test_login_faults_leave_the_code_usable_or_not_as_they_say(
    merchant: Merchant, kind: str, errcode: int | None
) -> None:
    code = merchant.sandbox.control("/codes", {"openid": merchant.person()})["login_code"]
    secret = merchant.sandbox.credentials["HANDHELD_WECHAT_APP_SECRET"]
    query = {"appid": merchant.app_id, "secret": secret, "js_code": code, "grant_type": "authorization_code"}
    url = f"{merchant.sandbox.url}/sns/jscode2session"
    fault(merchant, "login", kind)
    answer = merchant.sandbox.client.get(url, params=query)
    if errcode is not None:
        assert answer.json()["errcode"] == errcode
    else:
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
            answer.json()
    lift(merchant)
    spent = kind == "tamper"
    assert ("openid" in merchant.sandbox.client.get(url, params=query).json()) is not spent


def notice_of(merchant: Merchant, number: str) -> dict[str, Any]:
    notice: dict[str, Any]
    (notice,) = merchant.sandbox.control(f"/notices?out_trade_no={number}")["notices"]
    return notice


def test_dropped_notice_never_arrives_and_stays_pending(merchant: Merchant) -> None:
    fault(merchant, "notify", "drop")
    number = merchant.paid()
    assert merchant.box.empty
    assert notice_of(merchant, number)["state"] == "pending"
    lift(merchant)
    merchant.sandbox.control("/notices/retry", {"out_trade_no": number})
    assert merchant.open(merchant.box.take())["out_trade_no"] == number


def test_duplicated_notice_arrives_twice_with_one_id(merchant: Merchant) -> None:
    fault(merchant, "notify", "duplicate")
    merchant.paid()
    first, second = merchant.box.take(), merchant.box.take()
    assert first.content["id"] == second.content["id"]
    assert merchant.verifies(first.headers, first.body) and merchant.verifies(second.headers, second.body)


def test_reordered_notice_arrives_behind_the_next(merchant: Merchant) -> None:
    fault(merchant, "notify", "reorder", times=1)
    early, late = merchant.paid(), merchant.paid()
    assert [merchant.open(merchant.box.take())["out_trade_no"] for _ in range(2)] == [late, early]


def test_delayed_notice_arrives_when_its_delay_is_over(merchant: Merchant) -> None:
    fault(merchant, "notify", "delay", delay_s=60)
    number = merchant.paid()
    assert merchant.box.empty
    assert notice_of(merchant, number)["tries"] == 0
    merchant.sandbox.control("/clock", {"offset_s": 61})
    assert merchant.open(merchant.box.take())["out_trade_no"] == number


@pytest.mark.parametrize("kind", ["forge", "tamper", "probe"])
def test_spoilt_notice_does_not_verify_and_is_retried_genuinely(merchant: Merchant, kind: str) -> None:
    fault(merchant, "notify", kind, times=1)
    merchant.box.answers.append((401, b""))
    number = merchant.paid()
    spoilt = merchant.box.take()
    assert not merchant.verifies(spoilt.headers, spoilt.body)
    assert spoilt.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/") is (kind == "probe")
    assert notice_of(merchant, number)["attempts"][0]["faults"] == [kind]
    merchant.sandbox.control("/notices/retry", {"out_trade_no": number})
    genuine = merchant.box.take()
    assert merchant.verifies(genuine.headers, genuine.body)


def test_notice_with_wrong_amount_verifies_and_lies(merchant: Merchant) -> None:
    fault(merchant, "notify", "wrong_amount")
    number = merchant.paid()
    letter = merchant.box.take()
    assert merchant.verifies(letter.headers, letter.body)
    assert merchant.open(letter)["amount"]["total"] == 12346
    assert merchant.query(number)["amount"]["total"] == 12345


def test_notice_whose_answer_is_lost_comes_again(merchant: Merchant) -> None:
    fault(merchant, "notify", "timeout_after", times=1)
    number = merchant.paid()
    merchant.box.take()
    assert notice_of(merchant, number)["state"] == "pending"
    merchant.sandbox.control("/notices/retry", {"out_trade_no": number})
    assert merchant.open(merchant.box.take())["out_trade_no"] == number
    assert notice_of(merchant, number)["state"] == "delivered"
