"""What people's rights over their data need while the office is open: their jobs, known to the worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auth.privacy import jobs

assert jobs, "imported so that the worker, which opens rooms and not their routes, knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:  # noqa: ARG001 - every room is told
    yield
