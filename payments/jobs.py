"""What is done about money without anybody asking. All times of the schedules are UTC."""

from datetime import date, timedelta

from kit import clock
from kit.jobs import defer, job
from kit.log import logger
from payments import refunds, standing
from payments.channels import offered
from payments.channels.base import BEIJING
from payments.receipts import numbering
from payments.reconciliation import reconcile
from payments.reconciliation.resolve import CLOSED
from payments.states import RunState

log = logger("payments")


@job(every="* * * * *")
async def ask_about_orders() -> None:
    """Orders whose turn it is: lost notices are found, expired orders closed."""
    for order in await standing.due():
        try:
            await standing.check(order)
        except Exception:
            log.exception("order_check_failed", order=str(order))


@job(every="* * * * *")
async def advance_refunds() -> None:
    """Refunds whose turn it is: submitted, then asked about until they are through."""
    for refund in await refunds.due():
        try:
            await refunds.advance(refund)
        except Exception:
            log.exception("refund_step_failed", refund=str(refund))


@job(every="* * * * *")
async def number_receipts() -> None:
    """Receipts that wait for the number of an outside platform."""
    for receipt in await numbering.due():
        try:
            await numbering.number(receipt)
        except Exception:
            log.exception("receipt_step_failed", receipt=str(receipt))


@job(every="30 2 * * *")
async def reconcile_yesterday() -> None:
    """At 10:30 Beijing time, half an hour after bills are promised."""
    yesterday = clock.now().astimezone(BEIJING).date() - timedelta(days=1)
    for channel in offered():
        await defer(reconcile_day, channel=channel, day=yesterday.isoformat(), once=f"reconcile:{channel}:{yesterday}")


LATE = ("not_ready", "channel_unreachable")  # what is said of a fund bill that may still come


class NotReconciled(Exception):
    """The day could not be run; the job is tried again, and its failure stays visible on the run."""


@job(attempts=9)
async def reconcile_day(*, channel: str, day: str) -> None:
    """One day; until the bill is there it is tried again with growing waits, for about two days."""
    outcome = await reconcile(channel, date.fromisoformat(day))
    if outcome.state is RunState.FAILED and outcome.failure != CLOSED:
        raise NotReconciled(outcome.failure)
    if outcome.fund in LATE:
        raise NotReconciled(f"fund_{outcome.fund}")
