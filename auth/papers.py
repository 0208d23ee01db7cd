"""Photographs that prove something to staff. Where photographs are kept, the application tells: it installs a room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Paper:
    """Both links are signed, made for one reader, and good for minutes."""

    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int


class Room(Protocol):
    async def keep(self, owner: str, photos: Sequence[UUID], *, used_by: str) -> None: ...

    async def release(self, used_by: str) -> None: ...

    async def shown(self, photos: Sequence[UUID], *, reader: str) -> list[Paper]: ...


_room: list[Room] = []


def install(room: Room) -> None:
    _room[:] = [room]


async def keep(photos: Sequence[str], *, owner: str, used_by: str) -> None:
    """Holds the owner's photographs for their use, in the open transaction. Raises the room's NoSuchUpload."""
    if photos:
        await _room[0].keep(owner, [UUID(photo) for photo in photos], used_by=used_by)


async def release(photos: Sequence[str], *, used_by: str) -> None:
    """They are needed no longer."""
    if photos:
        await _room[0].release(used_by)


async def shown(photos: Sequence[str], *, reader: str) -> list[Paper]:
    """For a member of staff who judges; the caller leaves the audit row."""
    return await _room[0].shown([UUID(photo) for photo in photos], reader=reader) if photos else []
