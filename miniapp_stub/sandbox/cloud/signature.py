"""Checking TC3-HMAC-SHA256 as the cloud's edge does, from the published description of 签名方法 v3."""

import hmac
import re
from datetime import UTC, datetime
from hashlib import sha256

from starlette.datastructures import Headers

FIVE_MINUTES_S = 300
_HEADER = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/(\w+)/tc3_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)


class SignatureRefused(Exception):
    """`code` is the error code the cloud answers with."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def service_of_signed(headers: Headers, body: bytes, *, keys: dict[str, str], now: float) -> str:
    """The service a rightly signed call is for; `keys`: secret id → secret key.

    Raises SignatureRefused.
    """
    given = _HEADER.fullmatch(headers.get("authorization", ""))
    if given is None:
        raise SignatureRefused("AuthFailure.InvalidAuthorization")
    secret_id, day, service, named, signature = given.groups()
    if secret_id not in keys:
        raise SignatureRefused("AuthFailure.SecretIdNotFound")
    stamp = headers.get("x-tc-timestamp", "")
    if not stamp.isdigit() or abs(int(stamp) - now) > FIVE_MINUTES_S:
        raise SignatureRefused("AuthFailure.SignatureExpire")
    if not {"content-type", "host"} <= set(named.split(";")) or f"{datetime.fromtimestamp(int(stamp), UTC):%F}" != day:
        raise SignatureRefused("AuthFailure.SignatureFailure")
    expected = _signature(headers, body, key=keys[secret_id], day=day, service=service, named=named, stamp=stamp)
    if not hmac.compare_digest(expected, signature):
        raise SignatureRefused("AuthFailure.SignatureFailure")
    return service


def _signature(headers: Headers, body: bytes, *, key: str, day: str, service: str, named: str, stamp: str) -> str:
    lines = "".join(f"{name}:{headers.get(name, '').strip().lower()}\n" for name in named.split(";"))
    request = f"POST\n/\n\n{lines}\n{named}\n{sha256(body).hexdigest()}"
    scope = f"{day}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    secret = ("TC3" + key).encode()
    for step in (day, service, "tc3_request"):
        secret = hmac.new(secret, step.encode(), sha256).digest()
    return hmac.new(secret, text.encode(), sha256).hexdigest()
