"""Platform certificates, their rotation, and the move of notices to the public key."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import Certificate, load_pem_x509_certificate

from tests.sandbox.merchant import Merchant


def certificates(merchant: Merchant) -> dict[str, Certificate]:
    """Fetch, open and check the list as a merchant in certificate mode does: serial → certificate."""
    answer = merchant.get("/v3/certificates", headers={"Wechatpay-Serial": None})
    found = {entry["serial_no"]: opened(merchant, entry["encrypt_certificate"]) for entry in answer.json()["data"]}
    signer = found[answer.headers["Wechatpay-Serial"]].public_key()
    assert isinstance(signer, RSAPublicKey)
    assert merchant.verifies(answer.headers, answer.content, key=signer)
    return found


def opened(merchant: Merchant, sealed: dict[str, Any]) -> Certificate:
    assert (sealed["algorithm"], sealed["associated_data"]) == ("AEAD_AES_256_GCM", "certificate")
    pem = AESGCM(merchant.api_v3_key.encode()).decrypt(
        sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
    )
    return load_pem_x509_certificate(pem)


def test_list_opens_with_the_api_v3_key_and_proves_itself(merchant: Merchant) -> None:
    for serial, certificate in certificates(merchant).items():
        assert int(serial, 16) == certificate.serial_number
        assert serial == serial.upper() and len(serial) == 40


def test_rotation_keeps_old_and_new_until_the_old_retires(merchant: Merchant) -> None:
    before = certificates(merchant)
    new = merchant.sandbox.control("/certificates", {})["serial_no"]
    assert set(certificates(merchant)) == {*before, new}
    old = next(iter(before))
    kept = merchant.get("/v3/certificates", headers={"Wechatpay-Serial": old})
    assert kept.headers["Wechatpay-Serial"] == old
    assert merchant.sandbox.control("/certificates", {"retire": True})["retired"] == len(before) + 1
    assert len(certificates(merchant)) == 1
    assert merchant.get("/v3/certificates", headers={"Wechatpay-Serial": old}).status_code == 400


def test_notices_move_to_the_public_key_by_share(merchant: Merchant) -> None:
    serials = set()
    merchant.sandbox.control("/signing", {"public_key_share": 0.5})
    for _ in range(24):
        merchant.paid()
        letter = merchant.box.take()
        serial = letter.headers["Wechatpay-Serial"]
        serials.add(serial == merchant.pub_key_id)
        key = None if serial == merchant.pub_key_id else certificates(merchant)[serial].public_key()
        assert key is None or isinstance(key, RSAPublicKey)
        assert merchant.verifies(letter.headers, letter.body, key=key)
    assert serials == {True, False}


def test_error_answers_are_not_signed(merchant: Merchant) -> None:
    answer = merchant.get("/v3/certificates", timestamp=1)
    assert answer.status_code == 401
    assert [name for name in answer.headers if name.lower().startswith("wechatpay")] == []
    assert json.loads(answer.content)["code"] == "SIGN_ERROR"
