"""Shapes of uploads."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.web import Shape, View
from mobileapi.materials.links import link
from mobileapi.materials.models import Upload


class QualityView(View):
    usable: bool
    problems: list[Literal["blurred", "dark", "glaring", "too_small"]]


class UploadView(View):
    """A photograph; both links are relative, signed, made for the reader and good for five minutes."""

    id: UUID
    sha256: str
    width: int
    height: int
    state: Literal["clean"]
    quality: QualityView
    thumbnail_url: str
    url: str


class LinkQuery(Shape):
    e: str = Field("", max_length=12, description="end, in seconds since 1970")
    r: str = Field("", max_length=80, description="reader")
    s: str = Field("", max_length=64, description="signature")


def upload_view(upload: Upload, *, reader: str) -> UploadView:
    return UploadView(
        id=upload.id, sha256=upload.sha256, width=upload.width, height=upload.height, state="clean",
        quality=QualityView.model_validate({"usable": upload.usable, "problems": upload.problems}),
        thumbnail_url=link(upload, "thumbnail", reader=reader), url=link(upload, "page", reader=reader),
    )  # fmt: skip
