"""Paying by Alipay from order to receipt and back, against an independent implementation of its gateway."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from auth.models import Citizen, PlatformIdentity
from kit import clock, config, crypto, db
from kit.ids import new_id
from payments import checkout, jobs, ledger, orders, refunds, standing
from payments.channels import channel
from payments.channels.alipay import Alipay
from payments.channels.base import (
    BEIJING,
    ChannelUnknown,
    NoStatement,
    OutOfOrder,
    RefundAsk,
    RefundStanding,
    Standing,
    StatementBytes,
)
from payments.errors import ChannelUnreachable
from payments.orders import Wish
from tests.patience import WAIT_S
from tests.payments.conftest import Town

pytestmark = pytest.mark.anyio


def alipay() -> Alipay:
    party = channel("alipay")
    assert isinstance(party, Alipay)
    return party


class Street:
    """Citizens known to Alipay, and their orders."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def citizen(self, phone: str) -> Citizen:
        person = await self.town.citizen(phone)
        told = await self.town.platform.control_async("/people", {"platform": "alipay", "phone": phone})
        await PlatformIdentity.create(
            id=new_id(), platform="alipay", app_id=self.town.settings.alipay_app_id, open_id=told["openid"],
            citizen=person, created_at=clock.now(),
        )  # fmt: skip
        return person

    async def order(self, citizen: Citizen, *bills: UUID, scene: str = "miniapp") -> dict[str, Any]:
        identity = await PlatformIdentity.get(citizen_id=citizen.id, platform="alipay")
        wish = Wish(citizen, bills, "alipay", scene, identity.open_id if scene == "miniapp" else "")
        return await self.town.row(await checkout.open_order(wish))

    async def pay(self, order: dict[str, Any], citizen: Citizen, **more: Any) -> dict[str, Any]:
        prepay = json.loads(order["prepay"])
        identity = await PlatformIdentity.get(citizen_id=citizen.id, platform="alipay")
        what = {name: prepay[name] for name in ("trade_no", "code_url") if name in prepay}
        return await self.town.platform.control_async("/pay", what | {"openid": identity.open_id} | more)


@pytest.fixture
async def street(town: Town) -> AsyncIterator[Street]:
    yield Street(town)


@pytest.mark.parametrize("scene", ["miniapp", "qr"])
async def test_a_fine_is_paid_by_alipay_and_told_by_its_notice(street: Street, scene: str) -> None:
    town, citizen = street.town, await street.citizen("13800000101")
    bill = await town.bill()
    order = await street.order(citizen, bill.id, scene=scene)
    assert order["state"] == "awaiting_payer"
    given = alipay().client_parameters(json.loads(order["prepay"]))
    assert set(given) == ({"tradeNO"} if scene == "miniapp" else {"code_url"})
    paid = await street.pay(order, citizen)
    row = await town.until(order["id"], "paid")
    assert row["transaction_id"] == paid["transaction_id"]
    await bill.refresh_from_db()
    assert (bill.state, bill.paid_fen) == ("paid", 20000)
    assert await ledger.balance("channel:alipay") == 20000
    assert await db.fetch_value("SELECT learned_by FROM payments_payment") == "notice"
    assert await db.fetch_value("SELECT count(*) FROM payments_receipt") == 1
    (attempt,) = (await town.platform.control_async(f"/notices?out_trade_no={order['number']}"))["notices"]
    assert [tried["status"] for tried in attempt["attempts"]] == [200]


async def test_an_order_is_asked_about_closed_and_not_closed_twice(street: Street) -> None:
    citizen, bill = await street.citizen("13800000102"), await street.town.bill()
    order = await street.order(citizen, bill.id)
    assert (await alipay().query(order["number"])).standing is Standing.NOT_PAID
    assert (await alipay().query("HH20261121NOSUCHORDER")).standing is Standing.ABSENT
    await standing.close(order["id"], who="citizen:x", why="given up")
    assert (await street.town.row(order["id"]))["state"] == "closed"
    assert (await alipay().query(order["number"])).standing is Standing.CLOSED
    with pytest.raises(OutOfOrder):
        await alipay().close(order["number"])


