"""What the work-list needs while the office is open: its jobs known to the worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from payments.desk import jobs

assert jobs, "imported so that the worker knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:  # noqa: ARG001 - as rooms are opened
    yield
