"""Sending notices on their ways, and clearing old ones away."""

from uuid import UUID

from kit.jobs import job


@job(attempts=1)
async def deliver_notice(*, notice: str, way: str) -> None:
    from mobileapi.notify import deliveries  # notices defer this job, so it cannot know them while it is loaded
    from mobileapi.notify.states import Way

    await deliveries.deliver(UUID(notice), Way(way))


@job(every="41 18 * * *")
async def purge_old_notices() -> None:
    """Every night (02:41 in Beijing)."""
    from mobileapi.notify import desks, notices

    await notices.purge()
    await desks.purge()
