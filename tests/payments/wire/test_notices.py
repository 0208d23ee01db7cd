"""Notices: only what is proven is stored, only what is right is settled, and whatever is settled is settled once."""

import asyncio
import json
from typing import Any

import pytest

from kit import db
from payments import ledger
from payments.channels import channel
from tests.patience import BUSY
from tests.payments.wire.channel import SERIAL, FakeWechatPay, Postman, notice, seal, transaction
from tests.payments.wire.conftest import Counter, written

pytestmark = pytest.mark.anyio
NOTHING = {
    "notice": 0, "payment": 0, "receipt": 0, "ledger_entry": 0, "posting": 0, "refund": 0, "exception": 0,
    "order_change": 0,
}  # fmt: skip


async def test_a_proven_notice_settles_once_however_often_it_comes(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    body = notice(transaction(order))
    answers = await asyncio.gather(*(post.deliver(body) for _ in range(40)))
    assert {a.status_code for a in answers} == {204}
    counts = await written()
    assert (counts["notice"], counts["payment"], counts["receipt"], counts["ledger_entry"]) == (1, 1, 1, 1)
    assert (await counter.row(order["id"]))["state"] == "paid"
    assert await db.fetch_value("SELECT deliveries FROM payments_notice") == 40


async def test_the_same_payment_under_other_notice_ids_is_one_payment(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    answers = await asyncio.gather(*(post.deliver(notice(transaction(order))) for _ in range(20)))
    assert {a.status_code for a in answers} == {204}
    counts = await written()
    assert (counts["notice"], counts["payment"], counts["refund"]) == (20, 1, 0)
    assert await ledger.balance("channel:wechat") == 20000


@pytest.mark.parametrize(
    "how",
    [
        {"signer": "merchant"},
        {"shift_s": -301},
        {"shift_s": 600},
        {"serial": "PUB_KEY_ID_0000000002"},
        {"headers": {"Wechatpay-Signature": ""}},
        {"headers": {"Wechatpay-Signature": "not base64"}},
        {"headers": {"Wechatpay-Signature": "A" * 2000}},
        {"headers": {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/abcdef"}},
        {"headers": {"Wechatpay-Timestamp": "yesterday"}},
        {"headers": {"Wechatpay-Nonce": "another"}},
        {"headers": {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}},
        {"headers": {"Authorization": "Bearer whatever", "Wechatpay-Signature": "x"}},
    ],
)
async def test_what_is_not_proven_costs_no_write(counter: Counter, post: Postman, how: dict[str, Any]) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    answer = await post.deliver(notice(transaction(order)), **how)
    assert (answer.status_code, answer.json()["code"]) == (401, "FAIL")
    assert await written() == NOTHING


async def test_one_byte_or_another_spacing_breaks_the_proof(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    body = notice(transaction(order))
    from tests.payments.wire.channel import proof

    for changed in (body[:-2] + b" }", json.dumps(json.loads(body)).encode() + b"\n", body.replace(b"SUCC", b"succ")):
        answer = await post.client.post(
            "/callbacks/wechatpay", content=changed, headers={"content-type": "application/json"} | proof(body)
        )
        assert answer.status_code == 401
    assert await written() == NOTHING


async def test_a_thousand_unknown_serials_ask_for_keys_once(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    body = notice(transaction(order))
    for batch in range(20):
        serials = [f"{batch * 50 + n:040X}" for n in range(50)]
        answers = await asyncio.gather(*(post.deliver(body, serial=serial) for serial in serials))
        assert {a.status_code for a in answers} == {401}
    assert fake.seen.count("certificates") == 1
    assert await written() == NOTHING


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"total": 19999}, "wrong_amount"),
        ({"total": 20001}, "wrong_amount"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"mchid": "1900000002"}, "foreign_merchant"),
        ({"appid": "wx0000000000000002"}, "foreign_merchant"),
    ],
)
async def test_money_other_than_asked_for_opens_an_exception_and_settles_nothing(
    counter: Counter, post: Postman, change: dict[str, Any], kind: str
) -> None:
    bill = await counter.bill()
    order = await counter.held(await counter.citizen(), bill)
    answer = await post.deliver(notice(transaction(order, **change)))
    assert (answer.status_code, answer.json()["code"]) == (409, "FAIL")
    assert await written() == NOTHING | {"notice": 1, "exception": 1}
    assert await db.fetch_value("SELECT kind FROM payments_exception") == kind
    await bill.refresh_from_db()
    assert (bill.state, (await counter.row(order["id"]))["state"]) == ("unpaid", "created")


@pytest.mark.parametrize("state", ["NOTPAY", "USERPAYING", "CLOSED", "PAYERROR"])
async def test_a_success_notice_whose_inside_is_none_settles_nothing(
    counter: Counter, post: Postman, state: str
) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    answer = await post.deliver(notice(transaction(order, trade_state=state)))
    assert answer.status_code == 409
    assert await written() == NOTHING | {"notice": 1}


async def test_an_unknown_order_is_kept_and_settles_when_the_order_is_there(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    await db.execute("UPDATE payments_order SET number = 'HHelsewhere' WHERE id = $1", order["id"])
    body = notice(transaction(order))
    assert (await post.deliver(body)).status_code == 409
    assert await db.fetch_value("SELECT state FROM payments_notice") == "orphan"
    await db.execute("UPDATE payments_order SET number = $2 WHERE id = $1", order["id"], order["number"])
    assert (await post.deliver(body)).status_code == 204
    assert await db.fetch_value("SELECT state FROM payments_notice") == "settled"


async def test_a_seal_that_does_not_open_under_a_good_signature_changes_nothing(
    counter: Counter, post: Postman
) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    for damage in (
        {"associated_data": "refund"},
        {"nonce": "abcdefghijkm"},
        {"ciphertext": "AAAA"},
        {"algorithm": "x"},
    ):
        envelope = json.loads(notice(transaction(order)))
        envelope["resource"] |= damage
        assert (await post.deliver(json.dumps(envelope).encode())).status_code == 409
    sealed_elsewhere = json.loads(notice(transaction(order)))
    sealed_elsewhere["resource"] = seal(transaction(order), v3_key="f" * 32)
    assert (await post.deliver(json.dumps(sealed_elsewhere).encode())).status_code == 409
    assert (await counter.row(order["id"]))["state"] == "created"
    assert (await written())["payment"] == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b'{"id":1,"event_type":"x"}', b'{"id":"","event_type":"x"}', b"{", b"\xff\xfe"],
)
async def test_signed_nonsense_is_unreadable(counter: Counter, post: Postman, body: bytes) -> None:
    answer = await post.deliver(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "FAIL")
    assert await written() == NOTHING


