"""uvicorn's HTTP protocol with limited patience: it has no deadline of its own for a request that drips in.

Headers must be complete within ten seconds and fit into 16 KiB; a body must keep coming, at a rate that the slowest
phone network reaches. Reading that we ourselves paused does not count against the sender.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LOOK_EVERY_S = 10.0
LAST_WORDS_S = 8.0
HEADER_CAP = 16 * 1024
BODY_BYTES_A_LOOK = 4 * 1024  # 400 bytes a second; a slow 2G link reaches a thousand


class PatientHttp(HttpToolsProtocol):
    """Closes connections whose sender does not get on with the request."""

    _look: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _body_bytes = 0
    _headers_complete = False
    _refused = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._headers_complete:
            self._header_bytes += len(data)
        super().data_received(data)
        if not self._headers_complete and self._header_bytes > HEADER_CAP:
            self._refuse()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are read and dropped; nobody here asks for them, and they have no end of their own."""
        if self._headers_complete:
            self._header_bytes += len(name) + len(value)
            if self._header_bytes > HEADER_CAP:
                self._refuse()
        else:
            super().on_header(name, value)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = self._body_bytes = 0
        self._headers_complete = False
        self._look_again()

    def on_headers_complete(self) -> None:
        self._headers_complete = True
        if sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > HEADER_CAP:
            self._refuse()
        if [name for name, _ in self.headers].count(b"host") != 1 and self.parser.get_http_version() != "1.0":
            self._refuse(b"400 Bad Request")  # RFC 9112 section 3.2: exactly one Host
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._rest()
        if not self._refused:
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """RFC 6455 section 4.1: the handshake is HTTP/1.1 or later, which the server behind is told whatever came."""
        if self.parser.get_http_version() == "1.0":
            self._refuse(b"400 Bad Request")
        if not self._refused:
            super().handle_websocket_upgrade()

    def _refuse(self, status: bytes = b"431 Request Header Fields Too Large") -> None:
        """The status, and no further reading."""
        if self._refused:
            return
        self._refused = True
        self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _look_again(self) -> None:
        self._rest()
        self._look = self.loop.call_later(LOOK_EVERY_S, self._judge)

    def _rest(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _judge(self) -> None:
        ours = self.flow is not None and self.flow.read_paused
        if not ours and (not self._headers_complete or self._body_bytes < BODY_BYTES_A_LOOK):
            self.transport.abort()
            return
        self._body_bytes = 0
        self._look_again()


class PatientSocket(WebSocketsSansIOProtocol):
    """
    Once the program is done with a socket, the peer has some seconds to take what was written and to close. One that
    reads nothing would keep the connection, and all that waits for it, for as long as it likes.
    """

    _gone: asyncio.TimerHandle | None = None

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self._gone = self.loop.call_later(LAST_WORDS_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._gone is not None:
            self._gone.cancel()
        super().connection_lost(exc)
