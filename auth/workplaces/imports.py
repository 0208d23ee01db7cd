"""Workplace identities out of the staff file: who somebody is at DingTalk or WeCom, never vouched for."""

from collections.abc import Mapping
from typing import Literal

from auth.models import StaffMember
from auth.workplaces import identities, workplace
from auth.workplaces.base import WorkplacePerson
from auth.workplaces.errors import WorkplaceBoundElsewhere, WorkplaceNotOffered
from kit.imports import RowAtFault


async def identities_kept(username: str, wanted: Mapping[Literal["dingtalk", "wecom"], str]) -> bool:
    """Binds what the row names and is not bound yet; whether anything changed. Raises RowAtFault."""
    member = await StaffMember.get(username=username)
    held = {one.kind: one.subject for one in await identities.of(member.id)}
    changed = False
    for kind, subject in wanted.items():
        try:
            door = workplace(kind)
            if held.get(kind) == door.normal(subject):
                continue
            person = WorkplacePerson(door.organisation, door.normal(subject))
            await identities.bind(member, kind, person, vouched=False, actor="system")
        except WorkplaceNotOffered:
            raise RowAtFault(f"{kind} is not connected to the office") from None
        except WorkplaceBoundElsewhere:
            raise RowAtFault(f"{kind} {subject} is bound to another account, or the account to another") from None
        changed = True
    return changed
