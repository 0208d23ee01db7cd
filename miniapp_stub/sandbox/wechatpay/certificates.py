"""Platform certificates, their rotation, and which key signs what."""

import zlib
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from miniapp_stub.sandbox import issuing, rotation
from miniapp_stub.sandbox.clock import DAY, rfc3339
from miniapp_stub.sandbox.credentials import CERTIFICATE_LIFE_S
from miniapp_stub.sandbox.formers import former_wechat
from miniapp_stub.sandbox.wechatpay.errors import PayError
from miniapp_stub.sandbox.wechatpay.signing import Signer, new_nonce, seal
from miniapp_stub.sandbox.world import World

ASSOCIATED_DATA = "certificate"
PUBLIC_KEY_SHARE = "notices_public_key_share"


def add_certificate(world: World, *, ends_in_s: float | None = None) -> str:
    """Put a new platform certificate in force beside the old ones; returns its serial."""
    key, serial_no, now = issuing.new_key(), issuing.new_serial(), world.clock.signing_now()
    valid = (now - DAY, now + (CERTIFICATE_LIFE_S if ends_in_s is None else ends_in_s))
    pem = issuing.certificate_pem(key, serial_no=serial_no, name="Sandbox payment platform", valid=valid)
    world.store.run("INSERT INTO certificates VALUES (?, ?, ?, ?, ?)", serial_no, pem, issuing.private_pem(key), *valid)
    return serial_no


def retire_others(world: World, serial_no: str) -> int:
    """End all other certificates; returns how many."""
    return world.store.run("DELETE FROM certificates WHERE serial_no <> ?", serial_no)


def certificate_signer(world: World, serial_no: str | None = None) -> Signer | None:
    """The signer of one certificate, or of the newest when none is named; None for an unknown serial."""
    if world.store.one("SELECT 1 FROM certificates") is None:
        add_certificate(world)
    row = world.store.one(
        "SELECT serial_no, private_pem FROM certificates WHERE serial_no = coalesce(?, serial_no)"
        " ORDER BY rowid DESC LIMIT 1",
        serial_no,
    )
    return Signer(str(row["serial_no"]), _loaded(str(row["private_pem"]))) if row else None


def public_key_signer(world: World) -> Signer:
    return Signer(world.credentials.pub_key_id, world.credentials.public_key_mode)


def former_signer(world: World) -> Signer | None:
    """The public key before the present one, while it lives."""
    former = former_wechat(world.store)
    return Signer(*former) if former else None


def answer_signer(world: World, asked_serial: str | None) -> Signer:
    """Answers follow the request's `Wechatpay-Serial`; without one the newest certificate signs.

    Raises PayError PARAM_ERROR for a serial that is not ours.
    """
    if asked_serial == world.credentials.pub_key_id:
        return public_key_signer(world)
    former = former_signer(world)
    if former is not None and asked_serial == former.serial:
        return former
    signer = certificate_signer(world, asked_serial)
    if signer is None:
        raise PayError("PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误")
    return signer


def notice_signer(world: World, notice_id: str) -> Signer:
    """Notices move to the public key by a share between 0 and 1 during a migration; the notice id decides, stably.

    While keys rotate, another share is still signed by the former public key, or by the oldest certificate in force.
    """
    share = float(world.store.setting(PUBLIC_KEY_SHARE, "1"))
    former = rotation.is_former(world, notice_id)
    if zlib.crc32(notice_id.encode()) % 1000 / 1000 < share:
        return (former_signer(world) if former else None) or public_key_signer(world)
    oldest = world.store.one("SELECT serial_no FROM certificates ORDER BY rowid LIMIT 1") if former else None
    signer = certificate_signer(world, str(oldest["serial_no"]) if oldest else None)
    assert signer is not None
    return signer


def foreign_signer(genuine: Signer) -> Signer:
    """A key nobody knows, under a serial everybody trusts: what a forger would send."""
    return Signer(genuine.serial, _foreign_key())


def certificate_list(world: World) -> dict[str, Any]:
    """`GET /v3/certificates`: every certificate in force, sealed under the APIv3 key."""
    certificate_signer(world)
    rows = world.store.all("SELECT * FROM certificates ORDER BY rowid")
    return {"data": [_sealed(world, dict(row)) for row in rows]}


def _sealed(world: World, row: dict[str, Any]) -> dict[str, Any]:
    nonce = new_nonce(12)
    ciphertext = seal(
        row["pem"].encode(), api_v3_key=world.credentials.api_v3_key, nonce=nonce, associated_data=ASSOCIATED_DATA
    )
    return {
        "serial_no": row["serial_no"],
        "effective_time": rfc3339(row["effective_at"]),
        "expire_time": rfc3339(row["expires_at"]),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": ASSOCIATED_DATA,
            "ciphertext": ciphertext,
        },
    }


@cache
def _loaded(pem: str) -> RSAPrivateKey:
    return issuing.load_private(pem)


@cache
def _foreign_key() -> RSAPrivateKey:
    return issuing.new_key()
