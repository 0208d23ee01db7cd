"""Told to stop, the server first sends its sockets away with a word, then lets uvicorn close what is left."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from kit.log import logger

log = logger("office")
LONGEST_S = 5.0


@asynccontextmanager
async def said_on_stop(drain: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """While open, SIGTERM and SIGINT run `drain` before the handlers uvicorn had set."""
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    if threading.current_thread() is not threading.main_thread() or not all(map(callable, before.values())):
        yield  # nobody's signals are ours: a test, or a server that stops otherwise
        return
    told: asyncio.Queue[signal.Signals] = asyncio.Queue()

    async def farewell() -> None:
        name = await told.get()
        try:
            async with asyncio.timeout(LONGEST_S):
                await drain()
        except Exception:  # whatever keeps us from saying goodbye must not keep us from going
            log.exception("farewell_failed")
        handler = before[name]
        if callable(handler):
            handler(name, None)

    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(farewell())
        for name in before:
            loop.add_signal_handler(name, told.put_nowait, name)
        try:
            yield
        finally:
            for name in before:
                loop.remove_signal_handler(name)
            waiting.cancel()
