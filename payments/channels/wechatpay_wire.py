r"""
WeChat Pay API v3 on the wire: who signs what, and what is believed.

Requests are signed with our merchant key over `METHOD\nPATH?QUERY\nTIME\nNONCE\nBODY\n`; answers and notices are
proven by the platform's key over `TIME\nNONCE\nBODY\n`, within 300 seconds (API v3, signature chapters).
"""

import asyncio
import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import Certificate, load_pem_x509_certificate

from kit.config import BadConfiguration
from payments.channels.base import NotAuthentic, Unintelligible
from payments.channels.line import wire_time

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW_S = 300
REFRESH_EVERY_S = 60
RENEW_EVERY_S = 3600  # as often as WeChat Pay's own libraries do
PROBE = "WECHATPAY/SIGNTEST/"


def lines(*parts: str | bytes) -> bytes:
    """Every part closed by a line feed, the last too."""
    return b"".join((p.encode() if isinstance(p, str) else p) + b"\n" for p in parts)


def sign(key: RSAPrivateKey, content: bytes) -> str:
    return base64.b64encode(key.sign(content, padding.PKCS1v15(), hashes.SHA256())).decode()


def signature_holds(key: RSAPublicKey, content: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), content, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def open_sealed(resource: Mapping[str, object], *, api_v3_key: bytes) -> bytes:
    """The clear text of an AEAD_AES_256_GCM resource. Raises Unintelligible."""
    try:
        if resource.get("algorithm") != "AEAD_AES_256_GCM":
            raise Unintelligible("unknown algorithm")
        sealed = base64.b64decode(str(resource["ciphertext"]), validate=True)
        nonce = str(resource["nonce"]).encode()
        associated = str(resource.get("associated_data") or "").encode()
        return AESGCM(api_v3_key).decrypt(nonce, sealed, associated)
    except (KeyError, binascii.Error, ValueError, InvalidTag) as error:
        raise Unintelligible("the sealed part does not open") from error


@dataclass(frozen=True)
class Credentials:
    """Who we are to WeChat Pay."""

    merchant: str
    serial: str
    key: RSAPrivateKey

    def authorization(self, method: str, target: str, *, body: bytes) -> str:
        """The Authorization header; `target` is path and query exactly as sent."""
        return self.authorization_at(int(wire_time().timestamp()), secrets.token_hex(16), method, target, body=body)

    def authorization_at(self, timestamp: int, nonce: str, method: str, target: str, *, body: bytes) -> str:
        signature = sign(self.key, lines(method, target, str(timestamp), nonce, body))
        return (
            f'{SCHEME} mchid="{self.merchant}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self.serial}"'
        )


@dataclass(frozen=True)
class PlatformKey:
    serial: str
    key: RSAPublicKey
    begins: datetime | None = None
    ends: datetime | None = None

    def is_good_at(self, instant: datetime) -> bool:
        return (self.begins is None or self.begins <= instant) and (self.ends is None or instant < self.ends)


@dataclass
class PlatformKeys:
    """The keys WeChat Pay signs with. Several are good at a time while they rotate."""

    known: dict[str, PlatformKey] = field(default_factory=dict)
    asked_at: float | None = None  # monotonic
    renewed_at: float | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def add(self, key: PlatformKey) -> None:
        self.known[key.serial] = key

    def may_ask(self) -> bool:
        """At most one refresh a minute, however many unknown serials arrive."""
        return self.asked_at is None or time.monotonic() - self.asked_at >= REFRESH_EVERY_S

    def are_stale(self) -> bool:
        """Whether certificates in use were not looked at for an hour; a new one is published before it signs."""
        in_use = any(key.ends is not None for key in self.known.values())
        return in_use and (self.renewed_at is None or time.monotonic() - self.renewed_at >= RENEW_EVERY_S)

    def find(self, serial: str) -> PlatformKey | None:
        key = self.known.get(serial)
        return key if key is not None and key.is_good_at(wire_time()) else None


@dataclass(frozen=True)
class Proof:
    """The signature headers of an answer or notice."""

    serial: str
    timestamp: str
    nonce: str
    signature: str

    @classmethod
    def of(cls, headers: Mapping[str, str], *, of_any_time: bool = False) -> "Proof":
        """Raises NotAuthentic when a header is missing, absurd, too old or too new, or the signature is a probe."""
        serial, timestamp, nonce, signature = (
            headers.get(f"wechatpay-{name}", "") for name in ("serial", "timestamp", "nonce", "signature")
        )
        if signature.startswith(PROBE):
            raise NotAuthentic("signature test", probe=True)
        if not (serial and nonce and signature) or len(signature) > 1024 or len(nonce) > 128 or len(serial) > 64:
            raise NotAuthentic("a signature header is missing or absurd")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise NotAuthentic("no timestamp")
        proof = cls(serial, timestamp, nonce, signature)
        if not (of_any_time or proof.is_in_time):
            raise NotAuthentic("outside the time window")
        return proof

    @property
    def ahead_s(self) -> int:
        """How far the signer's clock is ahead of ours."""
        return int(self.timestamp) - int(wire_time().timestamp())

    @property
    def is_in_time(self) -> bool:
        return abs(self.ahead_s) < WINDOW_S

    def holds(self, key: RSAPublicKey, body: bytes) -> bool:
        return signature_holds(key, lines(self.timestamp, self.nonce, body), self.signature)


def private_key(path: Path | None) -> RSAPrivateKey:
    """Raises BadConfiguration naming the setting, never its contents."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes() if path else b"", password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadConfiguration("HANDHELD_WECHATPAY_PRIVATE_KEY_FILE must be a PEM file with an RSA key") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadConfiguration("HANDHELD_WECHATPAY_PRIVATE_KEY_FILE must be a PEM file with an RSA key")
    return key


def former_keys(pairs: str) -> list[PlatformKey]:
    """`PUB_KEY_ID_…=path` pairs, comma separated; a certificate needs no id before its `=`. Raises BadConfiguration."""
    found = []
    for pair in filter(None, (part.strip() for part in pairs.split(","))):
        key_id, _, path = pair.rpartition("=")
        found.append(platform_key(Path(path.strip()), key_id=key_id.strip()))
    return found


def platform_key(path: Path, *, key_id: str) -> PlatformKey:
    """The key in a file: a public key with its id, or a certificate that brings its serial. Raises BadConfiguration."""
    try:
        pem = path.read_bytes()
        if b"BEGIN CERTIFICATE" in pem:
            return key_of_certificate(load_pem_x509_certificate(pem))
        key = serialization.load_pem_public_key(pem)
    except (OSError, ValueError) as error:
        raise BadConfiguration("HANDHELD_WECHATPAY_PLATFORM_KEY_FILE must be a PEM file") from error
    if not isinstance(key, RSAPublicKey) or not key_id:
        raise BadConfiguration("HANDHELD_WECHATPAY_PLATFORM_KEY_ID must be set beside a public key")
    return PlatformKey(key_id, key)


def key_of_certificate(certificate: Certificate) -> PlatformKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise NotAuthentic("a platform certificate without RSA key")
    return PlatformKey(
        f"{certificate.serial_number:X}", key, certificate.not_valid_before_utc, certificate.not_valid_after_utc
    )


def instant(value: object) -> datetime | None:
    """RFC 3339 with offset → UTC; None for anything else."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else None
