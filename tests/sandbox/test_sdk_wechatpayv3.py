"""A third-party SDK, unchanged but for the host it calls, in both modes of verification."""

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType, core

from tests.sandbox.merchant import Merchant, new_number

MODES = ["certificate", "public_key"]


@pytest.fixture(params=MODES)
def sdk(request: pytest.FixtureRequest, merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The SDK keeps its host in an attribute set by its constructor, so the attribute is made to say the sandbox's."""
    address = property(lambda self: merchant.sandbox.url, lambda self, value: None)
    monkeypatch.setattr(core, "Core", type("Core", (core.Core,), {"_gate_way": address}))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    issued, extra = merchant.sandbox.credentials, {}
    if request.param == "public_key":
        key_file = Path(issued["HANDHELD_WECHATPAY_PLATFORM_KEY_FILE"])
        extra = {"public_key": key_file.read_text(), "public_key_id": merchant.pub_key_id}
    merchant.sandbox.control("/signing", {"public_key_share": MODES.index(request.param)})
    return WeChatPay(
        WeChatPayType.JSAPI,
        mchid=merchant.mch_id,
        private_key=Path(issued["HANDHELD_WECHATPAY_PRIVATE_KEY_FILE"]).read_text(),
        cert_serial_no=merchant.serial_no,
        appid=merchant.app_id,
        apiv3_key=merchant.api_v3_key,
        notify_url=merchant.box.url,
        **extra,
    )


def ok(answer: tuple[int, str]) -> dict[str, Any]:
    assert answer[0] == 200, answer
    content: dict[str, Any] = json.loads(answer[1])
    return content


def yuan_bill(sdk: Any, ask: Callable[..., tuple[int, str]]) -> str:
    """Ask for today's bill packed, fetch it, check the digest of the unpacked bytes."""
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    offer = ok(ask(day, tar_type="GZIP"))
    code, packed = sdk.download_bill(offer["download_url"])
    assert code == 200
    content = gzip.decompress(packed)
    assert hashlib.sha1(content).hexdigest() == offer["hash_value"]
    return content.decode("utf-8")


def test_jsapi_is_placed_paid_noticed_and_queried(sdk: Any, merchant: Merchant) -> None:
    number, openid = new_number(), merchant.person()
    prepay = ok(sdk.pay("行政缴款", number, {"total": 12345, "currency": "CNY"}, payer={"openid": openid}))
    paid = merchant.sandbox.control("/pay", {"prepay_id": prepay["prepay_id"]})
    letter = merchant.box.take()
    notice = sdk.callback(letter.headers, letter.body)
    assert notice["event_type"] == "TRANSACTION.SUCCESS"
    assert notice["resource"]["out_trade_no"] == number
    assert notice["resource"]["amount"]["total"] == 12345
    assert notice["resource"]["payer"] == {"openid": openid}
    assert sdk.callback(letter.headers, letter.body.replace(b"EV-", b"EW-")) is None
    by_number = ok(sdk.query(out_trade_no=number))
    assert (by_number["trade_state"], by_number["transaction_id"]) == ("SUCCESS", paid["transaction_id"])
    assert ok(sdk.query(transaction_id=paid["transaction_id"])) == by_number


def test_native_is_placed_and_closed(sdk: Any, merchant: Merchant) -> None:
    number = new_number()
    answer = ok(sdk.pay("学费", number, {"total": 1}, pay_type=WeChatPayType.NATIVE))
    assert answer["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    assert sdk.close(number) == (204, b"")
    assert ok(sdk.query(out_trade_no=number))["trade_state"] == "CLOSED"


def test_refund_is_asked_queried_and_noticed(sdk: Any, merchant: Merchant) -> None:
    number, refund_number = merchant.paid(), new_number("RF")
    merchant.box.take()
    merchant.sandbox.control("/refunds", {"mode": "hold"})
    asked = ok(sdk.refund(refund_number, {"refund": 345, "total": 12345, "currency": "CNY"}, out_trade_no=number))
    assert asked["status"] == "PROCESSING"
    merchant.sandbox.control("/refunds/settle", {"out_refund_no": refund_number})
    assert ok(sdk.query_refund(refund_number))["status"] == "SUCCESS"
    letter = merchant.box.take()
    resource = sdk.callback(letter.headers, letter.body)["resource"]
    assert (resource["refund_status"], resource["amount"]["refund"]) == ("SUCCESS", 345)


def test_bills_are_downloaded(sdk: Any, merchant: Merchant) -> None:
    number = merchant.paid()
    assert f"`{number},`{merchant.person()},`JSAPI,`SUCCESS," in yuan_bill(sdk, sdk.trade_bill)
    assert "`交易,`交易,`收入,`123.45," in yuan_bill(sdk, sdk.fundflow_bill)


def test_refusals_reach_the_sdk_as_they_are(sdk: Any) -> None:
    code, message = sdk.query(out_trade_no=new_number())
    assert (code, json.loads(message)["code"]) == (404, "ORDER_NOT_EXIST")
