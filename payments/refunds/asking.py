"""
Refunds by request. Who asks does not decide; above a limit two others decide. Where the money goes is nobody's choice:
back the way it came, or by the treasury once it was handed on.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db, workdays
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id
from payments import orders
from payments.config import PaymentSettings
from payments.errors import (
    RefundDecided,
    RefundLimitReached,
    RefundNotPossible,
    RefundTooMany,
    SecondPersonNeeded,
)
from payments.refunds import moving
from payments.refunds.breakdown import SURCHARGE, LineWish, Paid, parts_of
from payments.refunds.sending import number_of_today
from payments.states import OrderState, RefundReason, RefundRoute, RefundState
from payments.treasury.handing import handed_over

MOST_PARTS = 50  # refunds a channel takes of one payment
REFUNDABLE = frozenset({OrderState.PAID, OrderState.DISPUTED})


async def request(
    payment: UUID, *, amount_fen: int | None, lines: Sequence[LineWish], reason: RefundReason, by: str, note: str = ""
) -> UUID:
    """
    Asks for a refund of `amount_fen`, or of all that is left; its id. Nothing moves until somebody else agrees.

    Raises: NotFound, RefundNotPossible, RefundExceedsPaid, RefundTooMany, RefundLimitReached, RefundNeedsLines.
    """
    async with db.transaction():
        paid = await _locked_payment(payment)
        parts = await _parts(paid, amount_fen=amount_fen, lines=lines)
        total = sum(part.amount_fen for part in parts) if parts else await _all_of_disputed(paid, amount_fen)
        if not by.startswith("system"):
            await _within_limit(by, total)
        refund = new_id()
        await db.execute(
            "INSERT INTO payments_refund (id, number, payment_id, order_id, amount_fen, reason, note, route, state, "
            "requested_by, requested_at, checks) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'asked',$9,$10,0)",
            refund, number_of_today(), payment, paid["order_id"], total, str(reason), note[:300],
            str(await route_of(paid)), by, clock.now(),
        )  # fmt: skip
        await db.execute(
            "INSERT INTO payments_refund_part (id, refund_id, bill_id, line, amount_fen) "
            "SELECT gen_random_uuid(), $1, * FROM unnest($2::uuid[], $3::text[], $4::bigint[])",
            refund, [p.bill for p in parts], [p.line for p in parts], [p.amount_fen for p in parts],
        )  # fmt: skip
        await audit.record(
            actor=by, action="refund.asked", subject=f"refund:{refund}", amount_fen=total, reason=str(reason)
        )
    return refund


# What is asked for of one payment is counted together, so that parts are no way round the second approval.
ASKED_OF_PAYMENT = """
SELECT coalesce(sum(amount_fen), 0)::bigint FROM payments_refund x
WHERE x.payment_id = {} AND x.reason <> 'surplus' AND x.state NOT IN ('refused', 'closed')
"""


def needs_second(asked_of_payment: int) -> bool:
    """Whether two others have to agree, by the fen that are asked for of one payment in all."""
    return asked_of_payment > current(PaymentSettings).refund_second_approval_above_fen


async def approve(refund: UUID, *, by: str) -> RefundState:
    """
    Agrees to a refund; when more than the limit is asked for of its payment, in one refund or in several, the first of
    two to do so leaves it waiting. The state it is in now.

    Raises: NotFound, RefundDecided, SecondPersonNeeded.
    """
    async with db.transaction():
        row, order = await _waiting(refund, by=by)
        if row["approved_by"] is None and needs_second(await _asked_of(row["payment_id"])):
            await db.execute(
                "UPDATE payments_refund SET approved_by = $2, approved_at = $3 WHERE id = $1", refund, by, clock.now()
            )
            await audit.record(actor=by, action="refund.agreed", subject=f"refund:{refund}")
            return RefundState.ASKED
        agreed = "second" if row["approved_by"] else "approved"
        route = await route_of(row)
        to = RefundState.REQUESTED if route is RefundRoute.CHANNEL else RefundState.HANDED_OVER
        await moving.move(
            row, order=order, to=to, who=by, why="agreed", route=str(route), expected_by=await _expected(route),
            next_check_at=clock.now() if to is RefundState.REQUESTED else None,
            **{f"{agreed}_by": by, f"{agreed}_at": clock.now()},
        )  # fmt: skip
    return to


async def _asked_of(payment: UUID) -> int:
    return int(await db.fetch_value(ASKED_OF_PAYMENT.format("$1"), payment))


async def refuse(refund: UUID, *, why: str, by: str) -> None:
    """Says no; the amount may be asked for again. Raises NotFound, RefundDecided, SecondPersonNeeded."""
    async with db.transaction():
        row, order = await _waiting(refund, by=by)
        await moving.move(row, order=order, to=RefundState.REFUSED, who=by, why="not agreed", refusal=why[:300])


CASH_STILL_THERE = """
SELECT 1 FROM counter_taking WHERE order_id = $1 AND means = 'cash'
AND NOT EXISTS (SELECT 1 FROM counter_payout WHERE refund = $2)
"""


async def complete(refund: UUID, *, voucher: str, done: bool, by: str) -> None:
    """
    The treasury or the counter paid it out (`done`, with the number of its paper) or sent it back.

    Raises: NotFound, RefundDecided unless it waits for them, SecondPersonNeeded for who asked for it, RefundNotPossible
    for cash of a window, which only leaves a drawer that is counted.
    """
    async with db.transaction():
        row, order = await moving.locked(refund)
        if row["state"] != RefundState.HANDED_OVER:
            raise RefundDecided
        if by == row["requested_by"]:
            raise SecondPersonNeeded
        if done and await db.fetch_value(CASH_STILL_THERE, row["order_id"], refund):
            raise RefundNotPossible
        to = RefundState.SUCCEEDED if done else RefundState.CLOSED
        accepted = {"accepted_at": clock.now()} if done else {}
        await moving.move(row, order=order, to=to, who=by, why=f"by {row['route']}", voucher=voucher[:64], **accepted)


async def ask_for_bill(bill: UUID, *, reason: RefundReason, by: str, note: str = "") -> list[UUID]:
    """
    Asks for all that is left of what was paid of a bill, payment by payment; nothing when none is left.

    For rules such as "the case was refused": told twice, it asks once.
    """
    async with db.transaction():
        payments = await db.fetch(
            "SELECT p.id FROM payments_payment p JOIN payments_order_bill b ON b.order_id = p.order_id "
            "WHERE b.bill_id = $1 AND p.outcome = 'settled' ORDER BY p.paid_at, p.id",
            bill,
        )
        asked = []
        for row in payments:
            left = (await paid_of(row["id"]))[bill].left_fen
            if left:
                wish = [LineWish(bill, left)]
                asked.append(await request(row["id"], amount_fen=left, lines=wish, reason=reason, by=by, note=note))
    return asked


async def _waiting(refund: UUID, *, by: str) -> tuple[Record, Record]:
    row, order = await moving.locked(refund)
    if row["state"] != RefundState.ASKED:
        raise RefundDecided
    if by in {row["requested_by"], row["approved_by"]}:
        raise SecondPersonNeeded
    return row, order


async def _locked_payment(payment: UUID) -> Record:
    """The payment and its order's state, locked. Raises NotFound, RefundNotPossible, RefundTooMany."""
    order = await db.fetch_value("SELECT order_id FROM payments_payment WHERE id = $1", payment)
    if order is None:
        raise NotFound
    await moving.lock_bills(order)
    held = await orders.locked(order)
    row = (await db.fetch("SELECT * FROM payments_payment WHERE id = $1 FOR UPDATE", payment))[0]
    if held["state"] not in REFUNDABLE or row["outcome"] == "surplus":
        raise RefundNotPossible
    so_far = await db.fetch_value(
        "SELECT count(*) FROM payments_refund WHERE payment_id = $1 AND state <> 'refused'", payment
    )
    if so_far >= MOST_PARTS:
        raise RefundTooMany
    return row


