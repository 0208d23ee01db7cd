"""
What leaves the drawer: cash and card slips to the bank, and cash back to a payer whose refund two people decided.

A deposit is entered by one person and booked when another saw it on the bank's statement.
"""

from datetime import date
from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from kit import audit, clock, db
from kit.errors import NotFound
from payments import ledger, refunds
from payments.counter import shifts
from payments.counter.errors import CounterStepDone, DepositExceedsTaken, NotPaidInCash, SlipTakenBefore, TooFewCash
from payments.counter.models import Deposit, Payout, Taking
from payments.counter.states import DEPOSIT_MOVES, DepositState, Means
from payments.errors import SecondPersonNeeded
from payments.models import Refund
from payments.orders import COUNTER
from payments.states import RefundRoute, RefundState

LEFT = """
SELECT coalesce((SELECT sum(amount_fen) FROM counter_taking WHERE shift_id = $1 AND means = $2 AND state = 'taken'), 0)
  - coalesce((SELECT sum(amount_fen) FROM counter_deposit
              WHERE shift_id = $1 AND means = $2 AND state <> 'refused'), 0)
  - CASE WHEN $2 = 'cash' THEN coalesce((SELECT sum(amount_fen) FROM counter_payout WHERE shift_id = $1), 0) ELSE 0 END
"""


async def left_fen(shift: UUID, *, means: Means) -> int:
    """What the shift took by this means and has not yet brought to the bank or paid out."""
    return int(await db.fetch_value(LEFT, shift, str(means)))


async def enter(shift_id: UUID, *, means: Means, amount_fen: int, slip: str, on: date, by: UUID) -> UUID:
    """
    Notes what the cashier brought to the bank, or the bank's credit for card slips.

    Raises: NotFound, DepositExceedsTaken, SlipTakenBefore, CounterStepDone for a cheque or a confirmed shift.
    """
    if means is Means.CHEQUE:
        raise CounterStepDone  # a cheque is at the bank when it is honoured
    try:
        async with db.transaction():
            shift = await shifts.locked(shift_id, cashier=by, is_open=False)
            if amount_fen > await left_fen(shift.id, means=means):
                raise DepositExceedsTaken
            deposit = await Deposit.create(
                shift_id=shift.id, means=means, state=DepositState.ENTERED, amount_fen=amount_fen, slip=slip.strip(),
                deposited_on=on, entered_by=by, entered_at=clock.now(),
            )  # fmt: skip
            await _note(deposit, "entered", by=by)
    except (UniqueViolationError, IntegrityError):
        raise SlipTakenBefore from None
    return deposit.id


async def decide(deposit_id: UUID, *, seen: bool, why: str = "", by: UUID) -> None:
    """
    Finance saw the deposit on the bank's statement, and it is booked; or did not, and it is to be entered again.

    Raises: NotFound, CounterStepDone, SecondPersonNeeded.
    """
    async with db.transaction():
        deposit = await Deposit.filter(id=deposit_id).select_for_update().first()
        if deposit is None:
            raise NotFound
        to = DepositState.CONFIRMED if seen else DepositState.REFUSED
        if to not in DEPOSIT_MOVES[DepositState(deposit.state)]:
            raise CounterStepDone
        if deposit.entered_by == by:
            raise SecondPersonNeeded
        deposit.state, deposit.decided_by, deposit.decided_at, deposit.refusal = to, by, clock.now(), why
        await deposit.save(update_fields=["state", "decided_by", "decided_at", "refusal"])
        await _note(deposit, str(to), by=by)
        if seen:
            amount = deposit.amount_fen
            postings = [(ledger.BANK, amount), (ledger.channel_account(COUNTER), -amount)]
            await ledger.post("counter_deposit", deposit.slip, postings=postings)


async def pay_out(shift_id: UUID, *, refund_id: UUID, voucher: str, by: UUID) -> UUID:
    """
    Gives cash back for a refund that two people decided and that goes back over the counter. What came by card goes
    back to the card and what came by cheque by the bank, never in cash; and who agreed does not hold the drawer.

    Raises: NotFound, ShiftNotOpen, CounterStepDone, NotPaidInCash, SecondPersonNeeded, TooFewCash.
    """
    async with db.transaction():
        shift = await shifts.locked(shift_id, cashier=by)
        refund = await Refund.get_or_none(id=refund_id)
        waits = refund is not None and (refund.route, refund.state) == (RefundRoute.COUNTER, RefundState.HANDED_OVER)
        if refund is None or not waits or await Payout.exists(refund=refund_id):
            raise CounterStepDone
        if not await Taking.exists(order_id=refund.order_id, means=Means.CASH):  # type: ignore[attr-defined]
            raise NotPaidInCash
        if f"staff:{by}" in {refund.approved_by, refund.second_by}:
            raise SecondPersonNeeded
        if refund.amount_fen > await shifts.cash_in_drawer(shift):
            raise TooFewCash
        payout = await Payout.create(
            shift_id=shift.id, refund=refund_id, amount_fen=refund.amount_fen, voucher=voucher.strip(),
            paid_at=clock.now(), paid_by=by,
        )  # fmt: skip
        await refunds.complete(refund_id, voucher=voucher.strip(), done=True, by=f"staff:{by}")
    return payout.id


async def _note(deposit: Deposit, what: str, *, by: UUID) -> None:
    await audit.record(
        actor=f"staff:{by}", action=f"deposit.{what}", subject=f"deposit:{deposit.id}", means=deposit.means,
        amount_fen=deposit.amount_fen, slip=deposit.slip,
    )  # fmt: skip
