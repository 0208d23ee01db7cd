"""Our client against an independent implementation of WeChat Pay, with the faults networks have."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from kit import clock, config, db
from payments import jobs, refunds, standing
from payments.channels import channel
from payments.channels.base import BEIJING, ChannelRefused, NoSuchThing, RefundStanding, Standing
from payments.channels.packed import uncompressed
from payments.channels.wechatpay import WechatPay
from payments.errors import ChannelUnreachable
from tests.patience import WAIT_S
from tests.payments.conftest import Town

pytestmark = pytest.mark.anyio


def wechat() -> WechatPay:
    party = channel("wechat")
    assert isinstance(party, WechatPay)
    return party


async def test_an_order_is_asked_about_both_ways(town: Town) -> None:
    order = await town.order(await town.citizen("13800000001"), (await town.bill()).id)
    assert (await wechat().query(order["number"])).standing is Standing.NOT_PAID
    paid = await town.pay(order)
    by_ours = await wechat().query(order["number"])
    assert (by_ours.standing, by_ours.amount_fen, by_ours.transaction_id) == (
        Standing.PAID,
        20000,
        paid["transaction_id"],
    )
    assert await wechat().query_transaction(paid["transaction_id"]) == by_ours
    assert (await wechat().query("HH20261121NOSUCHORDER")).standing is Standing.ABSENT
    with pytest.raises(NoSuchThing):
        await wechat().query_transaction("4200000000209901010000000000")
    with pytest.raises(ChannelRefused):
        await wechat().close(order["number"])


async def test_a_qr_order_is_closed_there(town: Town) -> None:
    order = await town.order(await town.citizen("13800000002"), (await town.bill()).id, scene="qr")
    await standing.close(order["id"], who="citizen:x", why="given up")
    assert (await town.row(order["id"]))["state"] == "closed"
    assert (await wechat().query(order["number"])).standing is Standing.CLOSED


async def test_certificates_are_downloaded_when_no_key_is_given(town: Town) -> None:
    without = town.settings.model_copy(update={"wechatpay_platform_key_file": None, "wechatpay_platform_key_id": ""})
    config.install(without)
    await town.platform.control_async("/signing", {"public_key_share": 0.0})
    order = await town.order(await town.citizen("13800000003"), (await town.bill()).id)
    assert order["state"] == "awaiting_payer"
    assert wechat().keys.known
    assert not any(serial.startswith("PUB_KEY_ID_") for serial in wechat().keys.known)
    await town.pay(order)
    assert (await town.until(order["id"], "paid"))["state"] == "paid"


async def test_a_dropped_notice_is_found_by_asking(town: Town) -> None:
    order = await town.order(await town.citizen("13800000004"), (await town.bill()).id)
    await town.fault("notify", "drop")
    await town.pay(order)
    with clock.moved(timedelta(minutes=2)):
        await jobs.ask_about_orders()
    assert (await town.row(order["id"]))["state"] == "paid"
    assert await db.fetch_value("SELECT learned_by FROM payments_payment") == "query"


@pytest.mark.parametrize("kind", ["duplicate", "delay", "reorder"])
async def test_a_troubled_notice_settles_once(town: Town, kind: str) -> None:
    order = await town.order(await town.citizen("13800000005"), (await town.bill()).id)
    await town.fault("notify", kind)
    await town.pay(order)
    await standing.confirm(order["id"], who="citizen:x")
    await town.until(order["id"], "paid")
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 1


@pytest.mark.parametrize("kind", ["forge", "tamper", "wrong_amount", "probe"])
async def test_a_notice_that_lies_settles_nothing_and_the_query_does(town: Town, kind: str) -> None:
    order = await town.order(await town.citizen("13800000006"), (await town.bill()).id)
    await town.fault("notify", kind)
    await town.pay(order)
    await standing.confirm(order["id"], who="citizen:x")
    await town.until(order["id"], "paid")
    rows = await db.fetch("SELECT amount_fen, learned_by FROM payments_payment")
    assert [tuple(row) for row in rows] == [(20000, "query")]


@pytest.mark.parametrize("kind", ["timeout_after", "http_500"])
async def test_a_prepay_without_answer_is_asked_for_again_under_the_same_number(town: Town, kind: str) -> None:
    citizen, bill = await town.citizen("13800000007"), await town.bill()
    await town.fault("prepay", kind, for_s=300)
    with pytest.raises(ChannelUnreachable):
        await town.order(citizen, bill.id)
    (first,) = await db.fetch("SELECT id, number, state FROM payments_order")
    await town.platform.control_async("/faults", method="DELETE")
    again = await town.order(citizen, bill.id)
    assert (again["id"], again["number"], again["state"]) == (first["id"], first["number"], "awaiting_payer")
    await town.pay(again)
    await town.until(again["id"], "paid")


async def test_a_refund_whose_answer_is_lost_is_one_refund_there(town: Town) -> None:
    from payments import orders

    phone = "13800000008"
    order = await town.order(await town.citizen(phone), (await town.bill()).id)
    await orders.finish_closed(order["id"], who="system", why="given up")
    await town.pay(order)
    await town.until(order["id"], "refunding")
    await town.fault("refund", "timeout_after", for_s=300)
    (refund,) = await refunds.due()
    await refunds.advance(refund)
    assert await db.fetch_value("SELECT state FROM payments_refund") == "requested"
    await town.platform.control_async("/faults", method="DELETE")
    with clock.moved(timedelta(minutes=5)):
        await jobs.advance_refunds()
    with clock.moved(timedelta(minutes=30)):
        async with asyncio.timeout(WAIT_S):
            while await db.fetch_value("SELECT state FROM payments_refund") != "succeeded":
                await db.execute("UPDATE payments_refund SET next_check_at = $1", clock.now())
                await jobs.advance_refunds()
    number = await db.fetch_value("SELECT number FROM payments_refund")
    assert (await wechat().query_refund(number, number=order["number"])).standing is RefundStanding.SUCCEEDED
    charges = await town.platform.control_async(f"/charges?openid={order['open_id']}")
    assert charges["totals"]["net_fen"] == 0
    assert (await town.row(order["id"]))["state"] == "refunded"


@pytest.mark.parametrize(("kind", "first"), [("trade", "交易时间"), ("fund", "记账时间")])
async def test_both_bills_come_with_the_hash_of_their_plain_bytes(town: Town, kind: str, first: str) -> None:
    day = clock.now().astimezone(BEIJING).date()
    order = await town.order(await town.citizen("13800000009"), (await town.bill()).id)
    await town.pay(order)
    async with town.later(timedelta(days=1, hours=12)):
        came = await wechat().statement(day, kind=kind)
    plain = b"".join(uncompressed(came.content))
    assert hashlib.sha1(plain).hexdigest() == came.sha1
    assert plain.decode("utf-8-sig").startswith(first)