async def _within_limit(by: str, fen: int) -> None:
    """What one person asked for today, in the city's day, and this. Raises RefundLimitReached."""
    midnight = clock.city_time(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 12))", by)  # several at once by one person
    asked = await db.fetch_value(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM payments_refund WHERE requested_by = $1 "
        "AND requested_at >= $2 AND state <> 'refused'",
        by, midnight,
    )  # fmt: skip
    if asked + fen > current(PaymentSettings).refund_asked_a_day_fen:
        raise RefundLimitReached


async def _parts(paid: Record, *, amount_fen: int | None, lines: Sequence[LineWish]) -> list[LineWish]:
    """What of which bill; empty of disputed money, which is no bill's."""
    if paid["outcome"] != "settled":
        return []
    return parts_of(await paid_of(paid["id"]), amount_fen=amount_fen, lines=lines)


async def _all_of_disputed(paid: Record, amount_fen: int | None) -> int:
    """Disputed money goes back as it came: all of it. Raises RefundNotPossible."""
    known = await db.fetch_value(
        "SELECT 1 FROM payments_refund WHERE payment_id = $1 AND state NOT IN ('closed', 'refused')", paid["id"]
    )
    if known or amount_fen not in {None, paid["amount_fen"]}:
        raise RefundNotPossible
    total: int = paid["amount_fen"]
    return total


