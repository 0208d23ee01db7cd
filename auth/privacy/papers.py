"""The photographs that prove what should be corrected. Where photographs are kept, the application tells."""

from collections.abc import Sequence
from uuid import UUID

from auth.acting.evidence import EvidencePhoto, EvidenceRoom
from auth.privacy.models import CorrectionRequest

_room: list[EvidenceRoom] = []


def install(room: EvidenceRoom) -> None:
    _room[:] = [room]


async def keep(request: CorrectionRequest, photos: Sequence[UUID], *, owner: str) -> None:
    """Holds the owner's photographs for the request, in the open transaction. Raises the room's NoSuchUpload."""
    if photos:
        await _room[0].keep(owner, photos, used_by=_use(request))


async def release(request: CorrectionRequest) -> None:
    if request.papers:
        await _room[0].release(_use(request))


async def shown(request: CorrectionRequest, *, reader: str) -> list[EvidencePhoto]:
    """The caller leaves the audit row."""
    return await _room[0].shown([UUID(photo) for photo in request.papers], reader=reader) if request.papers else []


def _use(request: CorrectionRequest) -> str:
    return f"correction:{request.id}"
