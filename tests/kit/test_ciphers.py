"""The ciphers of personal data: known vectors, both side by side, and nonces that never come twice."""

import os

import pytest
from pydantic import SecretStr

from kit import ciphers, config, crypto
from mobileapi.settings import OfficeSettings

SEALINGS = 1_000_000 if os.environ.get("SLOW") else 50_000
PLACE = "auth_citizen.name:1"


def test_sm4_gcm_answers_as_rfc_8998_appendix_a_says() -> None:
    key, nonce = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("00001234567800000000abcd")
    plain = b"".join(bytes([b]) * 8 for b in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    assert ciphers.sm4_gcm(key, nonce, plain=plain, associated=associated).hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
    )


def with_cipher(settings: OfficeSettings, name: str) -> None:
    config.install(settings.model_copy(update={"field_cipher": name}))


@pytest.mark.parametrize(("first", "second"), [("aes-gcm", "sm4-gcm"), ("sm4-gcm", "aes-gcm")])
def test_what_either_cipher_sealed_opens_whatever_is_set_now(settings: OfficeSettings, first: str, second: str) -> None:
    with_cipher(settings, first)
    sealed = crypto.seal("张伟", bound_to=PLACE)
    assert crypto.told(crypto.head_of(sealed) or b"") == (first, "k1")
    with_cipher(settings, second)
    assert crypto.unseal(sealed, bound_to=PLACE) == "张伟"
    assert crypto.told(crypto.head_of(crypto.seal("张伟", bound_to=PLACE)) or b"") == (second, "k1")


@pytest.mark.parametrize("name", ["aes-gcm", "sm4-gcm"])
def test_a_value_opens_in_its_own_row_and_column_only(settings: OfficeSettings, name: str) -> None:
    with_cipher(settings, name)
    sealed = crypto.seal("张伟", bound_to=PLACE)
    assert "张伟".encode() not in sealed
    for other in ("auth_citizen.name:2", "auth_citizen.phone:1", "payments_bill.name:1", ""):
        with pytest.raises(crypto.CannotUnseal):
            crypto.unseal(sealed, bound_to=other)


@pytest.mark.parametrize("name", ["aes-gcm", "sm4-gcm"])
def test_one_flipped_bit_anywhere_is_noticed(settings: OfficeSettings, name: str) -> None:
    """The cipher's version and the key's id are under the tag as well: neither can be exchanged."""
    with_cipher(settings, name)
    sealed = crypto.seal("张伟", bound_to=PLACE)
    for place in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1 if place else 3  # the first byte becomes the other cipher's
        with pytest.raises(crypto.CannotUnseal):
            crypto.unseal(bytes(damaged), bound_to=PLACE)


@pytest.mark.parametrize("cut", range(33))
def test_a_cut_value_does_not_open(settings: OfficeSettings, cut: int) -> None:
    for name in ("aes-gcm", "sm4-gcm"):
        with_cipher(settings, name)
        with pytest.raises(crypto.CannotUnseal):
            crypto.unseal(crypto.seal("x", bound_to=PLACE)[:cut], bound_to=PLACE)


def test_a_key_of_another_length_is_refused_by_its_name(settings: OfficeSettings) -> None:
    config.install(settings.model_copy(update={"field_keys": SecretStr("k1:c2hvcnQ=")}))
    with pytest.raises(config.BadConfiguration, match="HANDHELD_FIELD_KEYS") as refused:
        crypto.seal("x", bound_to=PLACE)
    assert "c2hvcnQ" not in str(refused.value)


@pytest.mark.parametrize("name", ["aes-gcm", "sm4-gcm"])
def test_nonces_never_come_twice(settings: OfficeSettings, name: str) -> None:
    with_cipher(settings, name)
    nonces = {crypto.seal("x", bound_to=PLACE)[4:16] for _ in range(SEALINGS)}
    print(f"{name}: {SEALINGS} sealings, {SEALINGS - len(nonces)} repeated nonces")
    assert len(nonces) == SEALINGS