async def test_a_code_nobody_scanned_waits_and_ends_with_its_order(street: Street) -> None:
    citizen, bill = await street.citizen("13800000103"), await street.town.bill()
    order = await street.order(citizen, bill.id, scene="qr")
    assert (await alipay().query(order["number"])).standing is Standing.ABSENT
    await standing.confirm(order["id"], who="citizen:x")
    assert (await street.town.row(order["id"]))["state"] == "awaiting_payer"
    await standing.close(order["id"], who="citizen:x", why="given up")
    assert (await street.town.row(order["id"]))["state"] == "closed"


async def test_a_dropped_notice_is_found_by_asking(street: Street) -> None:
    town, citizen = street.town, await street.citizen("13800000104")
    order = await street.order(citizen, (await town.bill()).id)
    await town.fault("notify", "drop")
    await street.pay(order, citizen)
    async with town.later(timedelta(minutes=2)):
        await jobs.ask_about_orders()
    row = await town.row(order["id"])
    assert row["state"] == "paid"
    fact = await alipay().query(order["number"])
    assert (fact.standing, fact.amount_fen, fact.transaction_id) == (Standing.PAID, 20000, row["transaction_id"])
    assert fact.paid_at == row["paid_at"]


@pytest.mark.parametrize("kind", ["forge", "tamper", "wrong_amount"])
async def test_a_notice_that_lies_settles_nothing_and_the_query_does(street: Street, kind: str) -> None:
    town, citizen = street.town, await street.citizen("13800000105")
    order = await street.order(citizen, (await town.bill()).id)
    await town.fault("notify", kind)
    await street.pay(order, citizen)
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 0
    await standing.confirm(order["id"], who="citizen:x")
    await town.until(order["id"], "paid")
    rows = await db.fetch("SELECT amount_fen, learned_by FROM payments_payment")
    assert [tuple(row) for row in rows] == [(20000, "query")]


@pytest.mark.parametrize("kind", ["timeout_after", "http_500"])
async def test_a_create_without_answer_is_asked_for_again_under_the_same_number(street: Street, kind: str) -> None:
    town, citizen = street.town, await street.citizen("13800000106")
    bill = await town.bill()
    await town.fault("prepay", kind, for_s=300)
    with pytest.raises(ChannelUnreachable):
        await street.order(citizen, bill.id)
    (first,) = await db.fetch("SELECT id, number FROM payments_order")
    await town.platform.control_async("/faults", method="DELETE")
    again = await street.order(citizen, bill.id)
    assert (again["id"], again["number"], again["state"]) == (first["id"], first["number"], "awaiting_payer")
    await street.pay(again, citizen)
    await town.until(again["id"], "paid")


async def test_an_answer_about_another_order_or_with_another_signature_is_not_believed(street: Street) -> None:
    town, citizen = street.town, await street.citizen("13800000107")
    order = await street.order(citizen, (await town.bill()).id)
    for kind in ("forge", "tamper"):
        await town.fault("query", kind)
        with pytest.raises(ChannelUnknown):
            await alipay().query(order["number"])
        await town.platform.control_async("/faults", method="DELETE")
    assert (await town.row(order["id"]))["state"] == "awaiting_payer"


