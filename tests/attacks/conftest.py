"""An office of its own to be attacked: what is thrown at it must not trouble the walks of other tests."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.db import start_embedded
from tests.attacks.wire import Wire
from tests.e2e.conftest import open_office
from tests.flows.town import Person, Town


@dataclass(frozen=True)
class Office:
    url: str
    data: Path

    @property
    def database_url(self) -> str:
        """Of the embedded server the office runs; it is joined, not started."""
        return start_embedded(self.data)


# One person asks for everything there is, within a minute: limits have tests of their own (tests/kit/test_limits.py).
PATIENT = "1000000"


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    with tempfile.TemporaryDirectory(prefix="hho-attacked-") as folder:
        Path(folder).chmod(0o755)  # the embedded database runs as another user when we are root
        with open_office(Path(folder) / "data", HANDHELD_LIMIT_PERSON_PER_MINUTE=PATIENT) as url:
            yield Office(url, Path(folder) / "data")


@pytest.fixture
async def town(office: Office) -> AsyncIterator[Town]:
    async with Town.visit(office.url) as town:
        yield town


@pytest.fixture
def wire(office: Office) -> Wire:
    return Wire(office.url)


@pytest.fixture(scope="session")
async def named(office: Office, anyio_backend: str) -> AsyncIterator[Person]:
    """A citizen whose real name is known; the token lives for the whole run."""
    async with Town.visit(office.url) as town:
        yield await named_citizen(town, 0)


async def named_citizen(town: Town, place: int) -> Person:
    told = town.demo_citizen(place)
    citizen = await town.one_tap(told)
    if citizen.who["assurance"] == "phone":
        await citizen.ask("POST", "/me/real-name", json={"name": told["name"], "id_number": told["id_number"]})
    return citizen
