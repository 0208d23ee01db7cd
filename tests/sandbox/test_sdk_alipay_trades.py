"""Trades with a third-party SDK of PyPI, unchanged but for the gateway it calls."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alipay import AliPay
from alipay.exceptions import AliPayValidationError

from tests.sandbox.merchant import new_number, open_letterbox
from tests.sandbox.seller import Seller
from tests.sandbox_server import SandboxServer


@pytest.fixture
def seller(platform: SandboxServer) -> Iterator[Seller]:
    box, server = open_letterbox()
    box.word = b"success"
    yield Seller(platform, box)
    platform.calm()
    server.shutdown()
    server.server_close()


@pytest.fixture
def sdk(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    issued = seller.sandbox.credentials
    client = AliPay(
        appid=seller.app_id,
        app_private_key_string=Path(issued["HANDHELD_ALIPAY_PRIVATE_KEY_FILE"]).read_text(),
        alipay_public_key_string=Path(issued["HANDHELD_ALIPAY_PUBLIC_KEY_FILE"]).read_text(),
        app_notify_url=seller.box.url,
    )
    client._gateway = seller.gateway
    return client


def created(sdk: Any, seller: Seller, number: str) -> Any:
    more = {"product_code": "JSAPI_PAY", "op_app_id": seller.app_id, "buyer_open_id": seller.person()}
    return sdk.api_alipay_trade_create(subject="公证费", out_trade_no=number, total_amount="0.10", **more)


def test_the_sdk_places_a_trade_hears_of_it_and_refunds_it(sdk: Any, seller: Seller) -> None:
    number = new_number()
    placed = created(sdk, seller, number)
    seller.sandbox.control("/pay", {"trade_no": placed["trade_no"]})
    fields = seller.read(seller.box.take())
    told = {name: value for name, value in fields.items() if name != "sign"}
    assert sdk.verify(dict(told), fields["sign"]) is True
    assert sdk.verify(told | {"total_amount": "0.11"}, fields["sign"]) is False
    assert sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_SUCCESS"
    back = sdk.api_alipay_trade_refund("0.04", out_trade_no=number, out_request_no="P1")
    assert (back["fund_change"], back["refund_fee"]) == ("Y", "0.04")
    asked = sdk.api_alipay_trade_fastpay_refund_query("P1", out_trade_no=number)
    assert (asked["refund_status"], asked["refund_amount"]) == ("REFUND_SUCCESS", "0.04")


def test_the_sdk_draws_a_code_and_closes_a_trade(sdk: Any, seller: Seller) -> None:
    code = sdk.api_alipay_trade_precreate(subject="学费", out_trade_no=new_number(), total_amount="1.00")
    assert code["qr_code"].startswith("https://qr.alipay.com/")
    number = new_number()
    created(sdk, seller, number)
    assert sdk.api_alipay_trade_close(out_trade_no=number)["code"] == "10000"
    assert sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_CLOSED"


def test_the_sdk_asks_for_a_bill(sdk: Any, seller: Seller) -> None:
    seller.paid()
    day = seller.sandbox.control("/clock")["now"][:10]
    name = "alipay.data.dataservice.bill.downloadurl.query"
    told = sdk.server_api(name, biz_content={"bill_type": "trade", "bill_date": day})
    assert seller.sandbox.client.get(told["bill_download_url"]).content.startswith(b"PK")


def test_refusals_reach_the_sdk_as_they_are(sdk: Any) -> None:
    told = sdk.api_alipay_trade_query(out_trade_no=new_number())
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


def test_the_sdk_refuses_a_forged_answer(sdk: Any, seller: Seller) -> None:
    seller.sandbox.control("/faults", {"where": "query", "kind": "forge", "times": 1})
    with pytest.raises(AliPayValidationError):
        sdk.api_alipay_trade_query(out_trade_no=seller.paid())
