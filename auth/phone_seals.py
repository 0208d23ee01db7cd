"""
Sealed phone numbers are taken once.

Where a platform hands a number over as a sealed text that it never voids, the text could be brought again by anybody
who saw it. Its digest decides: the first to bring it has it. A text without a moment of its own is the same each time
for the same number, so the identity that brought it first may bring it again, and nobody else ever may.
"""

from datetime import timedelta

from auth.errors import PhoneCodeInvalid
from auth.platforms.base import Seal
from kit import clock, crypto, db

KEPT_FOR = timedelta(days=1)  # a dated text is refused for its age minutes after it was sealed


async def take(seal: Seal, *, bearer: str) -> None:
    """Takes the text for `bearer` (platform, app and open id), committed at once. Raises PhoneCodeInvalid."""
    digest = crypto.blind_index(seal.text, purpose="phone_seal.text")
    whose = crypto.blind_index(bearer, purpose="phone_seal.bearer")
    async with db.transaction():
        first = await db.execute(
            "INSERT INTO auth_phone_seal (digest, bearer, dated, taken_at) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (digest) DO NOTHING",
            digest, whose, seal.dated, clock.now(),
        )  # fmt: skip
        if first:
            return
        taken_by = await db.fetch_value("SELECT bearer FROM auth_phone_seal WHERE digest = $1", digest)
    if seal.dated or taken_by != whose:
        raise PhoneCodeInvalid


async def purge() -> int:
    """Forgets dated texts that are too old to be brought again; returns how many."""
    return await db.execute("DELETE FROM auth_phone_seal WHERE dated AND taken_at < $1", clock.now() - KEPT_FOR)
