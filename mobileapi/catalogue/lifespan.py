"""What the catalogue needs while the office is open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mobileapi.catalogue import search
from mobileapi.catalogue.shelf import clear


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """The dictionary is loaded before the first search, not during it."""
    clear()
    if serving:
        await search.get_ready()
    yield
