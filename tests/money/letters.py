"""Notices as WeChat Pay would write them, signed with a key of our own: true, forged, stale, foreign, or broken."""

import base64
import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit import clock
from mobileapi.settings import OfficeSettings
from tests.payments.keys import key, private_pem, public_pem

V3_KEY, KEY_ID = "0123456789abcdef0123456789ABCDEF", "PUB_KEY_ID_0000000001"
MERCHANT, APP = "1900000001", "wx0000000000000001"
BEIJING = ZoneInfo("Asia/Shanghai")
DOOR = "/callbacks/wechatpay"
Letter = tuple[dict[str, str], bytes]


def channel_settings(folder: Path) -> dict[str, Any]:
    """Settings of an office whose channel is whoever holds the key `platform`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "merchant.pem").write_bytes(private_pem("merchant"))
    (folder / "platform.pem").write_bytes(public_pem("platform"))
    return {
        "wechat_app_id": APP, "wechatpay_mch_id": MERCHANT, "wechatpay_serial_no": "7A",
        "wechatpay_api_v3_key": V3_KEY, "wechatpay_private_key_file": folder / "merchant.pem",
        "wechatpay_platform_key_file": folder / "platform.pem", "wechatpay_platform_key_id": KEY_ID,
    }  # fmt: skip


def said(number: str, fen: int, **changes: Any) -> dict[str, Any]:
    """What a notice of success says."""
    return {
        "mchid": MERCHANT, "appid": APP, "out_trade_no": number, "transaction_id": f"42{number}",
        "trade_state": "SUCCESS", "success_time": clock.now().astimezone(BEIJING).isoformat(timespec="seconds"),
        "amount": {"total": fen, "currency": "CNY"},
    } | changes  # fmt: skip


def envelope(clear: dict[str, Any], *, sender_id: str, event: str = "TRANSACTION.SUCCESS", aad: str = "transaction",
             sealed_for: str | None = None) -> bytes:  # fmt: skip
    """The notice's body. With `sealed_for` another associated data is announced than was sealed with."""
    sealed = AESGCM(V3_KEY.encode()).encrypt(b"abcdefghijkl", json.dumps(clear).encode(), aad.encode())
    return json.dumps(
        {
            "id": sender_id, "event_type": event, "resource_type": "encrypt-resource",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "associated_data": sealed_for or aad, "nonce": "abcdefghijkl",
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }
    ).encode()  # fmt: skip


def signed(
    body: bytes, *, by: str = "platform", serial: str = KEY_ID, skew_s: int = 0, nonce: str = "nonce", **changes: str
) -> Letter:
    """Headers over the raw bytes. `changes` replaces single headers."""
    at = str(int(datetime.now(BEIJING).timestamp()) + skew_s)
    text = f"{at}\n{nonce}\n".encode() + body + b"\n"
    signature = key(by).sign(text, padding.PKCS1v15(), hashes.SHA256())
    headers = {
        "content-type": "application/json", "wechatpay-timestamp": at, "wechatpay-nonce": nonce,
        "wechatpay-serial": serial, "wechatpay-signature": base64.b64encode(signature).decode(),
        "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    }  # fmt: skip
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}, body


def true(number: str, fen: int, *, sender_id: str | None = None) -> Letter:
    return signed(envelope(said(number, fen), sender_id=sender_id or f"EV-{number}"))


def forged(number: str, fen: int) -> Letter:
    return signed(envelope(said(number, fen), sender_id=f"EV-{number}"), by="forger")


def replayed(number: str, fen: int) -> Letter:
    """True once, and older than five minutes now."""
    return signed(envelope(said(number, fen), sender_id=f"EV-{number}"), skew_s=-301)


def wrong(number: str, fen: int, *, dice: random.Random) -> Letter:
    """Authentic, and not what was asked for."""
    change: dict[str, Any] = dice.choice(
        [
            {"amount": {"total": fen + 1, "currency": "CNY"}}, {"amount": {"total": fen - 1, "currency": "CNY"}},
            {"amount": {"total": fen, "currency": "USD"}}, {"mchid": "1900000002"}, {"appid": "wx0000000000000002"},
            {"trade_state": "NOTPAY"},
        ]
    )  # fmt: skip
    return signed(envelope(said(number, fen, **change), sender_id=f"EW-{number}-{dice.random()}"))


def malformed(number: str, fen: int, *, dice: random.Random) -> Letter:
    """Authentic, and no notice."""
    body = envelope(said(number, fen), sender_id=f"EM-{number}-{dice.random()}")
    broken = dice.choice([b"", b"[]", b"{}", body[: len(body) // 2], b"\xff" + body, b"{" * 5000, b"null"])
    return signed(broken)


def office_settings(folder: Path) -> OfficeSettings:
    return OfficeSettings(_env_file=None, data_dir=folder / "data", env="demo", log_level="ERROR",
                          public_url="http://127.0.0.1:9", **channel_settings(folder))  # fmt: skip
