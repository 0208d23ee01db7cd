"""
The edge of the application: request ids, security headers, one renderer of errors, one line of log a request.

Pure ASGI middleware around everything.
"""

import ipaddress
import re
import time
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit import db
from kit.config import Settings, current
from kit.errors import HouseError, MethodNotAllowed, NotFound, TooLarge, Unavailable, Unreadable
from kit.ids import new_id
from kit.log import clean_line, logger
from kit.texts import language_of, text

log = logger("http")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", CSP.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
]
SECONDS = Histogram("handheld_http_seconds", "Time of one HTTP request", ["method", "route", "status"])


class WrongHost(HouseError):
    code, status = "wrong_host", 400
    title = text("请求的主机名不对", "This host is not served here")


class Edge:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {k: v.decode("latin-1") for k, v in scope["headers"]}
        if scope["method"] == "POST" and headers.get(b"x-http-method-override", "").upper() == "PATCH":
            scope["method"] = "PATCH"  # neither wx.request nor my.request can send one
        given = headers.get(b"x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())
        started, status = time.perf_counter(), 500

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {k.lower() for k, _ in message["headers"]}
                extra = [(k, v) for k, v in HEADERS if k not in present] + [(b"x-request-id", request_id.encode())]
                if b"cache-control" not in present:
                    extra.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        await self._answered(
            scope, receive, stamped, language=language_of(headers.get(b"accept-language")), request_id=request_id
        )
        seconds = time.perf_counter() - started
        route = getattr(scope.get("route"), "path", "none")
        SECONDS.labels(scope["method"] if scope["method"] in METHODS else "OTHER", route, status).observe(seconds)
        if status == 429 and not refusals.worth_a_line(route, now=started):
            return
        actor = scope.get("actor")
        clean_line(
            area="http",
            event="request",
            method=scope["method"] if scope["method"] in METHODS else "OTHER",
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            actor=actor.name if actor else None,
            request_id=request_id,
        )

    async def _answered(self, scope: Scope, receive: Receive, send: Send, *, language: str, request_id: str) -> None:
        begun = False

        async def watching(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            refuse_foreign_host(scope)
            await self.app(scope, receive, watching)
        except Exception as error:
            if begun:
                raise
            problem = as_house_error(error)
            if problem.status == 500:
                log.exception("request_failed", code=problem.code)
            elif problem.status > 500:  # a part is away or full: said once a request, without the whole stack
                log.warning("request_refused", code=problem.code, why=type(error.__cause__ or error).__name__)
            await problem_response(problem, language=language, request_id=request_id)(scope, receive, send)


class _Refusals:
    """Refusals for too many requests, one line a route every ten seconds: a flood must not fill the log as well."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, int]] = {}

    def worth_a_line(self, route: str, *, now: float) -> bool:
        """Whether this one is told; the line that follows a silence says how many were not."""
        at, silent = self._said.get(route, (-REFUSALS_TOLD_EVERY_S, 0))
        if now - at < REFUSALS_TOLD_EVERY_S:
            self._said[route] = at, silent + 1
            return False
        self._said[route] = now, 0
        if silent:
            log.warning("requests_limited", route=route, unmentioned=silent)
        return True


REFUSALS_TOLD_EVERY_S = 10.0
refusals = _Refusals()
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def as_house_error(error: Exception) -> HouseError:
    if isinstance(error, HouseError):
        return error
    if isinstance(error, HTTPException):
        known = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge}
        return known.get(error.status_code, Unreadable)()
    return Unavailable() if db.out_of_reach(error) else HouseError()


def problem_response(error: HouseError, *, language: str, request_id: str) -> Response:
    """The error as RFC 9457 wants it."""
    body: dict[str, Any] = error.problem(language=language, request_id=request_id)
    response = Response(orjson.dumps(body), status_code=error.status, media_type="application/problem+json")
    if "retry_after_s" in error.extra:
        response.headers["retry-after"] = str(error.extra["retry_after_s"])
    if error.status == 413:
        response.headers["connection"] = "close"  # the rest is not read
    if error.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def refuse_foreign_host(scope: Scope) -> None:
    """In production only the public host is served; no link is ever built from the Host header."""
    settings = current(Settings)
    if settings.demo or scope["path"].startswith(("/health/", "/metrics")):
        return
    host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
    if host.lower() != urlsplit(settings.public_url).netloc.lower():
        raise WrongHost


def client_address(scope: Scope) -> str:
    """
    Whose request it is: the peer, or what a trusted proxy says it was.

    X-Forwarded-For is read from the right, where our own proxies write; the first entry that is none of them is the
    client. What is left of it was told by the client, and `Forwarded`, `X-Real-IP` and `X-User-Id` by anybody: ignored.
    An entry that is no address ends the search, for whoever wrote it cannot be known.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    trusted = _networks(current(Settings).trusted_proxies)
    if not trusted or not _is_in(trusted, peer):
        return peer
    forwarded = ",".join(v.decode("latin-1") for k, v in scope["headers"] if k == b"x-forwarded-for")
    for entry in reversed([e.strip() for e in forwarded.split(",") if e.strip()]):
        told = _without_port(entry)
        if not _is_address(told):
            return peer
        if not _is_in(trusted, told):
            return told
    return peer


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=8)
def _networks(told: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in told.split(",") if part.strip())


def _is_in(networks: tuple[Network, ...], address: str) -> bool:
    if not _is_address(address):
        return False
    found = ipaddress.ip_address(address)
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)


def _without_port(entry: str) -> str:
    """Some proxies write `203.0.113.7:4711` and `[2001:db8::1]:4711`."""
    matched = _WITH_PORT.fullmatch(entry)
    return (matched[1] or matched[2]) if matched else entry


_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}")


def is_near(scope: Scope, *, this_machine: bool = False) -> bool:
    """
    Whether the caller sits in the local network, or at this machine. What somebody else forwarded is never near: a
    proxy nobody has told us of would let the whole world look like its neighbour.
    """
    peer, told = scope["client"][0] if scope.get("client") else "", client_address(scope)
    forwarded = any(name in {b"x-forwarded-for", b"forwarded", b"x-real-ip"} for name, _ in scope["headers"])
    if not _is_address(told) or (forwarded and told == peer):
        return False
    address = ipaddress.ip_address(told)
    local = address.is_loopback or (address.is_private and not this_machine)
    return local and not address.is_unspecified


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False
