"""Requests and answers of signing in by DingTalk or WeCom, and of binding them."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from kit.web import Shape, View

STATE = Field(None, min_length=20, max_length=100)


class WorkplaceBegun(View):
    """The browser goes to `authorise_url` and keeps `secret`, which is in no address."""

    authorise_url: str
    state: str
    secret: str
    expires_in: int


class WorkplaceCode(Shape):
    """A code with the state and secret of its start; within the workplace app a code alone."""

    code: str = Field(min_length=1, max_length=1024)
    state: str | None = STATE
    secret: str | None = STATE

    @model_validator(mode="after")
    def _state_comes_with_its_secret(self) -> Self:
        if (self.state is None) != (self.secret is None):
            raise ValueError("state and secret come together")
        return self


class WorkplaceSignIn(Shape):
    """As WorkplaceCode; or `otp` with the state and secret of the answer that asked for it."""

    code: str | None = Field(None, min_length=1, max_length=1024)
    state: str | None = STATE
    secret: str | None = STATE
    otp: str | None = Field(None, pattern=r"^[0-9]{6}$")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.code is None) == (self.otp is None):
            raise ValueError("either code or otp")
        if (self.state is None) != (self.secret is None) or (self.otp is not None and self.state is None):
            raise ValueError("state and secret come together")
        return self


class WorkplaceBinding(View):
    """`vouched`: signing in there counts as both factors, where the office lets it."""

    kind: str
    subject: str
    vouched: bool
    bound_at: datetime


class WorkplaceBindings(View):
    items: list[WorkplaceBinding]
