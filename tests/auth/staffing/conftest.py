"""The office of these tests."""

from collections.abc import AsyncIterator

import pytest

from auth import duties
from tests.auth.staffing.office import People, open_office


@pytest.fixture
async def people(database: str) -> AsyncIterator[People]:
    yield await open_office()
    duties._item_lists.clear()
