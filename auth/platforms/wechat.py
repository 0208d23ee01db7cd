"""
The WeChat mini program: code2Session, stable access token, phone number by code.

Its error codes are translated here and nowhere else. The session key in its answers is dropped unread: nothing here
needs it, so it can neither be stored, logged nor sent anywhere.
"""

import asyncio
import json
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from auth.config import AuthSettings
from auth.errors import LoginCodeInvalid, LoginRefusedByPlatform, PhoneCodeInvalid, PlatformUnavailable
from auth.platforms.base import PlatformPerson, PlatformPhone
from kit.errors import HouseError, TooMany
from kit.log import logger
from kit.outbound import OutsideUnreachable, outside

log = logger("wechat")

BUSY = -1
BUSY_WAITS_S = (0.2, 0.6)
TOKEN_NOT_GOOD = frozenset({40001, 42001, 40014})
MOBILE = re.compile(r"1[3-9]\d{9}")
JSON = {"content-type": "application/json"}

# What an errcode means for the citizen, by call; everything else is ours to mend and is logged.
LOGIN_MEANS: dict[int, type[HouseError]] = {
    40029: LoginCodeInvalid, 40163: LoginCodeInvalid, 40226: LoginRefusedByPlatform,
}  # fmt: skip
PHONE_MEANS: dict[int, type[HouseError]] = {
    40029: PhoneCodeInvalid, 40163: PhoneCodeInvalid, 40013: PhoneCodeInvalid,  # 40013: the code is another app's
}  # fmt: skip
AT_FAULT = {
    40013: "HANDHELD_WECHAT_APP_ID", 41002: "HANDHELD_WECHAT_APP_ID",
    40125: "HANDHELD_WECHAT_APP_SECRET", 41004: "HANDHELD_WECHAT_APP_SECRET", 40001: "HANDHELD_WECHAT_APP_SECRET",
}  # fmt: skip


@dataclass
class _Token:
    text: str = ""
    good_until: float = 0.0  # of time.monotonic()
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class WeChat:
    """One mini program, and the access token of this process."""

    name = "wechat"

    def __init__(self, settings: AuthSettings) -> None:
        self._settings = settings
        self._token = _Token()

    @property
    def app_id(self) -> str:
        return self._settings.wechat_app_id

    async def identify(self, login_code: str) -> PlatformPerson:
        query = urlencode(
            {"appid": self.app_id, "secret": self._secret, "js_code": login_code, "grant_type": "authorization_code"}
        )
        told = await self._ask("GET", f"/sns/jscode2session?{query}")
        open_id, union_id = told.get("openid"), told.get("unionid")
        if not isinstance(open_id, str) or not open_id:  # on success errcode may be absent: the openid decides
            raise self._refusal(told, call="login", means=LOGIN_MEANS)
        return PlatformPerson(open_id, union_id if isinstance(union_id, str) else None)

    async def phone_of(self, phone_code: str, open_id: str) -> PlatformPhone:
        told = await self.ask_with_token("/wxa/business/getuserphonenumber", {"code": phone_code, "openid": open_id})
        info = told.get("phone_info")
        if told.get("errcode", 0) != 0 or not isinstance(info, dict):
            raise self._refusal(told, call="phone", means=PHONE_MEANS)
        if (info.get("watermark") or {}).get("appid") != self.app_id:
            log.error("phone_of_another_app", setting="HANDHELD_WECHAT_APP_ID")
            raise PhoneCodeInvalid
        return PlatformPhone(_number(info))

    @property
    def _secret(self) -> str:
        return self._settings.wechat_app_secret.get_secret_value()

    async def ask_with_token(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """
        One business call; with a fresh token once more when the platform does not accept ours.

        Raises: PlatformUnavailable, whose `maybe_done` tells whether the call itself may have had its effect.
        """
        token = await self._access_token()
        told = await self._post(f"{path}?access_token={token}", body)
        if told.get("errcode") in TOKEN_NOT_GOOD:
            token = await self._access_token(instead_of=token)
            told = await self._post(f"{path}?access_token={token}", body)
        return told

    async def _access_token(self, *, instead_of: str | None = None) -> str:
        async with self._token.lock:
            if self._token.text != instead_of and time.monotonic() < self._token.good_until:
                return self._token.text
            told = await self._stable_token(force=False)
            if told["access_token"] == instead_of:  # the platform believes in a token that it refuses
                told = await self._stable_token(force=True)
            life = max(0, int(told.get("expires_in", 0)) - 60)
            self._token.text, self._token.good_until = told["access_token"], time.monotonic() + life
            return self._token.text

    async def _stable_token(self, *, force: bool) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self._secret, "force_refresh": force}
        try:
            told = await self._post("/cgi-bin/stable_token", body)
        except PlatformUnavailable as failed:
            failed.maybe_done = False  # a token alone changes nothing for anybody
            raise
        if not isinstance(told.get("access_token"), str):
            raise self._refusal(told, call="token", means={})
        return told

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._ask("POST", path, content=json.dumps(body).encode())

    async def _ask(self, method: str, path: str, *, content: bytes | None = None) -> dict[str, Any]:
        """The answer's JSON object. A busy platform is asked again twice, with growing, jittered pauses."""
        for wait in (*BUSY_WAITS_S, None):
            told = await self._ask_once(method, path, content=content)
            if told.get("errcode") != BUSY or wait is None:
                break
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries, keeps no secret
        return told

    async def _ask_once(self, method: str, path: str, *, content: bytes | None) -> dict[str, Any]:
        try:
            answer = await outside().call(
                method, self._settings.wechat_api_url.rstrip("/") + path, headers=JSON, content=content, deadline_s=6.0,
                cap=64 * 1024,
            )  # fmt: skip
            told = json.loads(answer.body)
        except (OutsideUnreachable, ValueError, RecursionError) as error:
            log.warning("wechat_unreachable", call=path.partition("?")[0], why=type(error).__name__)
            raise _unanswered(error) from None  # the cause holds the address, and the address the secret
        if answer.status != 200 or not isinstance(told, dict):
            log.warning("wechat_answered_badly", call=path.partition("?")[0], status=answer.status)
            raise _unanswered()
        return told

    def _refusal(self, told: dict[str, Any], *, call: str, means: dict[int, type[HouseError]]) -> HouseError:
        errcode = told.get("errcode")
        if errcode in means:
            return means[errcode]()
        if errcode == 45011:
            return TooMany(60)
        if call != "phone" and errcode in AT_FAULT:
            log.error("wechat_setting_at_fault", call=call, errcode=errcode, setting=AT_FAULT[errcode])
        else:
            log.error("wechat_refused", call=call, errcode=errcode)
        return PlatformUnavailable()


def _unanswered(error: Exception | None = None) -> PlatformUnavailable:
    failed = PlatformUnavailable()
    failed.maybe_done = error.maybe_done if isinstance(error, OutsideUnreachable) else True
    return failed


def _number(info: dict[str, Any]) -> str:
    """A mainland number plain, another one as +code-number. The country code arrives as text or as a number."""
    pure, country = str(info.get("purePhoneNumber", "")), str(info.get("countryCode", ""))
    if not pure.isascii() or not pure.isdigit() or not country.isdigit():
        log.error("wechat_phone_malformed")
        raise PlatformUnavailable
    if country == "86" and not MOBILE.fullmatch(pure):
        raise PhoneCodeInvalid
    return pure if country == "86" else f"+{country}-{pure}"
