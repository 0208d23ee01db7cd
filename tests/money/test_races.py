"""Many at once, on PostgreSQL for real: one order, one settlement, one refund, whoever wins."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from kit import clock, db
from kit.errors import HouseError, Unavailable
from payments import checkout, jobs, orders, refunds, standing
from payments.errors import BillBeingPaid, BillNotPayable
from payments.states import RefundReason
from tests.chaos.parts import server
from tests.money.conftest import charges_of
from tests.money.invariants import books_against_charges, dues, violations
from tests.payments.conftest import Town

pytestmark = pytest.mark.anyio
ROUNDS = 200 if os.environ.get("SLOW") else 10
DUPLICATES = 1_000 if os.environ.get("SLOW") else 100


async def all_is_well(town: Town) -> None:
    """Refunds are let through, then rows and the channel's charges must agree with the dues."""
    await town.platform.control_async("/refunds", {"mode": "auto", "delay_s": 0.0})
    for minutes in (0, 2, 4, 7):
        with clock.moved(timedelta(minutes=minutes)):
            await jobs.advance_refunds()
    charges = await charges_of(town)
    assert await violations() == []
    assert await books_against_charges(charges, channel="wechat") == []
    assert sum(charge["net_fen"] for charge in charges) == await dues()


async def at_once(*work: Awaitable[Any]) -> list[Any]:
    """What each came to, refusals among it."""
    return await asyncio.gather(*work, return_exceptions=True)


