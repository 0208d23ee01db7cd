"""Who holds a case: the owner of its item, else the backup, else the department."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.duties import DutyHolder, people_for
from kit.texts import Text, text

WHY: dict[str, Text] = {
    "owner": text("您是该事项的主办人", "You are the owner of this item"),
    "backup": text("您是该事项的备岗人", "You are the backup for this item"),
    "supervisor": text("您是该事项的督办人", "You supervise this item"),
    "other": text("您协助办理该事项", "You assist with this item"),
    "department": text("由您所在部门办理", "Your department handles this item"),
}


@dataclass(frozen=True)
class Holder:
    """`reason`: owner, backup or department; without a person the whole department holds the case."""

    staff: UUID | None
    name: str
    reason: str


def choose_holder(people: Sequence[DutyHolder]) -> Holder:
    """Pure. `people` come in the order they are asked."""
    for role in ("owner", "backup"):
        for person in people:
            if person.role == role:
                return Holder(person.staff_id, person.name, role)
    return Holder(None, "", "department")


async def holder_for(item: str, region: str) -> Holder:
    return choose_holder(await people_for(item, region))
