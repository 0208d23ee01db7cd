"""Asking twice, asking otherwise, asking too late: one order a bill, and no request pays what is not owed."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from auth.models import Citizen
from auth.sessions import open_session
from auth.tokens import access_token
from kit import clock, db
from kit.ids import new_id
from payments import receipts
from payments.models import Bill, Receipt
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, transaction
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio


async def headers(person: Citizen) -> dict[str, str]:
    async with db.transaction():
        opened = await open_session(kind="citizen", person=person.id, device=sha256(b"test").hexdigest()[:32])
    token = access_token(person=person.id, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id).text
    return {"authorization": f"Bearer {token}", "x-device-id": "test"}


async def ask(post: Postman, person: dict[str, str], *bills: Bill, key: str | None = "k1", **more: Any) -> Any:
    body = {"bills": [str(bill.id) for bill in bills], "channel": "wechat", "scene": "qr"} | more
    given = person if key is None else person | {"idempotency-key": key}
    return await post.client.post("/api/v1/orders", json=body, headers=given)


async def orders_written() -> int:
    return int(await db.fetch_value("SELECT count(*) FROM payments_order"))


async def test_the_same_key_with_another_bill_is_refused_and_the_first_order_stays(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    me = await headers(await counter.citizen())
    first, second = await counter.bill(), await counter.bill(code="44010526000000000018")
    opened = (await ask(post, me, first)).json()
    assert (await ask(post, me, second)).status_code == 409
    assert (await ask(post, me, first)).json()["id"] == opened["id"]
    assert (await orders_written(), fake.seen.count("prepay")) == (1, 1)


async def test_another_persons_same_key_is_another_key(counter: Counter, post: Postman) -> None:
    me, them = await headers(await counter.citizen()), await headers(await counter.citizen("13800000009"))
    first, second = await counter.bill(), await counter.bill(code="44010526000000000018")
    mine, theirs = (await ask(post, me, first)).json(), (await ask(post, them, second)).json()
    assert mine["id"] != theirs["id"]
    assert str(first.id) not in str(theirs)


@pytest.mark.parametrize("key", [None, "", "k" * 256, "a\tb"])
async def test_without_a_sound_key_nothing_is_opened(counter: Counter, post: Postman, key: str | None) -> None:
    me, bill = await headers(await counter.citizen()), await counter.bill()
    assert (await ask(post, me, bill, key=key)).status_code == 400
    assert await orders_written() == 0


async def test_a_refused_shape_is_not_remembered_under_its_key(counter: Counter, post: Postman) -> None:
    me, bill = await headers(await counter.citizen()), await counter.bill()
    assert (await ask(post, me, bill, amount_fen=1)).status_code == 422
    assert await orders_written() == 0
    opened = await ask(post, me, bill)
    assert (opened.status_code, opened.json()["amount_fen"]) == (201, 20000)


async def test_a_paid_bill_is_refused_with_its_receipt_whatever_the_key(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    opened = (await ask(post, await headers(citizen), bill)).json()
    order = await counter.row(opened["id"])
    await post.deliver(notice(transaction(order)))
    receipt = await Receipt.get(bill_id=bill.id)
    with clock.moved(timedelta(days=3)):
        again = await ask(post, await headers(citizen), bill, key="k2")
    told = again.json()
    assert (again.status_code, told["code"], told["receipt"]) == (409, "bill_already_paid", str(receipt.id))
    assert (await orders_written(), fake.seen.count("prepay")) == (1, 1)


async def test_a_receipt_is_sent_again_to_its_payer_and_to_nobody_else(counter: Counter, post: Postman) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    me, them = await headers(citizen), await headers(await counter.citizen("13800000009"))
    order = await counter.order(citizen, bill)
    await post.deliver(notice(transaction(order)))
    path = f"/api/v1/receipts/{(await Receipt.get(bill_id=bill.id)).id}/notice"
    assert (await post.client.post(path, json={}, headers=them | {"idempotency-key": "k"})).status_code == 404
    assert (await post.client.post(path, json={}, headers=me)).status_code == 400
    assert (await post.client.post(path, json={}, headers=me | {"idempotency-key": "k"})).status_code == 204


async def test_a_payer_sees_which_receipt_took_theirs_back_and_what_remains(counter: Counter, post: Postman) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    me, order = await headers(citizen), await counter.order(citizen, bill)
    await post.deliver(notice(transaction(order)))
    blue = await Receipt.get(bill_id=bill.id)
    red = await receipts.reverse(blue.id, refund=new_id(), amount_fen=5000, by="staff:x")

    async def seen(receipt: object) -> Any:
        return (await post.client.get(f"/api/v1/receipts/{receipt}", headers=me)).json()

    old, reversal = await seen(blue.id), await seen(red)
    rest = await seen(old["replaced_by"])
    assert (old["status"], old["reversed_by"]) == ("reversed", str(red))
    assert (reversal["status"], reversal["amount_fen"], reversal["reverses"]) == ("red", -20000, str(blue.id))
    assert (rest["status"], rest["amount_fen"], rest["replaces"]) == ("issued", 15000, str(blue.id))
    for receipt in (old, reversal, rest):
        answer: httpx2.Response = await post.client.get(receipt["pdf_url"], headers=me)
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    proof = await receipts.proven((await Receipt.get(id=red)).verify_code)
    assert proof is not None and (proof.status, proof.amount_fen) == ("red_letter", -20000)
