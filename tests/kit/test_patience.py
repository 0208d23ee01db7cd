"""Slow and swollen requests, over a real server on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from kit import patience

pytestmark = pytest.mark.anyio


async def echo(request: Request) -> Response:
    return Response(await request.body())


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(patience, "LOOK_EVERY_S", 0.3)  # the same rule on a shorter day
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=patience.PatientHttp, log_config=None, lifespan="off"))
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        await serving


async def answer(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(5):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            return await reader.read()
    except ConnectionError:
        return b"closed"
    finally:
        writer.close()


async def test_a_request_that_gets_on_is_answered(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 40960\r\n\r\n"
    told = await answer(port, head, *([b"x" * 8192] * 5), pause=0.2)
    assert told.startswith(b"HTTP/1.1 200")
    assert told.endswith(b"x" * 8192)


async def test_headers_that_never_end_are_cut_off(port: int) -> None:
    assert await answer(port, b"GET / HTTP/1.1\r\nhost: x\r\n", *([b"a"] * 20), pause=0.05) in {b"", b"closed"}


async def test_silence_is_cut_off(port: int) -> None:
    assert await answer(port) == b""


async def test_a_dripping_body_is_cut_off(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"
    assert await answer(port, head, *([b"x"] * 20), pause=0.05) in {b"", b"closed"}


async def test_swollen_headers_are_refused(port: int) -> None:
    head = b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: " + b"b" * 200_000 + b"\r\n\r\n"
    assert (await answer(port, head)).startswith((b"HTTP/1.1 431", b"closed"))
    many = b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 10_000 + b"\r\n"
    assert (await answer(port, many)).startswith((b"HTTP/1.1 431", b"closed"))


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\n folded\r\n\r\n",
    ],
)
async def test_ambiguous_requests_are_refused(port: int, head: bytes) -> None:
    assert (await answer(port, head)).startswith(b"HTTP/1.1 400")


async def test_a_thousand_half_made_handshakes_are_cut_off_and_the_next_is_answered(port: int) -> None:
    half = b"GET /api/v1/chat HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    waiting = [asyncio.open_connection("127.0.0.1", port) for _ in range(1000)]
    lines = await asyncio.gather(*waiting)
    for _, writer in lines:
        writer.write(half)
    async with asyncio.timeout(5):
        assert {await reader.read() for reader, _ in lines} == {b""}
    for _, writer in lines:
        writer.close()
    assert (await answer(port, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")


def test_patience_with_a_handshake_ends_within_fifteen_seconds() -> None:
    assert patience.LOOK_EVERY_S <= 15


async def pour(websocket: WebSocket) -> None:
    """Says more than any buffer holds, without waiting for who reads it, and goes."""
    await websocket.accept()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            while True:
                await websocket.send_text("x" * 65_536)


async def test_a_peer_that_never_reads_is_let_go_after_the_program_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LAST_WORDS_S", 0.5)
    app = Starlette(routes=[WebSocketRoute("/", pour)])
    config = uvicorn.Config(app, port=0, ws=patience.PatientSocket, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        deaf = socket.create_connection(server.servers[0].sockets[0].getsockname()[:2])
        deaf.sendall(
            b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        async with asyncio.timeout(5):
            while not server.server_state.connections:
                await asyncio.sleep(0.01)
            while server.server_state.connections:
                await asyncio.sleep(0.01)
        deaf.close()
        server.should_exit = True
        await serving
