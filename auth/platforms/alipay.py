"""
The Alipay mini program: `alipay.system.oauth.token` for a login code, the sealed text of my.getPhoneNumber for a phone.

Its error codes are translated here and nowhere else. The tokens in its answers are dropped unread: nothing here needs
them. A sealed number names neither the person nor, as far as is known, its time, and nothing at Alipay voids it: it is
the caller who must take it once.
"""

import asyncio
import base64
import json
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from auth.config import AuthSettings
from auth.errors import LoginCodeInvalid, PhoneCodeInvalid, PlatformUnavailable
from auth.platforms import rsa2
from auth.platforms.base import PlatformPerson, PlatformPhone, Seal
from kit import clock
from kit.config import BadConfiguration
from kit.errors import HouseError
from kit.log import logger
from kit.outbound import OutsideUnreachable, outside

log = logger("alipay")

TOKEN = "alipay.system.oauth.token"  # noqa: S105 - the method's name
BEIJING = ZoneInfo("Asia/Shanghai")
BUSY = "20000"
BUSY_WAITS_S = (0.2, 0.6)
NEAR = timedelta(minutes=5)  # how old, or how far ahead of our clock, a sealed number may be that tells its moment
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
EPOCH = re.compile(r"\d{10}(\d{3})?", re.ASCII)  # seconds, or milliseconds
FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
ZERO_IV = bytes(16)

# What a sub code means for the citizen; everything else is ours to mend and is logged.
LOGIN_MEANS: dict[str, type[HouseError]] = {"isv.code-invalid": LoginCodeInvalid}
AT_FAULT = {
    "isv.invalid-app-id": "HANDHELD_ALIPAY_APP_ID",
    "isv.invalid-signature": "HANDHELD_ALIPAY_PRIVATE_KEY_FILE",
}


@dataclass(frozen=True)
class Keys:
    """Our private key, Alipay's public key, and the key phone numbers are sealed with."""

    own: RSAPrivateKey
    alipay: RSAPublicKey
    content: bytes


def keys_of(settings: AuthSettings) -> Keys:
    """Raises BadConfiguration naming the setting that is missing or no key."""
    files = {"PRIVATE": settings.alipay_private_key_file, "PUBLIC": settings.alipay_public_key_file}
    for name, file in files.items():
        if file is None:
            raise BadConfiguration(f"HANDHELD_ALIPAY_{name}_KEY_FILE must be set together with HANDHELD_ALIPAY_APP_ID")
    own, alipay = files.values()
    assert own is not None
    assert alipay is not None
    return Keys(
        rsa2.private_key(own, setting="HANDHELD_ALIPAY_PRIVATE_KEY_FILE"),
        rsa2.public_key(alipay, setting="HANDHELD_ALIPAY_PUBLIC_KEY_FILE"),
        _content_key(settings.alipay_aes_key.get_secret_value()),
    )


def _content_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 16:
        raise BadConfiguration("HANDHELD_ALIPAY_AES_KEY must be the base64 of 16 bytes")
    return key


