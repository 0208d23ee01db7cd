"""Requests and answers of staff passwords and second factors."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from auth.schemas import StaffBrief, Tokens
from kit.texts import Text
from kit.web import Shape, View

MustDo = Literal["password_change", "second_factor"]


class ElsewhereView(View):
    """A session on another device, which this sign-in ended."""

    device_kind: Literal["desktop", "mobile"]
    device_name: str
    signed_in_at: datetime


class StaffSignedIn(Tokens):
    """
    `must_first` is what the tokens are good for until it is done; `ended` what this sign-in ended on other devices;
    `told` what happened to the account since the last one.
    """

    staff: StaffBrief
    must_first: MustDo | None
    ended: list[ElsewhereView]
    told: list[Text]


class ChangePassword(Shape):
    current: str = Field(min_length=1, max_length=512)
    new: str = Field(min_length=1, max_length=512)


class SignedInAgain(View):
    """`signed_in`: tokens in place of those that were held back; null when the session simply goes on."""

    signed_in: StaffSignedIn | None


class TotpOffer(View):
    """`qr_png`: the picture of `uri`, base64. The secret is in force once a code of it came back."""

    secret: str
    uri: str
    qr_png: str
    expires_in: int


class ConfirmTotp(Shape):
    otp: str = Field(pattern=r"^[0-9]{6}$")


class TotpConfirmed(SignedInAgain):
    """The recovery codes are shown this once."""

    recovery_codes: list[str]


class PolicyView(View):
    min_length: int
    max_length: int
    classes: int
    passphrase_length: int
    history: int
    days: int


class WorkplaceWay(View):
    kind: str
    name: Text


class StaffWays(View):
    """How staff can sign in here, and what their passwords must be."""

    workplaces: list[WorkplaceWay]
    password: PolicyView
