"""The bytes below the frames: what RFC 6455 forbids ends that socket with the right code, and that socket only."""

import asyncio
import base64
import os
import resource
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from auth.models import Citizen
from tests.chat.office import Counter
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
TEXT, BINARY, MORE, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FIN = 0x80
MASK = b"\x11\x22\x33\x44"
PATH = "/api/v1/chat"


def frame(head: int, payload: bytes = b"", *, masked: bool = True, length: bytes | None = None) -> bytes:
    """A client's frame; `head` is its first byte, `length` what it claims instead of the truth."""
    size = len(payload)
    if length is None:
        length = (
            bytes([size]) if size < 126 else b"\x7e" + struct.pack("!H", size) if size < 65536
            else b"\x7f" + struct.pack("!Q", size)
        )  # fmt: skip
    if not masked:
        return bytes([head]) + length + payload
    hidden = bytes(b ^ MASK[n % 4] for n, b in enumerate(payload))
    return bytes([head, length[0] | 0x80]) + length[1:] + MASK + hidden


@dataclass
class Peer:
    """A client that keeps no rules."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answer: bytes

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)

    async def next(self) -> tuple[int, bytes]:
        """The server's next frame: its kind and content. (0, b"") at the end."""
        async with asyncio.timeout(WAIT_S):
            try:
                head, size = await self.reader.readexactly(2)
                assert head & 0x70 == 0, "no extension was agreed"
                assert size < 128, "a server masks nothing"
                if size == 126:
                    size = struct.unpack("!H", await self.reader.readexactly(2))[0]
                elif size == 127:
                    size = struct.unpack("!Q", await self.reader.readexactly(8))[0]
                return head & 0x0F, await self.reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return 0, b""

    async def until(self, kind: int) -> bytes:
        while True:
            found, payload = await self.next()
            if found == kind:
                return payload
            assert found != 0, "the socket ended"

    async def ended_with(self) -> int | None:
        """The close code; None when the server just ended."""
        while True:
            kind, payload = await self.next()
            if kind == CLOSE:
                return int(struct.unpack("!H", payload[:2])[0]) if len(payload) >= 2 else None
            if kind == 0:
                return None


@asynccontextmanager
async def peer(desk: Counter, *, request: str | None = None, extra: str = "") -> AsyncIterator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    key = base64.b64encode(os.urandom(16)).decode()
    asked = request or (
        f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: handheld.v1\r\n{extra}\r\n"
    )
    writer.write(asked.encode())
    try:
        async with asyncio.timeout(WAIT_S):
            answer = await reader.readuntil(b"\r\n\r\n")
        yield Peer(reader, writer, answer)
    finally:
        writer.close()


