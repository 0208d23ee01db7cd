"""
Tortoise's PostgreSQL client with limited patience: who gets no connection within two seconds is told so, and a
transaction that cannot begin gives its connection back.

Named as the engine of the connection in `kit.db`. A queue without an end would let every caller wait for all others.
"""

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections

from kit.errors import Unavailable

QUEUE_S = 2.0
CANCELLING_S = 0.2  # for PostgreSQL to say that it stopped; then the connection is ended


class PatientPool(asyncpg.Pool):  # type: ignore[misc]  # asyncpg has no types
    """Raises Unavailable when no connection is free, or none can be made, within `QUEUE_S` seconds."""

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109 - asyncpg's own signature
        try:
            return await super()._acquire(QUEUE_S if timeout is None else timeout)
        except TimeoutError:
            raise Unavailable from None

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        """Who was cut short does not wait as long again for a server that says nothing."""
        inner = connection._con  # noqa: SLF001 - asyncpg has no other way to ask
        if inner is not None and inner._protocol._is_cancelling():  # noqa: SLF001
            timeout = CANCELLING_S
        await super().release(connection, timeout=timeout)


class Beginning(TransactionContextPooled):
    """
    As Tortoise's, which keeps a connection for ever when BEGIN fails or its caller is cut short: the pool would run
    dry while PostgreSQL is away, and what the task asks next would go to a dead connection.
    """

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            self._undo()
            raise

    async def __aexit__(self, *error: Any) -> None:  # noqa: PYI036 - handed on as Tortoise names them
        try:
            await super().__aexit__(*error)
        finally:  # who is cut short while the connection is handed back shall not go on asking it
            if not self.token._used:  # noqa: SLF001 - as below
                get_connections().reset(self.token)

    def _undo(self) -> None:
        """The connection is ended, for nobody knows what it was at; the pool makes another one."""
        token = getattr(self, "token", None)
        if token is not None:
            get_connections().reset(token)
            self.client._connection.terminate()  # noqa: SLF001 - Tortoise's own place for it


class PatientClient(AsyncpgDBClient):
    async def create_pool(self, **settings: Any) -> Any:
        """As asyncpg.create_pool, with its defaults for what we do not set."""
        defaults = {"max_queries": 50_000, "max_inactive_connection_lifetime": 300.0, "record_class": asyncpg.Record}
        return await PatientPool(None, **{**defaults, **settings})

    def _in_transaction(self) -> TransactionContext:
        return Beginning(TransactionWrapper(self), self._pool_init_lock)


client_class = PatientClient
