"""Chores of the work orders."""

from kit.jobs import job
from mobileapi.hotline import watch


@job(every="13 * * * *")
async def watch_due_days() -> None:
    """Hourly, so that one missed run costs an hour and not a day."""
    await watch.look_at_all()


@job(every="37 18 * * *")
async def end_what_is_over() -> None:
    """Every night (02:37 in Beijing)."""
    await watch.close_silent()
    await watch.purge()
