"""What is done about dues without anybody asking. Times are UTC."""

from kit.jobs import job
from payments.dues import reminders


@job(every="0 1 * * *")
async def remind_payers() -> None:
    """At nine in the morning in Beijing: of bills whose last day comes, is there, or has passed."""
    await reminders.remind()
