"""Refunds at the channel: one number until it answers, one posting however often it tells, a minute between two."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.requests import Request
from starlette.responses import Response

from kit import clock, db
from payments import ledger, refunds
from payments.errors import RefundExceedsPaid, RefundTooMany
from tests.payments.wire.channel import MERCHANT, FakeWechatPay, Postman, notice, signed
from tests.payments.wire.conftest import Counter
from tests.payments.wire.test_refunds import LI, ask, order_state, paid, sent, state_of

pytestmark = pytest.mark.anyio


def ends(status: str) -> Any:
    """A channel that answers every refund and question about one with `status`."""

    async def script(request: Request, body: bytes) -> Response:
        number = json.loads(body)["out_refund_no"] if body else request.url.path.rsplit("/", 1)[1]
        row = await db.fetch("SELECT amount_fen FROM payments_refund WHERE number = $1", number)
        return signed(200, {
            "refund_id": f"50{number}", "out_refund_no": number, "status": status, "amount": {"refund": row[0][0]},
            "create_time": "2026-11-20T09:00:00+08:00",
        })  # fmt: skip

    return script


async def test_a_refund_keeps_its_number_until_the_channel_answers(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    refund = await ask(await paid(counter, post, await counter.bill()))
    await refunds.approve(refund, by=LI)
    numbers: list[str] = []

    async def silent(_: Request, body: bytes) -> Response:
        numbers.append(json.loads(body)["out_refund_no"])
        fake.refunded[numbers[-1]] = 20000
        return Response(status_code=502)

    fake.scripts["refund"] = silent
    assert await sent(refund) == "requested"
    with clock.moved(timedelta(minutes=10)):
        assert await sent(refund) == "requested"
    fake.scripts.clear()
    with clock.moved(timedelta(minutes=30)):
        assert await sent(refund) == "succeeded"
    assert (len(set(numbers)), len(fake.refunded)) == (1, 1)


@pytest.mark.parametrize("status", ["ABNORMAL", "CLOSED"])
async def test_one_that_comes_to_nothing_is_undone_in_the_books_and_given_to_people(
    counter: Counter, post: Postman, fake: FakeWechatPay, status: str
) -> None:
    payment = await paid(counter, post, await counter.bill())
    before = await ledger.balances()
    refund = await ask(payment)
    await refunds.approve(refund, by=LI)
    fake.scripts["refund"] = fake.scripts["refund_query"] = ends(status)
    assert await sent(refund) == status.lower()
    assert await ledger.balances() == before | {"suspense:refunding": 0}
    assert await order_state(payment) == "paid"
    kind, reference = (await db.fetch("SELECT kind, reference FROM payments_exception"))[0]
    assert (kind, reference) == ("refund_stuck", await number_of(refund))
    assert await db.fetch_value("SELECT status FROM payments_receipt") == "issued"
    if status == "CLOSED":
        again = await ask(payment, by=LI)
        assert await state_of(again) == "asked", "what came to nothing may be asked for again"
    else:
        with pytest.raises(RefundExceedsPaid):
            await ask(payment, by=LI)


async def number_of(refund: UUID) -> str:
    return str(await db.fetch_value("SELECT number FROM payments_refund WHERE id = $1", refund))


def refund_notice(number: str, fen: int, status: str) -> bytes:
    said = {
        "mchid": MERCHANT, "out_refund_no": number, "refund_id": f"50{number}", "refund_status": status,
        "success_time": "2026-11-20T09:00:05+08:00", "amount": {"refund": fen, "total": fen},
    }  # fmt: skip
    return notice(said, event=f"REFUND.{status}")


async def test_an_abnormal_refund_that_people_put_right_is_booked_once(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    payment = await paid(counter, post, await counter.bill())
    refund = await ask(payment)
    await refunds.approve(refund, by=LI)
    fake.scripts["refund"] = ends("ABNORMAL")
    await sent(refund)
    number = await number_of(refund)
    for _ in range(3):
        assert (await post.deliver(refund_notice(number, 20000, "SUCCESS"))).status_code == 204
    assert (await state_of(refund), await order_state(payment)) == ("succeeded", "refunded")
    assert set((await ledger.balances()).values()) == {0}
    entries = await db.fetch("SELECT kind, count(*) AS n FROM payments_ledger_entry GROUP BY kind ORDER BY kind")
    assert {row["kind"]: row["n"] for row in entries} == {
        "payment": 1, "refund": 1, "refund_decided": 2, "refund_undone": 1,
    }  # fmt: skip


async def test_a_notice_told_many_times_books_once(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    refund = await ask(await paid(counter, post, await counter.bill()))
    await refunds.approve(refund, by=LI)
    fake.scripts["refund"] = ends("PROCESSING")
    assert await sent(refund) == "processing"
    number = await number_of(refund)
    storm = [refund_notice(number, 20000, "SUCCESS") for _ in range(50)]
    answers = await asyncio.gather(*(post.deliver(storm[n % 50]) for n in range(200)))
    assert {answer.status_code for answer in answers} <= {204, 503}
    assert await state_of(refund) == "succeeded"
    assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry WHERE kind = 'refund'") == 1
    assert await db.fetch_value("SELECT count(*) FROM payments_receipt WHERE status = 'red'") == 1


async def test_two_refunds_of_a_payment_leave_a_minute_between_them(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    payment = await paid(counter, post, await counter.bill(fen=10000))
    one, two = await ask(payment, 1000), await ask(payment, 2000)
    for refund in (one, two):
        await refunds.approve(refund, by=LI)
    await asyncio.gather(refunds.advance(one), refunds.advance(two))
    assert fake.seen.count("refund") == 1
    assert sorted([await state_of(one), await state_of(two)]) == ["requested", "succeeded"]
    waiting = await db.fetch("SELECT id, checks, next_check_at FROM payments_refund WHERE state = 'requested'")
    assert (waiting[0]["checks"], waiting[0]["next_check_at"] > clock.now() + timedelta(seconds=55)) == (0, True)
    with clock.moved(timedelta(seconds=59)):
        await refunds.advance(waiting[0]["id"])
        assert fake.seen.count("refund") == 1
    with clock.moved(timedelta(seconds=62)):
        await refunds.advance(waiting[0]["id"])
    assert (fake.seen.count("refund"), await state_of(waiting[0]["id"])) == (2, "succeeded")


async def test_the_fifty_first_part_is_not_sent_to_the_channel(counter: Counter, post: Postman) -> None:
    payment = await paid(counter, post, await counter.bill(fen=10000))
    await db.execute(
        "INSERT INTO payments_refund (id, number, payment_id, order_id, amount_fen, reason, state, requested_by, "
        "approved_by, requested_at, checks) SELECT gen_random_uuid(), 'R' || n, $1, $2, 100, 'mistaken', 'succeeded', "
        "'a', 'b', now(), 0 FROM generate_series(1, 50) n",
        payment["id"], payment["order_id"],
    )  # fmt: skip
    with pytest.raises(RefundTooMany):
        await ask(payment, 100)
    assert await db.fetch_value("SELECT count(*) FROM payments_refund") == 50
