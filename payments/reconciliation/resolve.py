"""
The day's reconciliation from download to verdict. Running it again ends in the same state.

Only one kind of difference heals by itself: the channel has the money and our order still waits. The channel is asked
about each, and what it says goes through `settlement.settle`, the door of every payment. All else waits for people.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from kit import audit, clock, db, events
from kit.ids import new_id
from kit.log import logger
from payments.channels import channel as channel_named
from payments.channels import offered
from payments.channels.base import (
    ChannelRefused,
    ChannelUnknown,
    NoStatement,
    Standing,
    StatementNotReady,
    StatementRefused,
)
from payments.closing import is_closed
from payments.events import DayReconciled
from payments.models import ReconciliationRun, StatementFile
from payments.reconciliation.compare import compare, span
from payments.reconciliation.statements import fetch, load
from payments.settlement import settle
from payments.states import PENDING, RunState

log = logger("payments")
NOT_BEGUN = "day_not_begun"
CLOSED = "day_closed"


@dataclass(frozen=True)
class Outcome:
    """How a day came out; `exit_code` as the command line promises."""

    run: UUID | None  # None when the channel is none of ours
    channel: str
    day: date
    state: RunState
    matched: int
    differences: int
    failure: str | None

    @property
    def exit_code(self) -> int:
        return {RunState.BALANCED: 0, RunState.DIFFERENCES: 3}.get(self.state, 1)

    def __str__(self) -> str:
        head = f"{self.channel} {self.day}: {self.state}"
        if self.failure == NOT_BEGUN:
            return f"{head}: this day has not begun, there is nothing to reconcile"
        if self.failure == CLOSED:
            return f"{head}: this day is closed and does not change; two people may open it again"
        if self.state is RunState.FAILED:
            return f"{head}, {self.failure}"
        told = f"{head}, {self.matched} matched, {self.differences} open differences"
        if self.state is RunState.PROVISIONAL:
            return f"{told}; the day is not over and has no bill yet: run it again tomorrow"
        return told if _is_over(self.day) else f"{told}; the day is not over: run it again tomorrow"


async def reconcile(channel: str, day: date, *, by: str = "system") -> Outcome:
    """
    Runs or re-runs one channel's day. Failures of the outside are an outcome, never an exception.

    A day that has not begun, or is closed, is not run and leaves nothing behind. One that is not over is judged by the
    bill the channel hands out for it, if it does; without one it is provisional: a bill is still to come.
    """
    if channel not in offered():
        return Outcome(None, channel, day, RunState.FAILED, 0, 0, "channel_not_connected")
    if clock.now() < span(day)[0]:
        return Outcome(None, channel, day, RunState.FAILED, 0, 0, NOT_BEGUN)
    if await is_closed(day):
        return Outcome(None, channel, day, RunState.FAILED, 0, 0, CLOSED)
    run = await _begin(channel, day, by=by)
    try:
        statement, content = await fetch(channel, day)
        await load(statement, content)
    except NoStatement:
        return await _without_statement(run, channel, day)
    except StatementNotReady:
        return await _finish(run, failure="not_ready")
    except StatementRefused as error:
        return await _finish(run, failure=f"statement_{error.why}")
    except (ChannelUnknown, ChannelRefused) as error:
        log.warning("statement_not_fetched", channel=channel, why=type(error).__name__)
        return await _finish(run, failure="channel_unreachable")
    totals, matched = await compare(run, statement)
    if await _heal(run, channel):
        totals, matched = await compare(run, statement)
    outcome = await _finish(run, statement=statement, totals=totals, matched=matched)
    await _look_back(channel, day)
    return outcome


async def _look_back(channel: str, day: date) -> None:
    """What was missing yesterday may be in today's bill: yesterday is compared again with the bill it has."""
    yesterday = await ReconciliationRun.get_or_none(channel=channel, day=day - timedelta(days=1)).select_related(
        "statement"
    )
    if yesterday is None or yesterday.statement is None or await is_closed(yesterday.day):
        return
    waiting = (
        "SELECT 1 FROM payments_difference WHERE run_id = $1 AND state = 'open' AND expected_by IS NOT NULL LIMIT 1"
    )
    if await db.fetch_value(waiting, yesterday.id):
        totals, matched = await compare(yesterday.id, yesterday.statement)
        await _finish(yesterday.id, statement=yesterday.statement, totals=totals, matched=matched)


