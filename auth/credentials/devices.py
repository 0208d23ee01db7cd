"""What a browser says it is: desktop or mobile, and a name its owner recognises. Nothing is allowed because of it."""

import re
from dataclasses import dataclass
from typing import Literal

MOBILE = re.compile(r"Mobile|Android|iPhone|iPad|HarmonyOS.*Phone", re.IGNORECASE)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("wxwork", "WeCom"), ("DingTalk", "DingTalk"), ("MicroMessenger", "WeChat"), ("AlipayClient", "Alipay"),
    ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip


@dataclass(frozen=True)
class Browser:
    kind: Literal["desktop", "mobile"]
    name: str


def browser_of(user_agent: str) -> Browser:
    parts = [_named(user_agent, SYSTEMS), _named(user_agent, BROWSERS)]
    kind: Literal["desktop", "mobile"] = "mobile" if MOBILE.search(user_agent) else "desktop"
    return Browser(kind, " · ".join(filter(None, parts))[:40])


def _named(user_agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in known if sign.lower() in user_agent.lower()), "")