HALF, REST = "中".encode()[:1], "中".encode()[1:]
PING_FRAME = b'{"type":"ping","t":5}'
REFUSED: dict[str, tuple[list[bytes], int]] = {
    "an unmasked text": ([frame(FIN | TEXT, PING_FRAME, masked=False)], 1002),
    "an unmasked ping": ([frame(FIN | PING, b"x", masked=False)], 1002),
    "the first reserved bit": ([frame(FIN | 0x40 | TEXT, PING_FRAME)], 1002),
    "the second reserved bit": ([frame(FIN | 0x20 | TEXT, PING_FRAME)], 1002),
    "the third reserved bit": ([frame(FIN | 0x10 | TEXT, PING_FRAME)], 1002),
    "all reserved bits on a ping": ([frame(FIN | 0x70 | PING)], 1002),
    "a reserved data kind": ([frame(FIN | 3, b"x")], 1002),
    "the last reserved data kind": ([frame(FIN | 7, b"x")], 1002),
    "a reserved control kind": ([frame(FIN | 11)], 1002),
    "the last reserved control kind": ([frame(FIN | 15, b"x")], 1002),
    "a ping in pieces": ([frame(PING, b"x")], 1002),
    "a pong in pieces": ([frame(PONG)], 1002),
    "a close in pieces": ([frame(CLOSE)], 1002),
    "a ping of 126 bytes": ([frame(FIN | PING, b"x" * 126)], 1002),
    "a close of 126 bytes": ([frame(FIN | CLOSE, struct.pack("!H", 1000) + b"x" * 124)], 1002),
    "a continuation of nothing": ([frame(FIN | MORE, b"x")], 1002),
    "a new text inside another": ([frame(TEXT, b'{"type":'), frame(FIN | TEXT, b'"ping"}')], 1002),
    "a binary inside a text": ([frame(TEXT, b'{"type":'), frame(FIN | BINARY, b'"ping"}')], 1002),
    "bytes that are not UTF-8": ([frame(FIN | TEXT, b"\xff\xfe")], 1007),
    "an overlong letter": ([frame(FIN | TEXT, b"\xc0\xaf")], 1007),
    "a surrogate": ([frame(FIN | TEXT, b"\xed\xa0\x80")], 1007),
    "beyond the last letter": ([frame(FIN | TEXT, b"\xf4\x90\x80\x80")], 1007),
    "half a letter at the end": ([frame(FIN | TEXT, HALF)], 1007),
    "half a letter and the end in pieces": ([frame(TEXT, HALF), frame(FIN | MORE)], 1007),
    "half a letter, then another's": ([frame(TEXT, HALF), frame(FIN | MORE, b"abc")], 1007),
    "not UTF-8 in the third piece": ([frame(TEXT, b"a"), frame(MORE, b"b"), frame(FIN | MORE, b"\xff")], 1007),
    "a close code of one byte": ([frame(FIN | CLOSE, b"\x03")], 1002),
    "a close code nobody may send": ([frame(FIN | CLOSE, struct.pack("!H", 1005))], 1002),
    "a close code below all": ([frame(FIN | CLOSE, struct.pack("!H", 999))], 1002),
    "a close reason that is not UTF-8": ([frame(FIN | CLOSE, struct.pack("!H", 1000) + b"\xff")], 1007),
    "a length with its highest bit": ([frame(FIN | TEXT, length=b"\x7f" + b"\xff" * 8)], 1002),
    "a gibibyte that is only announced": ([frame(FIN | TEXT, length=b"\x7f" + struct.pack("!Q", 2**30))], 1009),
    "too much in one frame": ([frame(FIN | TEXT, b"x" * (200 * 1024))], 1009),
    "too much in pieces": ([frame(TEXT, b"x" * 60_000), *[frame(MORE, b"x" * 60_000)] * 4], 1009),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_what_the_rules_forbid_ends_that_socket_with_its_code_and_no_other(
    desk: Counter, citizen: Citizen, name: str
) -> None:
    parts, code = REFUSED[name]
    survivor = await desk.come(citizen)
    async with peer(desk) as rude:
        rude.send(*parts)
        found = await rude.ended_with()
        if name == "a length with its highest bit":
            assert found in {1002, 1009}, found
        else:
            assert found == code
    await survivor.say(type="ping", t=name)
    assert (await survivor.hear("pong"))["t"] == name


ACCEPTED: dict[str, list[bytes]] = {
    "in one": [frame(FIN | TEXT, PING_FRAME)],
    "byte by byte": [frame(TEXT, PING_FRAME[:1]), *(frame(MORE, bytes([b])) for b in PING_FRAME[1:]), frame(FIN | MORE)],
    "with a ping between its pieces": [frame(TEXT, PING_FRAME[:5]), frame(FIN | PING, b"!"), frame(FIN | MORE, PING_FRAME[5:])],
    "with an unasked pong before": [frame(FIN | PONG, b"?"), frame(FIN | TEXT, PING_FRAME)],
    "with the longest ping before": [frame(FIN | PING, b"x" * 125), frame(FIN | TEXT, PING_FRAME)],
    "after an empty message": [frame(FIN | TEXT), frame(FIN | TEXT, PING_FRAME)],
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
async def test_a_message_is_taken_however_its_bytes_come(desk: Counter, name: str) -> None:
    async with peer(desk) as polite:
        for part in ACCEPTED[name]:
            for byte in part if "byte" in name else [part]:
                polite.send(bytes([byte]) if isinstance(byte, int) else byte)
        while True:
            told = await polite.until(TEXT)
            if b"pong" in told:
                break
        assert told == b'{"type":"pong","t":5}'


async def test_a_letter_split_over_two_pieces_is_one_letter(desk: Counter) -> None:
    said = '{"type":"ping","t":"中"}'.encode()
    cut = said.index(HALF) + 1
    async with peer(desk) as polite:
        polite.send(frame(TEXT, said[:cut]), frame(FIN | MORE, said[cut:]))
        assert await polite.until(TEXT) == '{"type":"pong","t":"中"}'.encode()


async def test_a_ping_is_answered_with_its_own_bytes_and_a_close_with_a_close(desk: Counter) -> None:
    async with peer(desk) as polite:
        polite.send(frame(FIN | PING, b"\x00\xff beat"))
        assert await polite.until(PONG) == b"\x00\xff beat"
        polite.send(frame(FIN | CLOSE, struct.pack("!H", 1000) + "再见".encode()))
        assert struct.unpack("!H", (await polite.until(CLOSE))[:2])[0] == 1000


async def test_compression_is_not_agreed_and_what_would_inflate_is_refused_unread(
    desk: Counter, citizen: Citizen
) -> None:
    """256 MiB of blanks in 260 KB: no byte of it is ever made."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(256)) + packer.flush(zlib.Z_SYNC_FLUSH)
    survivor = await desk.come(citizen)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with peer(desk, extra="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n") as rude:
        assert b"101" in rude.answer.splitlines()[0]
        assert b"extensions" not in rude.answer.lower()
        rude.send(frame(FIN | 0x40 | TEXT, bomb[:60_000]))
        assert await rude.ended_with() == 1002
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB
    await survivor.say(type="ping", t=1)
    await survivor.hear("pong")


UPGRADE = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
HANDSHAKES = {
    "no key": UPGRADE + "Sec-WebSocket-Version: 13\r\n\r\n",
    "a key that is none": UPGRADE + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "an old version": UPGRADE + KEY + "Sec-WebSocket-Version: 8\r\n\r\n",
    "no version": UPGRADE + KEY + "\r\n",
    "HTTP/1.0": UPGRADE.replace("HTTP/1.1", "HTTP/1.0") + KEY + "Sec-WebSocket-Version: 13\r\n\r\n",
    "a POST": UPGRADE.replace("GET", "POST") + KEY + "Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", HANDSHAKES)
async def test_a_handshake_that_is_none_is_refused(desk: Counter, name: str) -> None:
    async with peer(desk, request=HANDSHAKES[name]) as rude:
        status = int(rude.answer.split()[1])
        assert 400 <= status < 500, rude.answer
    assert not desk.hub.sessions
