"""Many at once, on PostgreSQL: two payments never settle one bill, and no order is both closed and paid."""

import asyncio
import os
from typing import Any

import pytest

from kit import clock, db
from payments import checkout, ledger, refunds, standing
from payments.errors import BillAlreadyPaid, BillBeingPaid
from payments.orders import Wish
from payments.reconciliation.compare import span
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, transaction
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio
ROUNDS = int(os.environ.get("HANDHELD_TEST_ROUNDS", "20"))
PAYERS = 50


async def test_fifty_payers_of_one_bill_open_one_order(counter: Counter, fake: FakeWechatPay) -> None:
    payers = [await counter.citizen(f"139{n:08d}") for n in range(PAYERS)]

    async def opens(payer: Any, bill: Any) -> str:
        try:
            await checkout.open_order(Wish(payer, [bill.id], "wechat", "qr", ""))
        except BillBeingPaid:
            return "waits"
        return "opened"

    for n in range(ROUNDS):
        bill = await counter.bill(code=f"44010526{n:012d}")
        results = await asyncio.gather(*(opens(payer, bill) for payer in payers))
        assert results.count("opened") == 1
        held = "SELECT count(*) FROM payments_order_bill WHERE bill_id = $1 AND holding"
        assert await db.fetch_value(held, bill.id) == 1
    assert fake.seen.count("prepay") == ROUNDS


async def test_many_paid_attempts_settle_one_and_return_the_rest(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    """Attempts that were given up one after another are all paid at the same moment, late."""
    from payments import orders

    citizen, bill, attempts = await counter.citizen(), await counter.bill(), []
    for _ in range(10):
        attempts.append(await counter.held(citizen, bill))
        if len(attempts) < 10:
            await orders.finish_closed(attempts[-1]["id"], who="system", why="given up")
    answers = await asyncio.gather(*(post.deliver(notice(transaction(order))) for order in attempts))
    assert {a.status_code for a in answers} == {204}
    for refund in await refunds.due():
        await refunds.advance(refund)
    states = [row["state"] for row in await db.fetch("SELECT state FROM payments_order")]
    assert (states.count("paid"), states.count("refunded")) == (1, 9)
    assert await ledger.balance("channel:wechat") == 20000
    assert (await ledger.balance(ledger.SURPLUS), len(fake.refunded)) == (0, 9)
    assert await ledger.unbalanced_entries() == 0


async def test_expiry_and_success_at_once_never_leave_both(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    citizen = await counter.citizen()
    for n in range(ROUNDS):
        bill = await counter.bill(code=f"44010526{n:012d}")
        order = await counter.order(citizen, bill)
        if n % 2:
            fake.said[order["number"]] = transaction(order)
        closing = standing.close(order["id"], who="system", why="expired")
        answer, _ = await asyncio.gather(post.deliver(notice(transaction(order))), closing)
        assert answer.status_code == 204
        row = await counter.row(order["id"])
        await bill.refresh_from_db()
        refund = await db.fetch_value("SELECT count(*) FROM payments_refund WHERE order_id = $1", order["id"])
        assert (row["state"], bill.state, refund) in {("paid", "paid", 0), ("refunding", "unpaid", 1)}


async def test_notice_and_query_at_once_are_one_payment(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    citizen = await counter.citizen()
    for n in range(ROUNDS):
        order = await counter.order(citizen, await counter.bill(code=f"44010526{n:012d}"))
        fake.said[order["number"]] = transaction(order)
        await asyncio.gather(
            *(post.deliver(notice(transaction(order))) for _ in range(3)),
            *(standing.confirm(order["id"], who="citizen:x") for _ in range(3)),
        )
        payments = "SELECT count(*) FROM payments_payment WHERE order_id = $1"
        assert await db.fetch_value(payments, order["id"]) == 1
        assert (await counter.row(order["id"]))["state"] == "paid"
    assert await ledger.balance("channel:wechat") == 20000 * ROUNDS


async def test_a_payer_and_a_withdrawal_at_once_never_pay_a_withdrawn_bill(counter: Counter) -> None:
    from payments.bills import withdraw
    from payments.errors import BillNotPayable

    citizen = await counter.citizen()

    async def tries(what: Any) -> str:
        try:
            await what
        except (BillBeingPaid, BillNotPayable, BillAlreadyPaid):
            return "refused"
        return "done"

    for n in range(ROUNDS):
        bill = await counter.bill(code=f"44010526{n:012d}")
        results = await asyncio.gather(
            tries(counter.order(citizen, bill)), tries(withdraw(bill.id, by="staff:1", why="appeal"))
        )
        assert sorted(results) == ["done", "refused"]


async def test_a_refund_is_asked_for_once_by_many_workers(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    from payments import orders

    order = await counter.held(await counter.citizen(), await counter.bill())
    await orders.finish_closed(order["id"], who="system", why="given up")
    await post.deliver(notice(transaction(order)))
    (refund,) = await refunds.due()
    await asyncio.gather(*(refunds.advance(refund) for _ in range(10)))
    assert fake.seen.count("refund") == 1
    assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry WHERE kind = 'refund'") == 1


def test_a_day_of_the_channel_is_beijings() -> None:
    start, end = span(clock.today())
    assert (end - start).total_seconds() == 86400
    assert start.isoformat().endswith("T00:00:00+08:00")
