"""
How processes wake each other: small hints that rows have changed. The rows are the truth; a lost hint costs seconds.

Without HANDHELD_REDIS_URL the hints are PostgreSQL notifications, which are told at commit; with it they are Redis
messages, published after commit.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import asyncpg
import orjson
from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from kit import db
from kit.config import Settings, current
from kit.log import logger

log = logger("chat")
CHANNEL = "handheld_chat"
TELL_WITHIN_S = 0.1
TOO_SLOW_IN_A_ROW = 3
TOLD_AGAIN_AFTER_S = 1.0  # less than the pause between two looks at the rows
NOTIFY_CAP = 7_900  # bytes; PostgreSQL takes less than 8,000
Hint = dict[str, Any]
Heard = Callable[[Hint], None]
Reconnected = Callable[[], Awaitable[None]]


class Backplane(Protocol):
    """The two real ones are below."""

    in_database: bool

    async def tell(self, hint: Hint) -> None: ...

    def listening(self, heard: Heard, *, reconnected: Reconnected) -> Any: ...


class PostgresBackplane:
    in_database = True

    def __init__(self, url: str) -> None:
        self._url = url

    async def tell(self, hint: Hint) -> None:
        """Inside a transaction the others hear of it when it commits, and only then."""
        packed = json.dumps(hint, separators=(",", ":"))
        assert len(packed.encode()) < NOTIFY_CAP, "hints are small"
        await db.execute("SELECT pg_notify($1, $2)", CHANNEL, packed)

    @asynccontextmanager
    async def listening(self, heard: Heard, *, reconnected: Reconnected) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            ready = asyncio.Event()
            task = group.create_task(self._listen(heard, reconnected, ready))
            await ready.wait()
            try:
                yield
            finally:
                task.cancel()

    async def _listen(self, heard: Heard, reconnected: Reconnected, ready: asyncio.Event) -> None:
        while True:
            try:
                connection = await asyncpg.connect(**db.credentials(self._url))
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, lambda *told: heard(json.loads(told[3])))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                log.warning("backplane_unreachable", kind="postgres")
                await asyncio.sleep(0.5)
                continue
            try:
                if ready.is_set():
                    await _caught_up(reconnected)
                ready.set()
                await lost.wait()
            finally:
                connection.terminate()


class RedisBackplane:
    """Whoever tells waits a tenth of a second at most, and then nobody asks Redis for a second: nothing hangs on it."""

    in_database = False

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_connect_timeout=1, socket_timeout=1, health_check_interval=5, decode_responses=True
        )
        self._teller = redis.Redis.from_url(
            url, socket_connect_timeout=TELL_WITHIN_S, socket_timeout=TELL_WITHIN_S, retry=Retry(NoBackoff(), 0)
        )
        self._not_before = 0.0
        self._too_slow = 0

    async def tell(self, hint: Hint) -> None:
        await db.after_commit(lambda: self._publish(json.dumps(hint, separators=(",", ":"))))

    async def _publish(self, packed: str) -> None:
        """
        A hint that cannot be given is left out: processes look at the rows by themselves every few seconds. One that
        took too long may have come from a busy machine; after a few of them in a row Redis counts as gone.
        """
        if time.monotonic() < self._not_before:
            return
        try:
            async with asyncio.timeout(2 * TELL_WITHIN_S):
                await self._teller.publish(CHANNEL, packed)
            self._too_slow = 0
        except (RedisError, OSError, TimeoutError) as error:
            self._too_slow += 1
            late = isinstance(error, TimeoutError | RedisTimeout)
            if late and self._too_slow < TOO_SLOW_IN_A_ROW:
                return
            if time.monotonic() >= self._not_before:  # of those that wait together, one says so
                log.warning("backplane_unreachable", kind="redis")
            self._not_before = time.monotonic() + TOLD_AGAIN_AFTER_S

    @asynccontextmanager
    async def listening(self, heard: Heard, *, reconnected: Reconnected) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self._listen(heard, reconnected))
            try:
                yield
            finally:
                task.cancel()
        await self._redis.aclose()
        await self._teller.aclose()

    async def _listen(self, heard: Heard, reconnected: Reconnected) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    await _caught_up(reconnected)
                    while True:
                        told = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
                        if told is not None:
                            heard(orjson.loads(told["data"]))
            except (RedisError, OSError):
                log.warning("backplane_unreachable", kind="redis")
                await asyncio.sleep(0.5)


async def _caught_up(reconnected: Reconnected) -> None:
    """What was missed is looked for at once; should the database fail us here, the next look by the clock finds it."""
    try:
        await reconnected()
    except Exception as error:  # noqa: BLE001 - whatever it is, listening must go on
        log.warning("catching_up_failed", error=type(error).__name__)


_installed: list[Backplane] = []


def install(backplane: Backplane) -> None:
    _installed[:] = [backplane]


def chosen(database_url: str) -> Backplane:
    """The backplane the settings ask for."""
    url = current(Settings).redis_url
    return RedisBackplane(url) if url else PostgresBackplane(database_url)


async def tell(hint: Hint) -> None:
    """From a verb: `{"c": [conversation]}` state changed, `{"s": [[conversation, seq]]}` there is more to read."""
    if _installed:
        await _installed[0].tell(hint)
    else:
        await PostgresBackplane("").tell(hint)
