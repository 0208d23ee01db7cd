"""
A proxy between an office and what lies behind it, that can be a bad network: slow, cut, deaf, or half closed.

It is told what to do by plain calls, at any time, for every connection that is open and every one to come. PostgreSQL is
reached over a socket file, Redis over a port; it speaks both, and knows nothing of what is said.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHUNK = 64 * 1024
Seen = Callable[[bytes], float]
"""Looks at what is going up; how many seconds it is to be kept back."""


@dataclass(eq=False)
class Link:
    """One connection through the proxy: its near and its far end."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    carried: int = 0

    def reset(self) -> None:
        """Both ends are told that the connection broke (RST), and what was on its way is gone."""
        for end in (self.near, self.far):
            sock = end.get_extra_info("socket")
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()

    def half_close(self) -> None:
        """The far end is told that nothing more comes; what it still says goes through."""
        with suppress(OSError, RuntimeError):
            self.far.write_eof()


@dataclass(eq=False)
class Proxy:
    """Faults are attributes: set them, and set them back."""

    latency_s: float = 0.0
    drop_after: int | None = None  # bytes carried until a connection breaks
    refusing: bool = False  # new connections are reset
    keep_back: Seen | None = None
    links: set[Link] = field(default_factory=set)
    _deaf: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._deaf.set()

    def black_hole(self) -> None:
        """Nothing comes through any more, and nobody is told. What was said waits, as TCP would say it again."""
        self._deaf.clear()

    def heal(self) -> None:
        """As if nothing had ever been wrong."""
        self.latency_s, self.drop_after, self.refusing, self.keep_back = 0.0, None, False, None
        self._deaf.set()

    def reset(self) -> None:
        for link in list(self.links):
            link.reset()

    def half_close(self) -> None:
        for link in list(self.links):
            link.half_close()

    async def carry(self, near: Any, near_out: Any, far: Any, far_out: Any) -> None:
        link = Link(near_out, far_out)
        self.links.add(link)
        try:
            if self.refusing:
                link.reset()
                return
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(near, far_out, link, upwards=True))
                group.create_task(self._pump(far, near_out, link, upwards=False))
        finally:
            self.links.discard(link)
            for end in (near_out, far_out):
                end.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, link: Link, *, upwards: bool
    ) -> None:
        with suppress(OSError, RuntimeError):
            while data := await source.read(CHUNK):
                await self._on_the_way(data, upwards=upwards)
                link.carried += len(data)
                if self.drop_after is not None and link.carried > self.drop_after:
                    link.reset()
                    return
                sink.write(data)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()

    async def _on_the_way(self, data: bytes, *, upwards: bool) -> None:
        if upwards and self.keep_back is not None:
            await asyncio.sleep(self.keep_back(data))
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        await self._deaf.wait()


@asynccontextmanager
async def before_port(port: int) -> AsyncIterator[tuple[Proxy, int]]:
    """A proxy on a free port in front of `port` of this machine."""
    proxy = Proxy()

    async def came(near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        try:
            far, far_out = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            near_out.transport.abort()
            return
        await proxy.carry(near, near_out, far, far_out)

    server = await asyncio.start_server(came, "127.0.0.1", 0)
    async with _closed(server, proxy):
        yield proxy, server.sockets[0].getsockname()[1]


@asynccontextmanager
async def before_file(file: Path, *, folder: Path) -> AsyncIterator[tuple[Proxy, Path]]:
    """A proxy at a socket file of the same name in `folder`, in front of `file`."""
    proxy, place = Proxy(), folder / file.name

    async def came(near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        try:
            far, far_out = await asyncio.open_unix_connection(str(file))
        except OSError:
            near_out.transport.abort()
            return
        await proxy.carry(near, near_out, far, far_out)

    server = await asyncio.start_unix_server(came, str(place))
    async with _closed(server, proxy):
        yield proxy, place


@asynccontextmanager
async def _closed(server: asyncio.Server, proxy: Proxy) -> AsyncIterator[None]:
    try:
        yield
    finally:
        proxy.heal()
        server.close()
        proxy.reset()
