"""
Refunds (退付). A refund's number is made once and repeated until the channel answers; accepted is not refunded.

Surplus money goes back without anybody asking. Refunds by request, with two people, come through the same rows.
"""

from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.ids import new_id, readable_code
from kit.log import logger
from payments import ledger, orders
from payments.channels import channel as channel_named
from payments.channels.base import (
    ChannelRefused,
    ChannelUnknown,
    NotEnoughMoney,
    RefundAsk,
    RefundFact,
    RefundStanding,
)
from payments.events import SurplusRefunded
from payments.exceptions import open_exception
from payments.states import REFUND_MOVES, ExceptionKind, OrderState, RefundState

log = logger("payments")

# Minutes between questions; together more than a day, then people are told.
GAPS = (1, 2, 5, 15, 30, 60, 120, 240, 480, 600)

STATES = {
    RefundStanding.PROCESSING: RefundState.PROCESSING,
    RefundStanding.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStanding.ABNORMAL: RefundState.ABNORMAL,
    RefundStanding.CLOSED: RefundState.CLOSED,
}


async def return_surplus(payment: UUID, *, order: UUID, amount_fen: int) -> None:
    """Decides to give a surplus payment back, once, in the open transaction."""
    now = clock.now()
    await db.execute(
        "INSERT INTO payments_refund (id, number, payment_id, order_id, amount_fen, reason, state, requested_by, "
        "requested_at, checks, next_check_at) VALUES ($1,$2,$3,$4,$5,'surplus','requested','system',$6,0,$6) "
        "ON CONFLICT (payment_id) WHERE reason = 'surplus' DO NOTHING",
        new_id(), f"HHR{clock.city_time(now):%Y%m%d}{readable_code(16)}", payment, order, amount_fen, now,
    )  # fmt: skip


async def due(limit: int = 50) -> list[UUID]:
    """Refunds whose next step is due."""
    rows = await db.fetch(
        "SELECT id FROM payments_refund WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $2", clock.now(), limit
    )
    return [row["id"] for row in rows]


async def advance(refund: UUID) -> None:
    """The next step of one refund: ask the channel for it, or what became of it. Safe to repeat at any time."""
    row = await _claimed(refund)
    if row is None:
        return
    channel = channel_named(row["channel"])
    try:
        if row["state"] == RefundState.REQUESTED:
            fact = await channel.refund(
                RefundAsk(row["number"], row["transaction_id"], row["refund_number"], row["amount_fen"],
                          row["total_fen"], "多缴退回")
            )  # fmt: skip
        else:
            fact = await channel.query_refund(row["refund_number"])
    except (ChannelUnknown, NotEnoughMoney) as error:
        log.warning("refund_waits", refund=str(refund), why=type(error).__name__)
        return  # the same number again, later
    except ChannelRefused as error:
        await open_exception(
            ExceptionKind.REFUND_STUCK, channel=row["channel"], reference=row["refund_number"], said=error.code
        )
        return
    await learn(fact)


async def _claimed(refund: UUID) -> Record | None:
    """Takes the step for this worker by setting the time of the next one; None when another was faster."""
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(
            "SELECT r.id, r.state, r.checks, r.number AS refund_number, r.amount_fen, p.channel, p.transaction_id, "
            "p.number, p.amount_fen AS total_fen FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id "
            "WHERE r.id = $1 AND r.next_check_at <= $2 FOR UPDATE OF r SKIP LOCKED",
            refund, now,
        )  # fmt: skip
        if not rows:
            return None
        row = rows[0]
        following = next_step(row["checks"], now=now)
        await db.execute(
            "UPDATE payments_refund SET checks = checks + 1, next_check_at = $2 WHERE id = $1", refund, following
        )
        if following is None:
            await open_exception(ExceptionKind.REFUND_STUCK, channel=row["channel"], reference=row["refund_number"])
    return row


