"""Chores of the public answers."""

from kit.jobs import job
from mobileapi.answers import answers


@job(every="41 * * * *")
async def tell_of_stale_answers() -> None:
    """Hourly: answers whose guide says something else now wait for a review."""
    await answers.tell_of_stale()
