"""
Hands photographs to darkroom processes and takes the pictures back.

Each process serves one photograph at a time. One that dies, hangs or runs over its limits costs its own photograph
only; the next order starts a fresh one.
"""

import asyncio
import contextlib
import json
import os
import struct
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from kit.errors import InvalidRequest, Unavailable
from kit.log import logger
from mobileapi.materials.errors import ImageTooLarge, ImageUnreadable, NotAnImage

log = logger("materials")
ROOT = Path(__file__).parents[2]
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from mobileapi.materials.darkroom import main; main()"
DEADLINE_S = 12.0
QUEUE_S = 20.0
ORDERS_EACH = 300  # then a fresh process: decoders leak
LOST = (TimeoutError, EOFError, ConnectionError, ValueError, LookupError, TypeError)  # no answer, or no sensible one
HEAD_CAP, FILE_CAP = 4096, 32 * 1024 * 1024  # no darkroom says more, unless a picture has taken it over
REFUSALS: dict[str, type[InvalidRequest]] = {kind.code: kind for kind in (NotAnImage, ImageTooLarge, ImageUnreadable)}


@dataclass(frozen=True)
class Picture:
    """A clean JPEG page and its thumbnail; `problems` of blurred, dark, glaring, too_small."""

    page: bytes
    thumbnail: bytes
    width: int
    height: int
    problems: list[str]


class _Process:
    """One darkroom. Started at its first order."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None
        self._orders = 0

    async def develop(self, content: bytes) -> Picture:
        child = await self._running()
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await _exchange(child, content)
        except (
            TimeoutError,
            asyncio.IncompleteReadError,
            ConnectionError,
            ValueError,
            LookupError,
            TypeError,
        ) as error:
            log.warning("darkroom_lost", why=type(error).__name__, size=len(content))
            await self.close()
            raise ImageUnreadable from error
        except BaseException as error:
            if not isinstance(error, InvalidRequest):  # cancelled half-way: its answer must not meet the next order
                await self.close()
            raise

    async def _running(self) -> asyncio.subprocess.Process:
        if self._orders >= ORDERS_EACH:
            await self.close()
        if self._child is None or self._child.returncode is not None:
            self._child, self._orders = await _started(), 0
        self._orders += 1
        return self._child

    async def close(self) -> None:
        child, self._child, self._orders = self._child, None, 0
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _started() -> asyncio.subprocess.Process:
    """Isolated from our environment: no settings, no keys, one thread for arithmetic."""
    environment = {"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", START, env=environment, cwd="/",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def _exchange(child: asyncio.subprocess.Process, content: bytes) -> Picture:
    assert child.stdin is not None and child.stdout is not None  # noqa: PT018 - both are pipes
    child.stdin.write(struct.pack(">I", len(content)) + content)
    await child.stdin.drain()
    size = struct.unpack(">I", await child.stdout.readexactly(4))[0]
    head = json.loads(await child.stdout.readexactly(_capped(size, HEAD_CAP)))
    if "error" in head:
        raise REFUSALS[head["error"]]
    page, thumbnail = [await child.stdout.readexactly(_capped(n, FILE_CAP)) for n in head["sizes"]]
    return Picture(page, thumbnail, int(head["width"]), int(head["height"]), [str(p) for p in head["problems"]])


def _capped(size: int, cap: int) -> int:
    if not 0 <= size <= cap:
        raise ValueError("the darkroom answers more than it can have")
    return size


class Darkrooms:
    """A fixed number of processes; who comes when all are busy waits, and after a while is asked to come back."""

    def __init__(self, count: int) -> None:
        self._all = [_Process() for _ in range(count)]
        self._free: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        for process in self._all:
            self._free.put_nowait(process)

    async def develop(self, content: bytes) -> Picture:
        """Raises: NotAnImage, ImageTooLarge, ImageUnreadable; Unavailable when all stay busy."""
        try:
            async with asyncio.timeout(QUEUE_S):
                process = await self._free.get()
        except TimeoutError as error:
            raise Unavailable from error
        try:
            return await process.develop(content)
        finally:
            self._free.put_nowait(process)

    async def close(self) -> None:
        for process in self._all:
            await process.close()


_darkrooms: list[Darkrooms] = []


@contextlib.asynccontextmanager
async def open_darkrooms(count: int) -> AsyncIterator[None]:
    """Within the block photographs can be developed in this process."""
    made = Darkrooms(count)
    _darkrooms[:] = [made]
    try:
        yield
    finally:
        _darkrooms.clear()
        await made.close()


async def develop(content: bytes) -> Picture:
    assert _darkrooms, "the darkrooms are opened in the application's lifespan"
    return await _darkrooms[0].develop(content)
