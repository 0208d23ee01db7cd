"""A transaction that is cut short wherever it waits gives its connection back, and leaves nothing behind in its task."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from tortoise.connection import get_connection

from kit import db
from mobileapi.settings import OfficeSettings, tables
from tests.database import copy_of
from tests.money.stopping import How, Stopper

pytestmark = pytest.mark.anyio


@pytest.fixture
async def narrow(template_url: str, settings: OfficeSettings) -> AsyncIterator[str]:
    """A database behind a pool of one connection: who keeps it, keeps everybody."""
    async with copy_of(template_url) as url:
        await db.open_database(tables(url, pool=1))
        try:
            yield url
        finally:
            await db.close_database()


def disconnect(url: str) -> None:
    with psycopg.connect(db.libpq_dsn(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )


async def one_transaction() -> int:
    async with db.transaction():
        return int(await db.fetch_value("SELECT 1"))


@pytest.mark.parametrize("how", [How.CANCELLED, How.DISCONNECTED])
async def test_wherever_a_transaction_is_cut_short_the_next_one_begins(narrow: str, how: How) -> None:
    assert await one_transaction() == 1
    pooled, k, cut = get_connection("default"), 0, 0
    while True:
        k += 1
        stopper = Stopper(how, k, dying=lambda: None, disconnect=lambda: disconnect(narrow))
        try:
            await stopper.drive(one_transaction())
        except (asyncio.CancelledError, Exception):  # noqa: BLE001 - however it is told
            cut += 1
        assert get_connection("default") is pooled
        assert await one_transaction() == 1
        if stopper.points < k:
            break
    assert cut >= 3