async def test_the_door_takes_only_what_a_channel_sends(counter: Counter, post: Postman) -> None:
    assert (await post.client.get("/callbacks/wechatpay")).status_code == 405
    assert (await post.client.put("/callbacks/wechatpay")).status_code == 405
    assert (await post.deliver(b"{}", headers={"content-type": "text/plain"})).status_code == 415
    assert (await post.deliver(b" " * 1_000_000)).status_code == 413
    assert await written() == NOTHING


async def test_a_bill_changed_after_the_order_is_disputed_not_settled(counter: Counter, post: Postman) -> None:
    bill = await counter.bill()
    order = await counter.held(await counter.citizen(), bill)
    await db.execute("UPDATE payments_bill SET version = 2 WHERE id = $1", bill.id)
    assert (await post.deliver(notice(transaction(order)))).status_code == 409
    assert await db.fetch_value("SELECT kind FROM payments_exception") == "bill_changed"
    await bill.refresh_from_db()
    assert bill.state == "unpaid"


async def test_a_locked_row_is_answered_in_time_and_settled_by_the_repeat(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    body = notice(transaction(order))
    async with db.transaction():
        await db.execute("SELECT 1 FROM payments_order WHERE id = $1 FOR UPDATE", order["id"])
        async with asyncio.timeout(3 * BUSY):
            answer = await post.deliver(body)
    assert (answer.status_code, answer.json()["code"]) == (503, "FAIL")
    assert (await written())["payment"] == 0
    assert (await post.deliver(body)).status_code == 204
    assert (await written())["payment"] == 1


async def test_a_late_payment_goes_back_once_by_itself(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    from payments import orders, refunds

    bill = await counter.bill()
    order = await counter.held(await counter.citizen(), bill)
    await orders.finish_closed(order["id"], who="system", why="expired")
    answers = await asyncio.gather(*(post.deliver(notice(transaction(order))) for _ in range(10)))
    assert {a.status_code for a in answers} == {204}
    assert (await counter.row(order["id"]))["state"] == "refunding"
    assert await ledger.balance(ledger.SURPLUS) == -20000
    for refund in await refunds.due():
        await refunds.advance(refund)
    assert list(fake.refunded.values()) == [20000]
    assert (await counter.row(order["id"]))["state"] == "refunded"
    assert (await ledger.balance(ledger.SURPLUS), await ledger.balance("channel:wechat")) == (0, 0)
    await bill.refresh_from_db()
    assert bill.state == "unpaid"


async def test_keys_overlap_while_they_rotate_and_an_ended_one_is_refused(counter: Counter, post: Postman) -> None:
    from datetime import UTC, datetime, timedelta

    from payments.channels import wechatpay_wire as wire
    from payments.channels.wechatpay import WechatPay
    from tests.payments.keys import key

    order = await counter.held(await counter.citizen(), await counter.bill())
    party = channel("wechat")
    assert isinstance(party, WechatPay)
    now, public = datetime.now(UTC), key("platform").public_key()
    party.keys.add(wire.PlatformKey("AA11", public, now - timedelta(days=2), now - timedelta(days=1)))
    party.keys.add(wire.PlatformKey("BB22", public, now - timedelta(days=1), now + timedelta(days=1)))
    body = notice(transaction(order))
    assert (await post.deliver(body, serial="AA11")).status_code == 401
    assert (await post.deliver(body, serial="BB22")).status_code == 204
    assert (await post.deliver(body, serial=SERIAL)).status_code == 204
