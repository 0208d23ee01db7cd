"""Bills as channels pack them, opened as a stream: GZIP for one file, ZIP for several. Size is capped on the way."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from payments.channels.base import StatementRefused

UNCOMPRESSED_CAP = 4 * 1024**3
FEED = 64 * 1024  # in small bites: what is not taken at once is copied
CHUNK = 256 * 1024  # larger ones are no faster, and several are held at a time
MEMBERS = 16  # an archive of a day's bill holds two or three


def uncompressed(content: bytes, *, cap: int = UNCOMPRESSED_CAP) -> Iterator[bytes]:
    """Chunks of the bill, whether or not it came as GZIP. Raises StatementRefused over `cap` bytes or when damaged."""
    if not content.startswith(b"\x1f\x8b"):
        yield from (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
        return
    inflater, size, view = zlib.decompressobj(31), 0, memoryview(content)
    try:
        for at in range(0, len(content), FEED):
            pending: bytes | memoryview = view[at : at + FEED]
            while pending and not inflater.eof:
                part = inflater.decompress(pending, CHUNK)
                pending, size = inflater.unconsumed_tail, size + len(part)
                if size > cap:
                    raise StatementRefused("too_large")
                yield part
        yield inflater.flush()
    except zlib.error as error:
        raise StatementRefused("damaged") from error


class Archive:
    """A ZIP whose member names are GBK. Raises StatementRefused when it is none, or absurd."""

    def __init__(self, content: bytes, *, cap: int = UNCOMPRESSED_CAP) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gbk")
        except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, ValueError) as error:
            raise StatementRefused("damaged") from error
        members = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(members) > MEMBERS or any(info.flag_bits & 1 for info in members):
            raise StatementRefused("archive")
        self._cap = cap
        self.names = [info.filename for info in members]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one member; what its directory says about its size is not believed."""
        size = 0
        try:
            with self._zip.open(name) as member:
                while part := member.read(CHUNK):
                    size += len(part)
                    if size > self._cap:
                        raise StatementRefused("too_large")
                    yield part
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise StatementRefused("damaged") from error

    def whole(self, name: str, *, cap: int) -> bytes:
        """A member known to be small. Raises StatementRefused over `cap` bytes."""
        parts, size = [], 0
        for part in self.chunks(name):
            size += len(part)
            if size > cap:
                raise StatementRefused("too_large")
            parts.append(part)
        return b"".join(parts)
