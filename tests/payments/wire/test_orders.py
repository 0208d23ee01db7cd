"""Opening, asking about and closing orders, with a channel that does what a test wants."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from kit import clock, db
from payments import checkout, jobs, standing
from payments.bills import withdraw
from payments.errors import (
    BillAlreadyPaid,
    BillBeingPaid,
    BillNotPayable,
    ChannelUnreachable,
    PaymentRefused,
)
from payments.orders import Wish
from tests.patience import WAIT_S
from tests.payments.wire.channel import FakeWechatPay, Postman, Script, notice, proof, signed, transaction
from tests.payments.wire.conftest import Counter, written

pytestmark = pytest.mark.anyio


def always(status: int, body: dict[str, Any] | None, **how: Any) -> Script:
    async def script(_: Request, __: bytes) -> Response:
        return signed(status, body, **how)

    return script


async def test_the_order_is_committed_before_the_channel_is_asked(counter: Counter, fake: FakeWechatPay) -> None:
    seen: list[str] = []

    async def looking(request: Request, body: bytes) -> Response:
        number = json.loads(body)["out_trade_no"]
        seen.append(await db.fetch_value("SELECT state FROM payments_order WHERE number = $1", number))
        return await fake.prepay(request, body)

    fake.scripts["prepay"] = looking
    order = await counter.order(await counter.citizen(), await counter.bill())
    assert (seen, order["state"]) == (["created"], "awaiting_payer")


async def test_what_is_asked_is_what_is_owed_today(counter: Counter, fake: FakeWechatPay) -> None:
    asked: list[dict[str, Any]] = []

    async def listening(request: Request, body: bytes) -> Response:
        asked.append(json.loads(body))
        return await fake.prepay(request, body)

    fake.scripts["prepay"] = listening
    bill = await counter.bill(due_on=clock.today() - timedelta(days=2))
    order = await counter.order(await counter.citizen(), bill)
    (body,) = asked
    assert body["amount"] == {"total": 21200, "currency": "CNY"}
    assert order["amount_fen"] == 21200
    assert body["out_trade_no"] == order["number"]
    assert 6 <= len(order["number"]) <= 32
    assert datetime.fromisoformat(body["time_expire"]).utcoffset() == timedelta(hours=8)


async def test_the_same_citizen_gets_the_same_order_again(counter: Counter, fake: FakeWechatPay) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    first, second = await counter.order(citizen, bill), await counter.order(citizen, bill)
    assert first["id"] == second["id"]
    assert fake.seen.count("prepay") == 1


async def test_a_stranger_waits_and_the_payer_of_the_bill_does_not(counter: Counter, fake: FakeWechatPay) -> None:
    stranger, payer = await counter.citizen("13900000009"), await counter.citizen("13800000001")
    other, bill = await counter.citizen("13900000008"), await counter.bill()
    first = await counter.order(stranger, bill)
    with pytest.raises(BillBeingPaid):
        await counter.order(other, bill)
    second = await counter.order(payer, bill)
    assert (await counter.row(first["id"]))["state"] == "closed"
    assert second["state"] == "awaiting_payer"
    assert fake.seen.count("close") == 1


async def test_paid_withdrawn_and_missing_bills_open_no_order(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    citizen, paid = await counter.citizen(), await counter.bill()
    await post.deliver(notice(transaction(await counter.held(citizen, paid))))
    with pytest.raises(BillAlreadyPaid):
        await counter.order(citizen, paid)
    gone = await counter.bill(code="44010526000000000018")
    await withdraw(gone.id, by="staff:1", why="appeal")
    with pytest.raises(BillNotPayable):
        await counter.order(citizen, gone)
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 1
    assert fake.seen == []


async def test_a_bill_that_is_being_paid_is_not_withdrawn(counter: Counter) -> None:
    bill = await counter.bill()
    await counter.order(await counter.citizen(), bill)
    with pytest.raises(BillBeingPaid):
        await withdraw(bill.id, by="staff:1", why="appeal")
    await bill.refresh_from_db()
    assert (bill.state, bill.version) == ("unpaid", 1)


@pytest.mark.parametrize(
    "script",
    [
        always(500, {"code": "SYSTEM_ERROR", "message": "-"}),
        always(502, {"code": "BANK_ERROR", "message": "-"}),
        always(200, {"prepay_id": "wx1"}, signer="merchant"),
        always(200, {"prepay_id": "wx1"}, shift_s=-360),
        always(200, {"prepay_id": "wx1"}, serial="PUB_KEY_ID_9"),
        always(200, {"something": "else"}),
    ],
)
async def test_an_answer_that_proves_nothing_leaves_the_outcome_unknown(
    counter: Counter, fake: FakeWechatPay, script: Script
) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    fake.scripts["prepay"] = script
    with pytest.raises(ChannelUnreachable):
        await counter.order(citizen, bill)
    (row,) = await db.fetch("SELECT id, state, number, prepay FROM payments_order")
    assert (row["state"], row["prepay"]) == ("unknown", None)
    del fake.scripts["prepay"]
    again = await counter.order(citizen, bill)
    assert (again["id"], again["number"], again["state"]) == (row["id"], row["number"], "awaiting_payer")


async def test_a_busy_channel_was_not_asked_for_anything(counter: Counter, fake: FakeWechatPay) -> None:
    fake.scripts["prepay"] = always(429, {"code": "FREQUENCY_LIMITED", "message": "-"})
    with pytest.raises(ChannelUnreachable):
        await counter.order(await counter.citizen(), await counter.bill())
    assert await db.fetch_value("SELECT state FROM payments_order") == "created"


async def test_a_refusal_closes_the_order_and_frees_the_bill(counter: Counter, fake: FakeWechatPay) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    fake.scripts["prepay"] = always(403, {"code": "NOAUTH", "message": "-"})
    with pytest.raises(PaymentRefused):
        await counter.order(citizen, bill)
    assert await db.fetch_value("SELECT state FROM payments_order") == "closed"
    del fake.scripts["prepay"]
    assert (await counter.order(citizen, bill))["state"] == "awaiting_payer"


async def test_a_redirect_an_endless_answer_and_a_drip_are_no_answers(counter: Counter, fake: FakeWechatPay) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()

    async def redirect(_: Request, __: bytes) -> Response:
        return Response(status_code=302, headers={"location": "http://127.0.0.1:1/v3/elsewhere"})

    async def endless(_: Request, __: bytes) -> Response:
        body = b"{" + b" " * 4_000_000 + b"}"
        return Response(body, headers=proof(body))

    async def deep(_: Request, __: bytes) -> Response:
        body = b"[" * 100_000
        return Response(body, headers=proof(body))

    for script in (redirect, endless, deep):
        fake.scripts["prepay"] = script
        async with asyncio.timeout(WAIT_S):
            with pytest.raises((ChannelUnreachable, PaymentRefused)):
                await counter.order(citizen, bill)
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 0


async def test_a_lost_notice_is_found_by_the_schedule(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.said[order["number"]] = transaction(order)
    await jobs.ask_about_orders()
    assert (await counter.row(order["id"]))["state"] == "awaiting_payer"  # its turn has not come
    with clock.moved(timedelta(minutes=2)):
        await jobs.ask_about_orders()
    row = await counter.row(order["id"])
    assert (row["state"], row["next_check_at"]) == ("paid", None)


async def test_the_schedule_grows_lasts_a_day_and_ends_with_an_exception(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.scripts["query"] = always(500, {"code": "SYSTEM_ERROR", "message": "-"})
    start, asked = clock.now(), 0
    while (at := (await counter.row(order["id"]))["next_check_at"]) is not None:
        with clock.moved(at - clock.now() + timedelta(seconds=1)):
            await jobs.ask_about_orders()
            await jobs.ask_about_orders()
        asked, last = asked + 1, at
        assert asked < 30
    assert last - start > timedelta(hours=24)
    assert await db.fetch_value("SELECT kind FROM payments_exception") == "unresolved"
    assert (await counter.row(order["id"]))["state"] == "awaiting_payer"


def test_gaps_never_shrink() -> None:
    assert list(standing.GAPS) == sorted(standing.GAPS)
    now = clock.now()
    assert standing.next_check(0, now=now, expires_at=now + timedelta(seconds=20)) == now + timedelta(seconds=25)
    assert standing.next_check(len(standing.GAPS), now=now, expires_at=now) is None


async def test_an_expired_order_is_closed_there_and_then_here(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    with clock.moved(timedelta(minutes=31)):
        await jobs.ask_about_orders()
    assert (await counter.row(order["id"]))["state"] == "closed"
    assert fake.said[order["number"]]["trade_state"] == "CLOSED"
    assert fake.seen[-2:] == ["query", "close"]


@pytest.mark.parametrize("code", ["ORDER_PAID", "ORDERPAID", "INVALID_REQUEST", "ORDER_CLOSED"])
async def test_close_answered_otherwise_is_asked_about_before_anything_is_concluded(
    counter: Counter, fake: FakeWechatPay, code: str
) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())

    async def paid_meanwhile(_: Request, __: bytes) -> Response:
        fake.said[order["number"]] = transaction(order)
        return signed(400, {"code": code, "message": "-"})

    fake.scripts["close"] = paid_meanwhile
    await standing.close(order["id"], who="citizen:x", why="given up")
    assert (await counter.row(order["id"]))["state"] == "paid"
    assert (await written())["payment"] == 1


async def test_a_close_without_answer_waits_as_confirming_and_is_resolved(
    counter: Counter, fake: FakeWechatPay
) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.scripts["close"] = always(500, {"code": "SYSTEM_ERROR", "message": "-"})
    await standing.close(order["id"], who="citizen:x", why="given up")
    assert (await counter.row(order["id"]))["state"] == "closing"
    del fake.scripts["close"]
    with clock.moved(timedelta(minutes=3)):
        await jobs.ask_about_orders()
    assert (await counter.row(order["id"]))["state"] == "closed"


async def test_confirming_lasts_until_the_channel_speaks(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.scripts["query"] = always(500, {"code": "SYSTEM_ERROR", "message": "-"})
    await standing.confirm(order["id"], who="citizen:x")
    row = await counter.row(order["id"])
    assert row["state"] == "confirming"
    assert row["confirming_since"] is not None
    del fake.scripts["query"]
    with clock.moved(timedelta(seconds=5)):
        await standing.confirm(order["id"], who="citizen:x")
        assert (await counter.row(order["id"]))["state"] == "awaiting_payer"
        fake.said[order["number"]] = transaction(order)
    with clock.moved(timedelta(seconds=10)):
        await standing.confirm(order["id"], who="citizen:x")
    assert (await counter.row(order["id"]))["state"] == "paid"


async def test_impatience_does_not_reach_the_channel(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    await asyncio.gather(*(standing.confirm(order["id"], who="citizen:x") for _ in range(20)))
    assert fake.seen.count("query") == 1


async def test_paid_stays_paid_when_the_channel_flaps(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.said[order["number"]] = transaction(order)
    await standing.confirm(order["id"], who="citizen:x")
    fake.said[order["number"]] = {"trade_state": "NOTPAY", "out_trade_no": order["number"]}
    with clock.moved(timedelta(minutes=40)):
        await jobs.ask_about_orders()
        await standing.confirm(order["id"], who="citizen:x")
        await standing.close(order["id"], who="citizen:x", why="late")
    assert (await counter.row(order["id"]))["state"] == "paid"


async def test_a_wrong_amount_in_the_channels_own_books_is_booked_and_disputed(
    counter: Counter, fake: FakeWechatPay
) -> None:
    bill = await counter.bill()
    order = await counter.order(await counter.citizen(), bill)
    fake.said[order["number"]] = transaction(order, total=19999)
    await standing.confirm(order["id"], who="citizen:x")
    assert (await counter.row(order["id"]))["state"] == "disputed"
    rows = await db.fetch("SELECT account, amount_fen FROM payments_posting ORDER BY amount_fen")
    assert [tuple(row) for row in rows] == [("suspense:disputed", -19999), ("channel:wechat", 19999)]
    await bill.refresh_from_db()
    assert bill.state == "unpaid"


async def test_an_order_ends_at_midnight_when_tomorrow_costs_more(counter: Counter) -> None:
    late = await counter.bill(due_on=clock.today() - timedelta(days=1))
    midnight = (clock.city_time(clock.now()) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with clock.moved(midnight - clock.now() - timedelta(minutes=10)):
        order = await counter.order(await counter.citizen(), late)
    assert order["expires_at"] == midnight


async def test_a_cart_of_bills_settles_together(counter: Counter, post: Postman) -> None:
    bills = [await counter.bill(code=f"4401052600000000010{n}", fen=1000 + n) for n in range(3)]
    order = await counter.held(await counter.citizen(), *bills)
    assert order["amount_fen"] == 3003
    assert (await post.deliver(notice(transaction(order)))).status_code == 204
    for bill in bills:
        await bill.refresh_from_db()
    assert [bill.paid_fen for bill in bills] == [1000, 1001, 1002]
    assert (await written())["receipt"] == 3


async def test_a_wish_for_nothing_that_exists_writes_nothing(counter: Counter) -> None:
    from uuid import uuid4

    from kit.errors import NotFound

    citizen, bill = await counter.citizen(), await counter.bill()
    with pytest.raises(NotFound):
        await checkout.open_order(Wish(citizen, [bill.id, uuid4()], "wechat", "qr", ""))
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 0
