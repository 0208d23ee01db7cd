"""
Personal data at rest: sealed per field by an authenticated cipher, bound to its row, and keyed blind indexes for
looking it up.

A sealed value is `1 byte version ‖ 1 byte length ‖ key id ‖ 12 bytes nonce ‖ cipher text and tag`; the version names
the cipher (kit/ciphers.py), so that values of both open side by side. `bound_to` names table, column and row: a cipher
text moved to another place does not open.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from pydantic import SecretStr

from kit.ciphers import BY_VERSION, CIPHERS, NAMES, NONCE, TAG
from kit.config import BadConfiguration, Settings, current

S = TypeVar("S", bound=Settings)


class CannotUnseal(Exception):
    """The value is damaged, belongs to another row, or its key is not here any more."""


def seal(plain: str, *, bound_to: str) -> bytes:
    """Encrypts `plain` with the first key of the ring and the chosen cipher, bound to `table.column:row`."""
    return seal_bytes(plain.encode(), bound_to=bound_to)


def unseal(sealed: bytes, *, bound_to: str) -> str:
    """The plain text. Raises CannotUnseal."""
    try:
        return unseal_bytes(sealed, bound_to=bound_to).decode()
    except UnicodeDecodeError as error:
        raise CannotUnseal("no text") from error


def seal_bytes(plain: bytes, *, bound_to: str) -> bytes:
    """The same for a file."""
    settings = current(Settings)
    key = next(iter(_ring(settings.field_keys.get_secret_value()).values()))
    head = head_now()
    return head + CIPHERS[settings.field_cipher].encrypt(key, plain, head + bound_to.encode())


def unseal_bytes(sealed: bytes, *, bound_to: str) -> bytes:
    """The plain bytes. Raises CannotUnseal."""
    sealed = bytes(sealed)
    head = head_of(sealed)
    if head is None or len(sealed) < len(head) + NONCE + TAG:
        raise CannotUnseal("not a sealed value")
    key = _ring(current(Settings).field_keys.get_secret_value()).get(head[2:].decode("ascii", "replace"))
    if key is None:
        raise CannotUnseal("no such key")
    try:
        return BY_VERSION[head[0]].decrypt(key, sealed[len(head) :], head + bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal("damaged or moved") from error


def head_now() -> bytes:
    """What a value sealed now begins with: version, length, key id."""
    settings = current(Settings)
    key_id = next(iter(_ring(settings.field_keys.get_secret_value())))
    return bytes([CIPHERS[settings.field_cipher].version, len(key_id)]) + key_id.encode()


def head_of(sealed: bytes) -> bytes | None:
    """What the value begins with; None when it was not sealed by us."""
    if len(sealed) < 2 or sealed[0] not in BY_VERSION or len(sealed) < 2 + sealed[1]:
        return None
    return bytes(sealed[: 2 + sealed[1]])


def told(head: bytes) -> tuple[str, str]:
    """(cipher, key id) of such a beginning."""
    return NAMES.get(head[0], "unknown"), head[2:].decode("ascii", "replace")


def key_ids() -> list[str]:
    """The keys of the ring, the one that seals first."""
    return list(_ring(current(Settings).field_keys.get_secret_value()))


def blind_index(plain: str, *, purpose: str) -> str:
    """64 hex characters by which equal values are found without being readable. One purpose per column."""
    key = base64.b64decode(current(Settings).index_key.get_secret_value())
    return hmac.new(key, f"{purpose}\0{plain}".encode(), hashlib.sha256).hexdigest()


def sign(message: str, *, purpose: str) -> str:
    """A keyed signature for our own links; 43 URL-safe characters."""
    key = current(Settings).secret_key.get_secret_value().encode()
    digest = hmac.new(key, f"{purpose}\0{message}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature_fits(message: str, signature: str, *, purpose: str) -> bool:
    return hmac.compare_digest(sign(message, purpose=purpose).encode(), signature.encode())


@lru_cache(maxsize=4)
def _ring(pairs: str) -> dict[str, bytes]:
    ring: dict[str, bytes] = {}
    for pair in filter(None, (p.strip() for p in pairs.split(","))):
        key_id, _, encoded = pair.partition(":")
        key = base64.b64decode(encoded)
        if len(key) != 32 or not 0 < len(key_id) < 64:
            raise BadConfiguration("HANDHELD_FIELD_KEYS takes id:base64 pairs of 32-byte keys")
        ring[key_id] = key
    if not ring:
        raise BadConfiguration("HANDHELD_FIELD_KEYS is empty")
    return ring


def with_demo_keys(settings: S) -> S:
    """In demo mode, fills unset keys with random ones kept in `keys.json` of the data folder, made once."""
    if not settings.demo:
        return settings
    kept = made_once(settings.data_dir / "keys.json", make=_fresh_keys)
    missing = {name: SecretStr(value) for name, value in kept.items() if not getattr(settings, name).get_secret_value()}
    return settings.model_copy(update=missing)


def _fresh_keys() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {"secret_key": key(), "field_keys": f"k1:{key()}", "index_key": key()}


def made_once(path: Path, *, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """The JSON object in `path`; when there is none it is made and written with mode 0600. Safe among processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(make(), file)
        try:
            os.link(fresh, path)  # fails when another process was first: its keys are the ones
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    loaded: dict[str, str] = json.loads(path.read_text())
    return loaded
