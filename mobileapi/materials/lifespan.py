"""What the materials need while the server runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.config import current
from mobileapi.materials import jobs
from mobileapi.materials.config import MaterialSettings
from mobileapi.materials.developing import open_darkrooms

assert jobs, "imported so that the worker knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Only who serves takes photographs; the worker does not."""
    if not serving:
        yield
        return
    async with open_darkrooms(current(MaterialSettings).darkroom_processes):
        yield
