"""A bill is paid: order, channel, notice, settlement, receipt."""

import pytest

from kit import audit, db
from payments import ledger
from tests.payments.conftest import Town

pytestmark = pytest.mark.anyio


async def test_a_fine_is_paid_by_notice(town: Town) -> None:
    citizen, bill = await town.citizen("13800000001"), await town.bill(fen=20000)
    order = await town.order(citizen, bill.id)
    assert (order["state"], order["amount_fen"]) == ("awaiting_payer", 20000)
    paid = await town.pay(order)
    order = await town.until(order["id"], "paid")
    assert order["transaction_id"] == paid["transaction_id"]
    assert order["next_check_at"] is None
    await bill.refresh_from_db()
    assert (bill.state, bill.paid_fen, bill.paid_at) == ("paid", 20000, order["paid_at"])
    assert await ledger.balance("channel:wechat") == 20000
    assert await ledger.balance("income:JJ:103050101") == -20000
    assert await db.fetch_value("SELECT count(*) FROM payments_receipt WHERE bill_id = $1", bill.id) == 1
    changes = await db.fetch("SELECT from_state, to_state FROM payments_order_change ORDER BY at")
    assert [tuple(row) for row in changes] == [("created", "awaiting_payer"), ("awaiting_payer", "paid")]
    assert (await audit.verify())[1] is None
