"""The counter of these tests."""

from collections.abc import AsyncIterator

import pytest

from tests.consulting.counter import Counter, opened


@pytest.fixture
async def counter(database: str) -> AsyncIterator[Counter]:
    async with opened() as made:
        yield made
