"""
DingTalk: sign-in within the app (免登) and by scan, on the new API and the older one it still needs.

Its error codes are translated here and nowhere else. The addresses are settings: 专有钉钉 has gateways of its own.
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

TOKEN_NOT_GOOD = frozenset({40014, 42001, 88, 33001})
CODE_NOT_GOOD = frozenset({40078, 40079, 41008})
OUTSIDERS = frozenset({60121, 33012})  # not a member of this organisation
TOO_OFTEN = frozenset({90018, 90002, 88888})
CODES_OF_SCANS = frozenset({"invalidParameter.authCode.notFound", "invalidParameter.authCode.expired"})


class DingTalk:
    kind = "dingtalk"
    name = text("钉钉", "DingTalk")

    def __init__(self, settings: WorkplaceSettings) -> None:
        self._settings = settings
        self._token = AppToken(self._fetch_token)

    @property
    def organisation(self) -> str:
        return self._settings.dingtalk_corp_id

    def normal(self, subject: str) -> str:
        return subject

    def scan_address(self, *, state: str, back_to: str) -> str:
        query = {
            "redirect_uri": back_to, "response_type": "code", "client_id": self._settings.dingtalk_app_key,
            "scope": "openid corpid", "state": state, "prompt": "consent",
        }  # fmt: skip
        return f"{self._settings.dingtalk_login_url.rstrip('/')}/oauth2/auth?{urlencode(query)}"

    async def who_opened(self, code: str) -> WorkplacePerson:
        told = await self._older("/topapi/v2/user/getuserinfo", {"code": code})
        return self._person(_result(told))

    async def who_scanned(self, code: str) -> WorkplacePerson:
        """A scan tells the union id, which belongs to a person; our member is who has it in our organisation."""
        union_id = await self._union_id(code)
        told = await self._older("/topapi/user/getbyunionid", {"unionid": union_id})
        found = _result(told)
        if found.get("contact_type", 0) != 0:  # 1: somebody else's employee whom ours keep as a contact
            raise WorkplaceOutsider
        return self._person(found)

    async def carry_note(self, note: WorkNote) -> str:
        """A work notification (工作通知) with one button. The same words reach a member once a day."""
        card = {
            "title": note.title, "markdown": f"### {note.title}\n{note.words}", "single_title": "查看",
            "single_url": note.url,
        }  # fmt: skip
        body = {
            "agent_id": self._settings.dingtalk_agent_id, "userid_list": note.subject,
            "msg": {"msgtype": "action_card", "action_card": card},
        }  # fmt: skip
        try:
            told = await self._older("/topapi/message/corpconversation/asyncsend_v2", body)
        except WorkplaceUnavailable as failed:
            raise WorkMessageNotSent("no answer or refused", maybe_sent=failed.maybe_done) from None
        except HouseError as refused:
            raise WorkMessageNotSent(refused.code, maybe_sent=False) from None
        return str(told.get("task_id", ""))

    def _person(self, found: dict[str, Any]) -> WorkplacePerson:
        subject = text_in(found, "userid")
        if not subject:
            raise WorkplaceOutsider
        return WorkplacePerson(self.organisation, self.normal(subject))

    async def _union_id(self, code: str) -> str:
        secret = self._settings.dingtalk_app_secret.get_secret_value()
        body = {
            "clientId": self._settings.dingtalk_app_key, "clientSecret": secret, "code": code,
            "grantType": "authorization_code",
        }  # fmt: skip
        _, told = await ask("POST", self._new("/v1.0/oauth2/userAccessToken"), body=body)
        token = text_in(told, "accessToken")
        if not token:
            raise _refusal_of_new(told, call="userAccessToken")
        if (corp := text_in(told, "corpId")) and corp != self._settings.dingtalk_corp_id:
            raise WorkplaceOutsider
        _, me = await ask("GET", self._new("/v1.0/contact/users/me"), headers={"x-acs-dingtalk-access-token": token})
        if not (union_id := text_in(me, "unionId")):
            raise _refusal_of_new(me, call="users/me")
        return union_id

    async def _older(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call with the app's token; with a fresh one once more when DingTalk does not accept ours."""
        token = await self._token.text()
        told = await self._older_once(path, body, token=token)
        if told.get("errcode") in TOKEN_NOT_GOOD:
            told = await self._older_once(path, body, token=await self._token.text(instead_of=token))
        if told.get("errcode") != 0:
            raise _refusal_of_older(told, call=path)
        return told

    async def _older_once(self, path: str, body: dict[str, Any], *, token: str) -> dict[str, Any]:
        url = f"{self._settings.dingtalk_oapi_url.rstrip('/')}{path}?{urlencode({'access_token': token})}"
        _, told = await ask("POST", url, body=body)
        return told

    async def _fetch_token(self) -> tuple[str, int]:
        secret = self._settings.dingtalk_app_secret.get_secret_value()
        body = {"appKey": self._settings.dingtalk_app_key, "appSecret": secret}
        _, told = await ask("POST", self._new("/v1.0/oauth2/accessToken"), body=body)
        if not (token := text_in(told, "accessToken")):
            log.error("dingtalk_setting_at_fault", code=text_in(told, "code"), setting="HANDHELD_DINGTALK_APP_SECRET")
            raise WorkplaceUnavailable
        return token, int(told.get("expireIn") or 0)

    def _new(self, path: str) -> str:
        return self._settings.dingtalk_api_url.rstrip("/") + path


def _result(told: dict[str, Any]) -> dict[str, Any]:
    result = told.get("result")
    if not isinstance(result, dict):
        log.error("dingtalk_answer_malformed")
        raise WorkplaceUnavailable
    return result


def _refusal_of_older(told: dict[str, Any], *, call: str) -> HouseError:
    errcode = told.get("errcode")
    if errcode in CODE_NOT_GOOD:
        return WorkplaceCodeInvalid()
    if errcode in OUTSIDERS:
        return WorkplaceOutsider()
    if errcode in TOO_OFTEN:
        return TooMany(60)
    log.error("dingtalk_refused", call=call, errcode=errcode)
    return WorkplaceUnavailable()


def _refusal_of_new(told: dict[str, Any], *, call: str) -> HouseError:
    code = text_in(told, "code")
    if code in CODES_OF_SCANS or code.startswith("invalidParameter.authCode"):
        return WorkplaceCodeInvalid()
    log.error("dingtalk_refused", call=call, code=code)
    return WorkplaceUnavailable()
