"""
Key material of access tokens: Ed25519 signs EdDSA (RFC 8037), P-256 signs ES256 (RFC 7518); a key has one algorithm, by
its type. The first key comes from a file; in demo mode it is made once below the data folder.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
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

ACCESS = "access"  # what a key may sign; a token of another purpose asks for another key
Algorithm = Literal["EdDSA", "ES256"]
Private = Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Public = Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class SigningKey:
    id: str
    private: Private
    purpose: str = ACCESS

    @property
    def algorithm(self) -> Algorithm:
        return "EdDSA" if isinstance(self.private, Ed25519PrivateKey) else "ES256"

    @property
    def public(self) -> Public:
        return self.private.public_key()

    def as_jwk(self) -> dict[str, Any]:
        """The public half (RFC 7517)."""
        head = {"use": "sig", "alg": self.algorithm, "kid": self.id}
        raw = _raw(self.public)
        if isinstance(self.private, Ed25519PrivateKey):
            return {"kty": "OKP", "crv": "Ed25519", **head, "x": _encoded(raw)}
        return {"kty": "EC", "crv": "P-256", **head, "x": _encoded(raw[1:33]), "y": _encoded(raw[33:])}

    def as_pem(self) -> str:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def fresh_key(algorithm: Algorithm) -> SigningKey:
    """A new pair nobody has seen."""
    return _named(Ed25519PrivateKey.generate() if algorithm == "EdDSA" else ec.generate_private_key(ec.SECP256R1()))


def keys_of_settings() -> list[SigningKey]:
    """The key of the file, then the former one when it is named. Raises BadConfiguration naming the setting."""
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
    made = made_once(path, make=lambda: {"private_key": fresh_key("EdDSA").as_pem()})
    return loaded(made["private_key"].encode(), "TOKEN_KEY_FILE")


@lru_cache(maxsize=4)
def _read(path: Path, name: str) -> SigningKey:
    try:
        return loaded(path.read_bytes(), name)
    except OSError as error:
        raise BadConfiguration(f"HANDHELD_{name} names a file that cannot be read") from error


def loaded(pem: bytes, name: str) -> SigningKey:
    """The key in `pem`, which the setting HANDHELD_`name` brought. Raises BadConfiguration, never telling a value."""
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadConfiguration(f"HANDHELD_{name} is not a PEM private key without a password") from None
    if isinstance(private, Ed25519PrivateKey):
        return _named(private)
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return _named(private)
    raise BadConfiguration(f"HANDHELD_{name} must hold an Ed25519 or a P-256 key")


def _named(private: Private) -> SigningKey:
    return SigningKey(hashlib.sha256(_raw(private.public_key())).hexdigest()[:16], private)


def _raw(public: Public) -> bytes:
    if isinstance(public, Ed25519PublicKey):
        return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
