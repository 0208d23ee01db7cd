"""The graphs, walked: every listed edge is one change, every other is refused without a write."""

import itertools
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from kit import db, events
from payments import orders
from payments.errors import MoveRefused
from payments.events import OrderMoved
from payments.states import (
    BILL_MOVES,
    HOLDING,
    MOVES,
    PENDING,
    PUBLIC,
    REFUND_MOVES,
    BillState,
    OrderState,
    PublicOrderState,
    RefundState,
)
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio


async def heard(event: OrderMoved) -> None:
    """Listens; each edge must defer exactly one call of it."""


async def test_every_pair_of_order_states(counter: Counter) -> None:
    events.subscribe(OrderMoved, heard)
    told = "SELECT count(*) FROM procrastinate_jobs WHERE args->>'handler' LIKE '%test_states.heard'"
    order = (await counter.held(await counter.citizen(), await counter.bill()))["id"]
    for start, end in itertools.product(OrderState, OrderState):
        events_before = await db.fetch_value(told)
        await db.execute("UPDATE payments_order SET state = $2 WHERE id = $1", order, str(start))
        await db.execute("UPDATE payments_order_bill SET holding = $2 WHERE order_id = $1", order, start in HOLDING)
        before = await db.fetch_value("SELECT count(*) FROM payments_order_change")
        if end in MOVES[start]:
            await orders.move(order, come_from=start, to=end, who="test", why="walk")
            expected, changes = end, before + 1
            last = (await db.fetch("SELECT from_state, to_state FROM payments_order_change ORDER BY at DESC LIMIT 1"))[
                0
            ]
            assert (last["from_state"], last["to_state"]) == (start, end)
        else:
            with pytest.raises(MoveRefused):
                await orders.move(order, come_from=start, to=end, who="test", why="walk")
            expected, changes = start, before
        assert await db.fetch_value(told) - events_before == (end in MOVES[start])
        row = (await db.fetch("SELECT state FROM payments_order WHERE id = $1", order))[0]
        assert (row["state"], await db.fetch_value("SELECT count(*) FROM payments_order_change")) == (expected, changes)
        holding = await db.fetch_value("SELECT holding FROM payments_order_bill WHERE order_id = $1", order)
        assert holding == (expected in HOLDING)


async def test_a_move_from_another_state_than_the_row_has_is_refused(counter: Counter) -> None:
    order = (await counter.held(await counter.citizen(), await counter.bill()))["id"]
    with pytest.raises(MoveRefused):
        await orders.move(order, come_from=OrderState.AWAITING_PAYER, to=OrderState.PAID, who="test", why="stale")
    assert await db.fetch_value("SELECT state FROM payments_order") == "created"
    assert await db.fetch_value("SELECT count(*) FROM payments_order_change") == 0


@pytest.mark.parametrize(
    ("graph", "states", "start"),
    [
        (MOVES, OrderState, OrderState.CREATED),
        (BILL_MOVES, BillState, BillState.UNPAID),
        (REFUND_MOVES, RefundState, RefundState.ASKED),
    ],
)
def test_every_state_is_in_its_graph_and_reachable(
    graph: Mapping[Any, frozenset[Any]], states: type[StrEnum], start: StrEnum
) -> None:
    assert set(graph) == set(states)
    reached, fresh = {start}, {start}
    while fresh:
        fresh = {to for state in fresh for to in graph[state]} - reached
        reached |= fresh
    assert reached == set(states)


def test_a_paid_order_never_waits_or_closes_again() -> None:
    reached, fresh = set(), {OrderState.PAID}
    while fresh:
        reached |= fresh
        fresh = {to for state in fresh for to in MOVES[state]} - reached
    assert reached == {OrderState.PAID, OrderState.REFUNDING, OrderState.REFUNDED}
    assert REFUND_MOVES[RefundState.SUCCEEDED] == frozenset()
    assert BILL_MOVES[BillState.PAID] == frozenset()


def test_every_state_has_a_public_face_and_every_face_a_state() -> None:
    assert set(PUBLIC) == set(OrderState)
    assert set(PUBLIC.values()) == set(PublicOrderState)
    assert PENDING < HOLDING
