"""What public answers need while the office is open: their jobs known, and nothing held of another database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mobileapi.answers import jobs, shelf

assert jobs, "imported so that the worker knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:  # noqa: ARG001 - the same in every room
    shelf.clear()
    yield
