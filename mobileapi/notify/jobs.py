"""Sending notices on their ways, and clearing old ones away."""

from uuid import UUID

from kit.jobs import job


@job(attempts=1)
async def deliver_notice(*, notice: str, way: str) -> None:
    from mobileapi.notify import deliveries  # notices defer this job, so it cannot know them while it is loaded
    from mobileapi.notify.states import Way

    await deliveries.deliver(UUID(notice), Way(way))


@job(attempts=3)
async def reach_out(*, notice: str) -> None:
    """One notice on its ways outside the app."""
    from mobileapi.notify import reach

    await reach.reach(UUID(notice))


@job(attempts=3)
async def follow_to_work(*, notice: str) -> None:
    """An urgent notice to somebody who is not at the console."""
    from mobileapi.notify import work_messages

    await work_messages.follow(UUID(notice))


@job(every="* * * * * */10", attempts=1)
async def look_for_the_away() -> None:
    """Every ten seconds: answers that found nobody."""
    from mobileapi.notify import missed

    await missed.look()


@job(every="* * * * *", attempts=1)
async def look_for_the_lost() -> None:
    """Every minute: what a worker that died was about to send."""
    from mobileapi.notify import reach

    await reach.look_for_the_lost()


@job(every="20 1 * * *")
async def remind_of_due() -> None:
    """Every morning (09:20 in Beijing)."""
    from mobileapi.notify import due

    await due.remind_of_due()


@job(every="41 18 * * *")
async def purge_old_notices() -> None:
    """Every night (02:41 in Beijing)."""
    from mobileapi.notify import desks, notices

    await notices.purge()
    await desks.purge()
