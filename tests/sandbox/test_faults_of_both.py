"""Every kind of fault at every place where money is spoken of, at both channels: what the caller sees, what happened."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import httpx2
import pytest

from tests.sandbox.merchant import Merchant, new_number, open_letterbox
from tests.sandbox.seller import Seller
from tests.sandbox_server import SandboxServer

BROKEN_LINE = (httpx2.RemoteProtocolError, httpx2.ReadError)
PLACES = ("prepay", "query", "close", "refund", "bill")
WITHOUT_EFFECT = ("drop", "timeout_before", "http_500", "busy", "redirect")
WITH_EFFECT = ("timeout_after", "delay", "duplicate", "reorder", "forge", "tamper", "oversized", "drip", "truncate")
NO_ANSWER = {"drop", "timeout_before", "timeout_after"}
MEBIBYTE = 1024 * 1024


class Party(Protocol):
    """One channel as a test needs it."""

    channel: str

    @property
    def sandbox(self) -> SandboxServer: ...
    def request(self, place: str, number: str) -> httpx2.Request: ...
    def prepared(self, place: str) -> str: ...
    def happened(self, place: str, number: str) -> bool: ...
    def genuine(self, answer: httpx2.Response) -> bool: ...
    def amounts(self, place: str, number: str, answer: httpx2.Response) -> set[int]: ...


@dataclass
class WeChatParty:
    merchant: Merchant
    channel: str = "wechat"

    @property
    def sandbox(self) -> SandboxServer:
        return self.merchant.sandbox

    def prepared(self, place: str) -> str:
        """A number for which the place may be called."""
        if place in ("query", "refund", "bill"):
            return self.merchant.paid()
        number = new_number()
        if place == "close":
            self.merchant.native(out_trade_no=number)
        return number

    def request(self, place: str, number: str) -> httpx2.Request:
        merchant, order = self.merchant, "/v3/pay/transactions/out-trade-no"
        amount = {"refund": 345, "total": 12345, "currency": "CNY"}
        method, target, body = {
            "prepay": ("POST", "/v3/pay/transactions/native", merchant.order_body(out_trade_no=number)),
            "query": ("GET", f"{order}/{number}?mchid={merchant.mch_id}", None),
            "close": ("POST", f"{order}/{number}/close", {"mchid": merchant.mch_id}),
            "refund": (
                "POST", "/v3/refund/domestic/refunds",
                {"out_trade_no": number, "out_refund_no": f"RF{number}", "amount": amount},
            ),
            "bill": ("GET", f"/v3/bill/tradebill?bill_date={today(self.sandbox)}", None),
        }[place]  # fmt: skip
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": merchant.authorization(method, target, raw),
            "Wechatpay-Serial": merchant.pub_key_id,
        }
        headers |= {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "merchant"}
        return self.sandbox.client.build_request(method, self.sandbox.url + target, content=raw, headers=headers)

    def happened(self, place: str, number: str) -> bool:
        if place == "refund":
            return self.merchant.get(f"/v3/refund/domestic/refunds/RF{number}").status_code == 200
        state = self.merchant.query(number).get("trade_state")
        return {"prepay": state == "NOTPAY", "close": state == "CLOSED"}.get(place, True)

    def genuine(self, answer: httpx2.Response) -> bool:
        signed = "Wechatpay-Signature" in answer.headers
        return signed and self.merchant.verifies(answer.headers, answer.content)

    def amounts(self, place: str, number: str, answer: httpx2.Response) -> set[int]:
        if place == "prepay":
            return {order["total_fen"] for order in listed(self.sandbox, number)}
        if place == "bill":
            file = self.merchant.get(answer.json()["download_url"].removeprefix(self.sandbox.url)).content.decode()
            return {fen(value.removeprefix("`")) for line in file.split("\r\n") for value in line.split(",`")[24:25]}
        return {value for name, value in answer.json()["amount"].items() if name in ("total", "refund")}


@dataclass
class AlipayParty:
    seller: Seller
    channel: str = "alipay"

    @property
    def sandbox(self) -> SandboxServer:
        return self.seller.sandbox

    def prepared(self, place: str) -> str:
        """A number for which the place may be called."""
        if place in ("query", "refund", "bill"):
            return self.seller.paid()
        return str(self.seller.create()["out_trade_no"]) if place == "close" else new_number()

    def request(self, place: str, number: str) -> httpx2.Request:
        seller = self.seller
        order = {
            "out_trade_no": number, "total_amount": "123.45", "subject": "学费", "product_code": "JSAPI_PAY",
            "op_app_id": seller.app_id, "buyer_open_id": seller.person(),
        }  # fmt: skip
        method, content = {
            "prepay": ("alipay.trade.create", order),
            "query": ("alipay.trade.query", {"out_trade_no": number}),
            "close": ("alipay.trade.close", {"out_trade_no": number}),
            "refund": (
                "alipay.trade.refund",
                {"out_trade_no": number, "refund_amount": "3.45", "out_request_no": f"RF{number}"},
            ),
            "bill": (
                "alipay.data.dataservice.bill.downloadurl.query",
                {"bill_type": "trade", "bill_date": today(self.sandbox)},
            ),
        }[place]
        form = seller.parameters(
            method=method, grant_type=None, biz_content=json.dumps(content, ensure_ascii=False)
        )  # fmt: skip
        return self.sandbox.client.build_request("POST", seller.gateway, data=form)

    def happened(self, place: str, number: str) -> bool:
        if place == "refund":
            asked = {"out_trade_no": number, "out_request_no": f"RF{number}"}
            return "refund_status" in self.seller.trade("fastpay.refund.query", asked)
        status = self.seller.query(number).get("trade_status")
        return {"prepay": status == "WAIT_BUYER_PAY", "close": status == "TRADE_CLOSED"}.get(place, True)

    def genuine(self, answer: httpx2.Response) -> bool:
        try:
            self.seller.opened(answer)
        except (AssertionError, ValueError):
            return False
        return True

    def amounts(self, place: str, number: str, answer: httpx2.Response) -> set[int]:
        if place == "prepay":
            return {order["total_fen"] for order in listed(self.sandbox, number)}
        told = self.seller.opened(answer)
        names = ("total_amount", "refund_fee")
        return {fen(told[name]) for name in names if name in told}


@pytest.fixture(params=["wechat", "alipay"])
def party(request: pytest.FixtureRequest, platform: SandboxServer) -> Iterator[Party]:
    box, server = open_letterbox()
    box.word = b"success"
    parties: dict[str, Party] = {
        "wechat": WeChatParty(Merchant(platform, box)),
        "alipay": AlipayParty(Seller(platform, box)),
    }
    yield parties[request.param]
    platform.calm()
    server.shutdown()
    server.server_close()


def today(sandbox: SandboxServer) -> str:
    return str(sandbox.control("/clock")["now"])[:10]


def listed(sandbox: SandboxServer, number: str) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = sandbox.control(f"/orders?out_trade_no={number}")["orders"]
    return orders


def fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))


def strike(party: Party, place: str, kind: str, **more: Any) -> Callable[[], object]:
    """Let the fault strike the next call; returns how to lift it."""
    rule = {"where": place, "kind": kind, "channel": party.channel, "delay_s": 0.002, "times": 1}
    party.sandbox.control("/faults", rule | more)
    return partial(party.sandbox.control, "/faults", method="DELETE")


def send(party: Party, place: str, number: str) -> httpx2.Response:
    """The answer as far as it matters: of one that does not end, its first two mebibytes."""
    answer = party.sandbox.client.send(party.request(place, number), stream=True)
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > 2 * MEBIBYTE:
            break
    answer.close()
    kept = [
        (name, value) for name, value in answer.headers.items() if name not in ("content-length", "transfer-encoding")
    ]
    return httpx2.Response(answer.status_code, headers=kept, content=bytes(content))


@pytest.mark.parametrize("kind", WITHOUT_EFFECT)
@pytest.mark.parametrize("place", PLACES)
def test_a_call_that_fails_before_its_effect_changes_nothing(party: Party, place: str, kind: str) -> None:
    number = party.prepared(place)
    lift = strike(party, place, kind)
    if kind in NO_ANSWER:
        with pytest.raises(BROKEN_LINE):
            send(party, place, number)
    else:
        answer = send(party, place, number)
        busy = 429 if party.channel == "wechat" else 200
        assert answer.status_code == {"http_500": 500, "busy": busy, "redirect": 302}[kind]
        if answer.status_code == 200:
            assert party.genuine(answer) and b'"code":"20000"' in answer.content
    lift()
    assert party.happened(place, number) is (place in ("query", "bill"))
    assert party.genuine(send(party, place, number))


@pytest.mark.parametrize("kind", WITH_EFFECT)
@pytest.mark.parametrize("place", PLACES)
def test_a_call_that_fails_behind_its_effect_has_happened(party: Party, place: str, kind: str) -> None:
    number = party.prepared(place)
    lift = strike(party, place, kind)
    empty = place == "close" and party.channel == "wechat"  # 204: nothing in it to be cut, altered or stretched
    if kind in NO_ANSWER:
        with pytest.raises(BROKEN_LINE):
            send(party, place, number)
    else:
        answer = send(party, place, number)
        twice_closed = (kind, place) == ("duplicate", "close")  # WeChat Pay's refusals are not signed
        unharmed = kind in ("delay", "duplicate", "reorder", "drip") and not (
            twice_closed and party.channel == "wechat"
        )
        if kind == "oversized" and not empty:
            assert len(answer.content) > MEBIBYTE
        else:
            assert party.genuine(answer) is (unharmed or (empty and kind not in ("duplicate", "forge")))
    lift()
    assert party.happened(place, number)


@pytest.mark.parametrize("place", ["prepay", "query", "refund"])
def test_a_wrong_amount_is_genuine_to_every_signature(party: Party, place: str) -> None:
    number = party.prepared(place)
    lift = strike(party, place, "wrong_amount")
    answer = send(party, place, number)
    assert party.genuine(answer)
    assert party.amounts(place, number, answer) <= {12346, 346}
    lift()


def test_a_call_held_back_is_answered_behind_the_next(party: Party) -> None:
    first, second = party.prepared("query"), party.prepared("query")
    strike(party, "query", "reorder", delay_s=60)
    thread = threading.Thread(target=send, args=(party, "query", first))
    thread.start()
    for _ in range(1000):
        if party.sandbox.control("/faults")["faults"][0]["struck"]:
            break
    assert thread.is_alive()
    assert party.genuine(send(party, "query", second))
    thread.join(20)
    assert not thread.is_alive()


def test_a_rule_for_one_channel_leaves_the_other_alone(platform: SandboxServer) -> None:
    box, server = open_letterbox()
    box.word = b"success"
    merchant, seller = Merchant(platform, box), Seller(platform, box)
    platform.control("/faults", {"where": "query", "kind": "http_500", "channel": "alipay"})
    number = merchant.paid()
    assert merchant.query(number)["trade_state"] == "SUCCESS"
    assert send(AlipayParty(seller), "query", number).status_code == 500
    platform.calm()
    server.shutdown()
    server.server_close()
