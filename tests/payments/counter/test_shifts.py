"""A drawer is counted, a second person confirms, and what goes to the bank is seen there before it is booked."""

from uuid import UUID

import pytest
from asyncpg import InsufficientPrivilegeError
from tortoise.exceptions import OperationalError

from kit import clock, db
from payments import ledger, refunds
from payments.counter import deposits, shifts
from payments.counter.errors import (
    CounterStepDone,
    DepositExceedsTaken,
    NotPaidInCash,
    ShiftOpenAlready,
    SlipTakenBefore,
)
from payments.counter.models import Deposit, Payout, Shift
from payments.counter.states import (
    DEPOSIT_MOVES,
    SHIFT_MOVES,
    TAKING_MOVES,
    DepositState,
    Means,
    ShiftState,
    TakingState,
)
from payments.errors import MoveRefused, RefundNotPossible, SecondPersonNeeded
from payments.models import Payment, Receipt, Refund
from payments.states import RefundReason
from tests.payments.counter.conftest import Window, somebody

pytestmark = pytest.mark.anyio


async def test_a_cashier_has_one_open_shift(window: Window) -> None:
    with pytest.raises(ShiftOpenAlready):
        await shifts.open_shift(window.cashier, window="4", float_fen=0)
    assert await Shift.all().count() == 1


async def test_a_shift_is_counted_by_its_cashier_and_confirmed_by_another(window: Window) -> None:
    await window.take(await window.bill(1))
    await window.take(await window.bill(2), means=Means.POS)
    await shifts.count(window.shift, counted_fen=70000, note="unused", by=window.cashier)
    with pytest.raises(SecondPersonNeeded):
        await shifts.confirm(window.shift, by=window.cashier)
    await shifts.confirm(window.shift, by=window.finance)
    shift = await Shift.get(id=window.shift)
    assert (shift.state, shift.expected_fen, shift.counted_fen, shift.difference_note) == (
        "confirmed", 70000, 70000, "",
    )  # fmt: skip
    with pytest.raises(MoveRefused):
        await shifts.confirm(window.shift, by=window.finance)


async def test_a_difference_needs_its_note_and_stays_written(window: Window) -> None:
    with pytest.raises(MoveRefused):
        await shifts.count(window.shift, counted_fen=49900, note=" ", by=window.cashier)
    assert (await Shift.get(id=window.shift)).state == "open"
    await shifts.count(window.shift, counted_fen=49900, note="找零短款一元", by=window.cashier)
    shift = await Shift.get(id=window.shift)
    assert (shift.expected_fen, shift.counted_fen, shift.difference_note) == (50000, 49900, "找零短款一元")


async def test_a_deposit_is_booked_when_finance_saw_it_at_the_bank(window: Window) -> None:
    await window.take(await window.bill())
    deposit = await deposits.enter(
        window.shift, means=Means.CASH, amount_fen=20000, slip="B1", on=clock.today(), by=window.cashier
    )
    assert await ledger.balance(ledger.BANK) == 0
    with pytest.raises(SecondPersonNeeded):
        await deposits.decide(deposit, seen=True, by=window.cashier)
    await deposits.decide(deposit, seen=True, by=window.finance)
    with pytest.raises(CounterStepDone):
        await deposits.decide(deposit, seen=True, by=window.finance)
    assert (await ledger.balance(ledger.BANK), await ledger.balance("channel:counter")) == (20000, 0)
    with pytest.raises((InsufficientPrivilegeError, OperationalError), match="stays as it is"):
        await db.execute("UPDATE counter_deposit SET state = 'refused'")


async def test_no_more_is_deposited_than_was_taken(window: Window) -> None:
    await window.take(await window.bill())
    for means, fen in ((Means.CASH, 20001), (Means.POS, 1)):
        with pytest.raises(DepositExceedsTaken):
            await deposits.enter(
                window.shift, means=means, amount_fen=fen, slip="B1", on=clock.today(), by=window.cashier
            )
    with pytest.raises(CounterStepDone):
        await deposits.enter(
            window.shift, means=Means.CHEQUE, amount_fen=1, slip="B1", on=clock.today(), by=window.cashier
        )
    assert await Deposit.all().count() == 0


