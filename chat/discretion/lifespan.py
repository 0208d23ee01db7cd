"""The list of words is read before anybody is served, and asked about every few seconds afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat.discretion import jobs, lists
from kit.log import logger

assert jobs, "imported so that the worker knows the jobs"

log = logger("discretion")
LOOK_S = 5.0


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    if not serving:
        yield
        return
    await _look()
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(_keep_looking())
        try:
            yield
        finally:
            looking.cancel()


async def _keep_looking() -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        await _look()


async def _look() -> None:
    """A database that is out of reach leaves the list as it was."""
    try:
        await lists.refresh()
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the next look comes
        log.warning("word_list_not_read", error=type(error).__name__)
