"""
Calls to the outside: allow-listed hosts, no redirects, a total deadline, a cap on the answer.

Never inside a transaction: record the intent, commit, call, record the result.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from kit import db
from kit.config import Settings, current

ANSWER_CAP = 8 * 1024 * 1024
BILL_CAP = 512 * 1024 * 1024
AT_ONE_HOST = 60  # of the pool's hundred: a host that hangs leaves lines for the others
LINE_WAIT_S = 1.5


class OutsideUnreachable(Exception):
    """No answer we can use. `maybe_done` tells whether the other side may have acted on the request."""

    def __init__(self, why: str, *, maybe_done: bool) -> None:
        super().__init__(why)
        self.maybe_done = maybe_done


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass
class Breaker:
    """
    Spares callers the wait for somebody who does not answer, and somebody who is busy the questions.

    After `limit` calls in a row without an answer, callers are refused at once; every `rest_s` one of them tries. Who
    answers "too often" is left alone for a while that doubles each time, up to a minute, and is spread at random.
    """

    limit: int = 5
    rest_s: float = 15.0
    now: Callable[[], float] = time.monotonic
    failures: int = 0
    refusals: int = 0
    open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        return self.now() < self.open_until

    def refuse_while_open(self) -> None:
        """Raises OutsideUnreachable, and then nothing was asked."""
        if self.is_open:
            raise OutsideUnreachable("the other side is down or busy", maybe_done=False)
        if self.failures >= self.limit:
            self.open_until = self.now() + self.rest_s  # this caller tries for all

    def saw(self, *, answer: bool) -> None:
        self.failures = 0 if answer else self.failures + 1
        if answer:
            self.refusals, self.open_until = 0, 0.0
        elif self.failures >= self.limit:
            self.open_until = self.now() + self.rest_s

    def saw_too_often(self) -> None:
        self.failures, self.refusals = 0, self.refusals + 1
        wait = min(60.0, float(2 ** (self.refusals - 1))) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads, no secret
        self.open_until = self.now() + wait


class Outbound:
    """One client per process; open it in the lifespan."""

    def __init__(self, allowed_urls: Iterable[str]) -> None:
        hosts = {urlsplit(url).netloc for url in allowed_urls if url}
        extra = {h.strip() for h in current(Settings).outbound_hosts.split(",") if h.strip()}
        self._allowed = hosts | extra
        self._lines: dict[str, asyncio.Semaphore] = {}
        self._client = httpx2.AsyncClient(
            follow_redirects=False, trust_env=False, timeout=httpx2.Timeout(8.0, connect=3.0),
            limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20),
        )  # fmt: skip

    async def close(self) -> None:
        await self._client.aclose()

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None,
        deadline_s: float = 9.0, cap: int = ANSWER_CAP,
    ) -> Answer:  # fmt: skip
        """
        One request, one answer, whatever its status.

        Raises: OutsideUnreachable on a timeout, a broken connection or an answer over `cap` bytes.
        """
        assert not db.transaction_is_open(), "no outside call inside a transaction"
        host = urlsplit(url).netloc
        if host not in self._allowed:
            raise OutsideUnreachable("this host is not allowed", maybe_done=False)
        try:
            async with self._line_to(host), asyncio.timeout(deadline_s):
                return await self._exchange(method, url, headers=dict(headers or {}), content=content, cap=cap)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise OutsideUnreachable("no connection", maybe_done=False) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise OutsideUnreachable(type(error).__name__, maybe_done=True) from error

    @asynccontextmanager
    async def _line_to(self, host: str) -> AsyncIterator[None]:
        """One of the few lines to a host. Raises OutsideUnreachable when they stay taken."""
        lines = self._lines.setdefault(host, asyncio.Semaphore(AT_ONE_HOST))
        try:
            async with asyncio.timeout(LINE_WAIT_S):
                await lines.acquire()
        except TimeoutError:
            raise OutsideUnreachable("every line to this host is taken", maybe_done=False) from None
        try:
            yield
        finally:
            lines.release()

    async def _exchange(
        self, method: str, url: str, *, headers: dict[str, str], content: bytes | None, cap: int
    ) -> Answer:
        async with self._client.stream(method, url, headers=headers, content=content) as response:
            parts, size = [], 0
            async for part in response.aiter_bytes():
                size += len(part)
                if size > cap:
                    raise OutsideUnreachable("the answer is too large", maybe_done=True)
                parts.append(part)
            return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, b"".join(parts))


_outbound: list[Outbound] = []


def install(outbound: Outbound) -> None:
    _outbound[:] = [outbound]


def outside() -> Outbound:
    """The process's client."""
    assert _outbound, "the outbound client is opened in the application's lifespan"
    return _outbound[0]
