"""Refunds by two people: what they may be of, who decides, and what follows in books, receipts and orders."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kit import clock, db
from kit.errors import HouseError
from payments import ledger, refunds
from payments.errors import (
    RefundDecided,
    RefundExceedsPaid,
    RefundLimitReached,
    RefundNeedsLines,
    RefundNotPossible,
    SecondPersonNeeded,
)
from payments.models import Bill
from payments.refunds import LineWish, board
from payments.states import RefundReason, RefundState
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, transaction
from tests.payments.wire.conftest import Counter, written

pytestmark = pytest.mark.anyio
WANG, LI, ZHAO = (f"staff:{UUID(int=n)}" for n in (1, 2, 3))
WHY = RefundReason.MISTAKEN


async def paid(counter: Counter, post: Postman, *bills: Bill) -> dict[str, Any]:
    """The payment of a settled order over `bills`."""
    phone = f"138{await db.fetch_value('SELECT count(*) FROM auth_citizen'):08d}"
    order = await counter.held(await counter.citizen(phone), *bills)
    assert (await post.deliver(notice(transaction(order)))).status_code == 204
    return dict((await db.fetch("SELECT * FROM payments_payment WHERE order_id = $1", order["id"]))[0])


async def ask(payment: dict[str, Any], fen: int | None = None, *, by: str = WANG, **more: Any) -> UUID:
    return await refunds.request(
        payment["id"], amount_fen=fen, lines=more.pop("lines", ()), reason=more.pop("reason", WHY), by=by, **more
    )


async def sent(refund: UUID) -> str:
    """The state after the refund's next step, whenever that is due."""
    with clock.moved(timedelta(minutes=2)):
        await refunds.advance(refund)
    return await state_of(refund)


async def state_of(refund: UUID) -> str:
    return str(await db.fetch_value("SELECT state FROM payments_refund WHERE id = $1", refund))


async def order_state(payment: dict[str, Any]) -> str:
    return str(await db.fetch_value("SELECT state FROM payments_order WHERE id = $1", payment["order_id"]))