async def test_a_refused_deposit_may_be_entered_again_and_a_slip_only_once(window: Window) -> None:
    await window.take(await window.bill())
    first = await deposits.enter(
        window.shift, means=Means.CASH, amount_fen=15000, slip="B1", on=clock.today(), by=window.cashier
    )
    with pytest.raises(SlipTakenBefore):
        await deposits.enter(
            window.shift, means=Means.CASH, amount_fen=1, slip="B1", on=clock.today(), by=window.cashier
        )
    await deposits.decide(first, seen=False, why="not on the statement", by=window.finance)
    assert await deposits.left_fen(window.shift, means=Means.CASH) == 20000
    assert await ledger.balance(ledger.BANK) == 0


async def test_cash_goes_back_when_two_people_decided(window: Window) -> None:
    taking = await window.take(await window.bill())
    payment = await Payment.get(order_id=taking.order_id)  # type: ignore[attr-defined]
    third = await somebody("chief", "finance")
    refund = await refunds.request(
        payment.id, amount_fen=20000, lines=[], reason=RefundReason.MISTAKEN, by=f"staff:{window.finance}"
    )
    with pytest.raises(CounterStepDone):
        await deposits.pay_out(window.shift, refund_id=refund, voucher="P1", by=window.cashier)
    await refunds.approve(refund, by=f"staff:{third.id}")
    await deposits.pay_out(window.shift, refund_id=refund, voucher="P1", by=window.cashier)
    with pytest.raises(CounterStepDone):
        await deposits.pay_out(window.shift, refund_id=refund, voucher="P2", by=window.cashier)
    assert await shifts.cash_in_drawer(await Shift.get(id=window.shift)) == 50000
    assert await ledger.balance("channel:counter") == 0
    assert {receipt.status for receipt in await Receipt.all()} == {"red", "reversed"}


async def handed_over(window: Window, means: Means) -> tuple[UUID, str]:
    """A refund of what was taken, decided; and who agreed to it, who is a cashier too."""
    taking = await window.take(await window.bill(), means=means)
    payment = await Payment.get(order_id=taking.order_id)  # type: ignore[attr-defined]
    chief = await somebody("chief", "finance", "clerk")
    refund = await refunds.request(
        payment.id, amount_fen=20000, lines=[], reason=RefundReason.MISTAKEN, by=f"staff:{window.cashier}"
    )
    await refunds.approve(refund, by=f"staff:{chief.id}")
    return refund, str(chief.id)


async def test_what_came_by_card_does_not_go_back_in_cash(window: Window) -> None:
    refund, _ = await handed_over(window, Means.POS)
    other = await somebody("other", "clerk")
    shift = await shifts.open_shift(other.id, window="4", float_fen=50000)
    with pytest.raises(NotPaidInCash):
        await deposits.pay_out(shift, refund_id=refund, voucher="P1", by=other.id)
    assert (await Payout.all().count(), (await Refund.get(id=refund)).state) == (0, "handed_over")
    await refunds.complete(refund, voucher="POS-1", done=True, by=f"staff:{window.finance}")
    assert await ledger.balance("channel:counter") == 0


async def test_who_asked_or_agreed_does_not_pay_the_cash_out(window: Window) -> None:
    refund, chief = await handed_over(window, Means.CASH)
    drawer = await shifts.open_shift(UUID(chief), window="4", float_fen=50000)
    for shift, who in ((drawer, UUID(chief)), (window.shift, window.cashier)):
        with pytest.raises(SecondPersonNeeded):
            await deposits.pay_out(shift, refund_id=refund, voucher="P1", by=who)
    with pytest.raises(RefundNotPossible):
        await refunds.complete(refund, voucher="P1", done=True, by=f"staff:{window.finance}")
    assert (await Payout.all().count(), await ledger.balance("channel:counter")) == (0, 20000)


def test_every_state_is_reached_and_ends_stay() -> None:
    for moves, states, first in (
        (SHIFT_MOVES, ShiftState, ShiftState.OPEN),
        (TAKING_MOVES, TakingState, TakingState.CLEARING),
        (DEPOSIT_MOVES, DepositState, DepositState.ENTERED),
    ):
        assert set(moves) == set(states)
        assert {to for ends in moves.values() for to in ends} | {first} == set(states)
