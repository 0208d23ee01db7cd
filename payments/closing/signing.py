"""
A statement's canonical text and the signature over it.

Signed is `header.payload` as in a compact JWS (RFC 7515) with Ed25519 (RFC 8037), so that anybody can prove a statement
with a library of their own and the keys of `/.well-known/statement-keys.json`.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from auth.keys import SigningKey


def canonical(content: Mapping[str, Any]) -> str:
    """The same content gives the same text: names sorted, no spaces, whole numbers only."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signed_part(content: str, *, key: str) -> str:
    header = json.dumps({"alg": "EdDSA", "kid": key, "typ": "statement+jws"}, separators=(",", ":"))
    return f"{_encoded(header.encode())}.{_encoded(content.encode())}"


def signature_of(content: str, *, key: SigningKey) -> str:
    """86 URL-safe characters."""
    assert isinstance(key.private, Ed25519PrivateKey), "statements are signed with Ed25519"
    return _encoded(key.private.sign(_signed_part(content, key=key.id).encode()))


def compact(content: str, *, key: str, signature: str) -> str:
    """The whole as a compact JWS, for whoever proves it elsewhere."""
    return f"{_signed_part(content, key=key)}.{signature}"


def holds(content: str, *, key: str, signature: str, public: Mapping[str, str]) -> bool:
    """Whether the signature is of that text, under that key's public half (JWK)."""
    try:
        Ed25519PublicKey.from_public_bytes(_decoded(public["x"])).verify(
            _decoded(signature), _signed_part(content, key=key).encode()
        )
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True
