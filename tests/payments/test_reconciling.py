"""The day is compared with the channel's bill; every injected difference is found and called by its name."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from auth.models import StaffMember
from kit import clock, db
from payments import orders, refunds
from payments.channels.base import BEIJING
from payments.models import ReconciliationRun
from payments.reconciliation import Outcome, reconcile
from payments.states import RunState
from tests.payments.conftest import Town
from tests.sandbox_server import SandboxServer, start_sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SandboxServer]:
    """A channel of one's own: its bill of the day holds nobody else's payments."""
    with start_sandbox(tmp_path / "channel") as server:
        yield server


def bill_day() -> date:
    return clock.now().astimezone(BEIJING).date()


async def paid_orders(town: Town, count: int) -> list[dict[str, Any]]:
    """So many fines of this day, paid by one citizen."""
    citizen = await town.citizen("13800000001")
    orders = []
    for n in range(count):
        bill = await town.bill(code=f"44010526{n:012d}", fen=10000 + n)
        order = await town.order(citizen, bill.id)
        await town.pay(order)
        orders.append(await town.until(order["id"], "paid"))
    return orders


async def next_day(town: Town, day: date, discrepancies: dict[str, int] | None = None) -> Outcome:
    """The day after, when bills are ready."""
    async with town.later(timedelta(days=1, hours=12)):
        if discrepancies is not None:
            body = {"channel": "wechat", "day": day.isoformat(), "discrepancies": discrepancies}
            await town.platform.control_async("/bills", body)
        return await reconcile("wechat", day)


async def differences() -> dict[str, int]:
    rows = await db.fetch("SELECT kind, count(*) AS n FROM payments_difference WHERE state = 'open' GROUP BY kind")
    return {row["kind"]: row["n"] for row in rows}


async def test_a_difference_is_told_what_really_moved(town: Town) -> None:
    day, orders = bill_day(), await paid_orders(town, 4)
    outcome = await next_day(town, day, {"missing_here": 1, "missing_there": 1})
    rows = await db.fetch("SELECT kind, number, fund_fen FROM payments_difference ORDER BY kind")
    (here, there) = rows
    assert (here["kind"], here["fund_fen"], there["kind"]) == ("missing_here", 0, "missing_there")
    sums = {f"{order['id']}": order["amount_fen"] for order in orders}
    number = await db.fetch_value("SELECT id::text FROM payments_order WHERE number = $1", there["number"])
    assert there["fund_fen"] == sums[number]  # the money did come: the bill is what is wrong
    assert outcome.fund == "agrees"


async def test_a_clean_day_balances_and_a_rerun_changes_nothing(town: Town) -> None:
    day, orders = bill_day(), await paid_orders(town, 3)
    outcome = await next_day(town, day)
    assert (outcome.state, outcome.matched, outcome.exit_code, await differences()) == (RunState.BALANCED, 3, 0, {})
    again = await next_day(town, day)
    assert (again.state, again.matched, again.run) == (RunState.BALANCED, 3, outcome.run)
    files = await db.fetch("SELECT kind, rows FROM payments_statement_file ORDER BY kind")
    assert [tuple(f) for f in files] == [("fund", 2 * len(orders)), ("trade", len(orders))]
    row = (await db.fetch("SELECT * FROM payments_reconciliation_run"))[0]
    assert row["attempt"] == 2


@pytest.mark.parametrize(
    ("injected", "found"),
    [
        ("missing_here", "missing_here"),
        ("missing_there", "missing_there"),
        ("amount", "amount"),
        ("status", "state"),
        ("duplicate", "duplicate"),
        ("fee", "fee"),
        ("merchant", "merchant"),
        ("currency", "currency"),
        ("malformed_row", "malformed"),
        ("orphan_refund", "refund_orphan"),
    ],
)
async def test_an_injected_difference_is_found_and_called_by_its_name(town: Town, injected: str, found: str) -> None:
    day, _ = bill_day(), await paid_orders(town, 4)
    outcome = await next_day(town, day, {injected: 2})
    assert (outcome.state, outcome.exit_code, await differences()) == (RunState.DIFFERENCES, 3, {found: 2})


async def surplus(town: Town, *, phone: str, code: str) -> None:
    """A payment that comes after its order was given up; it goes back by itself."""
    citizen, bill = await town.citizen(phone), await town.bill(code=code, payer_phone=phone)
    order = await town.order(citizen, bill.id)
    await orders.finish_closed(order["id"], who="system", why="given up")
    await town.pay(order)
    await town.until(order["id"], "refunding")
    for refund in await refunds.due():
        await refunds.advance(refund)


@pytest.mark.parametrize(
    ("injected", "found"), [("refund_missing", "refund_missing"), ("refund_amount", "refund_amount")]
)
async def test_a_difference_of_refunds_is_found(town: Town, injected: str, found: str) -> None:
    day = bill_day()
    await surplus(town, phone="13800000011", code="44010526000000000011")
    await surplus(town, phone="13800000012", code="44010526000000000012")
    clean = await next_day(town, day)
    assert (clean.state, clean.matched) == (RunState.BALANCED, 2)
    outcome = await next_day(town, day, {injected: 1})
    assert (outcome.state, await differences()) == (RunState.DIFFERENCES, {found: 1})


@pytest.mark.parametrize(
    ("injected", "why"), [("truncated", "statement_truncated"), ("hash_mismatch", "statement_hash")]
)
async def test_a_damaged_bill_is_refused_whole_and_fetched_again(town: Town, injected: str, why: str) -> None:
    day, _ = bill_day(), await paid_orders(town, 2)
    outcome = await next_day(town, day, {injected: 1})
    assert (outcome.state, outcome.failure, outcome.exit_code) == (RunState.FAILED, why, 1)
    assert await db.fetch_value("SELECT count(*) FROM payments_statement_row") == 0
    assert await differences() == {}
    await town.platform.control_async("/bills", method="DELETE")
    assert (await next_day(town, day)).state is RunState.BALANCED


async def test_a_payment_moved_over_midnight_is_told_from_a_missing_one(town: Town) -> None:
    day, _ = bill_day(), await paid_orders(town, 3)
    outcome = await next_day(town, day, {"cross_midnight": 1})
    assert (outcome.state, await differences()) == (RunState.DIFFERENCES, {"missing_there": 1})
    expected = await db.fetch_value("SELECT expected_by FROM payments_difference")
    assert expected == day + timedelta(days=1)
    await next_day(town, expected)
    assert await differences() == {"cross_day": 2}  # the row on the later day, and the payment on the earlier


async def test_a_lost_notice_is_healed_by_the_bill_and_the_query(town: Town) -> None:
    day, citizen = bill_day(), await town.citizen("13800000001")
    bill = await town.bill()
    order = await town.order(citizen, bill.id)
    await town.fault("notify", "drop", for_s=600)
    await town.pay(order)
    outcome = await next_day(town, day)
    assert (outcome.state, outcome.matched, await differences()) == (RunState.BALANCED, 1, {})
    assert (await town.row(order["id"]))["state"] == "paid"
    kinds = await db.fetch("SELECT kind, state FROM payments_difference")
    assert [tuple(row) for row in kinds] == [("missing_here", "healed")]


async def test_a_day_without_trade_balances_and_one_with_trade_does_not_hide(town: Town) -> None:
    day = bill_day() - timedelta(days=3)
    outcome = await reconcile("wechat", day)
    assert (outcome.state, outcome.failure) == (RunState.BALANCED, None)
    (order,) = await paid_orders(town, 1)
    await db.execute(
        "UPDATE payments_payment SET paid_at = paid_at - interval '3 days' WHERE order_id = $1", order["id"]
    )
    again = await reconcile("wechat", day)
    assert (again.state, again.failure) == (RunState.FAILED, "statement_missing")


async def test_a_day_that_is_not_over_is_judged_by_its_bill_and_provisional_without_one(town: Town) -> None:
    day = bill_day()
    bare = await reconcile("wechat", day)
    assert (bare.state, bare.failure, bare.exit_code) == (RunState.PROVISIONAL, None, 1)
    assert "has no bill yet" in str(bare)
    await paid_orders(town, 2)
    today = await reconcile("wechat", day)
    assert (today.run, today.state, today.matched, today.exit_code) == (bare.run, RunState.BALANCED, 2, 0)
    assert "the day is not over" in str(today)
    over = await next_day(town, day)
    assert (over.run, over.state, over.matched, over.exit_code) == (today.run, RunState.BALANCED, 2, 0)


async def test_a_day_to_come_is_refused_and_leaves_nothing_behind(town: Town, web: httpx2.AsyncClient) -> None:
    tomorrow = bill_day() + timedelta(days=1)
    outcome = await reconcile("wechat", tomorrow)
    assert (outcome.run, outcome.failure, outcome.exit_code) == (None, "day_not_begun", 1)
    cashier = await StaffMember.create(
        username="cw", name="钱会计", department_id="JJ", roles=["finance"], created_at=clock.now()
    )
    finance = await town.token(cashier.id, kind="staff", roles=frozenset({"finance"}))
    asked = {"channel": "wechat", "day": tomorrow.isoformat()}
    refused = await web.post("/api/v1/reconciliations", headers=finance | {"idempotency-key": "r"}, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "day_not_begun")
    assert await db.fetch_value("SELECT count(*) FROM payments_reconciliation_run") == 0


async def test_two_runners_at_once_end_in_the_state_of_one(town: Town) -> None:
    day, _ = bill_day(), await paid_orders(town, 3)
    async with town.later(timedelta(days=1, hours=12)):
        body = {"channel": "wechat", "day": day.isoformat(), "discrepancies": {"amount": 1, "missing_here": 1}}
        await town.platform.control_async("/bills", body)
        outcomes = await asyncio.gather(*(reconcile("wechat", day) for _ in range(3)))
    assert {outcome.run for outcome in outcomes} == {outcomes[0].run}
    assert await differences() == {"amount": 1, "missing_here": 1}
    files = await db.fetch("SELECT kind, count(*) FROM payments_statement_file GROUP BY kind ORDER BY kind")
    assert [tuple(row) for row in files] == [("fund", 1), ("trade", 1)]


async def test_finance_runs_a_day_and_sees_each_difference(town: Town, web: httpx2.AsyncClient) -> None:
    day, _ = bill_day(), await paid_orders(town, 3)
    body = {"channel": "wechat", "day": day.isoformat(), "discrepancies": {"amount": 1}}
    await town.platform.control_async("/bills", body)
    cashier = await StaffMember.create(
        username="cw", name="钱会计", department_id="JJ", roles=["finance"], created_at=clock.now()
    )
    finance = await town.token(cashier.id, kind="staff", roles=frozenset({"finance"}))
    asked = {"channel": "wechat", "day": day.isoformat()}
    run = (await web.post("/api/v1/reconciliations", headers=finance | {"idempotency-key": "r"}, json=asked)).json()
    assert (run["state"], run["matched"], run["differences_count"], run["rows"]) == ("differences", 2, 1, 3)
    assert (run["totals"]["orders_count"], run["totals"]["bill_count"]) == (3, 3)
    (found,) = run["differences"]
    assert (found["class"], found["state"], found["age_days"]) == ("amount", "open", 0)
    assert found["suggestion"]["zh"]
    assert found["ours_fen"] != found["theirs_fen"]
    listed = (await web.get(f"/api/v1/reconciliations?channel=wechat&day={day}", headers=finance)).json()
    assert [item["id"] for item in listed["items"]] == [run["id"]]
    again = (await web.get(f"/api/v1/reconciliations/{run['id']}", headers=finance)).json()
    assert again["differences"] == run["differences"]


async def test_a_citizen_and_a_clerk_do_not_see_the_books(town: Town, web: httpx2.AsyncClient) -> None:
    citizen = await town.citizen("13800000001")
    clerk = await StaffMember.create(
        username="bs", name="白帅", department_id="JJ", roles=["clerk"], created_at=clock.now()
    )
    for person, kind, roles in ((citizen.id, "citizen", {"citizen"}), (clerk.id, "staff", {"clerk"})):
        headers = await town.token(person, kind=kind, roles=frozenset(roles))
        assert (await web.get("/api/v1/reconciliations", headers=headers)).status_code == 403
        asked = {"channel": "wechat", "day": "2026-11-01"}
        refused = await web.post("/api/v1/reconciliations", headers=headers | {"idempotency-key": "r"}, json=asked)
        assert refused.status_code == 403
    assert await db.fetch_value("SELECT count(*) FROM payments_reconciliation_run") == 0


async def test_pages_of_runs_miss_no_channel_of_a_day(town: Town, web: httpx2.AsyncClient) -> None:
    last = date(2026, 11, 20)
    wanted = [(last - timedelta(days=n), channel) for n in range(2) for channel in ("alipay", "wechat")]
    for day, channel in wanted:
        await ReconciliationRun.create(
            channel=channel, day=day, state="balanced", attempt=1, started_at=clock.now(), totals={}
        )
    auditor = await StaffMember.create(
        username="sj", name="申计", department_id="JJ", roles=["auditor"], created_at=clock.now()
    )
    headers = await town.token(auditor.id, kind="staff", roles=frozenset({"auditor"}))
    found, cursor = [], ""
    for _ in wanted:
        page = (await web.get(f"/api/v1/reconciliations?limit=1{cursor}", headers=headers)).json()
        found += [(date.fromisoformat(run["day"]), run["channel"]) for run in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (found, page["next_cursor"]) == (wanted, None)
    refused = await web.get("/api/v1/reconciliations?cursor=2026-13-40.wechat", headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")
