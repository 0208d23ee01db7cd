"""Requests and answers about names and faces."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from auth.documents import Document
from auth.schemas import CitizenProfile
from kit.web import Shape, View

NAME = r"^[\u3400-\u9fff·•・a-zA-Z .'’\-\U00020000-\U0003134f]{2,50}$"


class RealName(Shape):
    name: str = Field(pattern=NAME)
    id_number: str = Field(min_length=5, max_length=18)
    document: Document = Document.RESIDENT_ID


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


class ClaimRow(View):
    id: UUID
    document: Document
    since: datetime


class ClaimPage(View):
    items: list[ClaimRow]


class ClaimView(View):
    """In the clear, for the member of staff who judges it; each look is audited."""

    id: UUID
    document: Document
    name: str
    id_number: str
    state: Literal["waiting", "accepted", "refused"]
    since: datetime


class ClaimDecision(Shape):
    accept: bool
    reason: str = Field("", max_length=200)

    @model_validator(mode="after")
    def _refused_with_a_reason(self) -> "ClaimDecision":
        if not self.accept and not self.reason:
            raise ValueError("a refusal needs a reason")
        return self
