"""Requests and answers of the accounts of staff."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from auth.schemas import StaffBrief
from auth.workplaces.schemas import WorkplaceBinding
from kit.web import PageQuery, Shape, View


class AccountsQuery(PageQuery):
    q: str = Field("", max_length=64)
    state: Literal["open", "disabled", "all"] = "all"


class NewAccount(Shape):
    """Every account begins as a clerk's; further roles are granted by two people."""

    username: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")
    name: str = Field(min_length=1, max_length=64)
    department: str = Field(min_length=1, max_length=32)
    title: str = Field("", max_length=64)


class BindByAdmin(Shape):
    subject: str = Field(min_length=1, max_length=128)


class AccountRow(StaffBrief):
    disabled_at: datetime | None
    second_factor: bool


class AccountRows(View):
    items: list[AccountRow]
    next_cursor: str | None


class AccountSession(View):
    id: str
    signed_in_at: datetime
    ends_at: datetime
    way: str
    second_factor: str
    device_kind: str
    device_name: str
    held_back: str


class AccountView(AccountRow):
    created_at: datetime
    password_set_at: datetime | None
    must_change: bool
    recovery_codes_left: int
    recovery_code_used_at: datetime | None
    sessions: list[AccountSession]
    workplaces: list[WorkplaceBinding]


class OneTimePassword(View):
    """Shown this once."""

    account: AccountView
    one_time_password: str
