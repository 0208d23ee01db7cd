"""Keys change while people are signed in: published, then signing, then verifying, then gone."""

from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from auth import tokens
from auth.config import AuthSettings
from auth.errors import NoSuchKey, TokenInvalid
from auth.keyring import ring, rotation
from auth.keyring.models import SigningKey as Row
from auth.keys import fresh_key
from kit import clock, config, crypto, db
from tests.auth.test_tokens import a_citizen, signed_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
SOON = timedelta(seconds=6)


async def known() -> None:
    ring.forget()
    await ring.refresh()


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_a_new_key_is_published_before_it_signs() -> None:
    former = ring.signing_key().id
    new = await rotation.rotate()
    await known()
    assert [key.id for key in ring.verifying_keys()] == [new.id, former]
    assert ring.signing_key().id == former
    with clock.moved(SOON):
        assert ring.signing_key().id == new.id
        assert kid_of(await signed_in(await a_citizen())) == new.id


async def test_the_former_key_verifies_until_its_tokens_have_ended_and_is_then_removed() -> None:
    with clock.moved(SOON - timedelta(seconds=2)):
        await rotation.adopt()
        last = await signed_in(await a_citizen())  # signed in the last second before the other takes over
    former = kid_of(last)
    await rotation.rotate()
    await known()
    with clock.moved(timedelta(minutes=15)):
        assert (await tokens.authenticator(last)).kind == "citizen"
    with clock.moved(timedelta(minutes=17)):
        assert former not in [key.id for key in ring.verifying_keys()]
        assert await rotation.purge() == 1
        await known()
        assert former not in [key.id for key in ring.verifying_keys()]
    assert await Row.get(id=former).values_list("private_sealed", flat=True) is None


async def test_a_withdrawn_key_is_refused_at_once_and_another_signs() -> None:
    token = await signed_in(await a_citizen())
    await tokens.authenticator(token)
    made = await rotation.withdraw(kid_of(token))
    with pytest.raises(TokenInvalid):
        await tokens.authenticator(token)
    fresh = await signed_in(await a_citizen())
    assert kid_of(fresh) == made
    await tokens.authenticator(fresh)
    assert await Row.filter(withdrawn_at__isnull=False, private_sealed__isnull=False).count() == 0


async def test_withdrawing_the_key_that_signs_lets_the_published_one_sign_at_once() -> None:
    former = ring.signing_key().id
    new = await rotation.rotate()
    assert await rotation.withdraw(former) is None
    await known()
    assert ring.signing_key().id == new.id
    assert [key.id for key in ring.verifying_keys()] == [new.id]


async def test_withdrawing_an_older_key_leaves_the_one_that_signs() -> None:
    former = ring.signing_key().id
    new = await rotation.rotate()
    with clock.moved(SOON):
        assert await rotation.withdraw(former) is None
        await known()
        assert ring.signing_key().id == new.id
        assert await Row.all().count() == 2


async def test_a_withdrawn_file_key_does_not_come_back_with_a_restart() -> None:
    await rotation.adopt()
    former = ring.signing_key().id
    await rotation.withdraw(former)
    await rotation.adopt()
    await known()
    assert former not in [key.id for key in ring.verifying_keys()]
    assert ring.signing_key().id != former


async def test_a_key_nobody_has_cannot_be_withdrawn() -> None:
    with pytest.raises(NoSuchKey):
        await rotation.withdraw("0" * 16)
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'signing_key.withdrawn'") == 0


async def test_two_rotations_at_once_leave_one_key_that_lasts() -> None:
    await rotation.rotate()
    last = await rotation.rotate()
    with clock.moved(SOON):
        await known()
        assert ring.signing_key().id == last.id
    assert [row.id for row in await Row.filter(verifies_until=None)] == [last.id]


async def test_another_file_takes_over_after_it_was_published(settings: AuthSettings, tmp_path: Path) -> None:
    await rotation.adopt()
    former = ring.signing_key().id
    other = tmp_path / "other.pem"
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    other.write_bytes(pem)
    config.install(settings.model_copy(update={"token_key_file": other}))
    await rotation.adopt()
    await known()
    assert ring.signing_key().id == former
    with clock.moved(SOON):
        assert ring.signing_key().algorithm == "ES256"


async def test_es256_signs_and_verifies_like_eddsa_and_is_published_as_ec() -> None:
    await rotation.rotate(algorithm="ES256")
    await known()
    with clock.moved(SOON):
        key = ring.signing_key()
        token = await signed_in(await a_citizen())
        assert jwt.get_unverified_header(token)["alg"] == "ES256"
        await tokens.authenticator(token)
    jwk = key.as_jwk()
    assert set(jwk) == {"kty", "crv", "use", "alg", "kid", "x", "y"}
    public = jwt.PyJWK(jwk).key
    told = jwt.decode(token, public, algorithms=["ES256"], audience=tokens.AUDIENCE, options={"verify_iat": False})
    assert told["kind"] == "citizen"


async def test_a_key_has_one_algorithm() -> None:
    """A token signed with one of our keys, and naming the other, or the other's algorithm."""
    await rotation.rotate(algorithm="ES256")
    await known()
    with clock.moved(SOON):
        token = await signed_in(await a_citizen())
        curve, edwards = ring.verifying_keys()
        claims = jwt.decode(token, options={"verify_signature": False})
        for signer, named in ((edwards, curve), (curve, edwards)):
            head = {"kid": named.id, "typ": "at+jwt"}
            with pytest.raises(TokenInvalid):
                await tokens.authenticator(jwt.encode(claims, signer.private, algorithm=signer.algorithm, headers=head))


async def test_a_key_of_another_purpose_signs_no_access_token() -> None:
    key = fresh_key("EdDSA")
    sealed = crypto.seal(key.as_pem(), bound_to=ring.place_of(key.id))
    await Row.create(
        id=key.id, purpose="export", algorithm="EdDSA", private_sealed=sealed, created_at=clock.now(),
        signs_from=clock.now(),
    )  # fmt: skip
    await known()
    assert ring.signing_key().id != key.id
    token = await signed_in(await a_citizen())
    for purpose in ("access", "export"):
        claims = jwt.decode(token, options={"verify_signature": False}) | {"purpose": purpose}
        head = {"kid": key.id, "typ": "at+jwt"}
        with pytest.raises(TokenInvalid):
            await tokens.authenticator(jwt.encode(claims, key.private, algorithm="EdDSA", headers=head))


async def test_an_unknown_key_id_is_looked_up_once_and_found_when_another_process_made_it() -> None:
    await rotation.adopt()
    person = await a_citizen()
    token = await signed_in(person)
    await known()
    ring._ring.read_at -= ring.AGAIN_S  # our rows are a moment old, and younger than a second
    key = fresh_key("EdDSA")
    await rotation._insert(key, at=clock.now())
    claims = jwt.decode(token, options={"verify_signature": False})
    head = {"kid": key.id, "typ": "at+jwt"}
    await tokens.authenticator(jwt.encode(claims, key.private, algorithm="EdDSA", headers=head))


async def test_private_halves_are_sealed_in_the_rows_and_changes_are_noted() -> None:
    row = await rotation.rotate()
    text = await db.fetch_value("SELECT to_jsonb(k)::text FROM auth_signing_key k WHERE id = $1", row.id)
    assert "PRIVATE" not in text
    assert row.private_sealed is not None
    assert b"PRIVATE" not in bytes(row.private_sealed)
    acts = await db.fetch("SELECT action FROM kit_audit ORDER BY seq")
    assert [a["action"] for a in acts] == ["signing_key.adopted", "signing_key.made"]
