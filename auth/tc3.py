"""
Calls to Tencent Cloud's APIs: JSON over POST, signed with TC3-HMAC-SHA256.

Source: "签名方法 v3" of the API documentation (cloud.tencent.com/document/api/382/52071). Text messages and attestation
speak it; each adapter translates the error codes of its own service.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from kit import clock
from kit.outbound import outside

ALGORITHM, TYPE = "TC3-HMAC-SHA256", "application/json; charset=utf-8"
SIGNED = "content-type;host;x-tc-action"


class Refused(Exception):
    """The service understood and said no. `code` is the service's own, such as `AuthFailure.SignatureFailure`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unintelligible(Exception):
    """An answer we cannot use; `maybe_done` tells nothing, the request may have been carried out."""


@dataclass(frozen=True)
class Account:
    secret_id: str
    secret_key: str
    region: str


@dataclass(frozen=True)
class Service:
    """`url` is the service's host; `name` and `version` are as its documentation has them."""

    url: str
    name: str
    version: str


async def ask(service: Service, action: str, body: Mapping[str, Any], *, account: Account) -> dict[str, Any]:
    """
    The `Response` of one call.

    Raises: Refused, Unintelligible, and OutsideUnreachable of kit/outbound.py.
    """
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = signed(content, service=service, action=action, account=account, at=clock.now())
    answer = await outside().call("POST", f"{service.url.rstrip('/')}/", headers=headers, content=content)
    try:
        told: dict[str, Any] = json.loads(answer.body)["Response"]
        error = told.get("Error")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unintelligible from None
    if error is not None:
        raise Refused(str(error.get("Code", "")))
    return told


def signed(content: bytes, *, service: Service, action: str, account: Account, at: datetime) -> dict[str, str]:
    """The headers of a call with its signature."""
    host, second = urlsplit(service.url).netloc, int(at.timestamp())
    scope = f"{at.astimezone(UTC):%Y-%m-%d}/{service.name}/tc3_request"
    canonical = "\n".join(
        [
            "POST", "/", "", f"content-type:{TYPE}", f"host:{host}", f"x-tc-action:{action.lower()}", "", SIGNED,
            hashlib.sha256(content).hexdigest(),
        ]
    )  # fmt: skip
    to_sign = f"{ALGORITHM}\n{second}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{account.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"Credential={account.secret_id}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"
    return {
        "authorization": f"{ALGORITHM} {credential}", "content-type": TYPE, "host": host, "x-tc-action": action,
        "x-tc-version": service.version, "x-tc-timestamp": str(second), "x-tc-region": account.region,
    }  # fmt: skip
