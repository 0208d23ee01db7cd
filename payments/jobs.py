"""What is done about money without anybody asking. All times of the schedules are UTC."""

from kit.jobs import job
from kit.log import logger
from payments import refunds, standing

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
