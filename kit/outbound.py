"""
Calls to the outside: allow-listed hosts, no redirects, a total deadline, a cap on the answer.

Never inside a transaction: record the intent, commit, call, record the result.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from kit import db
from kit.config import Settings, current

ANSWER_CAP = 8 * 1024 * 1024
BILL_CAP = 512 * 1024 * 1024


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


class Outbound:
    """One client per process; open it in the lifespan."""

    def __init__(self, allowed_urls: Iterable[str]) -> None:
        hosts = {urlsplit(url).netloc for url in allowed_urls if url}
        extra = {h.strip() for h in current(Settings).outbound_hosts.split(",") if h.strip()}
        self._allowed = hosts | extra
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
        if urlsplit(url).netloc not in self._allowed:
            raise OutsideUnreachable("this host is not allowed", maybe_done=False)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._exchange(method, url, headers=dict(headers or {}), content=content, cap=cap)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise OutsideUnreachable("no connection", maybe_done=False) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise OutsideUnreachable(type(error).__name__, maybe_done=True) from error

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
