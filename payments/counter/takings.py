"""
Money on the counter: cash, card or cheque for bills, taken in an open shift and settled through the same door as all
other money. An order that waits at a channel for the same bills is closed there first.

A cheque pays nothing until the bank has honoured it: its order holds the bills, so that nobody pays them meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from auth.models import Citizen
from kit import audit, clock, db
from kit.errors import NotFound
from payments import ledger, orders, settlement, standing
from payments.channels.base import PaymentFact, Standing
from payments.counter import shifts
from payments.counter.errors import AmountChanged, CounterStepDone, SlipTakenBefore, TooFewCash
from payments.counter.models import Taking
from payments.counter.states import TAKING_MOVES, Means, TakingState
from payments.errors import BillBeingPaid, SecondPersonNeeded
from payments.models import Bill
from payments.orders import AtWindow
from payments.settlement import Outcome
from payments.states import OrderState


@dataclass(frozen=True)
class Handed:
    """What lies on the counter. `amount_fen` is what the cashier read as due; `tendered_fen` what was given in cash."""

    bill_ids: Sequence[UUID]
    means: Means
    amount_fen: int
    tendered_fen: int | None = None
    bank: str = ""
    reference: str = ""


async def take(shift: UUID, handed: Handed, *, by: UUID) -> UUID:
    """
    Takes money for bills; the id of the taking.

    Raises: NotFound, ShiftNotOpen, BillAlreadyPaid, BillNotPayable, BillBeingPaid, AmountChanged, TooFewCash,
    SlipTakenBefore.
    """
    for _ in range(3):
        taking, in_the_way = await _taken(shift, handed, by=by)
        if taking is not None:
            return taking
        for other in in_the_way:
            await standing.close(other, who=f"staff:{by}", why="paid at a window")
    raise BillBeingPaid


async def _taken(shift_id: UUID, handed: Handed, *, by: UUID) -> tuple[UUID | None, list[UUID]]:
    """The taking, or the orders that must be closed at their channels first."""
    try:
        async with db.transaction():
            shift = await shifts.locked(shift_id, cashier=by)
            bills = await orders.locked_payable(handed.bill_ids)
            others = await orders.in_the_way(bills)
            if any(other.channel == orders.COUNTER for other in others):
                raise BillBeingPaid
            if others:
                return None, [other.id for other in others]
            order = await orders.hold(AtWindow(await _account_of(bills)), bills=bills)
            return await _note(shift.id, handed, order=order, by=by), []
    except (UniqueViolationError, IntegrityError) as error:
        raise (SlipTakenBefore if "counter_one_slip" in str(error) else BillBeingPaid) from None


async def _account_of(bills: Sequence[Bill]) -> UUID | None:
    """The payer's account, when all the bills are of one person who has one."""
    payers = {(bill.payer_id_number_index, bill.payer_phone_index) for bill in bills}
    if len(payers) != 1:
        return None
    id_number, phone = payers.pop()
    found = await Citizen.get_or_none(id_number_index=id_number).only("id") if id_number else None
    if found is None and phone and not id_number:
        found = await Citizen.get_or_none(phone_index=phone).only("id")
    return found.id if found else None


async def _note(shift: UUID, handed: Handed, *, order: UUID, by: UUID) -> UUID:
    row = await orders.locked(order)
    if row["amount_fen"] != handed.amount_fen:
        raise AmountChanged(extra={"amount_fen": row["amount_fen"]})
    cash = handed.means is Means.CASH
    if cash and (handed.tendered_fen or 0) < handed.amount_fen:
        raise TooFewCash
    waits = handed.means is Means.CHEQUE
    taking = Taking(
        shift_id=shift, order_id=order, means=handed.means, amount_fen=handed.amount_fen, taken_at=clock.now(),
        state=TakingState.CLEARING if waits else TakingState.TAKEN, taken_by=by,
        tendered_fen=handed.tendered_fen if cash else None, bank="" if cash else handed.bank.strip(),
        reference="" if cash else handed.reference.strip(),
    )  # fmt: skip
    await taking.save(force_create=True)
    await audit.record(
        actor=f"staff:{by}", action="counter.taken", subject=f"order:{order}", means=handed.means,
        amount_fen=handed.amount_fen, shift=str(shift),
    )  # fmt: skip
    if waits:
        await orders.move(
            order, come_from=OrderState.CREATED, to=OrderState.CONFIRMING, who=f"staff:{by}", why="cheque to clear",
            confirming_since=clock.now(),
        )  # fmt: skip
        await db.execute("UPDATE payments_order SET next_check_at = NULL WHERE id = $1", order)
    else:
        await _settle(taking, number=row["number"])
    return taking.id


async def _settle(taking: Taking, *, number: str) -> Outcome:
    return await settlement.settle(
        PaymentFact(
            channel=orders.COUNTER, number=number, standing=Standing.PAID, transaction_id=number,
            amount_fen=taking.amount_fen, currency="CNY", paid_at=taking.taken_at,
        ),
        learned_by="counter",
    )  # fmt: skip


async def cheque_honoured(taking_id: UUID, *, by: UUID) -> None:
    """
    The bank has credited the cheque: now the bills are paid, as of the day it was handed in. A bill that changed
    meanwhile leaves the money disputed, for finance to decide.

    Raises: NotFound, CounterStepDone, SecondPersonNeeded.
    """
    async with db.transaction():
        taking = await _decided(taking_id, to=TakingState.TAKEN, by=by)
        order = await db.fetch_value("SELECT number FROM payments_order WHERE id = $1", taking.order_id)  # type: ignore[attr-defined]
        await _settle(taking, number=order)
        amount = taking.amount_fen
        postings = [(ledger.BANK, amount), (ledger.channel_account(orders.COUNTER), -amount)]
        await ledger.post("counter_deposit", f"cheque:{taking.id}", postings=postings)


async def cheque_bounced(taking_id: UUID, *, why: str, by: UUID) -> None:
    """
    The bank has not honoured the cheque (退票): nothing was paid, and the bills are owed as before, with what later
    days add.

    Raises: NotFound, CounterStepDone, SecondPersonNeeded.
    """
    async with db.transaction():
        taking = await _decided(taking_id, to=TakingState.BOUNCED, by=by, bounce_reason=why)
        await orders.finish_closed(taking.order_id, who=f"staff:{by}", why="cheque bounced")  # type: ignore[attr-defined]


async def _decided(taking_id: UUID, *, to: TakingState, by: UUID, **columns: str) -> Taking:
    """The cheque with what the bank said of it, noted by another person than took it."""
    taking = await Taking.filter(id=taking_id).select_for_update().first()
    if taking is None:
        raise NotFound
    if to not in TAKING_MOVES[TakingState(taking.state)]:
        raise CounterStepDone
    if taking.taken_by == by:
        raise SecondPersonNeeded
    columns |= {"state": to, "decided_by": by, "decided_at": clock.now()}  # type: ignore[dict-item]
    await taking.update_from_dict(columns).save(update_fields=list(columns))
    await audit.record(
        actor=f"staff:{by}", action=f"cheque.{to}", subject=f"taking:{taking.id}", amount_fen=taking.amount_fen
    )
    return taking
