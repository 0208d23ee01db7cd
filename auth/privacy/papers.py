"""The photographs that prove what should be corrected."""

from auth import papers
from auth.papers import Paper
from auth.privacy.models import CorrectionRequest


async def keep(request: CorrectionRequest, *, owner: str) -> None:
    """Holds the owner's photographs for the request, in the open transaction. Raises the room's NoSuchUpload."""
    await papers.keep(request.papers, owner=owner, used_by=_use(request))


async def release(request: CorrectionRequest) -> None:
    await papers.release(request.papers, used_by=_use(request))


async def shown(request: CorrectionRequest, *, reader: str) -> list[Paper]:
    """The caller leaves the audit row."""
    return await papers.shown(request.papers, reader=reader)


def _use(request: CorrectionRequest) -> str:
    return f"correction:{request.id}"
