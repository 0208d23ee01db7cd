"""Chores of the bookings."""

from uuid import UUID

from kit.jobs import job


@job()
async def clear_slot(*, slot: str) -> None:
    from mobileapi.bookings import closing  # it defers this job, so it cannot be known while this is loaded

    await closing.clear(UUID(slot))


@job(every="7 * * * *")
async def follow_the_calendar() -> None:
    """Hourly, and after an import of the calendar or of windows: what is open no more lets go of its people."""
    from mobileapi.bookings import closing

    await closing.follow_calendar()


@job(every="0 2 * * *")
async def remind_of_tomorrow() -> None:
    """Every day at 10:00 in Beijing."""
    from mobileapi.bookings import reminders

    await reminders.remind()


@job(every="*/10 * * * *")
async def note_who_did_not_come() -> None:
    from mobileapi.bookings import reminders

    await reminders.find_missing()


@job(every="23 19 * * *")
async def purge_old_bookings() -> None:
    """Every night (03:23 in Beijing)."""
    from mobileapi.bookings import reminders

    await reminders.purge()
