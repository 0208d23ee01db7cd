"""
Tortoise's PostgreSQL client with limited patience: who gets no connection within two seconds is told so.

Named as the engine of the connection in `kit.db`. A queue without an end would let every caller wait for all others.
"""

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from kit.errors import Unavailable

QUEUE_S = 2.0


class PatientPool(asyncpg.Pool):  # type: ignore[misc]  # asyncpg has no types
    """Raises Unavailable when no connection is free, or none can be made, within `QUEUE_S` seconds."""

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109 - asyncpg's own signature
        try:
            return await super()._acquire(QUEUE_S if timeout is None else timeout)
        except TimeoutError:
            raise Unavailable from None


class PatientClient(AsyncpgDBClient):
    async def create_pool(self, **settings: Any) -> Any:
        """As asyncpg.create_pool, with its defaults for what we do not set."""
        defaults = {"max_queries": 50_000, "max_inactive_connection_lifetime": 300.0, "record_class": asyncpg.Record}
        return await PatientPool(None, **{**defaults, **settings})


client_class = PatientClient
