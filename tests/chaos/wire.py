"""One end of a socket that costs next to nothing, can stop reading, and can be cut like a cable."""

import asyncio
import base64
import os
import struct
from typing import Any, Protocol

OPEN_S = 5.0


class Ears(Protocol):
    """Who is told of what comes over a wire."""

    def connection_ready(self, wire: "Wire") -> None: ...

    def heard(self, wire: "Wire", text: bytes) -> None: ...

    def ended(self, wire: "Wire", status: int, code: int) -> None:
        """Once, whatever happened. `status`: of the handshake, 0 without an answer; `code`: of the close frame."""


class Wire(asyncio.Protocol):
    """Text frames both ways. Masks with zeros, which RFC 6455 allows and which costs nothing."""

    def __init__(self, ears: Ears, *, name: str) -> None:
        self.ears, self.name = ears, name
        self.transport: Any = None
        self.status, self.code = 0, 0
        self.open = False
        self._over = False
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /api/v1/chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: handheld.v1\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self.open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self.status = int(head.split(b" ", 2)[1])
            if self.status != 101:
                self.transport.abort()
                return
            self.open = True
            self.ears.connection_ready(self)
        self._rest = self._frames(data)

    def _frames(self, data: bytes) -> bytes:
        place = 0
        while (frame := _frame_at(data, place)) is not None and not self._over:
            kind, start, end = frame
            if kind == 0x1:
                self.ears.heard(self, data[start:end])
            elif kind == 0x8:
                self.code = struct.unpack_from("!H", data, start)[0] if end - start >= 2 else 1005
                self.transport.write(b"\x88\x82\0\0\0\0" + struct.pack("!H", self.code))
                self.transport.close()
            elif kind == 0x9:
                self.transport.write(b"\x8a\x80\0\0\0\0")
            place = end
        return data[place:]

    def connection_lost(self, _: Exception | None) -> None:
        if not self._over:
            self._over = True
            self.ears.ended(self, self.status, self.code)

    def say(self, text: bytes) -> bool:
        if self._over or not self.open:
            return False
        size = len(text)
        head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size)
        self.transport.write(head + b"\0\0\0\0" + text)
        return True

    def cut(self) -> None:
        """The network goes away without a word."""
        self.transport.abort()


def _frame_at(data: bytes, place: int) -> tuple[int, int, int] | None:
    """(opcode, start, end) of a whole frame of a server, else None."""
    if len(data) - place < 2:
        return None
    length, start = data[place + 1], place + 2
    if length == 126:
        if len(data) - place < 4:
            return None
        (length,), start = struct.unpack_from("!H", data, place + 2), place + 4
    elif length == 127:
        if len(data) - place < 10:
            return None
        (length,), start = struct.unpack_from("!Q", data, place + 2), place + 10
    return (data[place] & 0x0F, start, start + length) if len(data) >= start + length else None


async def connect(wire: Wire, port: int, *, source: str) -> None:
    """
    Connects it from `source`, one of this machine's loopback addresses; the handshake is then under way.

    Raises: OSError, TimeoutError.
    """
    async with asyncio.timeout(OPEN_S):
        await asyncio.get_running_loop().create_connection(lambda: wire, "127.0.0.1", port, local_addr=(source, 0))
