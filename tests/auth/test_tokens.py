import base64
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from auth import keys, sessions, tokens
from auth.config import AuthSettings
from auth.errors import TokenExpired, TokenInvalid
from auth.keyring import ring
from auth.models import Citizen, Department, StaffMember
from kit import clock, config, db
from kit.config import BadConfiguration
from kit.errors import NotSignedIn
from kit.ids import new_id

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def a_citizen() -> Citizen:
    return await Citizen.create(id=new_id(), assurance="platform", created_at=clock.now())


async def a_clerk(*roles: str) -> StaffMember:
    department = await Department.create(code="GA", name={"zh": "公安"}, region_code="440105000000")
    return await StaffMember.create(
        username="ga.chen", name="陈立群", department=department, roles=list(roles), created_at=clock.now()
    )


async def signed_in(person: Any, *, kind: str = "citizen", roles: frozenset[str] = frozenset({"citizen"})) -> str:
    opened = await sessions.open_session(kind=kind, person=person.id, device="d")
    return tokens.access_token(person=person.id, kind=kind, roles=roles, session=opened.session.id).text


def resigned(token: str, *, key: Any = None, algorithm: str = "EdDSA", headers: Any = None, **changes: Any) -> str:
    """The token's claims, changed (None drops one), signed afresh with our own key unless told otherwise."""
    ours = ring.signing_key()
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    claims = {k: v for k, v in claims.items() if v is not None}
    head = {"kid": ours.id, "typ": "at+jwt"} | (headers or {})
    return jwt.encode(claims, key or ours.private, algorithm=algorithm, headers=head)


def raw(header: dict[str, Any], claims: dict[str, Any], signature: str) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims)}.{signature}"


async def test_a_token_names_its_person_session_and_roles() -> None:
    person = await a_citizen()
    actor = await tokens.authenticator(await signed_in(person))
    assert (actor.id, actor.kind, actor.roles) == (person.id, "citizen", frozenset({"citizen"}))
    assert await sessions.is_open(actor.session)


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "", None])
async def test_a_token_without_a_signature_algorithm_is_refused(algorithm: str | None) -> None:
    token = await signed_in(await a_citizen())
    claims = jwt.decode(token, options={"verify_signature": False})
    head = jwt.get_unverified_header(token) | {"alg": algorithm}
    for signature in ("", token.rsplit(".", 1)[1]):
        with pytest.raises(TokenInvalid):
            await tokens.authenticator(raw(head, claims, signature))


async def test_a_token_whose_signature_was_stripped_is_refused() -> None:
    token = await signed_in(await a_citizen())
    for stripped in (token.rsplit(".", 1)[0], token.rsplit(".", 1)[0] + "."):
        with pytest.raises(TokenInvalid):
            await tokens.authenticator(stripped)


async def test_the_public_key_is_no_secret_to_sign_with() -> None:
    token = await signed_in(await a_citizen())
    public = ring.signing_key().public
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(token, options={"verify_signature": False})
    signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    head = jwt.get_unverified_header(token) | {"alg": "HS256"}
    for secret in (text, public.public_bytes(Encoding.Raw, PublicFormat.Raw)):
        unsigned = raw(head, claims, "").rstrip(".")
        signature = base64.urlsafe_b64encode(signer.sign(unsigned.encode(), secret)).decode().rstrip("=")
        with pytest.raises(TokenInvalid):
            await tokens.authenticator(f"{unsigned}.{signature}")


async def test_another_kind_of_key_or_another_ed25519_key_is_refused() -> None:
    token = await signed_in(await a_citizen())
    rsa = generate_private_key(65537, 2048)
    for forged in (
        resigned(token, key=Ed25519PrivateKey.generate()),
        resigned(token, key=rsa, algorithm="RS256"),
    ):
        with pytest.raises(TokenInvalid):
            await tokens.authenticator(forged)


@pytest.mark.parametrize(
    "kid", ["../../dev/null", "' OR 1=1 --", "https://evil.example/jwks.json", "k" * 10_000, "", "refresh"]
)
async def test_a_key_id_is_only_ever_compared(kid: str) -> None:
    token = await signed_in(await a_citizen())
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(resigned(token, headers={"kid": kid}))


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "crit", "b64"])
async def test_a_token_that_brings_a_key_or_a_demand_along_is_refused(name: str) -> None:
    token = await signed_in(await a_citizen())
    value: Any = (
        ["https://evil.example/"] if name in {"x5c", "crit"} else {} if name == "jwk" else "https://evil.example/"
    )
    claims = jwt.decode(token, options={"verify_signature": False})
    head = jwt.get_unverified_header(token) | {name: value}
    unsigned = raw(head, claims, "").rstrip(".")
    ours = ring.signing_key().private
    assert isinstance(ours, Ed25519PrivateKey)
    signature = base64.urlsafe_b64encode(ours.sign(unsigned.encode())).decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(f"{unsigned}.{signature}")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody-else"}, {"aud": "other-api"}, {"purpose": "refresh"}, {"purpose": "scan"}, {"kind": "admin"},
        {"sub": "not-an-id"}, {"sid": "not-an-id"}, {"roles": "citizen"}, {"roles": ["citizen", "admin"]},
        {"exp": None}, {"sub": None}, {"jti": None}, {"purpose": None}, {"iat": None}, {"iss": None}, {"aud": None},
        {"sid": None}, {"roles": None}, {"exp": "tomorrow"}, {"exp": True}, {"iat": 99_999_999_999},
        {"nbf": 99_999_999_999}, {"sub": str(UUID(int=7))}, {"sid": str(UUID(int=7))},
    ],
    ids=lambda c: next(iter(c.items())).__repr__()[:40],
)  # fmt: skip
async def test_a_claim_that_is_wrong_or_missing_is_refused(changes: dict[str, Any]) -> None:
    token = await signed_in(await a_citizen())
    await tokens.authenticator(resigned(token))
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(resigned(token, **changes))


