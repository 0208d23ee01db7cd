"""Parts every test may ask for: a database, settings, a job runner."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from auth.keyring import ring
from kit import clock, config, db, jobs, limits
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings, tables
from tests.database import copy_of, private_postgres


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def template_url() -> Iterator[str]:
    with private_postgres() as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path) -> OfficeSettings:
    """Demo settings with fresh keys, below the test's own folder; nobody has used up anything yet."""
    limits.forget()
    made = with_demo_keys(OfficeSettings(_env_file=None, data_dir=tmp_path / "data", env="demo"))
    config.install(made)
    ring.forget()
    return made


@pytest.fixture
async def database(template_url: str, settings: OfficeSettings) -> AsyncIterator[str]:
    """An empty, migrated database that is open in this process; its URL."""
    async with copy_of(template_url) as url:
        await db.open_database(tables(url))
        try:
            yield url
        finally:
            await db.close_database()


@pytest.fixture
async def drain(database: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """`await drain()` runs every job that is due by our clock."""
    app = jobs.worker_app(database)
    async with app.open_async():
        yield lambda: jobs.drain(app)


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock._offset, clock._stopped = timedelta(), None
