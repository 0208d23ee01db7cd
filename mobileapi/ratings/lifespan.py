"""What ratings need while the office is open: their jobs known to the worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mobileapi.ratings import jobs

assert jobs, "imported so that the worker knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:  # noqa: ARG001 - the same in every room
    yield
