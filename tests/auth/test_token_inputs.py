"""Forged, foreign and damaged tokens at the door: one answer for all of them, nothing fetched, no file opened."""

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth import sessions
from auth.config import AuthSettings
from auth.keyring import ring
from kit import config, crypto
from kit.config import BadConfiguration
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Phone
from tests.auth.test_tokens import a_citizen, raw, resigned, signed_in

pytestmark = pytest.mark.anyio
Forge = Callable[[str], str]
EVIL = "https://evil.example/keys.json"


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def with_head(**changes: Any) -> Forge:
    """Our claims and our own signature over another header."""

    def forge(token: str) -> str:
        head = jwt.get_unverified_header(token) | changes
        unsigned = raw(head, claims(token), "").rstrip(".")
        return f"{unsigned}.{signature_over(unsigned)}"

    return forge


def signature_over(text: str) -> str:
    ours = ring.signing_key().private
    assert isinstance(ours, Ed25519PrivateKey)
    return base64.urlsafe_b64encode(ours.sign(text.encode())).decode().rstrip("=")


def with_claims(**changes: Any) -> Forge:
    return lambda token: resigned(token, **changes)


def by_hmac(token: str) -> str:
    """HS256 with the text of our public key as the secret."""
    text = ring.signing_key().public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = raw(jwt.get_unverified_header(token) | {"alg": "HS256"}, claims(token), "").rstrip(".")
    signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    return f"{unsigned}.{base64.urlsafe_b64encode(signer.sign(unsigned.encode(), text)).decode().rstrip('=')}"


def by_rsa(token: str) -> str:
    return resigned(token, key=generate_private_key(65537, 2048), algorithm="RS256")


def edited(token: str) -> str:
    head, _, signature = token.split(".")
    payload = json.dumps(claims(token) | {"sub": "00000000-0000-4000-8000-000000000000"})
    return f"{head}.{base64.urlsafe_b64encode(payload.encode()).decode().rstrip('=')}.{signature}"


def twice(token: str) -> str:
    head, payload, signature = token.split(".")
    text = base64.urlsafe_b64decode(payload + "==")[:-1] + b', "kind": "staff"}'
    return f"{head}.{base64.urlsafe_b64encode(text).decode().rstrip('=')}.{signature}"


def unsigned(algorithm: str | None) -> Forge:
    return lambda token: raw(jwt.get_unverified_header(token) | {"alg": algorithm}, claims(token), "")


PAST, FUTURE = int(time.time()) - 10, int(time.time()) + 3600
VARIANTS: dict[str, Forge] = {
    "alg none": unsigned("none"), "alg None": unsigned("None"), "alg nOnE": unsigned("nOnE"),
    "alg empty": unsigned(""), "alg missing": unsigned(None),
    "signature stripped": lambda t: t.rsplit(".", 1)[0] + ".", "signature part missing": lambda t: t.rsplit(".", 1)[0],
    "HS256 with the public key": by_hmac, "RS256 with a key of their own": by_rsa,
    "Ed25519 key of their own": lambda t: resigned(t, key=Ed25519PrivateKey.generate()),
    "kid is a path": with_head(kid="../../dev/null"), "kid is SQL": with_head(kid="' OR 1=1 --"),
    "kid is an address": with_head(kid=EVIL), "kid of 10 kB": with_head(kid="k" * 10_000),
    "kid of nobody": with_head(kid="0" * 16), "kid missing": with_head(kid=None), "kid is a list": with_head(kid=["a"]),
    "jku": with_head(jku=EVIL), "x5u": with_head(x5u=EVIL), "x5c": with_head(x5c=[EVIL]),
    "jwk": with_head(jwk={"kty": "oct", "k": "AA"}), "unknown crit": with_head(crit=["magic"], magic=1),
    "typ of an ID token": with_head(typ="JWT"), "expired": with_claims(exp=PAST), "not yet valid": with_claims(nbf=FUTURE),
    "from the future": with_claims(iat=FUTURE), "wrong issuer": with_claims(iss="evil"),
    "wrong audience": with_claims(aud="evil"), "no exp": with_claims(exp=None), "no sub": with_claims(sub=None),
    "no jti": with_claims(jti=None), "no purpose": with_claims(purpose=None), "other purpose": with_claims(purpose="export"),
    "other person": with_claims(sub="00000000-0000-4000-8000-000000000000"), "more roles": with_claims(roles=["admin"]),
    "payload edited": edited, "a claim twice": twice, "1 MB": lambda _: "x" * 1_000_000,
    "50 dots": lambda _: "." * 50, "three empty parts": lambda _: "..", "padded": lambda t: t + "==",
}  # fmt: skip