PAID = """
SELECT b.bill_id, b.principal_fen, b.surcharge_fen, bill.principal_fen AS whole_fen,
  (SELECT coalesce(jsonb_object_agg(place::text, amount_fen), '{}') FROM payments_bill_line l
     WHERE l.bill_id = b.bill_id) AS lines,
  (SELECT coalesce(jsonb_object_agg(line, fen), '{}') FROM (
     SELECT part.line, sum(part.amount_fen) AS fen FROM payments_refund_part part
     JOIN payments_refund r ON r.id = part.refund_id AND r.state NOT IN ('closed', 'refused')
     WHERE r.order_id = p.order_id AND part.bill_id = b.bill_id GROUP BY part.line) back) AS back
FROM payments_payment p JOIN payments_order_bill b ON b.order_id = p.order_id
JOIN payments_bill bill ON bill.id = b.bill_id
WHERE p.id = $1 ORDER BY b.bill_id
"""


async def paid_of(payment: UUID) -> dict[UUID, Paid]:
    """Of each bill what the payment paid and what of it went back. Lines are known of bills paid as a whole."""
    return {row["bill_id"]: _read(row) for row in await db.fetch(PAID, payment)}


def _read(row: Record) -> Paid:
    back: dict[str, int] = {line: int(fen) for line, fen in json.loads(row["back"]).items()}
    lines: dict[str, Any] = json.loads(row["lines"]) if row["principal_fen"] == row["whole_fen"] else {}
    if row["surcharge_fen"]:
        lines[SURCHARGE] = row["surcharge_fen"]
    return Paid(row["principal_fen"] + row["surcharge_fen"], sum(back.values()), lines, back)


async def route_of(paid: Record) -> RefundRoute:
    """The way it came, as long as it was not handed on and the channel still takes it back."""
    if paid["channel"] == "counter":
        return RefundRoute.COUNTER
    too_old = clock.now() - paid["paid_at"] > timedelta(days=current(PaymentSettings).refund_channel_days)
    if too_old or (paid["outcome"] == "settled" and await _handed_on(paid)):
        return RefundRoute.TREASURY
    return RefundRoute.CHANNEL


BOOKED = """
SELECT DISTINCT b.department_id, b.income_item_code, e.at FROM payments_order_bill part
JOIN payments_bill b ON b.id = part.bill_id JOIN payments_ledger_entry e ON e.kind = 'payment' AND e.reference = $2
WHERE part.order_id = $1
"""


async def _handed_on(paid: Record) -> bool:
    reference = f"{paid['channel']}:{paid['transaction_id']}"[:64]
    for row in await db.fetch(BOOKED, paid["order_id"], reference):
        booked_at: datetime = row["at"]
        if await handed_over(row["department_id"], row["income_item_code"], booked_at=booked_at) is not None:
            return True
    return False


async def _expected(route: RefundRoute) -> object:
    settings = current(PaymentSettings)
    days = settings.refund_treasury_workdays if route is RefundRoute.TREASURY else settings.refund_channel_workdays
    return (await workdays.calendar()).add_workdays(clock.today(), days)
