"""Handshakes in floods: limited by source, and nobody who is in notices."""

import asyncio
from collections import Counter as Tally
from contextlib import suppress

import pytest

from auth.models import Citizen
from chat import socket
from kit import config
from kit.edge import client_address
from kit.limits import source_of
from mobileapi.settings import OfficeSettings
from tests.chat.office import Line, counter

pytestmark = pytest.mark.anyio

UPGRADE = (
    "GET /api/v1/chat HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: handheld.v1\r\n"
)


async def knock(port: int, *, forged: str = "") -> int:
    """The status of one handshake whose connection is dropped at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{UPGRADE}{forged}\r\n".encode())
        head = await reader.readuntil(b"\r\n")
        return int(head.split()[1])
    finally:
        writer.close()


async def chatter(line: Line, *, until: asyncio.Event) -> list[float]:
    """Pings one after the other; how long each pong took."""
    loop = asyncio.get_running_loop()
    waits: list[float] = []
    while not until.is_set():
        began = loop.time()
        await line.say(type="ping", t=len(waits))
        await line.hear("pong", t=len(waits))
        waits.append(loop.time() - began)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):  # ten a second: its own frames are limited as well
                await until.wait()
    return waits


async def test_a_flood_of_handshakes_is_limited_and_open_sockets_do_not_notice(
    database: str, citizen: Citizen, settings: OfficeSettings
) -> None:
    socket._handshakes.clear()
    async with counter(database) as desk:
        inside = await desk.come(citizen)
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            talking = group.create_task(chatter(inside, until=over))
            began, met = loop.time(), Tally[int]()
            for batch in range(20):
                forged = f"x-forwarded-for: 198.51.100.{batch}\r\nx-real-ip: 198.51.100.{batch}\r\n"
                met.update(await asyncio.gather(*(knock(desk.port, forged=forged) for _ in range(50))))
            seconds = loop.time() - began
            over.set()
        rate = settings.chat_handshakes_per_s
        assert met[101] + met[429] == 1000
        assert met[101] <= 10 * rate + seconds * rate + 1
        assert met[429] > 0
        assert talking.result()
        assert max(talking.result()) < 1.0
    socket._handshakes.clear()


async def test_an_ipv6_network_is_one_source_of_handshakes(settings: OfficeSettings) -> None:
    config.install(settings)
    scope = {"type": "websocket", "headers": []}
    sources = {source_of(client_address({**scope, "client": (f"2001:db8:1:2::{n:x}", 1)})) for n in range(50)}
    assert sources == {"2001:db8:1:2::/64"}
