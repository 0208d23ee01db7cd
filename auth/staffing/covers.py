"""Who answers for somebody who is away: whom they named, else the next with the duty, else who is above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.duties import DutyHolder, people_for
from auth.models import StaffMember
from auth.staffing.organisation import superiors_of
from auth.staffing.states import AWAY
from kit import clock, db


@dataclass(frozen=True)
class Cover:
    staff: UUID
    name: str
    title: str


def next_in_duty(people: Sequence[DutyHolder], *, away: UUID, named: UUID | None) -> UUID | None:
    """
    Pure. `people` are those with the duty who are there, in the order they are asked; `named` is there as well.

    The named cover; else the backup, the owner of a wider region, others with the duty; else the duty's supervisor.
    """
    if named is not None and named != away:
        return named
    for role in ("backup", "owner", "other", "supervisor"):
        for person in people:
            if person.role == role and person.staff_id != away:
                return person.staff_id
    return None


async def cover_for(staff: UUID, *, item: str | None, region: str, named: UUID | None = None) -> Cover | None:
    """Who takes over a thing of this matter now; None when nobody is there: then the department, or the queue."""
    named = await _there(named)
    people = await people_for(item, region) if item else []
    chosen = next_in_duty(people, away=staff, named=named)
    if chosen is None:
        chosen = await _above(staff)
    person = await StaffMember.get_or_none(id=chosen) if chosen else None
    return Cover(person.id, person.name, person.title) if person else None


async def _above(staff: UUID) -> UUID | None:
    for superior in await superiors_of(staff):
        if await _there(superior) is not None:
            return superior
    return None


THERE = """
SELECT s.id FROM auth_staff_member s
WHERE s.id = $1 AND s.disabled_at IS NULL AND s.roles ?| ARRAY['clerk', 'supervisor']
  AND NOT EXISTS (SELECT 1 FROM staffing_leave l WHERE l.staff_id = s.id AND l.state = ANY ($3)
    AND l.starts_at <= $2 AND l.ends_at > $2)
"""


async def _there(staff: UUID | None) -> UUID | None:
    """The person, unless they are on leave, have no part in serving citizens, or do not work here any more."""
    if staff is None:
        return None
    found: UUID | None = await db.fetch_value(THERE, staff, clock.now(), [str(s) for s in AWAY])
    return found


async def is_there(staff: UUID) -> bool:
    return await _there(staff) is not None
