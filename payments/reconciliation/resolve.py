"""
The day's reconciliation from download to verdict. Running it again ends in the same state.

Only one kind of difference heals by itself: the channel has the money and our order still waits. The channel is asked
about each, and what it says goes through `settlement.settle`, the door of every payment. All else waits for people.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from kit import audit, clock, db, events, storage
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
from payments.models import ReconciliationRun
from payments.reconciliation.judging import Judged, judge
from payments.reconciliation.sides import span
from payments.reconciliation.statements import Kept, again, fetch
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
    fund: str | None = None  # agrees | differs | why the fund bill could not be laid beside the others

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
        told += f", fund flow {self.fund}" if self.fund else ""
        if self.state is RunState.PROVISIONAL:
            return f"{told}; the day is not over and has no bill yet: run it again tomorrow"
        return told if _is_over(self.day) else f"{told}; the day is not over: run it again tomorrow"


async def reconcile(channel: str, day: date, *, by: str = "system") -> Outcome:
    """
    Runs or re-runs one channel's day. Failures of the outside are an outcome, never an exception.

    A day that has not begun, or is closed, is not run and leaves nothing behind. One that is not over is judged by the
    bill the channel hands out for it, if it does; without one it is provisional: a bill is still to come.
    """
    if clock.now() < span(day)[0]:
        return Outcome(None, channel, day, RunState.FAILED, 0, 0, NOT_BEGUN)
    if channel not in offered():
        return Outcome(None, channel, day, RunState.FAILED, 0, 0, "channel_not_connected")
    if await is_closed(day):
        return Outcome(None, channel, day, RunState.FAILED, 0, 0, CLOSED)
    run = await _begin(channel, day, by=by)
    try:
        trade = await fetch(channel, day, kind="trade")
        fund, missing = await _fund_bill(channel, day)
        judged = await judge(run, trade, fund)
    except NoStatement:
        return await _without_statement(run, channel, day)
    except StatementNotReady:
        return await _finish(run, failure="not_ready")
    except StatementRefused as error:
        return await _finish(run, failure=f"statement_{error.why}")
    except (ChannelUnknown, ChannelRefused) as error:
        log.warning("statement_not_fetched", channel=channel, why=type(error).__name__)
        return await _finish(run, failure="channel_unreachable")
    if await _heal(run, channel, day):
        judged = await judge(run, trade, fund)
    outcome = await _finish(run, judged=judged, fund=missing)
    await _look_back(channel, day)
    return outcome


async def _fund_bill(channel: str, day: date) -> tuple[Kept | None, str | None]:
    """The day's fund bill, or why there is none: the trade bill is judged without it, and the day is run again."""
    try:
        return await fetch(channel, day, kind="fund"), None
    except NoStatement:
        return None, "missing"
    except StatementNotReady:
        return None, "not_ready"
    except (ChannelUnknown, ChannelRefused) as error:
        log.warning("fund_bill_not_fetched", channel=channel, why=type(error).__name__)
        return None, "channel_unreachable"


async def _look_back(channel: str, day: date) -> None:
    """What was missing yesterday may be in today's bill: yesterday is judged again by the bills it had."""
    yesterday = await ReconciliationRun.get_or_none(channel=channel, day=day - timedelta(days=1))
    if yesterday is None or yesterday.statement_id is None:  # type: ignore[attr-defined]
        return
    waiting = (
        "SELECT 1 FROM payments_difference WHERE run_id = $1 AND state = 'open' AND expected_by IS NOT NULL LIMIT 1"
    )
    if not await db.fetch_value(waiting, yesterday.id):
        return
    fund = yesterday.fund_statement_id  # type: ignore[attr-defined]
    try:
        trade = await again(yesterday.statement_id)  # type: ignore[attr-defined]
        judged = await judge(yesterday.id, trade, await again(fund) if fund else None)
    except storage.FileMissing:
        log.error("statement_file_gone", channel=channel, day=str(yesterday.day))
        return
    await _finish(yesterday.id, judged=judged, fund=None if fund else yesterday.fund)


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


async def _heal(run: UUID, channel: str, day: date) -> bool:
    """
    Asks about every order that is paid there and pending here; whether the books know more than when they were
    compared. What a notice brought in the meantime counts too.
    """
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
    return healed > 0 or await _learned_meanwhile(run, channel, day)


async def _learned_meanwhile(run: UUID, channel: str, day: date) -> bool:
    return await db.fetch_value(
        "SELECT 1 FROM payments_difference d JOIN payments_payment p ON p.channel = $2 "
        "AND p.transaction_id = d.transaction_id AND p.number = d.number AND p.paid_at >= $3 AND p.paid_at < $4 "
        "WHERE d.run_id = $1 AND d.kind = 'missing_here' AND d.state = 'open' LIMIT 1",
        run, channel, *span(day),
    ) is not None  # fmt: skip


async def _finish(
    run: UUID, *, judged: Judged | None = None, fund: str | None = None, failure: str | None = None
) -> Outcome:
    async with db.transaction():
        differences = await db.fetch_value(
            "SELECT count(*) FROM payments_difference WHERE run_id = $1 AND state = 'open'", run
        )
        day = await db.fetch_value("SELECT day FROM payments_reconciliation_run WHERE id = $1", run)
        state = _verdict(day, failure=failure, differences=differences, with_bill=judged is not None)
        told = judged or Judged(None, None, None, {}, 0, None)
        await db.execute(
            "UPDATE payments_reconciliation_run SET state = $2, finished_at = $3, failure = $4, matched = $5, "
            "totals = $6::jsonb, statement_id = $7, fund_statement_id = $8, fund = $9, digest = $10 WHERE id = $1",
            run, str(state), clock.now(), failure, told.matched, json.dumps(told.totals), told.statement,
            told.fund_statement, fund or told.fund, told.digest,
        )  # fmt: skip
        row = await ReconciliationRun.get(id=run)
        await events.publish(
            DayReconciled(channel=row.channel, day=row.day.isoformat(), state=str(state), differences=differences)
        )
    return Outcome(run, row.channel, row.day, state, told.matched, differences, failure, row.fund)


def _verdict(day: date, *, failure: str | None, differences: int, with_bill: bool) -> RunState:
    if failure:
        return RunState.FAILED
    if differences:
        return RunState.DIFFERENCES
    return RunState.BALANCED if with_bill or _is_over(day) else RunState.PROVISIONAL


def _is_over(day: date) -> bool:
    return clock.now() >= span(day)[1]
