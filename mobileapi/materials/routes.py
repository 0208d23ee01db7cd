"""Photographs in, photographs out."""

from starlette.responses import Response

from kit.web import Call, get, post, uploaded_file
from mobileapi.materials.links import linked_file
from mobileapi.materials.schemas import LinkQuery, UploadView, upload_view
from mobileapi.materials.uploads import SIZE_CAP, take

MULTIPART_ROOM = 64 * 1024  # for the part's own headers around the file

SHOWN_SAFELY = {
    "content-disposition": "inline",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
}


async def send_photo(call: Call) -> UploadView:
    content = await uploaded_file(call, "file", cap=SIZE_CAP)
    upload = await take(call.actor.name, content)
    return upload_view(upload, reader=call.actor.name)


async def show_photo(call: Call, query: LinkQuery) -> Response:
    content = await linked_file(
        call.path_id("id"), call.path("variant"), ends=query.e, reader=query.r, signature=query.s
    )
    return Response(content, media_type="image/jpeg", headers=SHOWN_SAFELY)


ROUTES = [
    post("/uploads", send_photo, cost=10, roles={"citizen", "clerk", "supervisor"}, reach="self", status=201,
         body_cap=SIZE_CAP + MULTIPART_ROOM, file="file"),
    get("/files/{id}/{variant}", show_photo, public=True, reach="holder", media="image/jpeg",
        examples={"variant": "thumbnail"}),
]  # fmt: skip
