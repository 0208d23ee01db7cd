"""Calls to the outside, against a small server at the wire that behaves badly in every way it can."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit import db, outbound
from kit.outbound import Outbound, OutsideUnreachable
from mobileapi.settings import OfficeSettings

pytestmark = pytest.mark.anyio

ANSWERS = {
    b"/fine": b"HTTP/1.1 200 OK\r\nX-Thing: A\r\ncontent-length: 2\r\n\r\nok",
    b"/error": b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n",
    b"/away": b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n",
    b"/long": b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + b"x" * 5000,
    b"/cut": b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nxx",
    b"/nonsense": b"\x00\x01\x02\r\n\r\n",
}


@pytest.fixture
async def server() -> AsyncIterator[str]:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split(b" ")[1]
        asked.append(path)
        if path == b"/drip":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            for _ in range(20):
                writer.write(b"x")
                await asyncio.sleep(0.05)
        elif path != b"/silence":
            writer.write(ANSWERS[path])
        else:
            await asyncio.sleep(1)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture
async def client(server: str, settings: OfficeSettings) -> AsyncIterator[Outbound]:
    made = Outbound([server])
    yield made
    await made.close()


async def test_an_answer_comes_back_whatever_its_status(client: Outbound, server: str) -> None:
    fine = await client.call("GET", f"{server}/fine")
    assert (fine.status, fine.headers["x-thing"], fine.body) == (200, "A", b"ok")
    assert (await client.call("POST", f"{server}/error", content=b"{}")).status == 503


async def test_redirects_are_not_followed(client: Outbound, server: str) -> None:
    assert (await client.call("GET", f"{server}/away")).status == 302


@pytest.mark.parametrize("path", ["/cut", "/nonsense", "/silence", "/drip"])
async def test_what_cannot_be_read_in_time_may_still_have_been_done(client: Outbound, server: str, path: str) -> None:
    with pytest.raises(OutsideUnreachable) as refused:
        await client.call("GET", server + path, deadline_s=0.4)
    assert refused.value.maybe_done


async def test_an_answer_over_the_cap_is_given_up(client: Outbound, server: str) -> None:
    with pytest.raises(OutsideUnreachable, match="too large"):
        await client.call("GET", f"{server}/long", cap=4096)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://localhost:1/", "file:///etc/passwd", "http://127.0.0.1/"]
)
async def test_only_allowed_hosts_are_called(client: Outbound, url: str) -> None:
    with pytest.raises(OutsideUnreachable, match="not allowed") as refused:
        await client.call("GET", url)
    assert not refused.value.maybe_done


async def test_nobody_there_means_nothing_was_done(settings: OfficeSettings) -> None:
    closed = Outbound(["http://127.0.0.1:9"])
    with pytest.raises(OutsideUnreachable) as refused:
        await closed.call("GET", "http://127.0.0.1:9/")
    assert not refused.value.maybe_done
    await closed.close()


async def test_no_call_is_made_inside_a_transaction(database: str, client: Outbound, server: str) -> None:
    outbound.install(client)
    with pytest.raises(AssertionError, match="inside a transaction"):
        async with db.transaction():
            await outbound.outside().call("GET", f"{server}/fine")
