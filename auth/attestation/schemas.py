"""Requests and answers about names and faces."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from auth.attestation.states import ClaimState
from auth.documents import Document
from auth.schemas import CitizenProfile
from kit.web import Shape, View

NAME = r"^[\u3400-\u9fff·•・a-zA-Z .'’\-\U00020000-\U0003134f]{2,50}$"


class RealName(Shape):
    name: str = Field(pattern=NAME)
    id_number: str = Field(min_length=5, max_length=18)
    document: Document = Document.RESIDENT_ID
    uploads: list[UUID] = Field([], max_length=4, description="photographs of a document that staff judge")
    region: str = Field("", max_length=12, pattern=r"^\d*$", description="where staff judge it; empty: anywhere")


class ClaimBrief(View):
    document: Document
    state: Literal["waiting", "accepted", "refused"]
    reason: str
    at: datetime


class RealNameAnswer(CitizenProfile):
    """`claim` is the document that staff judge, when there is one."""

    claim: ClaimBrief | None


class FaceClient(View):
    """What the phone needs: the page of the check, and the token some platforms' own components take."""

    url: str
    biz_token: str


class FaceOpened(View):
    session: UUID
    expires_in: int
    client: FaceClient


class ClaimQuery(Shape):
    state: ClaimState = ClaimState.WAITING
    limit: int = Field(50, ge=1, le=100)


class ClaimRow(View):
    id: UUID
    document: Document
    name_masked: str
    number_masked: str
    region: str
    photos: int
    state: ClaimState
    since: datetime


class ClaimPage(View):
    """`yours`: whether the caller's department has this desk."""

    yours: bool
    items: list[ClaimRow]


class ClaimPhoto(View):
    """Links made for this reader, good for minutes."""

    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int


class ClaimView(ClaimRow):
    """Opened while it waits it is in the clear, for whoever judges it; each look is counted and audited."""

    name: str | None
    id_number: str | None
    papers: list[ClaimPhoto]
    reason: str
    decided_at: datetime | None


class ClaimDecision(Shape):
    accept: bool
    reason: str = Field("", max_length=200, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")

    @model_validator(mode="after")
    def _refused_with_a_reason(self) -> "ClaimDecision":
        if not self.accept and not self.reason:
            raise ValueError("a refusal needs a reason")
        return self
