"""Listening to the other processes goes on, whatever the database says while what was missed is looked for."""

import asyncio

import asyncpg
import pytest

from chat.backplane import Hint, PostgresBackplane
from kit import db
from kit.errors import Unavailable

pytestmark = pytest.mark.anyio

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
)


async def test_a_failed_look_for_what_was_missed_does_not_end_the_listening(database: str) -> None:
    plane, heard, again = PostgresBackplane(database), asyncio.Event(), asyncio.Event()

    async def reconnected() -> None:
        again.set()
        raise Unavailable  # restarted a second time, just now

    def hear(_: Hint) -> None:
        heard.set()

    async with asyncio.timeout(10), plane.listening(hear, reconnected=reconnected):
        surgeon = await asyncpg.connect(**db.credentials(database))
        assert await surgeon.fetch(CUT)
        await surgeon.close()
        await again.wait()
        await plane.tell({"s": []})
        await heard.wait()
