"""Passwords as argon2 hashes. NFKC first, so that one password is one whatever keyboard it was typed on (RFC 8265)."""

import base64
import secrets
import unicodedata

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.config import Settings, current

_hasher = PasswordHasher()
_HASHING = CapacityLimiter(2)  # each hash takes 64 MiB
_for_show = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)


def _unmade() -> str:
    """A hash of the usual cost that no password has: random where salt and digest are, so that none is computed."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (_hasher.salt_len, _hasher.hash_len)
    )
    return f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${salt}${digest}"


NOBODY = _unmade()  # what an unknown name's password is compared with


def normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


async def hashed(password: str, *, for_show: bool = False) -> str:
    """`for_show`: at a small cost, for random passwords of a demonstration; in production it changes nothing."""
    hasher = _for_show if for_show and current(Settings).env == "demo" else _hasher
    return await anyio.to_thread.run_sync(hasher.hash, normal(password), limiter=_HASHING)


async def fits(hash_: str, password: str) -> bool:
    """Whether the password is the one behind the hash; the same work for a hash that is nobody's."""

    def compare() -> bool:
        try:
            return _hasher.verify(hash_, normal(password))
        except (VerificationError, InvalidHashError):
            return False

    return await anyio.to_thread.run_sync(compare, limiter=_HASHING)
