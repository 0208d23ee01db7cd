"""Housekeeping of sessions and scans."""

from datetime import timedelta

from auth import phone_seals, reading, scans, sessions
from auth.keyring import rotation
from auth.workplaces import starts
from kit import clock, db
from kit.jobs import job


@job(every="23 18 * * *")
async def purge_old_sessions() -> None:
    """Every night (02:23 in Beijing)."""
    await sessions.purge()
    await scans.purge()
    await phone_seals.purge()
    await starts.purge()
    await reading.purge()
    await db.execute("DELETE FROM auth_sign_in_trouble WHERE last_at < $1", clock.now() - timedelta(days=30))


@job(every="7 * * * *")
async def forget_ended_keys() -> None:
    """Every hour: the private half of a key whose tokens have ended."""
    await rotation.purge()