_watching: list[list[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in {"open", "socket.getaddrinfo", "subprocess.Popen", "urllib.Request"}:
        _watching[-1].append(f"{event} {arguments[0]!r}")
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        _watching[-1].append(f"{event} {arguments[1]!r}")


sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[list[str]]:
    """What this process opened or connected to meanwhile."""
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.pop()


async def asked(door: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await door.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})


def test_there_are_more_than_twenty_five_variants() -> None:
    assert len(VARIANTS) >= 25


@pytest.mark.parametrize("name", VARIANTS)
async def test_a_token_that_is_not_ours_meets_401_alike_and_nothing_is_fetched_or_opened(
    door: httpx2.AsyncClient, name: str
) -> None:
    good = await signed_in(await a_citizen())
    assert (await asked(door, good)).status_code == 200
    forged = VARIANTS[name](good)
    with watched() as seen:
        answer = await asked(door, forged)
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert set(told) == {"type", "title", "status", "detail", "code", "request_id"}
    assert told["code"] == ("token_expired" if name == "expired" else "token_invalid")
    assert seen == []


async def test_the_watch_sees_an_opened_file() -> None:
    with watched() as seen:
        open(__file__).close()  # noqa: PTH123 - what the test above would notice
    assert len(seen) == 1


async def test_refresh_token_qr_ticket_link_signature_are_no_access_tokens_and_the_reverse(
    door: httpx2.AsyncClient, phone: Any
) -> None:
    handset: Phone = phone("13800000091")
    told = (await handset.tap()).json()
    shown = (await door.post("/api/v1/auth/scans", json={"purpose": "sign_in", "device_label": "大厅自助机"})).json()
    signature = crypto.sign("any", purpose="link")
    for other in (told["refresh_token"], shown["ticket"], shown["secret"], signature):
        answer = await asked(door, other)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    for other in (shown["ticket"], signature):
        answer = await door.post("/api/v1/auth/refresh", json={"refresh_token": other})
        assert (answer.status_code, answer.json()["code"]) == (401, "refresh_refused")
    headers = {"x-scan-secret": told["access_token"]}
    assert (await door.get(f"/api/v1/auth/scans/{shown['ticket']}", headers=headers)).status_code == 404


@pytest.mark.parametrize("name", ["token", "access_token", "authorization", "bearer"])
async def test_a_token_in_the_query_string_signs_nobody_in_and_is_not_logged(
    door: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    token = await signed_in(await a_citizen())
    answer = await door.get("/api/v1/me", params={name: token})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    printed = capsys.readouterr()
    assert token[-40:] not in printed.out + printed.err


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "access_token={token}"}, {"cookie": "session={token}"}, {"x-access-token": "{token}"},
        {"authorization": "Basic {token}"}, {"authorization": "{token}"}, {"proxy-authorization": "Bearer {token}"},
    ],
    ids=lambda h: next(iter(h.items())).__repr__()[:40],
)  # fmt: skip
async def test_only_a_bearer_token_signs_in(door: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    token = await signed_in(await a_citizen())
    answer = await door.get("/api/v1/me", headers={k: v.format(token=token) for k, v in headers.items()})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_a_session_id_known_before_signing_in_is_not_the_one_after_it(
    door: httpx2.AsyncClient, phone: Any
) -> None:
    handset: Phone = phone("13800000092")
    first = (await handset.tap()).json()["access_token"]
    second = (await handset.tap()).json()["access_token"]
    assert claims(first)["sid"] != claims(second)["sid"]
    await sessions.end_session(UUID(claims(first)["sid"]), reason="signed_out", actor="system")
    fixed = resigned(first, sub=claims(second)["sub"])
    assert [(await asked(door, token)).status_code for token in (first, fixed, second)] == [401, 401, 200]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"token_key_file": None}, "HANDHELD_TOKEN_KEY_FILE"), ({"secret_key": "short-secret"}, "HANDHELD_SECRET_KEY"),
        ({"secret_key": ""}, "HANDHELD_SECRET_KEY"), ({"index_key": ""}, "HANDHELD_INDEX_KEY"),
        ({"field_keys": ""}, "HANDHELD_FIELD_KEYS"),
    ],
)  # fmt: skip
async def test_production_refuses_a_missing_or_short_key_by_its_name_and_prints_no_value(
    settings: OfficeSettings, wrong: dict[str, Any], named: str
) -> None:
    ready = {
        "env": "production", "database_url": "postgres://x", "public_url": "https://office.example", "wechat_app_id": "a",
        "wechat_app_secret": "b" * 32, "token_key_file": str(settings.data_dir / "key.pem"), "secret_key": "s" * 32,
        "field_keys": settings.field_keys.get_secret_value(), "index_key": settings.index_key.get_secret_value(),
    }  # fmt: skip
    with pytest.raises(BadConfiguration) as refusal:
        config.install(AuthSettings(_env_file=None, **(ready | wrong)))
    assert named in str(refusal.value)
    assert "short-secret" not in str(refusal.value)
