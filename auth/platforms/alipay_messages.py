"""
Alipay: `alipay.open.app.mini.templatemessage.send` for a mini program's subscription messages.

The parameters are those of the vendor's SDK model. Which sub codes mean that the person did not allow it is a setting,
for the vendor's page of them was not at hand.
"""

import json
from collections.abc import Collection
from typing import Any

from auth.errors import PlatformUnavailable
from auth.platforms import rsa2
from auth.platforms.alipay import BUSY, Alipay
from auth.platforms.messages import Fate, MessageNotSent, PhoneMessage
from kit.log import logger

log = logger("alipay")
SEND = "alipay.open.app.mini.templatemessage.send"
LONGEST = 64  # characters of a value


class AlipayMessages:
    platform = "alipay"

    def __init__(self, alipay: Alipay, *, not_granted: Collection[str]) -> None:
        """`not_granted`: sub codes that mean the person did not allow the message, or that it is used up."""
        self._alipay, self._not_granted = alipay, frozenset(not_granted)

    @property
    def app_id(self) -> str:
        return self._alipay.app_id

    def fitted(self, field: str, value: str) -> str:
        del field  # they are all called keyword1, keyword2 …
        return " ".join(value.split())[:LONGEST] or "-"

    async def send(self, message: PhoneMessage) -> str:
        data = {name: {"value": value} for name, value in message.values.items()}
        content = {
            "to_open_id": message.open_id, "user_template_id": message.template, "page": message.page,
            "data": json.dumps(data, ensure_ascii=False),
        }  # fmt: skip
        try:
            told = await self._alipay.ask_once(SEND, {"biz_content": json.dumps(content, ensure_ascii=False)})
        except PlatformUnavailable as failed:
            raise MessageNotSent("no answer", fate=Fate.UNKNOWN if failed.maybe_done else Fate.NOT_SENT) from None
        if not rsa2.succeeded(told):
            raise self._refusal(told)
        return ""

    def _refusal(self, told: dict[str, Any]) -> MessageNotSent:
        code, sub_code = told.get("code"), str(told.get("sub_code", ""))
        if sub_code in self._not_granted:
            return MessageNotSent("not subscribed", fate=Fate.NOT_GRANTED)
        if code == BUSY:  # the gateway does not know itself
            return MessageNotSent("busy", fate=Fate.UNKNOWN)
        log.error("alipay_message_refused", code=code, sub_code=sub_code)
        return MessageNotSent(f"refused: {sub_code}", fate=Fate.NOT_SENT)
