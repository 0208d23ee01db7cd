"""Bytes to a server and back, below any client that would mend them first."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Told:
    """An answer as it came: status 0 when the connection was closed without one."""

    status: int
    head: str
    body: bytes

    @property
    def names(self) -> set[str]:
        return {line.partition(":")[0].lower() for line in self.head.split("\r\n")[1:] if line}


@dataclass(frozen=True)
class Wire:
    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    async def say(self, *parts: bytes, within_s: float = 10) -> Told:
        """Sends while it listens; the first answer of the connection."""
        host, _, port = self.host.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        sending = asyncio.ensure_future(_send(writer, parts))
        try:
            async with asyncio.timeout(within_s):
                return _read(await _everything(reader))
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            writer.close()

    async def ask(self, method: str, target: str, *headers: str, body: bytes = b"") -> Told:
        """One request with a Host of ours and the headers given, each as `name: value`."""
        lines = [f"{method} {target} HTTP/1.1", f"host: {self.host}", "connection: close", *headers]
        return await self.say("\r\n".join([*lines, "", ""]).encode() + body)

    async def post(self, target: str, *headers: str, body: bytes, kind: str = "application/json") -> Told:
        named = [f"content-type: {kind}"] if kind else []
        return await self.ask("POST", target, *named, f"content-length: {len(body)}", *headers, body=body)


async def _send(writer: asyncio.StreamWriter, parts: tuple[bytes, ...]) -> None:
    for part in parts:
        writer.write(part)
        await writer.drain()


async def _everything(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    try:
        while part := await reader.read(65536):
            heard += part
    except ConnectionError:
        pass
    return heard


def _read(heard: bytes) -> Told:
    head, _, body = heard.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    status = int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") else 0
    return Told(status, head.decode("latin-1"), body)
