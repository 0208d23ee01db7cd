"""What is done about the work-list without anybody asking. All times of the schedules are UTC."""

from kit import clock, events
from kit.jobs import job
from kit.log import logger
from payments.desk import carrying, matters
from payments.events import DifferencesWait

log = logger("payments")


@job(every="*/2 * * * *")
async def carry_out_approved() -> None:
    """Asks again until the channel answers."""
    for proposal in await carrying.running():
        try:
            await carrying.carry_out(proposal)
        except Exception:
            log.exception("proposal_not_carried_out", proposal=str(proposal))


@job(every="0 1 * * *")
async def tell_what_is_overdue() -> None:
    """At nine in the morning: what should have vanished by now, and what waits for a second person."""
    rows = await matters.ageing()
    overdue = sum(row["overdue"] for row in rows)
    to_approve = sum(row["waiting"] for row in rows)
    if overdue or to_approve:
        log.warning("differences_wait", overdue=overdue, to_approve=to_approve)
        await events.publish(DifferencesWait(day=clock.today().isoformat(), overdue=overdue, to_approve=to_approve))
