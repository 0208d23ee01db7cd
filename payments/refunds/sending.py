"""
Sending refunds by the channel. A refund's number is made once and repeated until the channel answers; accepted is not
refunded. Of one payment the channel takes a refund a minute, so the next one waits here and not there.
"""

from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from kit import clock, db, workdays
from kit.config import current
from kit.ids import new_id, readable_code
from kit.log import logger
from payments.channels import channel as channel_named
from payments.channels.base import (
    ChannelRefused,
    ChannelUnknown,
    NotEnoughMoney,
    RefundAsk,
    RefundFact,
    RefundStanding,
)
from payments.config import PaymentSettings
from payments.exceptions import open_exception
from payments.refunds import moving
from payments.states import REFUND_MOVES, ExceptionKind, RefundReason, RefundState

log = logger("payments")

# Minutes between questions; together more than a day, then people are told.
GAPS = (1, 2, 5, 15, 30, 60, 120, 240, 480, 600)
APART = timedelta(seconds=61)  # the channel takes two refunds of one order at least a minute apart

STATES = {
    RefundStanding.PROCESSING: RefundState.PROCESSING,
    RefundStanding.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStanding.ABNORMAL: RefundState.ABNORMAL,
    RefundStanding.CLOSED: RefundState.CLOSED,
}
# What the payer reads at the channel.
REASONS = {
    RefundReason.SURPLUS: "多缴退回",
    RefundReason.MISTAKEN: "误缴退付",
    RefundReason.OVERPAID: "多缴退付",
    RefundReason.PAID_TWICE: "重复缴款退付",
    RefundReason.REVOKED: "决定撤销或变更退付",
    RefundReason.RELIEF: "减免退付",
    RefundReason.CASE_ENDED: "办件终止退费",
    RefundReason.DISPUTED: "金额不符退回",
}


def number_of_today() -> str:
    """A refund's number: the city's day, then 79 random bits."""
    return f"HHR{clock.city_time(clock.now()):%Y%m%d}{readable_code(16)}"


async def return_surplus(payment: UUID, *, order: UUID, amount_fen: int) -> None:
    """Decides to give a surplus payment back, once, in the open transaction."""
    expected = (await workdays.calendar()).add_workdays(clock.today(), current(PaymentSettings).refund_channel_workdays)
    await db.execute(
        "INSERT INTO payments_refund (id, number, payment_id, order_id, amount_fen, reason, state, requested_by, "
        "requested_at, checks, next_check_at, expected_by) "
        "VALUES ($1,$2,$3,$4,$5,'surplus','requested','system',$6,0,$6,$7) "
        "ON CONFLICT (payment_id) WHERE reason = 'surplus' DO NOTHING",
        new_id(), number_of_today(), payment, order, amount_fen, clock.now(), expected,
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
                          row["total_fen"], REASONS[RefundReason(row["reason"])])
            )  # fmt: skip
        else:
            fact = await channel.query_refund(row["refund_number"], number=row["number"])
    except (ChannelUnknown, NotEnoughMoney) as error:
        log.warning("refund_waits", refund=str(refund), why=type(error).__name__)
        return  # the same number again, later
    except ChannelRefused as error:
        await open_exception(
            ExceptionKind.REFUND_STUCK, channel=row["channel"], reference=row["refund_number"], said=error.code
        )
        return
    await learn(fact)


CLAIM = """
SELECT r.id, r.state, r.reason, r.checks, r.payment_id, r.number AS refund_number, r.amount_fen, p.channel,
  p.transaction_id, p.number, p.amount_fen AS total_fen
FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
WHERE r.id = $1 AND r.next_check_at <= $2 FOR UPDATE OF r SKIP LOCKED
"""


async def _claimed(refund: UUID) -> Record | None:
    """Takes the step for this worker by setting the time of the next one; None when another was faster, or it waits."""
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(CLAIM, refund, now)
        if not rows or await _waits_for_another(rows[0]):
            return None
        row = rows[0]
        following = next_step(row["checks"], now=now)
        await db.execute(
            "UPDATE payments_refund SET checks = checks + 1, next_check_at = $2, "
            "submitted_at = CASE WHEN state = 'requested' THEN $3 ELSE submitted_at END WHERE id = $1",
            refund, following, now,
        )  # fmt: skip
        if following is None:
            await open_exception(ExceptionKind.REFUND_STUCK, channel=row["channel"], reference=row["refund_number"])
    return row


async def _waits_for_another(row: Record) -> bool:
    """Puts the step off when another refund of the same payment was sent within the last minute."""
    if row["state"] != RefundState.REQUESTED:
        return False
    await db.execute("SELECT 1 FROM payments_payment WHERE id = $1 FOR UPDATE", row["payment_id"])
    latest = await db.fetch_value(
        "SELECT max(submitted_at) FROM payments_refund WHERE payment_id = $1 AND id <> $2",
        row["payment_id"], row["id"],
    )  # fmt: skip
    if latest is None or clock.now() - latest >= APART:
        return False
    await db.execute("UPDATE payments_refund SET next_check_at = $2 WHERE id = $1", row["id"], latest + APART)
    return True


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
        known = await db.fetch_value(
            "SELECT r.id FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id "
            "WHERE r.number = $1 AND p.channel = $2",
            fact.refund_number, fact.channel,
        )  # fmt: skip
        if known is None:
            return False
        refund, order = await moving.locked(known)
        if fact.amount_fen != refund["amount_fen"] or fact.merchant != channel_named(fact.channel).merchant:
            await open_exception(
                ExceptionKind.WRONG_AMOUNT, channel=fact.channel, reference=fact.refund_number,
                theirs_fen=fact.amount_fen, ours_fen=refund["amount_fen"],
            )  # fmt: skip
            return True
        to = STATES[fact.standing]
        if to not in REFUND_MOVES[RefundState(refund["state"])]:
            return True
        await moving.move(refund, order=order, to=to, who=f"channel:{fact.channel}", why="told", **_said(refund, fact))
    return True


def _said(refund: Record, fact: RefundFact) -> dict[str, object]:
    """What is kept of the channel's words; its day of acceptance decides the bill it will be in."""
    said: dict[str, object] = {
        "channel_refund_id": fact.channel_refund_id or refund["channel_refund_id"],
        "accepted_at": refund["accepted_at"] or fact.accepted_at or clock.now(),
    }
    return said | ({"finished_at": fact.finished_at} if fact.finished_at else {})


async def _back_to_requested(fact: RefundFact) -> bool:
    """The channel never heard of it: it is asked again under the same number (never a new one)."""
    return await db.execute(
        "UPDATE payments_refund SET state = 'requested', next_check_at = $2 "
        "WHERE number = $1 AND state IN ('requested', 'processing')",
        fact.refund_number, clock.now(),
    ) == 1  # fmt: skip
