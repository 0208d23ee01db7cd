"""What signing in needs while the office is open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from auth import attestation, sessions, sms, workplaces
from auth import jobs as chores
from auth.joining import jobs as joining_chores
from auth.keyring import ring, rotation
from auth.platforms import refuse_half_set
from kit.log import logger

log = logger("auth")
KEYS_S = 0.5
SEEN_S = 30.0

assert chores, "imported so that the worker knows the jobs"
assert joining_chores


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Refuses to open without a good signing key, or with a platform half set. Raises BadConfiguration."""
    sessions.forget_states()
    ring.forget()
    async with AsyncExitStack() as stack:
        if serving:
            refuse_half_set()
            workplaces.refuse_half_set()
            sms.refuse_half_set()
            attestation.refuse_half_set()
            await rotation.adopt()
            await ring.refresh()
            ring.signing_key()
            stack.push_async_callback(_once, sessions.write_seen)
            await stack.enter_async_context(_beating())
        yield


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Keeps the keys fresh, so that hardly a request has to read them, and writes which sessions were in use."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_every(KEYS_S, ring.refresh)), group.create_task(_every(SEEN_S, sessions.write_seen)),
        ]  # fmt: skip
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _every(seconds: float, beat: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await _once(beat)


async def _once(beat: Callable[[], Awaitable[object]]) -> None:
    """One that fails is told of: the database may be away for a while."""
    try:
        await beat()
    except Exception as error:  # noqa: BLE001 - whatever failed, the next beat tries again
        log.warning("beat_failed", beat=beat.__name__, error=type(error).__name__)
