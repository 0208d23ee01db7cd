"""Chores of the cases."""

from kit.jobs import job
from mobileapi.applications.silence import accept_by_silence


@job(every="5 * * * *")
async def accept_silent_cases() -> None:
    """Hourly, so that one missed run after midnight costs an hour and not a day."""
    await accept_by_silence()
