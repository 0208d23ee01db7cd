"""What the session key protects: signed raw data, encrypted data, and the check whether a session still lives."""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from miniapp_stub.sandbox.people import PersonRefused, person
from miniapp_stub.sandbox.wechat.answers import Visit, WeChatError
from miniapp_stub.sandbox.wechat.tokens import check_token
from miniapp_stub.sandbox.wire import json_bytes
from miniapp_stub.sandbox.world import World


def raw_data_signature(raw_data: str, session_key: str) -> str:
    """SHA-1 over the data followed by the session key as its base64 text, hex."""
    return hashlib.sha1((raw_data + session_key).encode()).hexdigest()


def session_signature(message: bytes, session_key: str) -> str:
    """HMAC-SHA256 with the session key's text (not decoded) as key, hex."""
    return hmac.new(session_key.encode(), message, hashlib.sha256).hexdigest()


def encrypt(plain: bytes, *, session_key: str, iv: str) -> str:
    """AES-128-CBC with PKCS#7; key and iv come as base64, so does the result."""
    padder = PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    cipher = Cipher(algorithms.AES(base64.b64decode(session_key)), modes.CBC(base64.b64decode(iv))).encryptor()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def user_data(world: World, openid: str) -> dict[str, str]:
    """What the phone hands the app for its newest session: `rawData`, `signature`, `encryptedData`, `iv`.

    Raises PersonRefused when the person never logged in.
    """
    session_key = person(world, openid)["session_key"]
    if session_key is None:
        raise PersonRefused("this person has no session; exchange a login code first")
    profile = {"nickName": "演示用户", "gender": 0, "language": "zh_CN"}
    sealed = profile | {
        "openId": openid,
        "watermark": {"timestamp": int(world.clock.now()), "appid": world.credentials.app_id},
    }
    raw_data = json_bytes(profile).decode()
    iv = base64.b64encode(secrets.token_bytes(16)).decode()
    return {
        "rawData": raw_data,
        "signature": raw_data_signature(raw_data, session_key),
        "encryptedData": encrypt(json_bytes(sealed), session_key=session_key, iv=iv),
        "iv": iv,
    }


def check_session(visit: Visit) -> dict[str, Any]:
    """`GET /wxa/checksession`: 87009 when the signature over the empty text is not made with the newest session key."""
    check_token(visit)
    query = visit.query
    try:
        session_key = person(visit.world, query.get("openid", ""))["session_key"]
    except PersonRefused as error:
        raise WeChatError(40003) from error
    expected = session_signature(b"", session_key) if session_key else ""
    if query.get("sig_method") != "hmac_sha256" or not expected or query.get("signature") != expected:
        raise WeChatError(87009)
    return {"errcode": 0, "errmsg": "ok"}