async def test_money_that_comes_too_late_goes_back_and_its_notice_is_no_second_payment(street: Street) -> None:
    town, citizen = street.town, await street.citizen("13800000108")
    order = await street.order(citizen, (await town.bill()).id)
    await orders.finish_closed(order["id"], who="system", why="given up")
    await street.pay(order, citizen)
    await town.until(order["id"], "refunding")
    for refund in await refunds.due():
        await refunds.advance(refund)
    async with asyncio.timeout(WAIT_S):
        while (await town.row(order["id"]))["state"] != "refunded":
            await db.execute("UPDATE payments_refund SET next_check_at = $1 WHERE finished_at IS NULL", clock.now())
            await jobs.advance_refunds()
    await town.platform.control_async("/notices/retry", {"out_trade_no": order["number"]})
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 1
    states = await db.fetch("SELECT event, state FROM payments_notice ORDER BY received_at")
    assert {row["state"] for row in states} == {"settled"}
    assert len(states) >= 2
    charges = await town.platform.control_async("/charges")
    (mine,) = [charge for charge in charges["charges"] if charge["out_trade_no"] == order["number"]]
    assert mine["net_fen"] == 0
    assert await ledger.balance("channel:alipay") == 0


async def test_a_refund_asked_twice_under_its_number_goes_back_once_and_parts_are_told_apart(street: Street) -> None:
    town, citizen = street.town, await street.citizen("13800000109")
    order = await street.order(citizen, (await town.bill()).id)
    paid = await street.pay(order, citizen)
    await town.until(order["id"], "paid")
    for number, fen in (("HHR1", 5000), ("HHR1", 5000), ("HHR2", 1234)):
        ask = RefundAsk(order["number"], paid["transaction_id"], number, fen, 20000, "多缴退回")
        assert (await alipay().refund(ask)).amount_fen == fen
    async with asyncio.timeout(WAIT_S):
        while (await alipay().query_refund("HHR2", number=order["number"])).standing is not RefundStanding.SUCCEEDED:
            await asyncio.sleep(0.1)
    first = await alipay().query_refund("HHR1", number=order["number"])
    assert (first.standing, first.amount_fen) == (RefundStanding.SUCCEEDED, 5000)
    assert (await alipay().query_refund("HHR9", number=order["number"])).standing is RefundStanding.ABSENT
    fact = await alipay().query(order["number"])
    assert (fact.standing, fact.amount_fen) == (Standing.PAID, 20000)
    (mine,) = [
        charge
        for charge in (await town.platform.control_async("/charges"))["charges"]
        if charge["out_trade_no"] == order["number"]
    ]
    assert mine["refunded_fen"] == 6234


async def test_a_trade_that_went_back_whole_was_paid(street: Street) -> None:
    town, citizen = street.town, await street.citizen("13800000110")
    order = await street.order(citizen, (await town.bill()).id)
    await town.fault("notify", "drop")
    paid = await street.pay(order, citizen)
    await alipay().refund(RefundAsk(order["number"], paid["transaction_id"], "HHR1", 20000, 20000, "多缴退回"))
    async with asyncio.timeout(WAIT_S):
        while (await alipay().query_refund("HHR1", number=order["number"])).standing is not RefundStanding.SUCCEEDED:
            await asyncio.sleep(0.1)
    fact = await alipay().query(order["number"])
    assert (fact.standing, fact.amount_fen) == (Standing.PAID, 20000)


async def test_the_door_answers_seven_bytes_and_takes_only_forms(street: Street, web: httpx2.AsyncClient) -> None:
    town, citizen = street.town, await street.citizen("13800000111")
    order = await street.order(citizen, (await town.bill()).id)
    await street.pay(order, citizen)
    await town.until(order["id"], "paid")
    (told,) = (await town.platform.control_async(f"/notices?out_trade_no={order['number']}"))["notices"]
    body, media = told["attempts"][0]["body"].encode(), {"content-type": "application/x-www-form-urlencoded"}
    again = await web.post("/callbacks/alipay", content=body, headers=media | {"authorization": "Bearer nonsense"})
    assert (again.status_code, again.content) == (200, b"success")
    assert again.headers["content-type"].startswith("text/plain")
    assert await db.fetch_value("SELECT deliveries FROM payments_notice") == 2
    kept = (await db.fetch("SELECT id, content FROM payments_notice"))[0]
    assert b"buyer" in body and b"buyer" not in kept["content"], "who paid is not readable in what is kept"
    assert crypto.unseal_bytes(kept["content"], bound_to=f"payments_notice.content:{kept['id']}") == body
    for refused, status in (
        ((body + b"&total_amount=1.00", media), 400),
        ((body.replace(b"200.00", b"100.00"), media), 401),
        ((body, {"content-type": "application/json"}), 415),
        ((b"x" * 70_000, media), 413),
    ):
        answer = await web.post("/callbacks/alipay", content=refused[0], headers=refused[1])
        assert (answer.status_code, b"success" in answer.content) == (status, False)
    assert await db.fetch_value("SELECT count(*) FROM payments_notice") == 1
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 1


