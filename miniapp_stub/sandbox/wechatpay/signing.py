"""RSA signatures and AES sealing of API v3. Pure functions over bytes; nothing here knows orders.

Every signed text is a run of lines, each closed by a line feed, the last one too.
"""

import base64
import re
import secrets
import string
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW_S = 300
"""A signature this old, or this far ahead, is refused."""
PROBE = "WECHATPAY/SIGNTEST/"
"""Signatures beginning so are deliberately bad: the platform checks that merchants check."""

_PAIR = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_FIELDS = {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}


class SignatureRefused(Exception):
    """The Authorization header is missing, malformed, stale or does not fit the request."""

    def __init__(self, issue: str, *, field: str = "signature", value: str = "") -> None:
        super().__init__(issue)
        self.issue, self.field, self.value = issue, field, value


@dataclass(frozen=True)
class Authorization:
    """The five quoted values of a v3 Authorization header."""

    mchid: str
    nonce_str: str
    signature: str
    timestamp: str
    serial_no: str


@dataclass(frozen=True)
class Signer:
    """A platform key and the serial or public-key id under which clients know it."""

    serial: str
    key: RSAPrivateKey


def lines(*parts: bytes) -> bytes:
    return b"".join(part + b"\n" for part in parts)


def sign(text: bytes, key: RSAPrivateKey) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256, base64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def verifies(text: bytes, signature: str, *, key: RSAPublicKey) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def parse_authorization(header: str | None) -> Authorization:
    """Take the header apart; order is free, each of the five fields exactly once.

    Raises SignatureRefused.
    """
    if not header:
        raise SignatureRefused("Authorization header missing", field="authorization")
    scheme, _, rest = header.partition(" ")
    if scheme != SCHEME:
        raise SignatureRefused(f"scheme must be {SCHEME}", field="authorization", value=scheme)
    matches = [_PAIR.fullmatch(part) for part in rest.split(",")]
    pairs = [(match[1], match[2]) for match in matches if match]
    if len(pairs) != len(matches) or len(pairs) != len(_FIELDS) or {name for name, _ in pairs} != _FIELDS:
        raise SignatureRefused('expected mchid="…",nonce_str="…",signature="…",timestamp="…",serial_no="…"')
    return Authorization(**dict(pairs))


def check_freshness(authorization: Authorization, *, now: float) -> None:
    """Raises SignatureRefused when the timestamp is no number or 300 s or more away."""
    stamp = authorization.timestamp
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) == 10):
        raise SignatureRefused("timestamp must be epoch seconds", field="timestamp", value=stamp)
    if abs(now - int(stamp)) >= WINDOW_S:
        raise SignatureRefused("timestamp expired", field="timestamp", value=stamp)


def request_text(*, method: str, target: bytes, authorization: Authorization, body: bytes) -> bytes:
    """The five lines a request is signed over; `target` is path and query exactly as sent."""
    return lines(method.encode(), target, authorization.timestamp.encode(), authorization.nonce_str.encode(), body)


def answer_text(*, timestamp: str, nonce: str, body: bytes) -> bytes:
    """The three lines an answer or a notice is signed over."""
    return lines(timestamp.encode(), nonce.encode(), body)


def pay_sign_text(*, app_id: str, timestamp: str, nonce: str, package: str) -> bytes:
    """The four lines behind `paySign` of wx.requestPayment."""
    return lines(app_id.encode(), timestamp.encode(), nonce.encode(), package.encode())


def signature_headers(body: bytes, signer: Signer, *, now: float) -> dict[str, str]:
    """Headers that sign an answer or a notice, made at `now`."""
    timestamp, nonce = str(int(now)), new_nonce()
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(answer_text(timestamp=timestamp, nonce=nonce, body=body), signer.key),
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Serial": signer.serial,
    }


def seal(plain: bytes, *, api_v3_key: str, nonce: str, associated_data: str) -> str:
    """AEAD_AES_256_GCM under the merchant's APIv3 key; base64 of cipher text and tag."""
    cipher = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), plain, associated_data.encode())
    return base64.b64encode(cipher).decode()


def new_nonce(characters: int = 32) -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(characters))
