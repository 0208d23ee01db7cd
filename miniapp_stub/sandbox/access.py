"""The control surface is for this machine only: whoever can reach it can make people pay."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from miniapp_stub.sandbox.wire import json_response

LOOPBACK_ORIGIN = r"https?://(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?"


def is_loopback(host: str | None) -> bool:
    """True for 127.0.0.0/8, ::1 and the name localhost."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackOnly:
    """Refuses clients from elsewhere, foreign Host names (DNS rebinding) and pages of foreign origins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _from_here(HTTPConnection(scope)):
            refusal = {"code": "LOOPBACK_ONLY", "message": "沙箱控制面只对本机开放"}
            await json_response(refusal, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _from_here(connection: HTTPConnection) -> bool:
    client = connection.client.host if connection.client else None
    host = urlsplit(f"//{connection.headers.get('host', '')}").hostname
    origin = connection.headers.get("origin")
    origin_ok = origin is None or is_loopback(urlsplit(origin).hostname)
    return is_loopback(client) and is_loopback(host) and origin_ok
