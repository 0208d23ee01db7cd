"""
Files: in a folder (`file://`) or on an S3 server (`s3://bucket/prefix`), under names we make.

Links are signed by us whatever the store, live for minutes and are bound to the person they were made for.
"""

import asyncio
from functools import lru_cache
from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from kit import clock, crypto
from kit.config import Settings, current

LINK_LIFE_S = 300


class FileMissing(Exception):
    """No file under that name."""


async def put(name: str, content: bytes) -> None:
    """Stores `content` under `name` (segments of [a-z0-9-], made by us); an existing one is replaced."""
    await obstore.put_async(_store(_url()), name, content)


async def get(name: str) -> bytes:
    """The content. Raises FileMissing."""
    try:
        result = await obstore.get_async(_store(_url()), name)
        return bytes(await result.bytes_async())
    except (NotFoundError, FileNotFoundError) as error:
        raise FileMissing(name) from error


async def beginning(name: str, *, size: int) -> bytes:
    """The first bytes, `size` at most. Raises FileMissing."""
    try:
        return bytes(await obstore.get_range_async(_store(_url()), name, start=0, length=size))
    except (NotFoundError, FileNotFoundError) as error:
        raise FileMissing(name) from error


async def names(prefix: str, *, after: str = "") -> list[str]:
    """Names below the folder `prefix`, sorted, behind the name `after`."""
    found = [str(meta["path"]) async for page in obstore.list(_store(_url()), prefix=prefix) for meta in page]
    return sorted(name for name in found if name > after)


async def delete(name: str) -> None:
    try:
        await obstore.delete_async(_store(_url()), name)
    except (NotFoundError, FileNotFoundError):
        return


async def answers() -> bool:
    """Whether the store takes and gives a file; for readiness."""
    try:
        async with asyncio.timeout(2):
            await put("health/probe", b"ok")
            return await get("health/probe") == b"ok"
    except Exception:  # noqa: BLE001 - whatever the store's driver raises means "not ready"
        return False


def signed_query(name: str, *, reader: str, life_s: int = LINK_LIFE_S) -> str:
    """`e=…&r=…&s=…`: lets `reader` fetch `name` until it ends."""
    ends = int(clock.now().timestamp()) + life_s
    return f"e={ends}&r={reader}&s={crypto.sign(f'{name}|{reader}|{ends}', purpose='file-link')}"


def link_fits(name: str, *, reader: str, ends: str, signature: str) -> bool:
    """Whether the three parts of a signed link belong together and the link is still alive."""
    if not (ends.isascii() and ends.isdigit()) or len(ends) > 12 or int(ends) < clock.now().timestamp():
        return False
    return crypto.signature_fits(f"{name}|{reader}|{ends}", signature, purpose="file-link")


def _url() -> str:
    settings = current(Settings)
    return settings.storage_url or f"file://{(settings.data_dir / 'files').resolve()}"


@lru_cache(maxsize=4)
def _store(url: str) -> ObjectStore:
    if url.startswith("file://"):
        folder = Path(url.removeprefix("file://"))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # photographs of identity cards: for nobody else here
        return LocalStore(folder)
    return S3Store.from_url(url)