async def test_what_two_people_agree_on_goes_back_and_leaves_no_trace_in_the_balances(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    payment = await paid(counter, post, await counter.bill())
    refund = await ask(payment, note="决定书文号写错")
    assert (await state_of(refund), await order_state(payment), fake.refunded) == ("asked", "paid", {})
    assert await refunds.approve(refund, by=LI) is RefundState.REQUESTED
    assert await order_state(payment) == "refunding"
    assert await ledger.balances() == {
        "channel:wechat": 20000, "income:JJ:103050101": 0, "suspense:refunding": -20000,
    }  # fmt: skip
    assert await sent(refund) == "succeeded"
    assert (await order_state(payment), list(fake.refunded.values())) == ("refunded", [20000])
    assert set((await ledger.balances()).values()) == {0}
    receipts = await db.fetch("SELECT status, amount_fen FROM payments_receipt ORDER BY amount_fen")
    assert [tuple(row) for row in receipts] == [("red", -20000), ("reversed", 20000)]
    steps = await db.fetch("SELECT to_state, who FROM payments_refund_change ORDER BY at")
    assert [tuple(row) for row in steps] == [("requested", LI), ("succeeded", "channel:wechat")]


async def test_who_asks_or_agreed_before_does_not_decide(counter: Counter, post: Postman) -> None:
    refund = await ask(await paid(counter, post, await counter.bill(fen=6_000_000)))
    before = await written()
    for decide in (refunds.approve(refund, by=WANG), refunds.refuse(refund, why="x", by=WANG)):
        with pytest.raises(SecondPersonNeeded):
            await decide
    assert await refunds.approve(refund, by=LI) is RefundState.ASKED, "above the limit one is not enough"
    for nobody in (LI, WANG):
        with pytest.raises(SecondPersonNeeded):
            await refunds.approve(refund, by=nobody)
    assert await written() == before
    assert await refunds.approve(refund, by=ZHAO) is RefundState.REQUESTED
    with pytest.raises(RefundDecided):
        await refunds.approve(refund, by=LI)
    row = (await db.fetch("SELECT requested_by, approved_by, second_by FROM payments_refund"))[0]
    assert tuple(row) == (WANG, LI, ZHAO)


async def test_parts_are_no_way_round_the_second_approval(counter: Counter, post: Postman) -> None:
    payment = await paid(counter, post, await counter.bill(fen=6_000_000))
    first, second = await ask(payment, 3_000_000), await ask(payment, 3_000_000)
    for refund in (first, second):
        assert await refunds.approve(refund, by=LI) is RefundState.ASKED, "together they are above the limit"
    await refunds.refuse(second, why="x", by=ZHAO)
    assert await refunds.approve(first, by=ZHAO) is RefundState.REQUESTED
    again = await ask(payment, 3_000_000)
    assert await refunds.approve(again, by=LI) is RefundState.ASKED
    assert [one.needs_second for one in await board.of_orders([payment["order_id"]])] == [True, True, True]


async def test_the_database_takes_no_refund_one_person_decided(counter: Counter, post: Postman) -> None:
    refund = await ask(await paid(counter, post, await counter.bill()))
    for change in (
        "approved_by = requested_by",
        "state = 'requested'",
        "approved_by = 'x', second_by = 'x'",
        "second_by = 'x'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await db.execute(f"UPDATE payments_refund SET {change} WHERE id = $1", refund)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("UPDATE payments_refund SET amount_fen = 1 WHERE id = $1", refund)
    assert await state_of(refund) == "asked"


async def test_of_twenty_full_refunds_at_once_one_is_taken(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    payment = await paid(counter, post, await counter.bill())
    people = [f"staff:{UUID(int=n + 10)}" for n in range(20)]
    answers = await asyncio.gather(*(ask(payment, by=who) for who in people), return_exceptions=True)
    taken = [answer for answer in answers if isinstance(answer, UUID)]
    assert len(taken) == 1
    assert {type(a) for a in answers if not isinstance(a, UUID)} == {RefundExceedsPaid}
    decided = await asyncio.gather(
        *(refunds.approve(taken[0], by=f"staff:{UUID(int=n + 90)}") for n in range(20)), return_exceptions=True
    )
    assert decided.count(RefundState.REQUESTED) == 1
    assert {type(d) for d in decided if isinstance(d, BaseException)} == {RefundDecided}
    await asyncio.gather(*(refunds.advance(taken[0]) for _ in range(20)))
    assert (fake.seen.count("refund"), list(fake.refunded.values())) == (1, [20000])
    assert await ledger.unbalanced_entries() == 0


async def test_parts_that_are_more_than_the_whole_together(counter: Counter, post: Postman) -> None:
    payment = await paid(counter, post, await counter.bill(fen=10000))
    answers = await asyncio.gather(ask(payment, 6000), ask(payment, 5000, by=LI), return_exceptions=True)
    assert sorted(isinstance(answer, UUID) for answer in answers) == [False, True]
    left = 10000 - await db.fetch_value("SELECT sum(amount_fen)::bigint FROM payments_refund")
    with pytest.raises(RefundExceedsPaid) as refused:
        await ask(payment, left + 1)
    assert refused.value.extra == {"left_fen": left}
    await ask(payment, left)
    with pytest.raises(RefundExceedsPaid):
        await ask(payment, 1)


async def test_a_part_leaves_the_order_paid_and_the_rest_of_the_receipt_stands(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    payment = await paid(counter, post, await counter.bill(fen=10000))
    refund = await ask(payment, 4000)
    await refunds.approve(refund, by=LI)
    assert await order_state(payment) == "paid"
    await sent(refund)
    assert await order_state(payment) == "paid"
    assert await ledger.balance("income:JJ:103050101") == -6000
    receipts = await db.fetch("SELECT status, amount_fen FROM payments_receipt ORDER BY amount_fen")
    assert [tuple(row) for row in receipts] == [("red", -10000), ("issued", 6000), ("reversed", 10000)]
    rest = await ask(payment)
    await refunds.approve(rest, by=LI)
    with clock.moved(timedelta(minutes=2)):
        assert await sent(rest) == "succeeded"
    assert (await order_state(payment), sorted(fake.refunded.values())) == ("refunded", [4000, 6000])


async def test_of_several_bills_it_is_said_which(counter: Counter, post: Postman) -> None:
    one, two = await counter.bill(fen=3000), await counter.bill(code="44010526000000000018", fen=5000)
    payment = await paid(counter, post, one, two)
    wrong: Sequence[dict[str, Any]] = (
        {"fen": 4000},
        {"lines": [LineWish(one.id, 1000), LineWish(one.id, 1000)]},
        {"lines": [LineWish(UUID(int=9), 1000)]},
        {"lines": [LineWish(one.id, 1000, "7")]},
        {"fen": 2000, "lines": [LineWish(one.id, 1000)]},
    )
    for one_wish in wrong:
        with pytest.raises(RefundNeedsLines):
            await ask(payment, **one_wish)
    with pytest.raises(RefundExceedsPaid):
        await ask(payment, lines=[LineWish(one.id, 3001)])
    refund = await ask(payment, lines=[LineWish(two.id, 2000, "1")])
    parts = await db.fetch("SELECT bill_id, line, amount_fen FROM payments_refund_part")
    assert [tuple(row) for row in parts] == [(two.id, "1", 2000)]
    await ask(payment)
    assert await db.fetch_value("SELECT sum(amount_fen)::bigint FROM payments_refund") == 8000
    assert await db.fetch_value("SELECT count(*) FROM payments_refund") == 2
    assert await state_of(refund) == "asked"


async def test_what_was_not_paid_or_is_back_is_not_refunded(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    with pytest.raises(HouseError) as nothing:
        await refunds.request(UUID(int=5), amount_fen=1, lines=(), reason=WHY, by=WANG)
    assert nothing.value.status == 404
    await post.deliver(notice(transaction(order)))
    payment = dict((await db.fetch("SELECT * FROM payments_payment"))[0])
    refund = await ask(payment)
    await refunds.approve(refund, by=LI)
    before = await written()
    with pytest.raises(RefundNotPossible):
        await ask(payment, 1)
    await sent(refund)
    with pytest.raises(RefundNotPossible):
        await ask(payment, 1)
    assert (await written())["refund"] == before["refund"]


async def test_one_person_asks_for_so_much_a_day(counter: Counter, post: Postman) -> None:
    payment = await paid(counter, post, await counter.bill(fen=200_000_000))
    await ask(payment, 60_000_000)
    with pytest.raises(RefundLimitReached):
        await ask(payment, 40_000_001)
    assert await db.fetch_value("SELECT count(*) FROM payments_refund") == 1
    await ask(payment, 40_000_000)
    with clock.moved(timedelta(days=1)):
        other = await paid(counter, post, await counter.bill(code="44010526000000000018", fen=50_000_000))
        await ask(other, 50_000_000)


async def test_what_is_refused_may_be_asked_for_again(counter: Counter, post: Postman) -> None:
    payment = await paid(counter, post, await counter.bill())
    refund = await ask(payment)
    await refunds.refuse(refund, why="材料不全", by=LI)
    assert (await state_of(refund), await order_state(payment)) == ("refused", "paid")
    assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry") == 1
    with pytest.raises(RefundDecided):
        await refunds.approve(refund, by=LI)
    assert await state_of(await ask(payment)) == "asked"


async def test_what_is_too_old_for_the_channel_goes_by_the_treasury(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    payment = await paid(counter, post, await counter.bill())
    with clock.moved(timedelta(days=361)):
        refund = await ask(payment)
        assert await refunds.approve(refund, by=LI) is RefundState.HANDED_OVER
        assert await refunds.due() == []
        with pytest.raises(SecondPersonNeeded):
            await refunds.complete(refund, voucher="TF-1", done=True, by=WANG)
        await refunds.complete(refund, voucher="TF-2026-001", done=True, by=LI)
    assert (await state_of(refund), await order_state(payment), fake.refunded) == ("succeeded", "refunded", {})
    assert await ledger.balances() == {
        "channel:wechat": 20000, "income:JJ:103050101": 0, "returned:treasury": -20000, "suspense:refunding": 0,
    }  # fmt: skip


async def test_a_rule_asks_once_for_what_a_bill_was_paid(counter: Counter, post: Postman) -> None:
    bill, other = await counter.bill(fen=3000), await counter.bill(code="44010526000000000018", fen=5000)
    payment = await paid(counter, post, bill, other)
    (refund,) = await refunds.ask_for_bill(bill.id, reason=RefundReason.CASE_ENDED, by="system:case")
    assert await refunds.ask_for_bill(bill.id, reason=RefundReason.CASE_ENDED, by="system:case") == []
    row = (await db.fetch("SELECT state, amount_fen, requested_by FROM payments_refund"))[0]
    assert tuple(row) == ("asked", 3000, "system:case")
    await refunds.approve(refund, by=LI)
    assert await sent(refund) == "succeeded"
    assert await order_state(payment) == "paid"


async def test_disputed_money_goes_back_whole(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.said[order["number"]] = transaction(order, total=19999)
    from payments import standing

    await standing.confirm(order["id"], who="test")
    payment = dict((await db.fetch("SELECT * FROM payments_payment"))[0])
    assert (payment["outcome"], await order_state(payment)) == ("disputed", "disputed")
    with pytest.raises(RefundNotPossible):
        await ask(payment, 5, reason=RefundReason.DISPUTED)
    refund = await ask(payment, reason=RefundReason.DISPUTED)
    await refunds.approve(refund, by=LI)
    assert await sent(refund) == "succeeded"
    assert await order_state(payment) == "refunded"
    assert set((await ledger.balances()).values()) == {0}
