"""Alipay's day by the same three sides: its bills are ZIPs in GBK, what comes of them is the same."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kit import db
from payments import orders, refunds
from payments.reconciliation import Outcome, reconcile
from payments.states import RunState
from tests.payments.conftest import Town
from tests.payments.test_alipay_channel import Street
from tests.payments.test_reconciling import bill_day, differences
from tests.sandbox_server import SandboxServer, start_sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SandboxServer]:
    """A channel of one's own: its bill of the day holds nobody else's payments."""
    with start_sandbox(tmp_path / "channel") as server:
        yield server


async def paid_and_returned(street: Street) -> list[dict[str, Any]]:
    """Three fines paid, and one that came too late and went back by itself."""
    citizen, rows = await street.citizen("13800000001"), []
    for n in range(3):
        bill = await street.town.bill(code=f"44010526{n:012d}", fen=10000 + n)
        order = await street.order(citizen, bill.id)
        await street.pay(order, citizen)
        rows.append(await street.town.until(order["id"], "paid"))
    late = await street.order(citizen, (await street.town.bill(code="44010526000000000009")).id)
    await orders.finish_closed(late["id"], who="system", why="given up")
    await street.pay(late, citizen)
    await street.town.until(late["id"], "refunding")
    for refund in await refunds.due():
        await refunds.advance(refund)
    return rows


async def next_day(street: Street, discrepancies: dict[str, int] | None = None) -> Outcome:
    day = bill_day()
    async with street.town.later(timedelta(days=1, hours=12)):
        if discrepancies is not None:
            body = {"channel": "alipay", "day": day.isoformat(), "discrepancies": discrepancies}
            await street.town.platform.control_async("/bills", body)
        return await reconcile("alipay", day)


async def test_a_day_of_alipay_agrees_on_three_sides_and_its_differences_are_found(town: Town) -> None:
    street = Street(town)
    await paid_and_returned(street)
    clean = await next_day(street)
    assert (clean.state, clean.matched, clean.fund, await differences()) == (RunState.BALANCED, 4, "agrees", {})
    told = await next_day(street, {"amount": 1, "missing_here": 1, "missing_there": 1})
    assert (told.state, told.fund) == (RunState.DIFFERENCES, "agrees")
    assert await differences() == {"amount": 1, "missing_here": 1, "missing_there": 1}
    moved = await db.fetch("SELECT kind, fund_fen FROM payments_difference WHERE kind LIKE 'missing%' ORDER BY kind")
    assert moved[0]["fund_fen"] == 0  # nothing came in for the row nobody knows
    assert moved[1]["fund_fen"] > 0
