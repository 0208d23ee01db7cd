"""One bill, two channels: the other one is closed first, and money that comes twice goes back once."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kit import clock, config, db, outbound
from mobileapi.settings import OfficeSettings
from payments import bills, checkout, ledger, orders, refunds, settlement, standing
from payments.channels.base import PaymentFact, Standing
from payments.errors import BillAlreadyPaid, BillBeingPaid, ChannelUnreachable
from payments.models import Bill, OrderBill, Payment, Receipt
from payments.orders import Wish
from payments.settlement import Outcome
from tests.payments.conftest import free_port
from tests.payments.keys import private_pem, public_pem
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, transaction
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio
ROUNDS = int(os.environ.get("HANDHELD_TEST_ROUNDS", "20"))
SELLER, APP = "2088000000000001", "2021000000000001"


@pytest.fixture
def settings(settings: OfficeSettings, tmp_path: Path) -> OfficeSettings:
    (tmp_path / "alipay.pem").write_bytes(private_pem("merchant"))
    (tmp_path / "alipay-theirs.pem").write_bytes(public_pem("platform"))
    made = settings.model_copy(
        update={
            "alipay_seller_id": SELLER, "alipay_app_id": APP, "alipay_private_key_file": tmp_path / "alipay.pem",
            "alipay_public_key_file": tmp_path / "alipay-theirs.pem",
            "alipay_gateway_url": f"http://127.0.0.1:{free_port()}/gateway.do",
        }
    )  # fmt: skip
    config.install(made)
    return made


def paid_by_alipay(order: dict[str, Any], **changes: Any) -> PaymentFact:
    given: dict[str, Any] = {
        "channel": "alipay", "number": order["number"], "standing": Standing.PAID, "merchant": SELLER, "app": APP,
        "transaction_id": f"20{order['number'][2:]}", "amount_fen": order["amount_fen"], "currency": "CNY",
        "paid_at": datetime(2026, 11, 20, 0, 0, 5, tzinfo=UTC),
    } | changes  # fmt: skip
    return PaymentFact(**given)


async def held(counter: Counter, citizen: Any, bill: Bill, *, channel: str) -> dict[str, Any]:
    async with db.transaction():
        locked = await orders.locked_payable([bill.id])
        order = await orders.hold(Wish(citizen, [bill.id], channel, "qr", ""), bills=locked)
    return await counter.row(order)


async def test_both_channels_paid_at_once_settle_one_and_return_the_other(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    citizen = await counter.citizen()
    for n in range(ROUNDS):
        bill = await counter.bill(code=f"44010526{n:012d}")
        first = await held(counter, citizen, bill, channel="wechat")
        await orders.finish_closed(first["id"], who="system", why="given up")
        second = await held(counter, citizen, bill, channel="alipay")
        await asyncio.gather(
            post.deliver(notice(transaction(first))),
            settlement.settle(paid_by_alipay(second), learned_by="notice"),
        )
        payments = await Payment.filter(order_id__in=[first["id"], second["id"]]).order_by("outcome")
        assert [(p.outcome, p.channel) for p in payments] == [("settled", "alipay"), ("surplus", "wechat")]
        assert (await counter.row(first["id"]))["state"] == "refunding"
        assert (await counter.row(second["id"]))["state"] == "paid"
    for refund in await refunds.due(limit=1000):
        await refunds.advance(refund)
    assert sorted(fake.refunded.values()) == [20000] * ROUNDS
    assert await ledger.balance("channel:alipay") == 20000 * ROUNDS
    assert await ledger.balance("channel:wechat") == 0
    assert await Receipt.all().count() == ROUNDS


async def test_a_second_payment_told_again_goes_back_once(counter: Counter, fake: FakeWechatPay, post: Postman) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    first = await held(counter, citizen, bill, channel="wechat")
    await orders.finish_closed(first["id"], who="system", why="given up")
    second = await held(counter, citizen, bill, channel="alipay")
    assert await settlement.settle(paid_by_alipay(second), learned_by="notice") is Outcome.SETTLED
    assert await settlement.settle(paid_by_alipay(second), learned_by="query") is Outcome.KNOWN
    again = paid_by_alipay(second, transaction_id="2099")
    assert await settlement.settle(again, learned_by="query") is Outcome.SURPLUS
    assert await settlement.settle(again, learned_by="notice") is Outcome.KNOWN
    assert (await counter.row(second["id"]))["state"] == "paid", "what settled stays settled"
    assert await db.fetch_value("SELECT count(*) FROM payments_refund") == 1


async def test_switching_closes_the_other_channel_first(counter: Counter, fake: FakeWechatPay) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    first = await counter.order(citizen, bill)
    with pytest.raises(ChannelUnreachable):  # nobody answers for Alipay here: what was closed before is what counts
        await checkout.open_order(Wish(citizen, [bill.id], "alipay", "qr", ""))
    assert fake.seen == ["prepay", "query", "close"]
    assert (await counter.row(first["id"]))["state"] == "closed"
    live = await OrderBill.filter(bill_id=bill.id, holding=True).select_related("order")
    assert [(part.order.channel, part.order.state) for part in live] in (
        [("alipay", "created")],
        [("alipay", "unknown")],
    )


async def test_switching_finds_the_first_channel_paid_and_opens_nothing(counter: Counter, fake: FakeWechatPay) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    first = await counter.order(citizen, bill)
    fake.said[first["number"]] = transaction(first)
    with pytest.raises(BillAlreadyPaid) as refused:
        await checkout.open_order(Wish(citizen, [bill.id], "alipay", "qr", ""))
    receipt = await Receipt.get(bill_id=bill.id)
    assert refused.value.extra == {"bill": str(bill.id), "receipt": str(receipt.id)}
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 1


async def test_while_the_first_channel_is_silent_no_second_order_is_opened(
    counter: Counter, fake: FakeWechatPay, settings: OfficeSettings
) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    first = await counter.order(citizen, bill)
    outbound.install(outbound.Outbound([]))  # nobody can be reached
    with pytest.raises(BillBeingPaid):
        await checkout.open_order(Wish(citizen, [bill.id], "alipay", "qr", ""))
    assert (await counter.row(first["id"]))["state"] == "closing"
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 1


async def test_an_order_of_another_amount_than_is_due_now_is_not_handed_out_again(
    counter: Counter, fake: FakeWechatPay
) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    first = await counter.order(citizen, bill)
    await db.execute(
        "UPDATE payments_bill SET waived_principal_fen = 5000, version = version + 1 WHERE id = $1", bill.id
    )
    second = await counter.order(citizen, bill)
    assert (second["amount_fen"], (await counter.row(first["id"]))["state"]) == (15000, "closed")


async def test_the_old_amount_of_a_changed_bill_pays_nothing_and_is_looked_at(
    counter: Counter, fake: FakeWechatPay, post: Postman
) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    order = await counter.order(citizen, bill)
    await db.execute(
        "UPDATE payments_bill SET waived_principal_fen = 5000, version = version + 1 WHERE id = $1", bill.id
    )
    fake.said[order["number"]] = transaction(order)
    assert (await post.deliver(notice(transaction(order)))).status_code == 409
    await standing.confirm(order["id"], who="citizen:x")
    await bill.refresh_from_db()
    assert (bill.state, bill.paid_fen, (await counter.row(order["id"]))["state"]) == ("unpaid", 0, "disputed")
    assert await db.fetch_value("SELECT count(*) FROM payments_exception WHERE kind = 'bill_changed'") == 1
    assert await ledger.balance(ledger.DISPUTED) == -20000


async def test_a_hundred_lost_notices_are_all_found_by_asking(counter: Counter, fake: FakeWechatPay) -> None:
    citizen, many = await counter.citizen(), 25 * ROUNDS // 5
    for n in range(many):
        order = await counter.order(citizen, await counter.bill(code=f"44010526{n:012d}"))
        fake.said[order["number"]] = transaction(order)
    with clock.moved(orders.FIRST_CHECK):
        while due := await standing.due():
            for order_id in due:
                await standing.check(order_id)
    assert await db.fetch_value("SELECT count(*) FROM payments_order WHERE state = 'paid'") == many
    assert await Receipt.all().count() == many
    assert await ledger.balance("channel:wechat") == 20000 * many


async def test_a_bill_that_is_partly_waived_gets_a_receipt_of_what_was_paid(counter: Counter, post: Postman) -> None:
    bill = await counter.bill()
    await db.execute(
        "UPDATE payments_bill SET waived_principal_fen = 5000, version = version + 1 WHERE id = $1", bill.id
    )
    assert bills.due_at(await Bill.get(id=bill.id), clock.now()).total_fen == 15000
    order = await counter.held(await counter.citizen(), await Bill.get(id=bill.id))
    await post.deliver(notice(transaction(order)))
    receipt = await Receipt.get(bill_id=bill.id)
    assert (receipt.amount_fen, [line["amount_fen"] for line in receipt.lines]) == (15000, [15000])
