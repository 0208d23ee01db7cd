"""A Redis that takes everything and answers nothing keeps nobody waiting, and nothing is asked of it over and over."""

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator

import pytest

from chat.backplane import RedisBackplane
from tests.chaos.parts import Redis, free_port
from tests.chat.office import conversation_of, counter, move_in

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on this machine"),
]


@pytest.fixture
async def cache() -> AsyncIterator[Redis]:
    one = Redis(free_port())
    await one.start()
    try:
        yield one
    finally:
        one.end()


async def test_telling_ends_within_a_moment_and_is_left_out_for_the_next(database: str, cache: Redis) -> None:
    plane = RedisBackplane(cache.url)
    await plane.tell({"s": []})
    cache.signal(signal.SIGSTOP)
    began = time.monotonic()
    await asyncio.gather(*(plane.tell({"s": []}) for _ in range(50)))
    first = time.monotonic() - began
    await asyncio.gather(*(plane.tell({"s": []}) for _ in range(50)))
    assert 0.05 < first < 0.5
    assert time.monotonic() - began - first < 0.05
    cache.signal(signal.SIGCONT)
    await plane._teller.aclose()
    await plane._redis.aclose()


async def test_who_types_and_sends_while_redis_is_stopped_is_acked_at_once(database: str, cache: Redis) -> None:
    citizen = await move_in()
    async with counter(database, plane=RedisBackplane(cache.url)) as desk:
        conversation = await conversation_of(citizen)
        line = await desk.come(citizen)
        await line.hear("caught_up")
        cache.signal(signal.SIGSTOP)
        waits = []
        for n in range(5):
            began = time.monotonic()
            await line.say(type="typing", conversation=conversation)
            await line.send_text(conversation, f"{n}")
            waits.append(time.monotonic() - began)
        cache.signal(signal.SIGCONT)
    assert max(waits) < 0.7, waits
