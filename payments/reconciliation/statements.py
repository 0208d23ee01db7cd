"""
Statements: fetched, kept as they came, proven by their hash, and brought by COPY where PostgreSQL can compare them.

A million rows go by in a day. They pass through here once, as a stream, into a table that lives as long as the
transaction; what stays is the file itself and the rows that are not simply right (`sides`).
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from kit import clock, db, storage
from kit.ids import new_id
from payments.channels import channel as channel_named
from payments.channels.base import StatementRefused
from payments.channels.bill import BillReader


@dataclass(frozen=True)
class Kept:
    """A bill as it came, and what the channel says its hash is."""

    channel: str
    day: date
    kind: str  # trade | fund
    content: bytes
    said: str | None
    stored_as: str


async def fetch(channel: str, day: date, *, kind: str) -> Kept:
    """
    The day's bill, downloaded and kept under the hash of its bytes, also when it is refused afterwards.

    Raises: NoStatement, StatementNotReady, ChannelUnknown, ChannelRefused.
    """
    came = await channel_named(channel).statement(day, kind=kind)
    digest = hashlib.sha1(came.content, usedforsecurity=False).hexdigest()
    name = f"statements/{channel}-{day:%Y%m%d}-{kind}-{digest[:12]}"
    await storage.put(name, came.content)
    return Kept(channel, day, kind, came.content, came.sha1, name)


async def again(statement: UUID) -> Kept:
    """A bill that was believed before, out of the store. Raises storage.FileMissing."""
    (row,) = await db.fetch("SELECT channel, day, kind, sha1, stored_as FROM payments_statement_file WHERE id = $1",
                            statement)  # fmt: skip
    content = await storage.get(row["stored_as"])
    return Kept(row["channel"], row["day"], row["kind"], content, row["sha1"], row["stored_as"])


async def bring_in(kept: Kept, *, table: str) -> BillReader:
    """
    All rows into a new temporary table, as texts in the columns of the reader; the reader, with what it knows now.

    Inside a transaction. What a reader took for rows and COPY does not is read a second time, closely.
    Raises: StatementRefused, and then the transaction must not go on.
    """
    party = channel_named(kept.channel)
    reader = party.reader(kept.kind)
    await db.execute("SAVEPOINT before_rows")
    try:
        await _copy(reader, kept, table=table)
    except asyncpg.DataError:
        await db.execute("ROLLBACK TO SAVEPOINT before_rows")
        reader = party.reader(kept.kind, closely=True)
        await _copy(reader, kept, table=table)
    if kept.said is not None and reader.sha1 != kept.said:
        raise StatementRefused("hash")
    return reader


async def _copy(reader: BillReader, kept: Kept, *, table: str) -> None:
    columns = ", ".join(f"{name} text" for name in reader.columns)
    await db.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")
    await db.copy_in(table, columns=reader.columns, blocks=_ahead(reader.read(kept.content)),
                     delimiter=reader.delimiter, timeout_s=1800)  # fmt: skip


async def _ahead(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """
    One block is read in a thread while PostgreSQL takes the one before, and others get their turn here. One thread for
    all blocks: each thread's memory allocator would keep what it once held.
    """
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as reading:
        coming = loop.run_in_executor(reading, next, blocks, None)
        try:
            while (block := await coming) is not None:
                coming = loop.run_in_executor(reading, next, blocks, None)
                yield block
        finally:
            await asyncio.wait({coming})


async def believed(kept: Kept, reader: BillReader) -> UUID:
    """The one row of a file that was proven; the same file again is the same row."""
    found: UUID = await db.fetch_value(
        "INSERT INTO payments_statement_file (id, channel, day, kind, sha1, size, stored_as, fetched_at, rows, totals) "
        "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'{}') ON CONFLICT (channel, day, kind, sha1) DO UPDATE "
        "SET rows = excluded.rows RETURNING id",
        new_id(), kept.channel, kept.day, kept.kind, reader.sha1, reader.size, kept.stored_as, clock.now(), reader.rows,
    )  # fmt: skip
    return found
