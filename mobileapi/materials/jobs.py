"""Chores of the materials."""

from kit.jobs import job
from kit.log import logger
from mobileapi.materials.uploads import purge_unused

log = logger("materials")


@job(every="23 19 * * *")  # 03:23 in the city
async def purge_unused_uploads() -> None:
    """What was never used is personal data without a purpose (personal information protection law art. 19)."""
    log.info("unused_uploads_purged", count=await purge_unused())
