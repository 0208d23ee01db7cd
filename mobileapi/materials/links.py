"""Short-lived links to photographs, made for one reader. Whoever makes one for staff leaves the audit row."""

from uuid import UUID

from kit import storage
from kit.errors import NotFound
from mobileapi.materials.models import Upload
from mobileapi.materials.uploads import VARIANTS

BASE = "/api/v1/files"


def link(upload: Upload, variant: str, *, reader: str) -> str:
    """A relative address that shows `page` or `thumbnail` to `reader` (`citizen:UUID`) for five minutes."""
    query = storage.signed_query(upload.file_name(variant), reader=reader)
    return f"{BASE}/{upload.id}/{variant}?{query}"


async def linked_file(upload_id: UUID, variant: str, *, ends: str, reader: str, signature: str) -> bytes:
    """The JPEG behind a link. An edited, expired or foreign link and a missing file look alike: NotFound."""
    if variant not in VARIANTS:
        raise NotFound
    name = Upload(id=upload_id).file_name(variant)
    if not storage.link_fits(name, reader=reader, ends=ends, signature=signature):
        raise NotFound
    try:
        return await storage.get(name)
    except storage.FileMissing:
        raise NotFound from None
