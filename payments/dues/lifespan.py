"""What is open as long as the office is: nothing but the jobs of dues, which have to be known."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from payments.dues import jobs

__all__ = ["jobs", "running"]


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:  # noqa: ARG001 - every room is opened alike
    yield
