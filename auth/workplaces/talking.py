"""The line to a workplace: JSON out and in, nobody's secret in a log, and the app's token kept in one place."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from auth.workplaces.errors import WorkplaceUnavailable
from kit.log import logger
from kit.outbound import OutsideUnreachable, outside

log = logger("workplace")
EARLY_S = 60.0
JSON = {"content-type": "application/json"}


async def ask(
    method: str, url: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of the answer. Raises WorkplaceUnavailable: no answer, or none that is one."""
    call = url.partition("?")[0]
    try:
        answer = await outside().call(
            method, url, headers=JSON | (headers or {}), content=None if body is None else json.dumps(body).encode(),
            deadline_s=6.0, cap=64 * 1024,
        )  # fmt: skip
        told = json.loads(answer.body)
    except (OutsideUnreachable, ValueError, RecursionError) as error:
        log.warning("workplace_unreachable", call=call, why=type(error).__name__)
        raise _unanswered(error) from None  # the cause holds the address, and the address the secret
    if not isinstance(told, dict) or answer.status >= 500:
        log.warning("workplace_answered_badly", call=call, status=answer.status)
        raise _unanswered()
    return answer.status, told


def _unanswered(error: Exception | None = None) -> WorkplaceUnavailable:
    failed = WorkplaceUnavailable()
    failed.maybe_done = error.maybe_done if isinstance(error, OutsideUnreachable) else True
    return failed


class AppToken:
    """The app's access token of this process: fetched once, kept until shortly before its end."""

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, int]]]) -> None:
        self._fetch, self._lock = fetch, asyncio.Lock()
        self._text, self._good_until = "", 0.0  # of time.monotonic()

    async def text(self, *, instead_of: str | None = None) -> str:
        """`instead_of`: a token the workplace did not accept; many who met it at once share one fetch."""
        async with self._lock:
            if self._text and self._text != instead_of and time.monotonic() < self._good_until:
                return self._text
            try:
                self._text, life = await self._fetch()
            except WorkplaceUnavailable as failed:
                failed.maybe_done = False  # a token alone changes nothing for anybody
                raise
            self._good_until = time.monotonic() + max(0.0, life - EARLY_S)
            return self._text


def text_in(told: dict[str, Any], name: str) -> str:
    """A field that must be a text, or empty."""
    value = told.get(name)
    return value if isinstance(value, str) else ""