def next_step(checks: int, *, now: datetime) -> datetime | None:
    """When to ask again after `checks` questions; None when the schedule is over."""
    return now + timedelta(minutes=GAPS[checks]) if checks < len(GAPS) else None


async def learn(fact: RefundFact) -> bool:
    """
    Takes in what a channel says about a refund, by answer, query or notice. False when we have no such refund.

    Raises: NotFound never; what is known already changes nothing, and nothing leads back from success.
    """
    if fact.standing is RefundStanding.ABSENT:
        return await _back_to_requested(fact)
    async with db.transaction():
        rows = await db.fetch(
            "SELECT r.*, p.channel FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id "
            "WHERE r.number = $1 AND p.channel = $2",
            fact.refund_number, fact.channel,
        )  # fmt: skip
        if not rows:
            return False
        try:
            order = await orders.locked(rows[0]["order_id"])
        except NotFound:
            return False
        refund = (await db.fetch("SELECT * FROM payments_refund WHERE id = $1 FOR UPDATE", rows[0]["id"]))[0]
        if fact.amount_fen != refund["amount_fen"] or fact.merchant != channel_named(fact.channel).merchant:
            await open_exception(
                ExceptionKind.WRONG_AMOUNT, channel=fact.channel, reference=fact.refund_number,
                theirs_fen=fact.amount_fen, ours_fen=refund["amount_fen"],
            )  # fmt: skip
            return True
        to = STATES[fact.standing]
        if to not in REFUND_MOVES[RefundState(refund["state"])]:
            return True
        await _record(refund, to=to, fact=fact)
        await _consequences(refund, order=order, to=to, channel=fact.channel)
    return True


async def _back_to_requested(fact: RefundFact) -> bool:
    """The channel never heard of it: it is asked again under the same number (never a new one)."""
    return await db.execute(
        "UPDATE payments_refund SET state = 'requested', next_check_at = $2 "
        "WHERE number = $1 AND state IN ('requested', 'processing')",
        fact.refund_number, clock.now(),
    ) == 1  # fmt: skip


async def _record(refund: Record, *, to: RefundState, fact: RefundFact) -> None:
    ends = to in {RefundState.SUCCEEDED, RefundState.CLOSED, RefundState.ABNORMAL}
    await db.execute(
        "UPDATE payments_refund SET state = $2, channel_refund_id = coalesce(nullif($3, ''), channel_refund_id), "
        "accepted_at = coalesce(accepted_at, $4), finished_at = $5, next_check_at = CASE WHEN $6 THEN NULL ELSE "
        "next_check_at END WHERE id = $1",
        refund["id"], str(to), fact.channel_refund_id, fact.accepted_at or clock.now(),
        (fact.finished_at or clock.now()) if ends else None, ends,
    )  # fmt: skip
    await audit.record(
        actor="system", action=f"refund.{to}", subject=f"refund:{refund['id']}", amount_fen=refund["amount_fen"]
    )


async def _consequences(refund: Record, *, order: Record, to: RefundState, channel: str) -> None:
    if to in {RefundState.ABNORMAL, RefundState.CLOSED}:
        await open_exception(ExceptionKind.REFUND_STUCK, channel=channel, reference=refund["number"], state=str(to))
    if to is not RefundState.SUCCEEDED:
        return
    amount = refund["amount_fen"]
    await ledger.post(
        "refund", refund["number"], postings=[(ledger.SURPLUS, amount), (ledger.channel_account(channel), -amount)]
    )
    open_refunds = await db.fetch_value(
        "SELECT count(*) FROM payments_refund WHERE order_id = $1 AND state NOT IN ('succeeded', 'closed')", order["id"]
    )
    if order["state"] == OrderState.REFUNDING and open_refunds == 0:
        await orders.move(
            order["id"],
            come_from=OrderState.REFUNDING,
            to=OrderState.REFUNDED,
            who=f"channel:{channel}",
            why="refunded",
        )
    await events.publish(SurplusRefunded(order=order["id"], citizen=order["citizen_id"], amount_fen=amount))
