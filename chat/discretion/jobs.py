"""Once a night: originals nobody refers to."""

from chat.discretion import originals
from kit.jobs import job


@job(every="40 3 * * *")
async def purge_originals() -> None:
    await originals.purge_unused()
