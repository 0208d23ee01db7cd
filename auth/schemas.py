"""Requests and answers of signing in and of one's own profile."""

from typing import Literal

from pydantic import Field

from kit.texts import Text
from kit.web import Shape, View

NAME = r"^[\u3400-\u9fff·•・a-zA-Z \U00020000-\U0003134f]{2,50}$"


class OneTap(Shape):
    platform: Literal["wechat", "alipay"]
    login_code: str = Field(min_length=1, max_length=512)
    phone_code: str | None = Field(None, min_length=1, max_length=512)


class Refresh(Shape):
    refresh_token: str = Field(min_length=1, max_length=200)


class SignOut(Shape):
    everywhere: bool = False


class StaffSignIn(Shape):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)
    otp: str | None = Field(None, pattern=r"^[0-9]{6}$")


class Preferences(Shape):
    locale: Literal["zh-CN", "en"] | None = None
    elder_mode: bool | None = None


class RealName(Shape):
    name: str = Field(pattern=NAME)
    id_number: str = Field(min_length=18, max_length=18)


class Tokens(View):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: int


class CitizenBrief(View):
    id: str
    phone_masked: str | None
    name_masked: str | None
    assurance: str


class OneTapAnswer(Tokens):
    citizen: CitizenBrief
    is_new: bool


class DepartmentView(View):
    code: str
    name: Text


class StaffBrief(View):
    id: str
    username: str
    name: str
    roles: list[str]
    department: DepartmentView
    title: str


class StaffSignInAnswer(Tokens):
    staff: StaffBrief


class CitizenProfile(CitizenBrief):
    kind: Literal["citizen"] = "citizen"
    locale: str
    elder_mode: bool


class DutyView(View):
    item: str
    item_name: Text | None
    region: str
    role: str


class StaffProfile(StaffBrief):
    kind: Literal["staff"] = "staff"
    duties: list[DutyView]


class Jwk(View):
    kty: str
    crv: str
    use: str
    alg: str
    kid: str
    x: str


class Jwks(View):
    keys: list[Jwk]
