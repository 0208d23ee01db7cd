"""Requests and answers about what leads to an account."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from auth.sms.schemas import CODE, FLOW, LAST_FOUR
from kit.web import Shape, View


class IdentityView(View):
    """`here`: this very sign-in came through it."""

    id: UUID
    platform: str
    bound_at: datetime
    here: bool


class Identities(View):
    """`removable`: one may be taken away and somebody still gets in."""

    items: list[IdentityView]
    phone_masked: str | None
    removable: bool


class PhoneChange(Shape):
    flow: str = FLOW
    code: str = CODE


class PhoneMoveView(View):
    """`role`: `holder` may answer or undo, `taker` waits. `until` is when that is over."""

    id: UUID
    role: Literal["holder", "taker"]
    state: Literal["asked", "moved", "denied", "undone"]
    phone_masked: str
    asked_at: datetime
    until: datetime


class PhoneChanged(View):
    state: Literal["taken", "asked", "moved"]
    move: PhoneMoveView | None


class PhoneMoves(View):
    items: list[PhoneMoveView]


class MergeCodeView(View):
    code: str
    expires_in: int


class MergeAsk(Shape):
    """Either the code the other account shows, or a code sent to its number."""

    merge_code: str | None = Field(None, pattern=r"^[0-9A-Za-z]{8}$")
    flow: str | None = Field(None, min_length=20, max_length=64)
    code: str | None = Field(None, pattern=r"^[0-9]{6}$")
    last_four: str | None = LAST_FOUR
    dry_run: bool = True

    @model_validator(mode="after")
    def _one_proof(self) -> "MergeAsk":
        if (self.merge_code is None) == (self.flow is None or self.code is None):
            raise ValueError("a merge code, or flow and code")
        return self


class Conflict(View):
    what: str
    id: str


class MergeView(View):
    """`moves`: how many of what go along; `conflicts` stand in the way."""

    done: bool
    moves: dict[str, int]
    conflicts: list[Conflict]
