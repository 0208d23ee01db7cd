"""The catalogue of the demonstration district, imported once, as it is served."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from auth.imports import import_regions, import_staff
from kit import config, db
from kit.crypto import with_demo_keys
from kit.edge import Edge
from mobileapi.catalogue import routes, shelf
from mobileapi.catalogue.imports import import_items
from mobileapi.settings import OfficeSettings, tables
from tests.database import copy_of

DEMO = Path(__file__).parents[2] / "mobileapi" / "demo"


@pytest.fixture(scope="session")
def district_url(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A template that holds the district."""
    folder = tmp_path_factory.mktemp("district")
    config.install(with_demo_keys(OfficeSettings(_env_file=None, data_dir=folder, env="demo")))

    async def filled(url: str) -> None:
        await db.open_database(tables(url))
        for report in (
            await import_regions(DEMO / "regions.yaml"),
            await import_items(DEMO / "items"),
            await import_staff(DEMO / "staff.yaml"),
        ):
            assert report.problems == []
        await db.close_database()

    runner = asyncio.Runner()
    opened = copy_of(template_url)
    url = runner.run(opened.__aenter__())
    runner.run(filled(url))
    yield url
    runner.run(opened.__aexit__(None, None, None))
    runner.close()


@pytest.fixture
async def district(district_url: str, settings: OfficeSettings) -> AsyncIterator[None]:
    """The district's database, open in this process; a copy of one's own."""
    async with copy_of(district_url) as url:
        await db.open_database(tables(url))
        shelf.clear()
        yield
        shelf.clear()
        await db.close_database()


def served() -> httpx2.AsyncClient:
    app = Starlette(routes=[s.route("/api/v1") for s in routes.ROUTES], middleware=[Middleware(Edge)])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office/api/v1")


@pytest.fixture
async def counter(district: None) -> AsyncIterator[httpx2.AsyncClient]:
    """Requests to the catalogue's routes as they are served."""
    async with served() as client:
        yield client
