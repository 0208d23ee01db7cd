"""
Changing keys while people are signed in: a new one is published, signs a little later, and the former one verifies
until the last of its tokens has ended. One that may be known to others is withdrawn at once.
"""

from datetime import datetime, timedelta

from auth.config import AuthSettings
from auth.errors import NoSuchKey
from auth.keyring import ring
from auth.keyring.models import SigningKey as Row
from auth.keys import ACCESS, Algorithm, SigningKey, fresh_key, keys_of_settings
from kit import audit, clock, crypto, db
from kit.config import current

PUBLISHED_BEFORE = timedelta(seconds=5)  # every process reads the rows each second
MARGIN = timedelta(minutes=1)
KEYS_LOCK = 0x48484F05  # advisory lock: one change of keys at a time


async def adopt() -> None:
    """Gives the settings' key a row. One the office has not seen takes over from those it has."""
    first = keys_of_settings()[0]
    async with db.transaction():
        await _lock()
        if not await Row.exists(id=first.id):
            await _take_over(first, at=clock.now() + PUBLISHED_BEFORE if await _lasting() else clock.now())
            await audit.record(actor="system", action="signing_key.adopted", subject=f"signing_key:{first.id}")
    ring.forget()


async def rotate(*, algorithm: Algorithm = "EdDSA", actor: str = "system") -> Row:
    """A new key, known to every process before it signs; the others verify until their tokens have ended."""
    await adopt()
    key = fresh_key(algorithm)
    async with db.transaction():
        await _lock()
        row = await _take_over(key, at=clock.now() + PUBLISHED_BEFORE)
        await audit.record(actor=actor, action="signing_key.made", subject=f"signing_key:{key.id}", algorithm=algorithm)
    ring.forget()
    return row


async def withdraw(key_id: str, *, actor: str = "system") -> str | None:
    """
    Nobody's token of this key is good any more, within a second. Withdrawing it again changes nothing.

    Returns the id of the key that was made in its place, when no other was left to sign. Raises NoSuchKey.
    """
    await adopt()
    made = None
    async with db.transaction():
        await _lock()
        signed = await _signing_now()
        await _refuse(key_id)
        if signed == key_id or not await _lasting():
            made = await _next_at_once()
        await audit.record(actor=actor, action="signing_key.withdrawn", subject=f"signing_key:{key_id}")
    ring.forget()
    return made


async def _signing_now() -> str | None:
    now = clock.now()
    begun = await Row.filter(signs_from__lte=now, withdrawn_at=None).order_by("-signs_from")
    return next((row.id for row in begun if row.verifies_until is None or row.verifies_until > now), None)


async def _refuse(key_id: str) -> None:
    now = clock.now()
    known = {key.id: key for key in keys_of_settings()}
    if not await Row.exists(id=key_id):
        if key_id not in known:
            raise NoSuchKey
        await _insert(known[key_id], at=now)
    await Row.filter(id=key_id, withdrawn_at=None).update(withdrawn_at=now, verifies_until=now, private_sealed=None)


async def _next_at_once() -> str | None:
    """The key that was to sign next does so now; without one, a fresh one does. The latter's id."""
    if await Row.filter(verifies_until=None, withdrawn_at=None).update(signs_from=clock.now()):
        return None
    key = fresh_key("EdDSA")
    await _insert(key, at=clock.now())
    return key.id


async def _take_over(key: SigningKey, *, at: datetime) -> Row:
    last = at + timedelta(minutes=current(AuthSettings).access_minutes) + MARGIN
    await Row.filter(verifies_until=None).update(verifies_until=last)
    return await _insert(key, at=at)


async def _insert(key: SigningKey, *, at: datetime) -> Row:
    return await Row.create(
        id=key.id, purpose=ACCESS, algorithm=key.algorithm, created_at=clock.now(), signs_from=at,
        private_sealed=crypto.seal(key.as_pem(), bound_to=ring.place_of(key.id)),
    )  # fmt: skip


async def _lasting() -> bool:
    return await Row.filter(verifies_until=None, withdrawn_at=None).exists()


async def _lock() -> None:
    await db.execute("SELECT pg_advisory_xact_lock($1)", KEYS_LOCK)


async def keys_kept() -> list[Row]:
    """All that ever signed, the latest first."""
    await adopt()
    return await Row.all().order_by("-signs_from")


def standing(row: Row) -> str:
    """`next`, `signs`, `verifies`, `ended` or `withdrawn`."""
    now = clock.now()
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.verifies_until is not None and row.verifies_until <= now:
        return "ended"
    if row.signs_from > now:
        return "next"
    return "signs" if row.id == ring.signing_key().id else "verifies"


async def purge() -> int:
    """Forgets the private halves of keys whose tokens have ended; how many."""
    return await Row.filter(verifies_until__lt=clock.now(), private_sealed__isnull=False).update(private_sealed=None)
