"""Chores of the ratings."""

from kit.jobs import job
from mobileapi.ratings import watch


@job(every="23 * * * *")
async def tend_rectifications() -> None:
    """Hourly: calls that are late, dates that come near or are over."""
    await watch.tend()
