"""Who answers for a matter when nobody is at a desk, and who is told when an answer does not come."""

from uuid import UUID

from auth import duties
from auth.staffing.organisation import superiors_of
from chat.models import Conversation
from kit import clock, db

SUPERVISORS = """
SELECT s.id FROM auth_staff_member s WHERE s.department_id = $1 AND s.roles ? 'supervisor' AND s.disabled_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM staffing_leave l WHERE l.staff_id = s.id AND l.state IN ('approved', 'running')
    AND l.starts_at <= $2 AND l.ends_at > $2) ORDER BY s.username
"""
HEAD = """
SELECT h.staff_id FROM staffing_head h JOIN auth_staff_member s ON s.id = h.staff_id AND s.disabled_at IS NULL
WHERE h.kind = 'department' AND h.code = $1
"""


async def supervisors_of(department: str | None) -> list[UUID]:
    """Those of the department who are not on leave."""
    return [row["id"] for row in await db.fetch(SUPERVISORS, department, clock.now())]


async def head_of(department: str | None) -> UUID | None:
    found: UUID | None = await db.fetch_value(HEAD, department)
    return found


async def answerer_of(conversation: Conversation) -> UUID | None:
    """
    By name: the owner of the item or who stands in for them, else the department's supervisor, else whoever works
    there. None only where nobody does.
    """
    item, department = conversation.item_code, conversation.department_code
    holders = await duties.people_for(item, conversation.region_code) if item else []
    first = next((h.staff_id for role in ("owner", "backup") for h in holders if h.role == role), None)
    if first is not None:
        return first
    chiefs = await supervisors_of(department)
    clerks = await duties.department_clerks(department) if department else []
    others = [*chiefs, *(h.staff_id for h in holders), *(c.staff_id for c in clerks)]
    return others[0] if others else await head_of(department)


async def chiefs_of(conversation: Conversation) -> list[UUID]:
    """The second rung: supervisors with the duty for the item, and those of the department."""
    item = conversation.item_code
    holders = await duties.people_for(item, conversation.region_code) if item else []
    with_duty = [h.staff_id for h in holders if h.role == "supervisor"]
    return list(dict.fromkeys([*with_duty, *await supervisors_of(conversation.department_code)]))


async def heads_of(conversation: Conversation, *, above: UUID | None) -> list[UUID]:
    """The third rung: who heads the department, else who is above the clerk."""
    head = await head_of(conversation.department_code)
    if head is not None:
        return [head]
    return (await superiors_of(above))[-1:] if above is not None else []
