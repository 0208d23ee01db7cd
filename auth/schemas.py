"""Requests and answers of signing in and of one's own profile."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from auth.states import ScanPurpose, ScanState
from kit.texts import Text
from kit.web import Shape, View


class OneTap(Shape):
    platform: Literal["wechat", "alipay"]
    login_code: str = Field(min_length=1, max_length=4096)  # as long as the other, so that swapped ones are told apart
    phone_code: str | None = Field(None, min_length=1, max_length=4096)  # Alipay hands over a sealed, signed text


class Refresh(Shape):
    refresh_token: str = Field(min_length=1, max_length=200)


class SignOut(Shape):
    everywhere: bool = False


class StaffSignIn(Shape):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=512)
    otp: str | None = Field(None, pattern=r"^[0-9]{6}$")
    recovery_code: str | None = Field(None, pattern=r"^[0-9A-Za-z]{5}-?[0-9A-Za-z]{5}$")


class StepUp(Shape):
    """The fields of one proof (`auth/proofs.py`), and no others."""

    platform: Literal["wechat", "alipay"] | None = None
    login_code: str | None = Field(None, min_length=1, max_length=4096)
    password: str | None = Field(None, min_length=1, max_length=200)
    otp: str | None = Field(None, pattern=r"^[0-9]{6}$")
    flow: str | None = Field(None, min_length=20, max_length=64)
    code: str | None = Field(None, pattern=r"^[0-9]{6}$")
    face: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


class SteppedUp(View):
    proved_at: datetime
    fresh_until: datetime


class DeviceView(View):
    """
    A session. `label` is what a device that asked by QR code calls itself, `name` what it looks like, `way` how it
    signed in, `network` where from; `seen_at` is right to some minutes.
    """

    id: str
    current: bool
    label: str
    name: str
    way: str
    network: str
    since: datetime
    seen_at: datetime | None


class DeviceList(View):
    items: list[DeviceView]
    next_cursor: str | None


class Preferences(Shape):
    locale: Literal["zh-CN", "en"] | None = None
    elder_mode: bool | None = None


def _printable(label: str) -> str:
    """A label is read on somebody's phone: no line breaks, no characters that hide or turn round others."""
    if not label.isprintable():
        raise ValueError("not printable")
    return label


class ScanAsk(Shape):
    purpose: ScanPurpose
    device_label: Annotated[str, AfterValidator(_printable)] = Field(min_length=1, max_length=40)


class ScanConfirm(Shape):
    last_four: str | None = Field(None, pattern=r"^[0-9]{3}[0-9Xx]$")


class ScanTicket(View):
    """`qr_url` is what the code says, and holds no secret; `qr_png_url` the code as a picture."""

    ticket: str
    secret: str
    qr_url: str
    qr_png_url: str
    qr_svg_url: str
    expires_in: int


class ScanStatus(View):
    state: ScanState
    ticket_expires_in: int


class ScanOnPhone(View):
    """
    What the person sees before deciding. `device_label` is what the device calls itself, `address` where it really
    asked from; `proof` tells which number's last four characters a binding asks for, `account` whose it is.
    """

    purpose: ScanPurpose
    state: ScanState
    device_label: str
    address: str
    same_address: bool
    asked_at: datetime
    expires_in: int
    account: str | None
    proof: Literal["id_number", "phone"] | None


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


class ScanSignedIn(OneTapAnswer, ScanStatus):
    """The one answer that carries the tokens."""


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


class EcJwk(Jwk):
    y: str


class Jwks(View):
    keys: list[EcJwk | Jwk]
