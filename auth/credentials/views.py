"""How a signed-in member of staff appears in answers."""

from typing import cast

from auth.credentials.schemas import ElsewhereView, MustDo, StaffSignedIn
from auth.models import StaffMember
from auth.schemas import DepartmentView, StaffBrief
from auth.signing_in import SignedIn
from kit.texts import Text


def staff_brief(member: StaffMember) -> StaffBrief:
    department = DepartmentView(code=member.department.code, name=Text.model_validate(member.department.name))
    return StaffBrief(
        id=str(member.id), username=member.username, name=member.name, roles=member.roles, department=department,
        title=member.title,
    )  # fmt: skip


def staff_signed_in(signed_in: SignedIn) -> StaffSignedIn:
    member, entered = signed_in.person, signed_in.entered
    assert isinstance(member, StaffMember)
    assert entered is not None
    return StaffSignedIn(
        access_token=signed_in.access.text, refresh_token=signed_in.refresh_token,
        expires_in=signed_in.access.expires_in, staff=staff_brief(member),
        must_first=cast("MustDo | None", entered.held_back or None),
        ended=[ElsewhereView.model_validate(one) for one in entered.ended], told=entered.told,
    )  # fmt: skip
