"""
The one door through which money comes in: a notice and a query both end here.

Under the bills' and the order's row locks it is decided once what a payment is: it settles the bills, it is surplus
and goes back by itself, or it is disputed and people decide. Told again, nothing happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from asyncpg import Record

from kit import audit, clock, db
from kit.ids import new_id
from payments import ledger, orders, receipts, refunds
from payments.channels import channel as channel_named
from payments.channels.base import PaymentFact, Standing
from payments.dues import plans
from payments.dues.plans import Taken
from payments.exceptions import open_exception
from payments.states import PENDING, BillState, ExceptionKind, OrderState


class Outcome(StrEnum):
    SETTLED = "settled"
    SURPLUS = "surplus"
    DISPUTED = "disputed"
    KNOWN = "known"  # this transaction was taken before
    ORPHAN = "orphan"  # no such order here
    REFUSED = "refused"  # not a payment we can take; an exception is open

    @property
    def done(self) -> bool:
        """Whether the channel need not tell us again."""
        return self not in {Outcome.ORPHAN, Outcome.REFUSED}


@dataclass(frozen=True)
class _Open:
    order: Record
    parts: Sequence[Record]  # of the bills and of what the order pays of each


async def settle(fact: PaymentFact, *, learned_by: str) -> Outcome:
    """
    Takes in what a channel says was paid. `learned_by` is notice, query or counter.

    A query speaks for the channel's books, and a window for its drawer, so an amount that is wrong there is booked and
    disputed; a notice with a wrong amount books nothing, and the next query tells.
    """
    assert fact.standing is Standing.PAID, "only what is paid is settled"
    async with db.transaction():
        found = await _locked(fact)
        if found is None:
            await _except(ExceptionKind.UNKNOWN_ORDER, fact)
            return Outcome.ORPHAN
        objection = _objection(fact, found)
        taken = await db.fetch_value(
            "SELECT amount_fen FROM payments_payment WHERE channel = $1 AND transaction_id = $2",
            fact.channel, fact.transaction_id,
        )  # fmt: skip
        if taken is not None:
            return await _told_again(fact, objection=objection, taken_fen=taken, learned_by=learned_by)
        if objection is not None:
            await _except(objection, fact, ours_fen=found.order["amount_fen"])
            if learned_by == "notice" or objection is ExceptionKind.FOREIGN_MERCHANT:
                await db.execute(
                    "UPDATE payments_order SET next_check_at = $2 WHERE id = $1 AND next_check_at IS NOT NULL",
                    found.order["id"], clock.now(),
                )  # fmt: skip
                return Outcome.REFUSED
        outcome = Outcome.DISPUTED if objection is not None else _judged(found)
        await _take(fact, found, outcome=outcome, learned_by=learned_by)
    return outcome


async def _told_again(
    fact: PaymentFact, *, objection: ExceptionKind | None, taken_fen: int, learned_by: str
) -> Outcome:  # fmt: skip
    """What was taken stays taken; a notice that now tells it of somebody else or of another amount is not agreed to."""
    other = fact.amount_fen != taken_fen or objection is ExceptionKind.WRONG_CURRENCY
    if objection is not ExceptionKind.FOREIGN_MERCHANT and not (learned_by == "notice" and other):
        return Outcome.KNOWN
    await _except(objection or ExceptionKind.WRONG_AMOUNT, fact, ours_fen=taken_fen)
    return Outcome.REFUSED


async def _locked(fact: PaymentFact) -> _Open | None:
    """Bills before order: the one order in which rows are locked."""
    order = await db.fetch_value(
        "SELECT id FROM payments_order WHERE number = $1 AND channel = $2", fact.number, fact.channel
    )
    if order is None:
        return None
    parts = await db.fetch(
        "SELECT b.id, b.state, b.version, b.department_id, b.income_item_code, b.payment_code, b.part_place, "
        "p.principal_fen, p.surcharge_fen, p.bill_version "
        "FROM payments_order_bill p JOIN payments_bill b ON b.id = p.bill_id "
        "WHERE p.order_id = $1 ORDER BY b.id FOR UPDATE OF b",
        order,
    )
    return _Open(await orders.locked(order), parts)


def _objection(fact: PaymentFact, found: _Open) -> ExceptionKind | None:
    """Why a payment cannot be what the order asked for."""
    if fact.channel != orders.COUNTER:  # at the window the money itself is the proof
        channel = channel_named(fact.channel)
        if (fact.merchant, fact.app) != (channel.merchant, channel.app):
            return ExceptionKind.FOREIGN_MERCHANT
    if fact.currency != "CNY":
        return ExceptionKind.WRONG_CURRENCY
    if fact.amount_fen != found.order["amount_fen"]:
        return ExceptionKind.WRONG_AMOUNT
    changed = any(p["version"] != p["bill_version"] and p["state"] == BillState.UNPAID for p in found.parts)
    return ExceptionKind.BILL_CHANGED if changed and found.order["state"] in PENDING else None


def _judged(found: _Open) -> Outcome:
    """A pending order whose bills are all still owed settles them; whatever else comes is surplus."""
    wanted = found.order["state"] in PENDING and all(p["state"] == BillState.UNPAID for p in found.parts)
    return Outcome.SETTLED if wanted else Outcome.SURPLUS


async def _take(fact: PaymentFact, found: _Open, *, outcome: Outcome, learned_by: str) -> None:
    payment = new_id()
    await db.execute(
        "INSERT INTO payments_payment (id, channel, transaction_id, order_id, number, amount_fen, outcome, paid_at, "
        "learned_at, learned_by) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        payment, fact.channel, fact.transaction_id, found.order["id"], fact.number, fact.amount_fen, str(outcome),
        fact.paid_at, clock.now(), learned_by,
    )  # fmt: skip
    who = f"channel:{fact.channel}"
    if outcome is Outcome.SETTLED:
        await _settle_bills(fact, found, who=who)
    elif outcome is Outcome.DISPUTED:
        await _book(fact, credits=[(ledger.DISPUTED, -fact.amount_fen)])
        await _follow(found, to=OrderState.DISPUTED, who=who, why="money other than asked for")
    else:
        await _book(fact, credits=[(ledger.SURPLUS, -fact.amount_fen)])
        await _follow(found, to=OrderState.REFUNDING, who=who, why="money the bills need no more")
        await refunds.return_surplus(payment, order=found.order["id"], amount_fen=fact.amount_fen)
    await audit.record(
        actor="system", action=f"payment.{outcome}", subject=f"order:{found.order['id']}",
        transaction=fact.transaction_id, amount_fen=fact.amount_fen, learned_by=learned_by,
    )  # fmt: skip


async def _follow(found: _Open, *, to: OrderState, who: str, why: str) -> None:
    """The order's state follows the money, unless it settled its bills before or is on its way back already."""
    state = OrderState(found.order["state"])
    if state in PENDING or (state is OrderState.CLOSED and to is OrderState.REFUNDING):
        await orders.move(found.order["id"], come_from=state, to=to, who=who, why=why)


