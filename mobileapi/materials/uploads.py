"""Photographs people hand in: taking, keeping, finding, forgetting."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from obstore.exceptions import BaseError as StoreError

from kit import clock, db, storage
from kit.config import current
from kit.errors import FieldError, TooMany
from kit.ids import new_id
from kit.log import logger
from mobileapi.materials import developing
from mobileapi.materials.config import MaterialSettings
from mobileapi.materials.errors import NoRoomForFiles, NoSuchUpload
from mobileapi.materials.models import Upload

log = logger("materials")
SIZE_CAP = 10 * 1024 * 1024
VARIANTS = ("page", "thumbnail")
UNUSED = (
    "SELECT id FROM materials_upload u WHERE created_at < $1 "
    "AND NOT EXISTS (SELECT 1 FROM materials_use WHERE upload_id = u.id) ORDER BY created_at LIMIT $2"
)


async def take(owner: str, content: bytes) -> Upload:
    """
    Keeps a photograph as a clean JPEG and its thumbnail. The same bytes by the same person are the same upload.

    Raises: NotAnImage, ImageTooLarge, ImageUnreadable, NoRoomForFiles, TooMany.
    """
    digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    known = await Upload.get_or_none(owner=owner, sent_sha256=digest)
    if known is not None:
        await _keep_fresh(known)
        return known
    await _refuse_hoarding(owner)
    picture = await developing.develop(content)
    upload = Upload(
        id=new_id(), owner=owner, sent_sha256=digest, sha256=hashlib.sha256(picture.page).hexdigest(),
        size=len(picture.page), width=picture.width, height=picture.height, problems=picture.problems,
        created_at=clock.now(),
    )  # fmt: skip
    await _store(upload, picture)
    return await _kept_once(upload)


async def _refuse_hoarding(owner: str) -> None:
    """Whoever sends and never uses would fill the store within the days such uploads live."""
    unused = await db.fetch_value(
        "SELECT count(*) FROM materials_upload u WHERE owner = $1 "
        "AND NOT EXISTS (SELECT 1 FROM materials_use WHERE upload_id = u.id)",
        owner,
    )
    if unused >= current(MaterialSettings).unused_uploads:
        raise TooMany(retry_after_s=3600)


async def _keep_fresh(upload: Upload) -> None:
    """Sent again counts as sent now: the days until an unused upload is forgotten begin anew."""
    upload.created_at = clock.now()
    await db.execute("UPDATE materials_upload SET created_at = $2 WHERE id = $1", upload.id, upload.created_at)


async def _store(upload: Upload, picture: developing.Picture) -> None:
    """Files first, the row after: a full volume leaves no half record."""
    try:
        await storage.put(upload.file_name("page"), picture.page)
        await storage.put(upload.file_name("thumbnail"), picture.thumbnail)
    except (OSError, StoreError) as error:
        log.error("file_store_refused", why=type(error).__name__)
        raise NoRoomForFiles from error


async def _kept_once(upload: Upload) -> Upload:
    """Inserts the row, or answers the one that a parallel sending of the same bytes made."""
    await Upload.bulk_create([upload], ignore_conflicts=True)
    first = await Upload.get(owner=upload.owner, sent_sha256=upload.sent_sha256)
    if first.id != upload.id:
        await _forget_files(upload)
    else:
        log.info("upload_kept", upload=str(upload.id), size=upload.size, problems=upload.problems)
    return first


async def _forget_files(upload: Upload) -> None:
    for variant in VARIANTS:
        await storage.delete(upload.file_name(variant))


async def own_uploads(owner: str, ids: Sequence[UUID], *, field: str = "uploads") -> list[Upload]:
    """The person's uploads in the order asked for. Raises NoSuchUpload naming the places that are not theirs."""
    found = {u.id: u for u in await Upload.filter(owner=owner, id__in=list(ids))}
    missing = [
        FieldError(field=f"{field}.{place}", code="no_such_upload", detail=NoSuchUpload.title)
        for place, id_ in enumerate(ids)
        if id_ not in found
    ]
    if missing:
        raise NoSuchUpload(errors=missing)
    return [found[id_] for id_ in ids]


async def uploads_by_id(ids: Iterable[UUID]) -> dict[UUID, Upload]:
    """Uploads whoever sent them; the caller has judged that its reader may see them."""
    return {u.id: u for u in await Upload.filter(id__in=list(ids))}


async def hold(ids: Sequence[UUID], *, used_by: str) -> None:
    """
    From now on `used_by` needs exactly these uploads; those it held before are free.

    Inside the caller's transaction. Raises NoSuchUpload when one was purged in the meantime.
    """
    async with db.transaction():
        await db.execute(
            "DELETE FROM materials_use WHERE used_by = $1 AND NOT (upload_id = ANY($2::uuid[]))", used_by, list(ids)
        )
        present = await db.fetch("SELECT id FROM materials_upload WHERE id = ANY($1::uuid[]) FOR KEY SHARE", list(ids))
        if len(present) != len(set(ids)):
            raise NoSuchUpload
        await db.execute(
            "INSERT INTO materials_use (upload_id, used_by, since) SELECT unnest($1::uuid[]), $2, $3 "
            "ON CONFLICT (used_by, upload_id) DO NOTHING",
            list(ids), used_by, clock.now(),
        )  # fmt: skip


async def release(used_by: str) -> None:
    """`used_by` needs none of its uploads any more."""
    await db.execute("DELETE FROM materials_use WHERE used_by = $1", used_by)


async def release_all(prefix: str) -> None:
    """Everything whose name begins with `prefix` needs none of its uploads any more."""
    await db.execute("DELETE FROM materials_use WHERE starts_with(used_by, $1)", prefix)


async def purge_unused(*, batch: int = 500) -> int:
    """Deletes uploads that nobody has used for the days of the setting; how many."""
    before = clock.now() - timedelta(days=current(MaterialSettings).upload_life_days)
    purged = 0
    while True:
        rows = await db.fetch(UNUSED, before, batch)
        gone = sum([await _purged(row["id"]) for row in rows])
        purged += gone
        if gone < batch:  # the last ones, or some are being used this very moment
            return purged


async def _purged(upload: UUID) -> bool:
    """The row's lock keeps `hold` waiting; files go first, so that a crash leaves a row to try again with."""
    async with db.transaction():
        row = await Upload.filter(id=upload).select_for_update(skip_locked=True).first()
        if row is None or await row.uses.all().exists():
            return False
        await _forget_files(row)
        await row.delete()
    return True
