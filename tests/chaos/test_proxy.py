"""Each fault of the proxy does what its name says, and healing undoes it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.chaos.proxy import Proxy, before_file, before_port

pytestmark = pytest.mark.anyio
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says everything back; at the end of it says how much there was."""
    heard = 0
    with suppress(OSError):
        while data := await reader.read(1024):
            heard += len(data)
            writer.write(data)
        writer.write(f"<{heard}>".encode())
        await writer.drain()
    writer.close()


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Proxy, Ends, int]]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with before_port(server.sockets[0].getsockname()[1]) as (proxy, port):
        ends = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield proxy, ends, port
        finally:
            ends[1].transport.abort()
            server.close()


async def said(ends: Ends, words: bytes) -> bytes:
    ends[1].write(words)
    async with asyncio.timeout(5):
        return await ends[0].readexactly(len(words))


async def test_without_a_fault_everything_comes_through() -> None:
    async with line() as (proxy, ends, _):
        assert await said(ends, b"good day") == b"good day"
        assert len(proxy.links) == 1


async def test_latency_is_added_in_both_directions() -> None:
    async with line() as (proxy, ends, _):
        proxy.latency_s = 0.1
        began = time.monotonic()
        await said(ends, b"slow")
        assert time.monotonic() - began >= 0.2


async def test_a_black_hole_keeps_what_was_said_until_it_heals() -> None:
    async with line() as (proxy, ends, _):
        proxy.black_hole()
        ends[1].write(b"hello")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ends[0].read(1)
        proxy.heal()
        assert await ends[0].readexactly(5) == b"hello"


async def test_a_reset_breaks_open_connections_and_lets_new_ones_in() -> None:
    async with line() as (proxy, ends, port):
        await said(ends, b"a")
        proxy.reset()
        with pytest.raises(OSError, match="reset"):
            await ends[0].read(1)
        assert await said(await asyncio.open_connection("127.0.0.1", port), b"b") == b"b"


async def test_refusing_lets_nobody_in() -> None:
    async with line() as (proxy, _, port):
        proxy.refusing = True
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"?")
        with suppress(OSError):
            assert await reader.read(1) == b""
        proxy.heal()
        assert await said(await asyncio.open_connection("127.0.0.1", port), b"b") == b"b"


async def test_after_so_many_bytes_the_connection_breaks() -> None:
    async with line() as (proxy, ends, _):
        proxy.drop_after = 100
        assert await said(ends, b"x" * 40) == b"x" * 40
        ends[1].write(b"y" * 40)
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await ends[0].readexactly(40)


async def test_a_half_closed_far_end_hears_the_end_and_is_still_heard() -> None:
    async with line() as (proxy, ends, _):
        await said(ends, b"abc")
        proxy.half_close()
        assert await ends[0].read(10) == b"<3>"


async def test_what_looks_a_certain_way_is_kept_back() -> None:
    async with line() as (proxy, ends, _):
        proxy.keep_back = lambda data: 0.2 if b"COMMIT" in data else 0.0
        began = time.monotonic()
        await said(ends, b"SELECT")
        quick = time.monotonic() - began
        await said(ends, b"COMMIT")
        assert time.monotonic() - began - quick >= 0.2


async def test_a_socket_file_is_stood_in_front_of_likewise(tmp_path: Path) -> None:
    (tmp_path / "near").mkdir()
    server = await asyncio.start_unix_server(echo, str(tmp_path / ".s.PGSQL.5432"))
    async with before_file(tmp_path / ".s.PGSQL.5432", folder=tmp_path / "near") as (_, place):
        assert place == tmp_path / "near" / ".s.PGSQL.5432"
        ends = await asyncio.open_unix_connection(str(place))
        assert await said(ends, b"select 1") == b"select 1"
        ends[1].close()
    server.close()
