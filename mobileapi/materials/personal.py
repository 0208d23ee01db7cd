"""The photographs people hand in: in the copy of one's data, and gone with the account."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, PersonalFile
from kit import clock, db, storage
from kit.texts import text
from mobileapi.materials.models import Upload, Use
from mobileapi.materials.uploads import VARIANTS

PHOTOS = text("上传的照片", "Photographs you sent")
GROUND = "PIPL 13(1)(3), 19, 34"
TO_PROVE = text("证明办事所需的事实", "To prove what a matter needs")
KEPT_FOR = text("未使用的数日；其余到注销为止", "Unused ones some days; else until the account is closed")

KEPT = (
    Kept("materials_upload", PHOTOS, TO_PROVE, GROUND, KEPT_FOR, "deleted"),
    Kept("materials_use", PHOTOS, TO_PROVE, GROUND, KEPT_FOR, "deleted"),
)


async def about(person: Citizen) -> list[Chapter]:
    found = await Upload.filter(owner=f"citizen:{person.id}").order_by("created_at")
    records = [
        {
            "file": _name(u),
            "at": str(clock.city_time(u.created_at)),
            "size": u.size,
            "sha256": u.sha256,
            "used_by": [use.used_by.partition("/")[0] for use in await Use.filter(upload=u)],
        }
        for u in found
    ]
    return [Chapter("photographs", PHOTOS, records, files=[f for u in found for f in await _file(u)])]


def _name(upload: Upload) -> str:
    return f"photo-{upload.id}.jpg"


async def _file(upload: Upload) -> list[PersonalFile]:
    try:
        return [PersonalFile(_name(upload), await storage.get(upload.file_name("page")))]
    except storage.FileMissing:
        return []


async def forget(person: Citizen) -> list[str]:
    owner = f"citizen:{person.id}"
    found = await Upload.filter(owner=owner)
    await db.execute(
        "DELETE FROM materials_use WHERE upload_id IN (SELECT id FROM materials_upload WHERE owner = $1)", owner
    )
    await Upload.filter(owner=owner).delete()
    return [upload.file_name(variant) for upload in found for variant in VARIANTS]


CONTRIBUTOR = Contributor("mobileapi.materials", KEPT, about, forget)
