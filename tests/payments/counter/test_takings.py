"""Money on the counter settles through the same door; a cheque pays nothing until the bank has honoured it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kit import audit, clock, db
from kit.errors import NotFound
from payments import checkout, ledger
from payments.counter import takings
from payments.counter.errors import (
    AmountChanged,
    CounterStepDone,
    ShiftNotOpen,
    SlipTakenBefore,
    TooFewCash,
)
from payments.counter.models import Taking
from payments.counter.states import Means
from payments.counter.takings import Handed
from payments.errors import BillAlreadyPaid, BillBeingPaid, SecondPersonNeeded
from payments.models import Order, Payment, Receipt
from payments.orders import Wish
from tests.payments.counter.conftest import Window
from tests.payments.wire.channel import FakeWechatPay, transaction

pytestmark = pytest.mark.anyio


async def test_cash_pays_a_bill_and_issues_its_receipt(window: Window) -> None:
    bill = await window.bill()
    taking = await window.take(bill, tendered_fen=30000)
    await bill.refresh_from_db()
    order = await Order.get(id=taking.order_id)  # type: ignore[attr-defined]
    assert (bill.state, bill.paid_fen, taking.state, order.state, order.channel) == (
        "paid", 20000, "taken", "paid", "counter",
    )  # fmt: skip
    assert (await Payment.get(order_id=order.id)).learned_by == "counter"
    assert (await Receipt.get(bill_id=bill.id)).amount_fen == 20000
    assert await ledger.balances() == {"channel:counter": 20000, "income:JJ:103050101": -20000}
    assert order.next_check_at is None
    assert (await audit.verify())[1] is None


async def test_a_payer_without_account_gets_a_receipt_all_the_same(window: Window) -> None:
    bill = await window.bill(payer_phone=None)
    taking = await window.take(bill)
    assert (await Order.get(id=taking.order_id)).citizen_id is None  # type: ignore[attr-defined]
    assert await Receipt.filter(bill_id=bill.id).count() == 1


async def test_a_payer_with_account_finds_the_order_there(window: Window) -> None:
    citizen = await window.counter.citizen("13800000001")
    taking = await window.take(await window.bill())
    assert (await Order.get(id=taking.order_id)).citizen_id == citizen.id  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount_fen": 19999, "tendered_fen": 19999}, AmountChanged),
        ({"amount_fen": 20001, "tendered_fen": 20001}, AmountChanged),
        ({"tendered_fen": 19999}, TooFewCash),
        ({"tendered_fen": None}, TooFewCash),
    ],
)
async def test_another_amount_than_is_due_is_not_taken(
    window: Window, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    bill = await window.bill()
    with pytest.raises(refusal):
        await window.take(bill, **changes)
    assert (await Taking.all().count(), await Order.all().count(), await Payment.all().count()) == (0, 0, 0)


async def test_who_is_not_the_cashier_takes_nothing(window: Window) -> None:
    bill = await window.bill()
    with pytest.raises(NotFound):
        await takings.take(window.shift, Handed([bill.id], Means.CASH, 20000, 20000), by=window.finance)
    with pytest.raises(NotFound):
        await takings.take(UUID(int=1), Handed([bill.id], Means.CASH, 20000, 20000), by=window.cashier)
    assert await Order.all().count() == 0


async def test_nothing_is_taken_in_a_counted_shift(window: Window) -> None:
    from payments.counter import shifts

    await shifts.count(window.shift, counted_fen=50000, note="", by=window.cashier)
    with pytest.raises(ShiftNotOpen):
        await window.take(await window.bill())


async def test_a_bill_is_taken_once_however_many_cashiers_ask(window: Window) -> None:
    bill = await window.bill()

    async def tries() -> str:
        try:
            await window.take(bill)
        except (BillAlreadyPaid, BillBeingPaid):
            return "refused"
        return "taken"

    results = await asyncio.gather(*(tries() for _ in range(10)))
    assert sorted(results) == ["refused"] * 9 + ["taken"]
    assert await ledger.balance("channel:counter") == 20000


async def test_one_card_slip_pays_once(window: Window) -> None:
    await window.take(await window.bill(1), means=Means.POS)
    second = await window.bill(2)
    with pytest.raises(SlipTakenBefore):
        await window.take(second, means=Means.POS)
    await second.refresh_from_db()
    assert (second.state, await Order.all().count()) == ("unpaid", 1)


async def test_what_waits_at_a_channel_is_closed_before_cash_is_taken(window: Window, fake: FakeWechatPay) -> None:
    citizen, bill = await window.counter.citizen(), await window.bill()
    waiting = await window.counter.order(citizen, bill)
    await window.take(bill)
    assert fake.seen == ["prepay", "query", "close"]
    assert (await window.counter.row(waiting["id"]))["state"] == "closed"


async def test_what_the_channel_calls_paid_is_not_taken_again(window: Window, fake: FakeWechatPay) -> None:
    citizen, bill = await window.counter.citizen(), await window.bill()
    waiting = await window.counter.order(citizen, bill)
    fake.said[waiting["number"]] = transaction(waiting)
    with pytest.raises(BillAlreadyPaid):
        await window.take(bill)
    assert await Taking.all().count() == 0
    assert await ledger.balances() == {"channel:wechat": 20000, "income:JJ:103050101": -20000}


async def test_a_cheque_holds_the_bill_and_pays_nothing_yet(window: Window, fake: FakeWechatPay) -> None:
    citizen, bill = await window.counter.citizen(), await window.bill()
    taking = await window.take(bill, means=Means.CHEQUE)
    order = await Order.get(id=taking.order_id)  # type: ignore[attr-defined]
    assert (taking.state, order.state, order.next_check_at) == ("clearing", "confirming", None)
    assert (await Payment.all().count(), await Receipt.all().count()) == (0, 0)
    with pytest.raises(BillBeingPaid):
        await checkout.open_order(Wish(citizen, [bill.id], "wechat", "qr", ""))
    with pytest.raises(BillBeingPaid):
        await window.take(bill)
    assert fake.seen == []


async def test_an_honoured_cheque_pays_as_of_the_day_it_was_handed_in(window: Window) -> None:
    bill = await window.bill()
    taking = await window.take(bill, means=Means.CHEQUE)
    with pytest.raises(SecondPersonNeeded):
        await takings.cheque_honoured(taking.id, by=window.cashier)
    with clock.moved(timedelta(days=3)):
        await takings.cheque_honoured(taking.id, by=window.finance)
        with pytest.raises(CounterStepDone):
            await takings.cheque_bounced(taking.id, why="too late", by=window.finance)
    await bill.refresh_from_db()
    assert (bill.state, bill.paid_at) == ("paid", taking.taken_at)
    assert await ledger.balances() == {"bank:counter": 20000, "channel:counter": 0, "income:JJ:103050101": -20000}
    assert await Receipt.filter(bill_id=bill.id).count() == 1


async def test_a_bounced_cheque_leaves_the_bill_owed(window: Window) -> None:
    bill = await window.bill()
    taking = await window.take(bill, means=Means.CHEQUE)
    await takings.cheque_bounced(taking.id, why="余额不足", by=window.finance)
    await bill.refresh_from_db()
    order = await Order.get(id=taking.order_id)  # type: ignore[attr-defined]
    assert (bill.state, order.state, await Payment.all().count()) == ("unpaid", "closed", 0)
    assert await ledger.balances() == {}
    again = await window.take(bill)
    assert again.state == "taken"


async def test_a_cheque_for_a_bill_that_changed_is_money_in_dispute(window: Window) -> None:
    bill = await window.bill()
    taking = await window.take(bill, means=Means.CHEQUE)
    await db.execute("UPDATE payments_bill SET waived_principal_fen = 1, version = version + 1 WHERE id = $1", bill.id)
    await takings.cheque_honoured(taking.id, by=window.finance)
    await bill.refresh_from_db()
    assert (bill.state, await ledger.balance(ledger.DISPUTED)) == ("unpaid", -20000)
    assert (await Order.get(id=taking.order_id)).state == "disputed"  # type: ignore[attr-defined]