class Alipay:
    """One mini program."""

    name = "alipay"

    def __init__(self, settings: AuthSettings) -> None:
        self._settings = settings
        self._keys = keys_of(settings)

    @property
    def app_id(self) -> str:
        return self._settings.alipay_app_id

    async def identify(self, login_code: str) -> PlatformPerson:
        if not login_code.isascii():
            raise LoginCodeInvalid
        told = await self._ask(TOKEN, {"grant_type": "authorization_code", "code": login_code})
        # New apps receive an open_id, older ones a user_id (2088…); with both the open_id is who they are to this app.
        known_as, union_id = told.get("open_id") or told.get("user_id"), told.get("union_id")
        if not rsa2.succeeded(told) or not isinstance(known_as, str) or not 0 < len(known_as) <= 128:
            raise _refusal(told)
        return PlatformPerson(known_as, union_id if isinstance(union_id, str) else None)

    async def phone_of(self, phone_code: str, open_id: str) -> PlatformPhone:
        del open_id  # the sealed text does not say whose phone tapped
        response = self._authentic(phone_code)
        clear = self._opened(response)
        if not rsa2.succeeded(clear):
            log.warning("alipay_phone_refused", code=clear.get("code"), sub_code=clear.get("subCode"))
            raise PlatformUnavailable if clear.get("code") == BUSY else PhoneCodeInvalid
        mobile = clear.get("mobile")
        if response.startswith("{") or not isinstance(mobile, str) or not MOBILE.fullmatch(mobile):
            log.warning("alipay_phone_malformed")
            raise PhoneCodeInvalid
        dated = "timestamp" in clear
        if dated and not _near(clear["timestamp"]):
            raise PhoneCodeInvalid
        return PlatformPhone(mobile, Seal(response, dated=dated))

    def _authentic(self, phone_code: str) -> str:
        """What my.getPhoneNumber handed over, once Alipay's signature fits. A sealed one is signed in its quotes."""
        try:
            handed = json.loads(phone_code)
        except (ValueError, RecursionError):
            raise PhoneCodeInvalid from None
        if not isinstance(handed, dict) or handed.get("sign_type", "RSA2") != "RSA2":
            raise PhoneCodeInvalid
        response, sign = handed.get("response"), handed.get("sign")
        if not isinstance(response, str) or not isinstance(sign, str):
            raise PhoneCodeInvalid
        signed = response if response.startswith("{") else f'"{response}"'
        if not rsa2.signed_by(self._keys.alipay, signed, sign):
            raise PhoneCodeInvalid
        return response

    def _opened(self, response: str) -> dict[str, Any]:
        """AES-128-CBC under a vector of zeros; a refusal comes unsealed."""
        try:
            plain = response if response.startswith("{") else self._unsealed(response)
            clear = json.loads(plain)
        except (ValueError, RecursionError):
            log.warning("alipay_phone_sealed_for_another", setting="HANDHELD_ALIPAY_AES_KEY")
            raise PhoneCodeInvalid from None
        if not isinstance(clear, dict):
            raise PhoneCodeInvalid
        return clear

    def _unsealed(self, response: str) -> bytes:
        cipher = Cipher(algorithms.AES(self._keys.content), modes.CBC(ZERO_IV)).decryptor()
        padded = cipher.update(base64.b64decode(response, validate=True)) + cipher.finalize()
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()

    async def _ask(self, method: str, parameters: dict[str, str]) -> dict[str, Any]:
        """The content of the answer. A busy gateway is asked again twice, with growing, jittered pauses."""
        for wait in (*BUSY_WAITS_S, None):
            told = await self.ask_once(method, parameters)
            if told.get("code") != BUSY or wait is None:
                break
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries, keeps no secret
        return told

    async def ask_once(self, method: str, parameters: dict[str, str]) -> dict[str, Any]:
        """
        The verified content of one answer, be it a refusal.

        Raises: PlatformUnavailable, whose `maybe_done` tells whether the call may have had its effect.
        """
        form = urlencode(self._signed({"method": method} | parameters)).encode()
        try:
            answer = await outside().call(
                "POST", self._settings.alipay_gateway_url, headers=FORM, content=form, deadline_s=6.0, cap=64 * 1024
            )
            if answer.status != 200:
                log.warning("alipay_answered_badly", call=method, status=answer.status)
                raise _unanswered()
            return rsa2.content_of(answer.body, method=method, key=self._keys.alipay)
        except rsa2.NotAuthentic:
            log.error("alipay_answer_not_authentic", call=method, setting="HANDHELD_ALIPAY_PUBLIC_KEY_FILE")
            raise _unanswered() from None
        except (OutsideUnreachable, ValueError, RecursionError) as error:
            log.warning("alipay_unreachable", call=method, why=type(error).__name__)
            raise _unanswered(error) from None

    def _signed(self, own: dict[str, str]) -> dict[str, str]:
        public = {
            "app_id": self.app_id, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0",
            "timestamp": clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        whole = public | own
        return whole | {"sign": rsa2.signature(rsa2.text_to_sign(whole), self._keys.own)}


def _unanswered(error: Exception | None = None) -> PlatformUnavailable:
    failed = PlatformUnavailable()
    failed.maybe_done = error.maybe_done if isinstance(error, OutsideUnreachable) else True
    return failed


def _refusal(told: dict[str, Any]) -> HouseError:
    sub_code = str(told.get("sub_code", ""))
    if sub_code in LOGIN_MEANS:
        return LOGIN_MEANS[sub_code]()
    if sub_code in AT_FAULT:
        log.error("alipay_setting_at_fault", sub_code=sub_code, setting=AT_FAULT[sub_code])
    else:
        log.error("alipay_refused", code=told.get("code"), sub_code=sub_code)
    return PlatformUnavailable()


def _near(said: object) -> bool:
    """Whether a moment is now, give or take: epoch seconds or milliseconds, or Beijing time as the gateway has it."""
    text = str(said)
    try:
        if EPOCH.fullmatch(text):
            moment = datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        else:
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return False
    return abs(clock.now() - moment) <= NEAR