async def test_a_token_ends_by_the_clock() -> None:
    token = await signed_in(await a_citizen())
    with clock.moved(timedelta(minutes=14, seconds=58)):
        await tokens.authenticator(token)
    with clock.moved(timedelta(minutes=15, seconds=1)):
        with pytest.raises(TokenExpired):
            await tokens.authenticator(token)


async def test_a_token_from_the_future_is_refused() -> None:
    person = await a_citizen()
    with clock.moved(timedelta(minutes=1)):
        token = await signed_in(person)
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(token)


async def test_an_edited_payload_does_not_fit_its_signature() -> None:
    head, _, signature = (await signed_in(await a_citizen())).split(".")
    claims = jwt.decode(await signed_in(await a_citizen()), options={"verify_signature": False})
    payload = base64.urlsafe_b64encode(json.dumps(claims | {"roles": ["admin"]}).encode()).decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(f"{head}.{payload}.{signature}")


@pytest.mark.parametrize(
    "nonsense", ["x" * 1_000_000, "." * 50, "a.b.c", "", "eyJhbGciOiJFZERTQSJ9", "\x00.\x00.\x00", "é.é.é"]
)
async def test_nonsense_is_refused_quickly(nonsense: str) -> None:
    began = time.perf_counter()
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(nonsense)
    assert time.perf_counter() - began < 0.05


async def test_claims_given_twice_are_refused_without_our_signature() -> None:
    head, payload, signature = (await signed_in(await a_citizen())).split(".")
    text = base64.urlsafe_b64decode(payload + "==")
    twice = base64.urlsafe_b64encode(text[:-1] + b', "roles": ["admin"]}').decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(f"{head}.{twice}.{signature}")


async def test_a_refresh_token_is_no_access_token() -> None:
    person = await a_citizen()
    opened = await sessions.open_session(kind="citizen", person=person.id, device="d")
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(opened.refresh_token)


async def refused_within(token: str, *, seconds: float) -> float:
    """How long until the token is refused."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            await tokens.authenticator(token)
        except NotSignedIn:
            return time.monotonic() - began
    raise AssertionError(f"still accepted after {seconds} s")


async def test_a_disabled_citizen_is_refused_within_five_seconds() -> None:
    person = await a_citizen()
    token = await signed_in(person)
    await tokens.authenticator(token)
    await db.execute("UPDATE auth_citizen SET disabled_at = now() WHERE id = $1", person.id)
    assert await refused_within(token, seconds=5) < 2


async def test_a_token_from_before_a_role_was_taken_away_is_refused_within_five_seconds() -> None:
    clerk = await a_clerk("clerk", "finance")
    token = await signed_in(clerk, kind="staff", roles=frozenset({"clerk", "finance"}))
    assert (await tokens.authenticator(token)).roles == {"clerk", "finance"}
    await db.execute("""UPDATE auth_staff_member SET roles = '["clerk"]' WHERE id = $1""", clerk.id)
    assert await refused_within(token, seconds=5) < 2


async def test_a_session_ended_by_another_process_is_refused_within_five_seconds() -> None:
    token = await signed_in(await a_citizen())
    actor = await tokens.authenticator(token)
    await db.execute("UPDATE auth_session SET ended_at = now() WHERE id = $1", UUID(actor.session))
    assert await refused_within(token, seconds=5) < 2


async def test_the_signing_key_is_made_once_and_readable_by_its_owner_only(settings: AuthSettings) -> None:
    first = ring.signing_key().id
    keys._kept.cache_clear()
    assert ring.signing_key().id == first
    assert (settings.data_dir / "token-key.json").stat().st_mode & 0o777 == 0o600


async def test_the_former_key_still_verifies_while_it_is_named(settings: AuthSettings, tmp_path: Path) -> None:
    token = await signed_in(await a_citizen())
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    old.write_bytes(_pem(ring.signing_key().private))
    new.write_bytes(_pem(Ed25519PrivateKey.generate()))
    config.install(settings.model_copy(update={"token_key_file": new, "token_previous_key_file": old}))
    await tokens.authenticator(token)
    config.install(settings.model_copy(update={"token_key_file": new}))
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(token)


def _pem(key: Ed25519PrivateKey | RSAPrivateKey | EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


async def test_a_bad_signing_key_is_refused_by_the_name_of_its_setting(settings: AuthSettings, tmp_path: Path) -> None:
    for name, content in (
        ("short", b"secret-short-value"), ("rsa", _pem(generate_private_key(65537, 2048))), ("empty", b""), ("absent", None),
        ("other_curve", _pem(generate_curve_key(SECP384R1()))),
    ):  # fmt: skip
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        config.install(settings.model_copy(update={"token_key_file": path}))
        with pytest.raises(BadConfiguration, match="HANDHELD_TOKEN_KEY_FILE") as refusal:
            keys.keys_of_settings()
        assert "secret-short-value" not in str(refusal.value)


async def test_published_keys_hold_no_private_part() -> None:
    (key,) = ring.verifying_keys()
    assert set(key.as_jwk()) == {"kty", "crv", "use", "alg", "kid", "x"}
    public = jwt.PyJWK(key.as_jwk()).key
    token = await signed_in(await a_citizen())
    assert jwt.decode(token, public, algorithms=["EdDSA"], audience=tokens.AUDIENCE)["purpose"] == "access"