async def _begin(channel: str, day: date, *, by: str) -> UUID:
    """The day's one run, begun again when there is one."""
    async with db.transaction():
        run: UUID = await db.fetch_value(
            "INSERT INTO payments_reconciliation_run (id, channel, day, state, attempt, started_at, matched, totals) "
            "VALUES ($1, $2, $3, 'running', 1, $4, 0, '{}') ON CONFLICT (channel, day) DO UPDATE SET "
            "state = 'running', attempt = payments_reconciliation_run.attempt + 1, started_at = $4, "
            "finished_at = NULL, failure = NULL RETURNING id",
            new_id(), channel, day, clock.now(),
        )  # fmt: skip
        await audit.record(actor=by, action="day.reconciled", subject=f"day:{channel}:{day}", run=str(run))
    return run


async def _without_statement(run: UUID, channel: str, day: date) -> Outcome:
    """No bill is right on a day without trade, and must not hide a bill that should be there."""
    start, end = span(day)
    ours = await db.fetch_value(
        "SELECT (SELECT count(*) FROM payments_payment WHERE channel = $1 AND paid_at >= $2 AND paid_at < $3) + "
        "(SELECT count(*) FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id "
        "WHERE p.channel = $1 AND r.accepted_at >= $2 AND r.accepted_at < $3)",
        channel, start, end,
    )  # fmt: skip
    return await _finish(run, failure="statement_missing" if ours else None)


async def _heal(run: UUID, channel: str) -> bool:
    """Asks about every order that is paid there and pending here; whether any was settled."""
    rows = await db.fetch(
        "SELECT o.number FROM payments_difference d JOIN payments_order o ON o.number = d.number AND o.channel = $2 "
        "WHERE d.run_id = $1 AND d.kind = 'missing_here' AND d.state = 'open' AND o.state = ANY($3) ORDER BY o.number",
        run, channel, [str(s) for s in PENDING],
    )  # fmt: skip
    healed = 0
    for row in rows:
        try:
            fact = await channel_named(channel).query(row["number"])
        except (ChannelUnknown, ChannelRefused) as error:
            log.warning("not_healed", number=row["number"], why=type(error).__name__)
            continue
        if fact.standing is Standing.PAID:
            healed += (await settle(fact, learned_by="query")).done
    return healed > 0


async def _finish(
    run: UUID, *, statement: StatementFile | None = None, totals: dict[str, int] | None = None, matched: int = 0,
    failure: str | None = None,
) -> Outcome:  # fmt: skip
    async with db.transaction():
        differences = await db.fetch_value(
            "SELECT count(*) FROM payments_difference WHERE run_id = $1 AND state = 'open'", run
        )
        day = await db.fetch_value("SELECT day FROM payments_reconciliation_run WHERE id = $1", run)
        state = _verdict(day, failure=failure, differences=differences, with_bill=statement is not None)
        await db.execute(
            "UPDATE payments_reconciliation_run SET state = $2, finished_at = $3, failure = $4, matched = $5, "
            "totals = $6::jsonb, statement_id = $7 WHERE id = $1",
            run, str(state), clock.now(), failure, matched, json.dumps(totals or {}),
            statement.id if statement else None,
        )  # fmt: skip
        row = await ReconciliationRun.get(id=run)
        await events.publish(
            DayReconciled(channel=row.channel, day=row.day.isoformat(), state=str(state), differences=differences)
        )
    return Outcome(run, row.channel, row.day, state, matched, differences, failure)


def _verdict(day: date, *, failure: str | None, differences: int, with_bill: bool) -> RunState:
    if failure:
        return RunState.FAILED
    if differences:
        return RunState.DIFFERENCES
    return RunState.BALANCED if with_bill or _is_over(day) else RunState.PROVISIONAL


def _is_over(day: date) -> bool:
    return clock.now() >= span(day)[1]
