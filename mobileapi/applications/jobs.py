"""Chores of the cases."""

from kit.jobs import job
from mobileapi.applications.retention import empty_old_drafts, warn_owners
from mobileapi.applications.silence import accept_by_silence


@job(every="5 * * * *")
async def accept_silent_cases() -> None:
    """Hourly, so that one missed run after midnight costs an hour and not a day."""
    await accept_by_silence()


@job(every="11 19 * * *")
async def clear_old_drafts() -> None:
    """Every night (03:11 in Beijing): owners are told first."""
    await warn_owners()
    await empty_old_drafts()