def read(kind: str, came: StatementBytes) -> tuple[list[dict[str, str]], dict[str, str]]:
    bill = alipay().reader(kind)
    lines = b"".join(bill.read(came.content)).decode().splitlines()
    return [dict(zip(bill.columns, line.split("\t"), strict=True)) for line in lines], dict(bill.summary)


async def test_both_bills_tell_the_days_payments_refunds_and_fees(street: Street) -> None:
    town, citizen = street.town, await street.citizen("13800000112")
    day = clock.now().astimezone(BEIJING).date()
    order = await street.order(citizen, (await town.bill()).id)
    paid = await street.pay(order, citizen)
    await town.until(order["id"], "paid")
    await alipay().refund(RefundAsk(order["number"], paid["transaction_id"], "HHR112", 5000, 20000, "多缴退回"))
    async with asyncio.timeout(WAIT_S):
        while (await alipay().query_refund("HHR112", number=order["number"])).standing is not RefundStanding.SUCCEEDED:
            await asyncio.sleep(0.1)
    async with town.later(timedelta(days=1, hours=12)):
        trade, said = read("trade", await alipay().statement(day, kind="trade"))
        fund, flows = read("fund", await alipay().statement(day, kind="fund"))
        with pytest.raises(NoStatement):
            await alipay().statement(day - timedelta(days=40), kind="trade")
    mine = [row for row in trade if row["number"] == order["number"]]
    money = ("total", "settled", "applied", "refunded", "fee")
    assert [[row[name] for name in money] for row in mine] == [
        ["200.00", "200.00", "0.00", "0.00", "1.20"],
        ["0.00", "0.00", "50.00", "50.00", "-0.30"],
    ]
    assert [row["refund_number"] for row in mine] == ["", "HHR112"]
    assert {(row["merchant"], row["app"]) for row in mine} == {(alipay().merchant, alipay().app)}
    assert {row["transaction_id"] for row in mine} == {paid["transaction_id"]}
    assert (int(said["count"]), int(flows["count"])) == (len(trade), len(fund))
    moved = [(row["what"], row["amount"]) for row in fund if row["number"] == order["number"]]
    assert sorted(moved) == [("fee", "-1.20"), ("fee_back", "0.30"), ("payment", "200.00"), ("refund", "-50.00")]


@pytest.mark.parametrize("name", ["wechat", "alipay"])
@pytest.mark.parametrize(
    "kinds", [("busy", "redirect", "oversized"), ("truncate", "drop", "forge"), ("drip",), ("timeout_before",)]
)
async def test_no_fault_of_a_channel_is_believed_or_waited_for(
    street: Street, name: str, kinds: tuple[str, ...]
) -> None:
    town = street.town
    citizen, bill = await (street if name == "alipay" else town).citizen("13800000113"), await town.bill()
    order = await (street.order(citizen, bill.id) if name == "alipay" else town.order(citizen, bill.id))
    for kind in kinds:
        config.install(town.settings.model_copy())  # a channel that has not learned to rest yet
        await town.fault("query", kind, for_s=300)
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(ChannelUnknown):
                await channel(name).query(order["number"])
        await town.platform.control_async("/faults", method="DELETE")
    config.install(town.settings.model_copy())
    assert (await channel(name).query(order["number"])).standing is Standing.NOT_PAID
    assert (await town.row(order["id"]))["state"] == "awaiting_payer"
