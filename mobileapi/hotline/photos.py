"""Photographs of a work order: those the conversation shows, recalled ones no more, or what the clerk handed in."""

from collections.abc import Sequence
from uuid import UUID

from kit import db
from kit.web import Actor
from mobileapi.hotline.schemas import OrderPhoto
from mobileapi.materials import uploads
from mobileapi.materials.links import link
from mobileapi.materials.models import Upload

SHOWN = """
SELECT body->>'upload' AS upload FROM chat_message
WHERE conversation_id = $1 AND kind = 'image' AND NOT recalled
"""


async def photos_of(actor: Actor, order: UUID, ids: Sequence[UUID], *, conversation: UUID | None) -> list[str]:
    """Keeps them for the order, in the open transaction. Raises NoSuchUpload: neither shown there nor theirs."""
    if not ids:
        return []
    shown = {row["upload"] for row in await db.fetch(SHOWN, conversation)} if conversation else set()
    own = [id_ for id_ in ids if str(id_) not in shown]
    await uploads.own_uploads(actor.name, own, field="photos")
    await uploads.hold(list(ids), used_by=f"work_order:{order}")
    return [str(id_) for id_ in ids]


async def release(order: UUID) -> None:
    await uploads.release(f"work_order:{order}")


async def links(photos: Sequence[str], *, reader: str) -> list[OrderPhoto]:
    """Short-lived links, made for one reader."""
    found = await uploads.uploads_by_id([UUID(one) for one in photos])
    return [_link(found[UUID(one)], reader) for one in photos if UUID(one) in found]


def _link(photo: Upload, reader: str) -> OrderPhoto:
    return OrderPhoto(
        id=photo.id, url=link(photo, "page", reader=reader), thumbnail_url=link(photo, "thumbnail", reader=reader),
        width=photo.width, height=photo.height,
    )  # fmt: skip
