"""
The keys this process knows: the rows of the database, and the settings' own where no row speaks of them.

Rows are at most a second old. A key is published some seconds before it signs, so that no process meets a token whose
key it has not heard of; and one that is withdrawn is refused everywhere within that second.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from auth.keyring.models import SigningKey as Row
from auth.keys import ACCESS, SigningKey, keys_of_settings, loaded
from kit import clock, crypto
from kit.config import BadConfiguration
from kit.log import logger

log = logger("auth")
FRESH_S = 1.0
STALE_S = 3.0  # older than this is not believed, even while somebody is reading
AGAIN_S = 0.2  # a key id nobody knows makes us look again, but no oftener
KEY_ID = re.compile(r"[0-9a-f]{16}")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """A key, and when it signs and verifies."""

    key: SigningKey
    signs_from: datetime
    verifies_until: datetime | None = None
    withdrawn: bool = False

    def verifies(self, now: datetime) -> bool:
        return not self.withdrawn and (self.verifies_until is None or now < self.verifies_until)


@dataclass
class _Ring:
    rows: tuple[Row, ...] = ()
    read_at: float = float("-inf")
    reading: bool = False


_ring = _Ring()
_opened: dict[str, SigningKey] = {}


def held() -> list[Held]:
    """Every key that is known, whether it verifies or not; the latest to sign first."""
    of_settings = keys_of_settings()
    known = {key.id: Held(key, LONG_AGO) for key in reversed(of_settings)}
    for row in _ring.rows:
        material = known[row.id].key if row.id in known else _open(row)
        if material is not None:
            known[row.id] = Held(material, row.signs_from, row.verifies_until, row.withdrawn_at is not None)
    first = of_settings[0].id
    return sorted(known.values(), key=lambda h: (h.signs_from, h.key.id == first), reverse=True)


def verifying_keys(*, purpose: str = ACCESS) -> list[SigningKey]:
    """The keys that verify now, those that will sign next included."""
    now = clock.now()
    return [h.key for h in held() if h.key.purpose == purpose and h.verifies(now)]


def signing_key() -> SigningKey:
    """The key that signs access tokens now. Raises BadConfiguration when there is none."""
    now = clock.now()
    for candidate in held():
        if candidate.key.purpose == ACCESS and candidate.verifies(now) and candidate.signs_from <= now:
            return candidate.key
    raise BadConfiguration("no key signs access tokens; run `handheld keys rotate`")


def _open(row: Row) -> SigningKey | None:
    """The material of a row; None when it is gone, or sealed with a field key we do not have."""
    if row.private_sealed is None:
        return None
    if row.id not in _opened:
        try:
            pem = crypto.unseal(row.private_sealed, bound_to=place_of(row.id))
        except crypto.CannotUnseal:
            log.error("signing_key_cannot_be_opened", key=row.id)
            return None
        material = loaded(pem.encode(), "FIELD_KEYS")
        _opened[row.id] = SigningKey(material.id, material.private, row.purpose)
    return _opened[row.id]


def place_of(key: str) -> str:
    return f"auth_signing_key.private:{key}"


async def refresh(*, wanted: str | None = None) -> None:
    """Reads the rows when they are a second old, or when the key id `wanted` is not among what is known."""
    age = time.monotonic() - _ring.read_at
    unheard = wanted is not None and age >= AGAIN_S and KEY_ID.fullmatch(wanted) and not _is_known(wanted)
    if (age < FRESH_S and not unheard) or (_ring.reading and age < STALE_S):
        return
    asked_at, _ring.reading = time.monotonic(), True
    try:
        _ring.rows = tuple(await Row.all())
        _ring.read_at = asked_at
    finally:
        _ring.reading = False


def _is_known(key: str) -> bool:
    return any(h.key.id == key for h in held())


def forget() -> None:
    """The next question goes to the database."""
    _ring.rows, _ring.read_at = (), float("-inf")
    _opened.clear()
