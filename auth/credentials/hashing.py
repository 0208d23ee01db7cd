"""Passwords as argon2 hashes. NFKC first, so that one password is one whatever keyboard it was typed on (RFC 8265)."""

import secrets
import unicodedata

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_HASHING = CapacityLimiter(2)  # each hash takes 64 MiB
NOBODY = _hasher.hash(secrets.token_urlsafe(16))  # what an unknown name's password is compared with


def normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


async def hashed(password: str) -> str:
    return await anyio.to_thread.run_sync(_hasher.hash, normal(password), limiter=_HASHING)


async def fits(hash_: str, password: str) -> bool:
    """Whether the password is the one behind the hash; the same work for a hash that is nobody's."""

    def compare() -> bool:
        try:
            return _hasher.verify(hash_, normal(password))
        except (VerificationError, InvalidHashError):
            return False

    return await anyio.to_thread.run_sync(compare, limiter=_HASHING)
