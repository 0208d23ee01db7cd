"""The photographs that prove a mandate."""

from auth import papers
from auth.acting.models import Mandate
from auth.papers import Paper


async def keep(mandate: Mandate, *, owner: str) -> None:
    """Holds the owner's photographs for the mandate, in the open transaction. Raises the room's NoSuchUpload."""
    await papers.keep(mandate.evidence, owner=owner, used_by=_use(mandate))


async def release(mandate: Mandate) -> None:
    await papers.release(mandate.evidence, used_by=_use(mandate))


async def shown(mandate: Mandate, *, reader: str) -> list[Paper]:
    """For a clerk who examines it; the caller leaves the audit row."""
    return await papers.shown(mandate.evidence, reader=reader)


def _use(mandate: Mandate) -> str:
    return f"mandate:{mandate.id}"
