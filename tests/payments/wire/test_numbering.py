"""Receipts numbered by an outside platform: written at once, asked for under their own id until the number is there."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit import clock, config, outbound
from kit.ids import new_id
from mobileapi.settings import OfficeSettings
from payments import receipts
from payments.errors import ReceiptNotNumbered
from payments.models import Receipt
from payments.receipts import numbering
from tests.payments.conftest import free_port
from tests.payments.wire.channel import Postman, notice, transaction
from tests.payments.wire.conftest import Counter, served

pytestmark = pytest.mark.anyio
KEY = "agreed-secret-of-thirty-two-chars"


@dataclass
class FakePlatform:
    """Numbers what it is asked, the same id the same number; `answers` are given instead, one after another."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[int, bytes, str | None]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        assert request.headers["x-signature"] == signed(body)
        asked = json.loads(body)
        self.asked.append(asked)
        if self.answers:
            status, said, signature = self.answers.pop(0)
            return Response(said, status_code=status, headers={"x-signature": signature or signed(said)})
        number = self.given.setdefault(asked["request_id"], f"{len(self.given) + 1:010d}")
        said = json.dumps({"code": "44060126", "number": number, "check_code": "ABC234"}).encode()
        return Response(said, headers={"x-signature": signed(said)})


def signed(body: bytes) -> str:
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def settings(settings: OfficeSettings) -> OfficeSettings:
    url = f"http://127.0.0.1:{free_port()}"
    made = settings.model_copy(
        update={"receipt_platform_url": url, "receipt_platform_app_id": "office", "receipt_platform_key": secret(KEY)}
    )
    config.install(made)
    return made


def secret(text: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(text)


@pytest.fixture
async def platform(counter: Counter, settings: OfficeSettings) -> AsyncIterator[FakePlatform]:
    made = FakePlatform()
    outbound.install(outbound.Outbound([settings.wechatpay_api_url, settings.receipt_platform_url]))
    routes = [Route("/receipts", made.answer, methods=["POST"])]
    async with served([*routes], url=settings.receipt_platform_url, edge=False):
        yield made


async def paid(counter: Counter, post: Postman) -> Receipt:
    order = await counter.order(await counter.citizen(), await counter.bill())
    assert (await post.deliver(notice(transaction(order)))).status_code == 204
    return await Receipt.get(order_id=order["id"])


async def test_a_bill_is_settled_without_waiting_for_the_platform(
    counter: Counter, post: Postman, platform: FakePlatform
) -> None:
    receipt = await paid(counter, post)
    assert (receipt.status, receipt.number, receipt.through, platform.asked) == ("issued", None, "platform", [])
    with pytest.raises(ReceiptNotNumbered):
        await receipts.pdf(receipt)
    assert await receipts.proven(receipt.verify_code) is None
    assert await numbering.due() == [receipt.id]
    assert await numbering.number(receipt.id)
    await receipt.refresh_from_db()
    assert (receipt.code, receipt.number, receipt.check_code) == ("44060126", "0000000001", "ABC234")
    assert (platform.asked[0]["kind"], platform.asked[0]["amount_fen"], platform.asked[0]["payer"]) == (
        "blue", 20000, "陈小明",
    )  # fmt: skip
    assert await numbering.due() == []
    assert not await numbering.number(receipt.id)


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}", None), (200, b"not json", None), (200, b"{}", None), (422, b'{"code": "CLOSED"}', None),
        (200, b'{"code": "44060126", "number": "0000000001", "check_code": "ABC234"}', "forged"),
        (200, b'{"code": "440601", "number": "1", "check_code": "ABC234"}', None),
    ],
)  # fmt: skip
async def test_an_answer_that_proves_nothing_is_asked_for_again_under_the_same_id(
    counter: Counter, post: Postman, platform: FakePlatform, answer: tuple[int, bytes, str | None]
) -> None:
    receipt = await paid(counter, post)
    platform.answers.append(answer)
    assert not await numbering.number(receipt.id)
    await receipt.refresh_from_db()
    assert (receipt.number, receipt.tries) == (None, 1)
    assert await numbering.due() == []
    with clock.moved(timedelta(minutes=2)):
        assert await numbering.number(receipt.id)
    assert [asked["request_id"] for asked in platform.asked] == [str(receipt.id)] * 2


async def test_a_red_letter_receipt_waits_until_the_blue_one_has_its_number(
    counter: Counter, post: Postman, platform: FakePlatform
) -> None:
    blue = await paid(counter, post)
    red = await receipts.reverse(blue.id, refund=new_id(), amount_fen=20000, by="staff:x")
    assert await numbering.due() == [blue.id]
    await numbering.number(blue.id)
    assert await numbering.due() == [red]
    await numbering.number(red)
    assert platform.asked[1]["kind"] == "red"
    assert platform.asked[1]["reverses"] == {"code": "44060126", "number": "0000000001"}
    assert platform.asked[1]["amount_fen"] == -20000
