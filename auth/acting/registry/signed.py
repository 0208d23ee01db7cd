"""
A registry behind a signed HTTP question, as provincial data platforms offer it.

`POST {url}/v1/legal-persons/check` with the four elements as JSON. Question and answer carry `X-App-Id`,
`X-Timestamp` (seconds), `X-Nonce` and `X-Signature`: HMAC-SHA256 in hex over timestamp, nonce and the raw body, joined
by line feeds; the answer is signed over the question's nonce, so that it cannot be the answer to another question. Its
words are translated here and nowhere else.
"""

import hashlib
import hmac
import json
import secrets

from auth.acting.config import ActingSettings
from auth.acting.errors import RegistryUnavailable
from auth.acting.registry.base import Claim, Verdict
from kit import clock
from kit.log import logger
from kit.outbound import Answer, OutsideUnreachable, outside

log = logger("registry")
PATH = "/v1/legal-persons/check"
SKEW_S = 300
MEANS = {
    "MATCH": Verdict.AGREES, "NOT_FOUND": Verdict.UNKNOWN, "NAME_MISMATCH": Verdict.NAME_DIFFERS,
    "REPRESENTATIVE_MISMATCH": Verdict.REPRESENTATIVE_DIFFERS, "NOT_OPERATING": Verdict.CLOSED,
}  # fmt: skip


class SignedRegistry:
    def __init__(self, settings: ActingSettings) -> None:
        self._settings = settings

    async def judge(self, claim: Claim) -> Verdict:
        body = json.dumps(
            {
                "credit_code": claim.credit_code, "name": claim.name, "representative": claim.representative,
                "id_number": claim.id_number,
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        nonce, stamp = secrets.token_hex(16), str(int(clock.now().timestamp()))
        headers = {
            "content-type": "application/json", "x-app-id": self._settings.registry_app_id, "x-timestamp": stamp,
            "x-nonce": nonce, "x-signature": self._signature(stamp, nonce, body),
        }  # fmt: skip
        try:
            answer = await outside().call(
                "POST", self._settings.registry_url.rstrip("/") + PATH, headers=headers, content=body, deadline_s=6.0,
                cap=16 * 1024,
            )  # fmt: skip
        except OutsideUnreachable as error:
            log.warning("registry_unreachable", why=type(error).__name__)
            raise RegistryUnavailable from None
        return self._verdict(answer, nonce=nonce)

    def _verdict(self, answer: Answer, *, nonce: str) -> Verdict:
        stamp, signature = answer.headers.get("x-timestamp", ""), answer.headers.get("x-signature", "")
        if answer.status != 200:
            log.error("registry_refused", status=answer.status, setting="HANDHELD_REGISTRY_SECRET")
            raise RegistryUnavailable
        fits = hmac.compare_digest(signature.encode(), self._signature(stamp, nonce, answer.body).encode())
        if not fits or not _is_recent(stamp):
            log.error("registry_answer_not_genuine")
            raise RegistryUnavailable
        try:
            return MEANS[json.loads(answer.body)["result"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            log.error("registry_answer_unknown")
            raise RegistryUnavailable from None

    def _signature(self, stamp: str, nonce: str, body: bytes) -> str:
        key = self._settings.registry_secret.get_secret_value().encode()
        return hmac.new(key, f"{stamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()


def _is_recent(stamp: str) -> bool:
    return stamp.isdecimal() and len(stamp) <= 12 and abs(int(stamp) - clock.now().timestamp()) <= SKEW_S
