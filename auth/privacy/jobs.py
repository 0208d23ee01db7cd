"""Chores of people's rights over their data."""

from uuid import UUID

from kit.jobs import job
from kit.log import logger

log = logger("privacy")


@job()
async def gather_export(*, export: str) -> None:
    """Makes the file of an export."""
    from auth.privacy import exports  # it defers this job

    await exports.gather(UUID(export))


@job(every="7 * * * *")
async def close_and_clear() -> None:
    """Every hour: accounts whose days are over, exports that ended, files of deletions."""
    from auth.privacy import closures, deletions, exports

    log.info(
        "privacy_cleared", closed=await closures.close_due(), exports=await exports.purge(),
        deletions=await deletions.finish_all(),
    )  # fmt: skip
