"""The photographs that prove a mandate. Where photographs are kept, the application tells: it installs a room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from auth.acting.models import Mandate


@dataclass(frozen=True)
class EvidencePhoto:
    """Both links are signed, made for one reader, and good for minutes."""

    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int


class EvidenceRoom(Protocol):
    async def keep(self, owner: str, photos: Sequence[UUID], *, used_by: str) -> None: ...

    async def release(self, used_by: str) -> None: ...

    async def shown(self, photos: Sequence[UUID], *, reader: str) -> list[EvidencePhoto]: ...


_room: list[EvidenceRoom] = []


def install(room: EvidenceRoom) -> None:
    _room[:] = [room]


async def keep(mandate: Mandate, *, owner: str) -> None:
    """Holds the owner's photographs for the mandate, in the open transaction. Raises the room's NoSuchUpload."""
    if mandate.evidence:
        await _room[0].keep(owner, [UUID(photo) for photo in mandate.evidence], used_by=_use(mandate))


async def release(mandate: Mandate) -> None:
    if mandate.evidence:
        await _room[0].release(_use(mandate))


async def shown(mandate: Mandate, *, reader: str) -> list[EvidencePhoto]:
    """For a clerk who examines it; the caller leaves the audit row."""
    return await _room[0].shown([UUID(photo) for photo in mandate.evidence], reader=reader) if mandate.evidence else []


def _use(mandate: Mandate) -> str:
    return f"mandate:{mandate.id}"
