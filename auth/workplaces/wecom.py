"""
WeCom (企业微信): sign-in within the app and by scan. Both bring a code that tells the same way.

Its error codes are translated here and nowhere else. The addresses are settings: 政务微信 has gateways of its own.
"""

from typing import Any
from urllib.parse import urlencode

from auth.workplaces.base import WorkplacePerson
from auth.workplaces.config import WorkplaceSettings
from auth.workplaces.errors import WorkplaceCodeInvalid, WorkplaceOutsider, WorkplaceUnavailable
from auth.workplaces.messages import WorkMessageNotSent, WorkNote
from auth.workplaces.talking import AppToken, ask, log, text_in
from kit.errors import HouseError, TooMany
from kit.texts import text

TOKEN_NOT_GOOD = frozenset({40014, 42001, 40001})
CODE_NOT_GOOD = frozenset({40029, 42003, 41008})
OUTSIDERS = frozenset({60111, 60121})
TOO_OFTEN = frozenset({45009, 45033})
AT_FAULT = {40013: "HANDHELD_WECOM_CORP_ID", 40001: "HANDHELD_WECOM_SECRET", 60020: "the trusted IP list"}


class WeCom:
    kind = "wecom"
    name = text("企业微信", "WeCom")

    def __init__(self, settings: WorkplaceSettings) -> None:
        self._settings = settings
        self._token = AppToken(self._fetch_token)

    @property
    def organisation(self) -> str:
        return self._settings.wecom_corp_id

    def normal(self, subject: str) -> str:
        return subject.lower()  # user ids do not tell cases apart

    def scan_address(self, *, state: str, back_to: str) -> str:
        query = {
            "login_type": "CorpApp", "appid": self._settings.wecom_corp_id, "agentid": self._settings.wecom_agent_id,
            "redirect_uri": back_to, "state": state,
        }  # fmt: skip
        return f"{self._settings.wecom_scan_url.rstrip('/')}/wwlogin/sso/login?{urlencode(query)}"

    async def who_scanned(self, code: str) -> WorkplacePerson:
        token = await self._token.text()
        told = await self._who(code, token=token)
        if told.get("errcode") in TOKEN_NOT_GOOD:
            told = await self._who(code, token=await self._token.text(instead_of=token))
        if told.get("errcode", 0) != 0:
            raise _refusal(told, call="getuserinfo")
        subject = text_in(told, "userid") or text_in(told, "UserId")  # the older path writes capitals
        if not subject:  # an openid or external_userid: somebody the organisation knows, and no member of it
            raise WorkplaceOutsider
        return WorkplacePerson(self.organisation, self.normal(subject))

    async def who_opened(self, code: str) -> WorkplacePerson:
        return await self.who_scanned(code)

    async def carry_note(self, note: WorkNote) -> str:
        """A card of our app; a repeat within four hours is not shown again."""
        card = {"title": note.title, "description": note.words, "url": note.url, "btntxt": "查看"}
        body = {
            "touser": note.subject, "msgtype": "textcard", "agentid": self._settings.wecom_agent_id, "textcard": card,
            "enable_duplicate_check": 1, "duplicate_check_interval": 14_400,
        }  # fmt: skip
        try:
            token = await self._token.text()
            told = await self._send(body, token=token)
            if told.get("errcode") in TOKEN_NOT_GOOD:
                told = await self._send(body, token=await self._token.text(instead_of=token))
        except WorkplaceUnavailable as failed:
            raise WorkMessageNotSent("no answer", maybe_sent=failed.maybe_done) from None
        if told.get("errcode", 0) != 0 or told.get("invaliduser"):
            raise WorkMessageNotSent(f"refused: {told.get('errcode')}", maybe_sent=False)
        return str(told.get("msgid", ""))

    async def _send(self, body: dict[str, Any], *, token: str) -> dict[str, Any]:
        url = f"{self._settings.wecom_api_url.rstrip('/')}/cgi-bin/message/send?{urlencode({'access_token': token})}"
        _, told = await ask("POST", url, body=body)
        return told

    async def _who(self, code: str, *, token: str) -> dict[str, Any]:
        return await self._get("/cgi-bin/auth/getuserinfo", {"access_token": token, "code": code})

    async def _fetch_token(self) -> tuple[str, int]:
        secret = self._settings.wecom_secret.get_secret_value()
        told = await self._get("/cgi-bin/gettoken", {"corpid": self._settings.wecom_corp_id, "corpsecret": secret})
        if not (token := text_in(told, "access_token")):
            raise _refusal(told, call="gettoken")
        return token, int(told.get("expires_in") or 0)

    async def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        _, told = await ask("GET", f"{self._settings.wecom_api_url.rstrip('/')}{path}?{urlencode(query)}")
        return told


def _refusal(told: dict[str, Any], *, call: str) -> HouseError:
    errcode = told.get("errcode")
    if errcode in CODE_NOT_GOOD:
        return WorkplaceCodeInvalid()
    if errcode in OUTSIDERS:
        return WorkplaceOutsider()
    if errcode in TOO_OFTEN:
        return TooMany(60)
    log.error("wecom_refused", call=call, errcode=errcode, setting=AT_FAULT.get(errcode or 0))
    return WorkplaceUnavailable()
