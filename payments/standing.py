"""
Where an order stands: asked of the channel on a growing schedule, when the payer comes back, and before closing.

An order is closed only after the channel said that it is not paid; what the channel calls paid is settled.
"""

from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from kit import clock, db
from kit.log import logger
from payments import orders
from payments.channels import channel as channel_named
from payments.channels.base import ChannelRefused, ChannelUnknown, OrderNews, PaymentFact, Standing
from payments.exceptions import open_exception
from payments.settlement import settle
from payments.states import PENDING, ExceptionKind, OrderState

log = logger("payments")

# Minutes between questions, growing, together more than 24 hours; then an exception is opened for people.
GAPS = (1, 1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 600)
ASKED_LATELY = timedelta(seconds=3)


async def due(limit: int = 100) -> list[UUID]:
    """Orders whose next question is due, the longest waiting first."""
    rows = await db.fetch(
        "SELECT id FROM payments_order WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $2", clock.now(), limit
    )
    return [row["id"] for row in rows]


async def check(order: UUID) -> None:
    """One step of the schedule: ask, settle what is paid, close what is over. Safe to repeat at any time."""
    row = await _claimed(order)
    if row is None:
        return
    fact = await _asked(row)
    if fact is None:
        return
    over = row["expires_at"] <= clock.now() or row["state"] == OrderState.CLOSING
    if fact.standing is Standing.NOT_PAID and over:
        await _close_there(row, why="expired")
    else:
        await _conclude(row, fact, over=over)


async def ask_soon(news: OrderNews) -> bool:
    """
    A channel says that something became of an order: its query, or that of its refunds, is due now. False when we have
    no such order. Called in the transaction that notes the news.
    """
    order = await db.fetch_value(
        "SELECT id FROM payments_order WHERE number = $1 AND channel = $2", news.number, news.channel
    )
    if order is None:
        return False
    await db.execute(
        "UPDATE payments_order SET next_check_at = $2 WHERE id = $1 AND next_check_at > $2", order, clock.now()
    )
    await db.execute(
        "UPDATE payments_refund SET next_check_at = $2 WHERE order_id = $1 AND next_check_at > $2", order, clock.now()
    )
    return True


async def confirm(order: UUID, *, who: str) -> None:
    """The payer says "I have paid": noted, and asked at once unless asked within the last three seconds."""
    async with db.transaction():
        row = await orders.locked(order)
        if row["channel"] == orders.COUNTER:
            return
        if row["state"] in {OrderState.AWAITING_PAYER, OrderState.CREATED, OrderState.UNKNOWN}:
            await orders.move(
                order, come_from=OrderState(row["state"]), to=OrderState.CONFIRMING, who=who, why="payer came back",
                confirming_since=clock.now(),
            )  # fmt: skip
        asked = row["last_check_at"]
        if row["state"] not in PENDING or (asked is not None and clock.now() - asked < ASKED_LATELY):
            return
        await db.execute("UPDATE payments_order SET last_check_at = $2 WHERE id = $1", order, clock.now())
    fact = await _asked(row)
    if fact is not None:
        await _conclude(row, fact, over=False)


async def close(order: UUID, *, who: str, why: str) -> None:
    """Closes a pending order at the channel and here; if it turns out paid, it is settled instead."""
    async with db.transaction():
        row = await orders.locked(order)
        state = OrderState(row["state"])
        if state not in PENDING or row["channel"] == orders.COUNTER:
            return
        if state is not OrderState.CLOSING:
            await orders.move(
                order, come_from=state, to=OrderState.CLOSING, who=who, why=why,
                confirming_since=clock.now(), next_check_at=clock.now() + timedelta(minutes=1),
            )  # fmt: skip
    fact = await _asked(row)
    if fact is None:
        return
    if fact.standing is Standing.NOT_PAID:
        await _close_there(row, why=why)
    else:
        await _conclude(row, fact, over=True)


async def _asked(row: Record) -> PaymentFact | None:
    try:
        return await channel_named(row["channel"]).query(row["number"])
    except (ChannelUnknown, ChannelRefused) as error:
        log.warning("standing_unknown", order=str(row["id"]), why=type(error).__name__)
        return None


async def _close_there(row: Record, *, why: str) -> None:
    """Closes at the channel. Whatever it answers but "done", it is asked again before anything is concluded."""
    try:
        await channel_named(row["channel"]).close(row["number"])
    except ChannelUnknown as error:
        log.warning("close_unknown", order=str(row["id"]), why=type(error).__name__)
        return
    except ChannelRefused:
        fact = await _asked(row)
        if fact is not None and fact.standing is not Standing.NOT_PAID:
            await _conclude(row, fact, over=True)
        return
    await orders.finish_closed(row["id"], who="system", why=why)


async def _conclude(row: Record, fact: PaymentFact, *, over: bool) -> None:
    if fact.standing is Standing.PAID:
        await settle(fact, learned_by="query")
    elif fact.standing is Standing.CLOSED or (fact.standing is Standing.ABSENT and over):
        await orders.finish_closed(row["id"], who=f"channel:{row['channel']}", why=f"{fact.standing} there")
    elif fact.standing in {Standing.NOT_PAID, Standing.ABSENT}:  # a code nobody scanned is not known there yet
        await _await_again(row["id"])


async def _await_again(order: UUID) -> None:
    """The channel says "not paid yet": the payer may go on."""
    async with db.transaction():
        row = await orders.locked(order)
        if row["state"] == OrderState.CONFIRMING and row["prepay"] is not None:
            await orders.move(
                order, come_from=OrderState.CONFIRMING, to=OrderState.AWAITING_PAYER, who=f"channel:{row['channel']}",
                why="not paid yet", confirming_since=None,
            )  # fmt: skip


async def _claimed(order: UUID) -> Record | None:
    """Takes the step for this worker by setting the time of the next one; None when another was faster."""
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(
            "SELECT * FROM payments_order WHERE id = $1 AND next_check_at <= $2 FOR UPDATE SKIP LOCKED", order, now
        )
        if not rows:
            return None
        row = rows[0]
        following = next_check(row["checks"], now=now, expires_at=row["expires_at"])
        await db.execute(
            "UPDATE payments_order SET checks = checks + 1, last_check_at = $2, next_check_at = $3 WHERE id = $1",
            order, now, following,
        )  # fmt: skip
        if following is None:
            await open_exception(ExceptionKind.UNRESOLVED, channel=row["channel"], reference=row["number"])
    return row


def next_check(checks: int, *, now: datetime, expires_at: datetime) -> datetime | None:
    """
    When to ask again after `checks` questions: growing gaps, and right after the order ends. None when the schedule
    is over.
    """
    if checks >= len(GAPS):
        return None
    planned = now + timedelta(minutes=GAPS[checks])
    return min(planned, expires_at + timedelta(seconds=5)) if expires_at > now else planned
