"""Leave begins and ends by itself."""

from uuid import UUID

from auth.staffing import leaves
from kit.jobs import job


@job()
async def begin_leave(*, leave: str, version: int) -> None:
    """The first hour of a leave."""
    await leaves.begin(UUID(leave), version=version)


@job()
async def end_leave(*, leave: str, version: int) -> None:
    """The hour after its last."""
    await leaves.finish(UUID(leave), version=version)


@job(every="*/5 * * * *")
async def tend_leaves() -> None:
    """Every five minutes: leaves whose own job was lost."""
    await leaves.tend()