async def _settle_bills(fact: PaymentFact, found: _Open, *, who: str) -> None:
    order = found.order["id"]
    await orders.move(
        order, come_from=OrderState(found.order["state"]), to=OrderState.PAID, who=who, why="paid",
        transaction_id=fact.transaction_id, paid_at=fact.paid_at,
    )  # fmt: skip
    assert fact.paid_at is not None, "a paid fact carries its time"
    for part in found.parts:
        amount = part["principal_fen"] + part["surcharge_fen"]
        await receipts.issue(part["id"], order=order, part=part)
        await plans.applied(part, Taken(order, found.order["citizen_id"], amount, fact.paid_at))
    await _book(
        fact,
        credits=[
            (
                ledger.income_account(part["department_id"], part["income_item_code"]),
                -(part["principal_fen"] + part["surcharge_fen"]),
            )
            for part in found.parts
        ],
    )


async def _book(fact: PaymentFact, *, credits: list[tuple[str, int]]) -> None:  # noqa: A002 - the bookkeeper's word
    postings = [(ledger.channel_account(fact.channel), fact.amount_fen), *credits]
    await ledger.post("payment", f"{fact.channel}:{fact.transaction_id}"[:64], postings=postings)


async def _except(kind: ExceptionKind, fact: PaymentFact, **more: int) -> None:
    reference = f"{fact.number}:{fact.transaction_id}"
    await open_exception(
        kind, channel=fact.channel, reference=reference, theirs_fen=fact.amount_fen, currency=fact.currency[:8], **more
    )
