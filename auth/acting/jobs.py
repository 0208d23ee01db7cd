"""Chores of acting for others."""

from auth.acting.expiring import expire
from kit.jobs import job


@job(every="11 16 * * *")
async def expire_mandates() -> None:
    """Every night, right after midnight in Beijing."""
    await expire()
