"""A PostgreSQL of these tests' own: it is stopped, killed and frozen, and nobody else's may be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.chat import postgres
from tests.chaos.parts import Postgres


@pytest.fixture(scope="session")
def rough_postgres() -> Iterator[tuple[Postgres, Path]]:
    with postgres() as started:
        yield started
