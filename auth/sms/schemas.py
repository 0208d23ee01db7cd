"""Requests and answers about codes by text message."""

from typing import Literal

from pydantic import Field

from kit.web import Shape, View

FLOW = Field(min_length=20, max_length=64)
CODE = Field(pattern=r"^[0-9]{6}$")
LAST_FOUR = Field(None, pattern=r"^[0-9A-Za-z]{4}$")


class CodeAsk(Shape):
    """`step_up` sends to the account's own number and takes no other."""

    phone: str | None = Field(None, pattern=r"^1[3-9]\d{9}$")
    purpose: Literal["sign_in", "step_up", "phone", "merge"] = "sign_in"


class CodeSent(View):
    flow: str
    expires_in: int
    retry_after: int


class SmsSignIn(Shape):
    flow: str = FLOW
    code: str = CODE
    last_four: str | None = LAST_FOUR
