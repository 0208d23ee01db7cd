import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kit import clock, db, events, jobs

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]

seen: list[object] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


@jobs.job()
async def note(*, word: str) -> None:
    seen.append(word)


@dataclass(frozen=True)
class LampLit:
    lamp: UUID
    watts: int


async def remember(event: LampLit) -> None:
    seen.append(event)


async def test_a_job_exists_exactly_if_its_transaction_commits(drain: Drain) -> None:
    with pytest.raises(LookupError):
        async with db.transaction():
            await jobs.defer(note, word="lost")
            raise LookupError
    async with db.transaction():
        await jobs.defer(note, word="kept")
    await drain()
    assert seen == ["kept"]


async def test_a_later_job_waits_for_the_clock(drain: Drain) -> None:
    await jobs.defer(note, word="later", at=clock.now() + timedelta(hours=2))
    await drain()
    assert seen == []
    with clock.moved(timedelta(hours=3)):
        await drain()
    assert seen == ["later"]


async def test_a_job_named_once_waits_only_once(drain: Drain) -> None:
    for _ in range(3):
        await jobs.defer(note, word="single", once="single")
    await drain()
    assert seen == ["single"]


async def test_subscribers_are_told_with_the_values_of_the_event(drain: Drain) -> None:
    events.subscribe(LampLit, remember)
    lamp = uuid4()
    async with db.transaction():
        await events.publish(LampLit(lamp=lamp, watts=40))
    await drain()
    assert seen == [LampLit(lamp=lamp, watts=40)]


stop = asyncio.Event()


@jobs.job()
async def last_word(*, word: str) -> None:
    seen.append(word)
    stop.set()


async def test_the_worker_keeps_no_job_that_succeeded(database: str) -> None:
    stop.clear()
    await jobs.defer(last_word, word="done")
    await jobs.defer(note, word="later", at=clock.now() + timedelta(hours=2))
    await jobs.work(jobs.worker_app(database), stop=stop)
    rows = await db.fetch("SELECT args, status FROM procrastinate_jobs WHERE task_name LIKE 'tests.%'")
    assert seen == ["done"]
    assert [(json.loads(row["args"]), row["status"]) for row in rows] == [({"word": "later"}, "todo")]