def refused(outcomes: Sequence[Any], *kinds: type[HouseError]) -> int:
    """How many were refused; anything but these refusals is raised."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, kinds):
            raise outcome
    return sum(isinstance(outcome, kinds) for outcome in outcomes)


@asynccontextmanager
async def two_workers(town: Town, database: str, folder: Path) -> AsyncIterator[list[str]]:
    """The addresses of two servers over this database, started as `handheld serve` starts them."""
    given = {
        "HANDHELD_DATABASE_URL": database, "HANDHELD_DATA_DIR": str(town.settings.data_dir),
        "HANDHELD_PUBLIC_URL": town.settings.public_url, "HANDHELD_LOG_LEVEL": "WARNING",
        "HANDHELD_LIMIT_PERSON_PER_MINUTE": "100000", "HANDHELD_LIMIT_SOURCE_PER_MINUTE": "100000",
    }  # fmt: skip
    workers = [server(os.environ | town.platform.credentials | given, folder, name=f"worker-{n}") for n in (1, 2)]
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.supervise())
        try:
            for worker in workers:
                assert await worker.ready(within_s=60), (folder / f"{worker.name}.log").read_text()[-2000:]
            yield [f"http://127.0.0.1:{worker.port}" for worker in workers]
        finally:
            for worker in workers:
                worker.end()


async def test_a_hundred_identical_requests_over_two_workers_are_one_order(
    town: Town, database: str, tmp_path: Path
) -> None:
    citizen = await town.citizen("13800000101")
    me = await town.token(citizen.id)
    async with (
        two_workers(town, database, tmp_path) as addresses,
        httpx2.AsyncClient(trust_env=False, timeout=30, limits=httpx2.Limits(max_connections=100)) as web,
    ):
        for round_ in range(ROUNDS // 5):
            bill = await town.bill(code=f"440105260{round_:011d}", payer_phone="13800000101")
            body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "miniapp"}
            headers = me | {"idempotency-key": f"round-{round_}"}
            answers = await asyncio.gather(
                *(web.post(f"{addresses[n % 2]}/api/v1/orders", headers=headers, json=body) for n in range(100))
            )
            said = Counter(answer.status_code for answer in answers)
            (order,) = await db.fetch(
                "SELECT o.id, o.number FROM payments_order o JOIN payments_order_bill b ON b.order_id = o.id "
                "WHERE b.bill_id = $1", bill.id,
            )  # fmt: skip
            assert set(said) <= {201, 409} and said[201] >= 1, said
            for answer in answers:
                told = answer.json()
                assert told.get("id") == str(order["id"]) or told["code"] == "request_in_progress", told
            there = (await town.platform.control_async(f"/orders?out_trade_no={order['number']}"))["orders"]
            assert [one["prepay_calls"] for one in there] == [1]
            other = await web.post(f"{addresses[0]}/api/v1/orders", headers=headers, json=body | {"scene": "qr"})
            assert other.status_code in {409, 422}
            assert await db.fetch_value("SELECT count(*) FROM payments_order") == round_ + 1


async def test_of_fifty_payers_of_one_bill_one_order_lives(town: Town) -> None:
    people = [await town.citizen(f"139000{n:05d}") for n in range(50)]
    somebody = await db.fetch_value("SELECT open_id FROM auth_platform_identity LIMIT 1")
    for round_ in range(max(ROUNDS // 5, 2)):
        bill = await town.bill(code=f"440105261{round_:011d}", payer_phone="13800000102")
        wishes = [await town.wish(person, bill.id, scene="qr") for person in people]
        outcomes = await at_once(*(checkout.open_order(wish) for wish in wishes))
        assert refused(outcomes, BillBeingPaid, BillNotPayable, Unavailable) == 49
        (order,) = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
        await town.pay(await town.row(order), openid=somebody)
        await town.until(order, "paid")
    await all_is_well(town)


async def two_paid_orders(town: Town, *, phone: str, code: str) -> list[dict[str, Any]]:
    """One bill, two orders that people could still pay: the first was given up here and lived on there."""
    citizen, bill = await town.citizen(phone), await town.bill(code=code, payer_phone=phone)
    first = await town.order(citizen, bill.id)
    await orders.finish_closed(first["id"], who="system", why="given up")
    second = await town.order(citizen, bill.id, scene="qr")
    return [first, second]


async def test_a_bill_paid_twice_at_once_is_settled_once_and_the_rest_goes_back_once(town: Town) -> None:
    for round_ in range(ROUNDS):
        first, second = await two_paid_orders(town, phone=f"137000{round_:05d}", code=f"440105262{round_:011d}")
        await asyncio.gather(town.pay(first), town.pay(second, openid=first["open_id"]))
        await town.until(first["id"], "refunding", "paid")
        await town.until(second["id"], "paid", "refunding")
    assert await db.fetch_value("SELECT count(*) FROM payments_payment WHERE outcome = 'settled'") == ROUNDS
    assert await db.fetch_value("SELECT count(*) FROM payments_refund WHERE reason = 'surplus'") == ROUNDS
    await all_is_well(town)


async def test_when_the_end_of_an_order_and_its_success_meet_the_money_is_never_lost(town: Town) -> None:
    for round_ in range(ROUNDS):
        phone = f"136000{round_:05d}"
        order = await town.order(
            await town.citizen(phone), (await town.bill(code=f"440105263{round_:011d}", payer_phone=phone)).id
        )
        paying = asyncio.create_task(town.pay(order))
        with clock.moved(timedelta(minutes=31)):
            await standing.check(order["id"])
        try:
            await paying
        except AssertionError:  # it was closed there first
            assert (await town.row(order["id"]))["state"] == "closed"
            continue
        assert (await town.until(order["id"], "paid", "refunding"))["state"] == "paid"
    await all_is_well(town)


async def test_the_same_notice_many_times_at_once_books_once_and_is_taken_every_time(
    town: Town, web: httpx2.AsyncClient
) -> None:
    order = await town.order(await town.citizen("13800000103"), (await town.bill(payer_phone="13800000103")).id)
    await town.fault("notify", "drop")
    await town.pay(order)
    told = (await town.platform.control_async(f"/notices?out_trade_no={order['number']}"))["notices"]
    letter = told[0]["attempts"][-1]
    answers: list[int] = []

    async def carry() -> None:
        for _ in range(DUPLICATES // 20):
            answer = await web.post("/callbacks/wechatpay", headers=letter["headers"], content=letter["body"].encode())
            answers.append(answer.status_code)

    await asyncio.gather(*(carry() for _ in range(20)))
    assert Counter(answers) == {204: DUPLICATES}
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 1
    assert await db.fetch_value("SELECT deliveries FROM payments_notice") == DUPLICATES
    await all_is_well(town)


async def paid_payment(town: Town, *, phone: str, code: str, fen: int) -> UUID:
    """A bill that was paid; its payment."""
    order = await town.order(await town.citizen(phone), (await town.bill(code=code, fen=fen, payer_phone=phone)).id)
    await town.pay(order)
    await town.until(order["id"], "paid")
    payment: UUID = await db.fetch_value("SELECT id FROM payments_payment WHERE order_id = $1", order["id"])
    return payment


async def test_of_twenty_full_refunds_at_once_one_is_given(town: Town) -> None:
    payment = await paid_payment(town, phone="13800000104", code="44010526400000000001", fen=30000)
    asked = await at_once(*(
        refunds.request(payment, amount_fen=None, lines=[], reason=RefundReason.MISTAKEN, by=f"staff:{n}")
        for n in range(20)
    ))  # fmt: skip
    assert refused(asked, HouseError) == 19
    (refund,) = [one for one in asked if isinstance(one, UUID)]
    agreed = await at_once(*(refunds.approve(refund, by=f"staff:second-{n}") for n in range(20)))
    assert refused(agreed, HouseError) == 19
    assert [tuple(row) for row in await db.fetch("SELECT count(*), sum(amount_fen) FROM payments_refund")] == [
        (1, 30000)
    ]


async def test_partial_refunds_at_once_stay_within_what_was_paid(town: Town) -> None:
    for round_ in range(ROUNDS):
        payment = await paid_payment(town, phone=f"135000{round_:05d}", code=f"440105265{round_:011d}", fen=10000)
        asked = await at_once(*(
            refunds.request(payment, amount_fen=fen, lines=[], reason=RefundReason.OVERPAID, by=f"staff:{fen}")
            for fen in (6000, 5000)
        ))  # fmt: skip
        assert refused(asked, HouseError) == 1
        total = await db.fetch_value("SELECT sum(amount_fen) FROM payments_refund WHERE payment_id = $1", payment)
        assert total in {6000, 5000}
    assert await violations() == []


async def test_who_prepares_again_keeps_the_number(town: Town) -> None:
    citizen = await town.citizen("13800000105")
    bill = await town.bill(payer_phone="13800000105")
    wish = await town.wish(citizen, bill.id)
    outcomes = await at_once(*(checkout.open_order(wish) for _ in range(20)))
    assert refused(outcomes, BillBeingPaid) < 20
    assert len({outcome for outcome in outcomes if isinstance(outcome, UUID)}) == 1
    (order,) = await db.fetch("SELECT * FROM payments_order")
    prepay = json.loads(order["prepay"])
    assert set(prepay) >= {"prepay_id"}
