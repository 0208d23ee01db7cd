"""
WeChat: `POST /cgi-bin/message/subscribe/send`. Each "allow" of a person is good for one message of that template.

Source: developers.weixin.qq.com, subscribeMessage.send: error codes and the rules of field values.
"""

import re
from typing import Any

from auth.errors import PlatformUnavailable
from auth.platforms.messages import Fate, MessageNotSent, PhoneMessage
from auth.platforms.wechat import TOKEN_NOT_GOOD, WeChat
from kit.log import logger

log = logger("wechat")
PATH = "/cgi-bin/message/subscribe/send"
NOT_GRANTED = 43101  # refused by the person, or the one-time credit is used up
# What is ours to mend, and where.
AT_FAULT = {
    40003: "the openid", 40037: "the template id", 41030: "the page", 47003: "a value of the template",
    43107: "the capability", 45168: "the content",
}  # fmt: skip
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
LONGEST = {
    "thing": 20, "number": 32, "letter": 32, "symbol": 5, "character_string": 32, "time": 32, "date": 32, "amount": 13,
    "phone_number": 17, "car_number": 8, "name": 10, "phrase": 5,
}  # fmt: skip
# Characters a field does not take; where a rule has none here, only the length counts.
NOT_TAKEN = {
    "thing": r"[\r\n\t]", "number": r"[^0-9.]", "letter": r"[^A-Za-z]", "symbol": r"[\w\s]",
    "character_string": r"[^!-~]", "phone_number": r"[^!-~]", "name": r"[\d\s]", "phrase": f"[^{HAN}]",
}  # fmt: skip
EMPTY = {"thing": "-", "character_string": "-", "phrase": "通知", "name": "-", "symbol": "-", "phone_number": "-"}
FIELD = re.compile(r"([a-z_]{1,20})[0-9]{1,3}")


def rule_of(field: str) -> str | None:
    """The rule a field's name begins with; None for a name no template has."""
    found = FIELD.fullmatch(field)
    return found[1] if found and found[1] in LONGEST else None


class WeChatMessages:
    platform = "wechat"

    def __init__(self, wechat: WeChat, *, state: str) -> None:
        """`state`: which version of the app a tap opens (formal, trial or developer)."""
        self._wechat, self._state = wechat, state

    @property
    def app_id(self) -> str:
        return self._wechat.app_id

    def fitted(self, field: str, value: str) -> str:
        rule = rule_of(field)
        assert rule is not None, "settings are checked when they are read"
        kept = re.sub(NOT_TAKEN[rule], "", value) if rule in NOT_TAKEN else value
        return kept.strip()[: LONGEST[rule]] or EMPTY.get(rule, "0")

    async def send(self, message: PhoneMessage) -> str:
        body = {
            "touser": message.open_id, "template_id": message.template, "page": message.page,
            "data": {name: {"value": value} for name, value in message.values.items()},
            "miniprogram_state": self._state, "lang": "en_US" if message.english else "zh_CN",
        }  # fmt: skip
        try:
            told = await self._wechat.ask_with_token(PATH, body)
        except PlatformUnavailable as failed:
            raise MessageNotSent("no answer", fate=Fate.UNKNOWN if failed.maybe_done else Fate.NOT_SENT) from None
        if told.get("errcode", 0) != 0:
            raise _refusal(told)
        return str(told.get("msgid", ""))


def _refusal(told: dict[str, Any]) -> MessageNotSent:
    errcode = told.get("errcode")
    if errcode == NOT_GRANTED:
        return MessageNotSent("not subscribed", fate=Fate.NOT_GRANTED)
    if errcode in AT_FAULT or errcode in TOKEN_NOT_GOOD:
        log.error("wechat_message_at_fault", errcode=errcode, at_fault=AT_FAULT.get(errcode, "the token"))
    else:
        log.warning("wechat_message_refused", errcode=errcode)
    return MessageNotSent(f"refused: {errcode}", fate=Fate.NOT_SENT)
