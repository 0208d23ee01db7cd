"""A template that cannot be filled is found when the office opens, not when the first message is due."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mobileapi.notify import topics


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Raises BadConfiguration."""
    del serving  # the worker sends what the server promised
    topics.refuse_half_set()
    yield
