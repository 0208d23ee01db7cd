"""The small office, and a citizen in it."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from auth.models import Citizen
from mobileapi.materials.developing import open_darkrooms
from tests.applications.office import Office, open_office
from tests.materials.people import verified_citizen


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_darkrooms(1):
        yield await open_office()


@pytest.fixture
async def anna(office: Office) -> Citizen:
    return await verified_citizen()


@pytest.fixture
async def phone(office: Office, anna: Citizen) -> AsyncIterator[httpx2.AsyncClient]:
    async with office.citizen(anna.id) as opened:
        yield opened


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    async with office.desk() as opened:
        yield opened
