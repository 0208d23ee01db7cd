"""The key that signs access tokens: Ed25519, kept in a file. In demo mode it is made once below the data folder."""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from auth.config import AuthSettings
from kit.config import BadConfiguration, current
from kit.crypto import made_once


@dataclass(frozen=True)
class SigningKey:
    id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()

    def as_jwk(self) -> dict[str, Any]:
        """The public half (RFC 8037)."""
        x = base64.urlsafe_b64encode(_raw(self.public)).decode().rstrip("=")
        return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.id, "x": x}


def signing_keys() -> list[SigningKey]:
    """The key that signs, then the former one when it is named. Raises BadConfiguration naming the setting."""
    settings = current(AuthSettings)
    first = _read(settings.token_key_file, "TOKEN_KEY_FILE") if settings.token_key_file else _demo_key(settings)
    if settings.token_previous_key_file is None:
        return [first]
    return [first, _read(settings.token_previous_key_file, "TOKEN_PREVIOUS_KEY_FILE")]


def _demo_key(settings: AuthSettings) -> SigningKey:
    if not settings.demo:
        raise BadConfiguration("HANDHELD_TOKEN_KEY_FILE must be set in production")
    return _kept(settings.data_dir / "token-key.json")


@lru_cache(maxsize=4)
def _kept(path: Path) -> SigningKey:
    return _loaded(made_once(path, make=_fresh)["private_key"].encode(), "TOKEN_KEY_FILE")


def _fresh() -> dict[str, str]:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"private_key": pem.decode()}


@lru_cache(maxsize=4)
def _read(path: Path, name: str) -> SigningKey:
    try:
        return _loaded(path.read_bytes(), name)
    except OSError as error:
        raise BadConfiguration(f"HANDHELD_{name} names a file that cannot be read") from error


def _loaded(pem: bytes, name: str) -> SigningKey:
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadConfiguration(f"HANDHELD_{name} is not a PEM private key without a password") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadConfiguration(f"HANDHELD_{name} must hold an Ed25519 key")
    return SigningKey(hashlib.sha256(_raw(private.public_key())).hexdigest()[:16], private)


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
