"""
Who answers for a work order: by the map of duties that conversations and cases go by (auth/duties.py).

A matter goes to the item's owner, else the backup, else who supervises it, else the department's supervisor. What is
about a person goes past everybody who works beside them or below them, to who stands above.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.duties import DutyHolder, people_for
from auth.staffing.covers import is_there
from auth.staffing.organisation import reports_of, superiors_of
from kit import db
from kit.texts import Text, text

WHY: dict[str, Text] = {
    "owner": text("您是该事项的主办人", "You are the owner of this item"),
    "backup": text("您是该事项的备岗人", "You are the backup for this item"),
    "supervisor": text("您是督办人", "You supervise this matter"),
    "superior": text("涉及人员的上级", "You stand above the person it is about"),
    "department": text("待主管指派", "A supervisor shares it out"),
    "assigned": text("由主管指派给您", "A supervisor gave it to you"),
    "transfer": text("由同事转给您", "A colleague handed it to you"),
    "cover": text("代班经办", "You cover for somebody who is away"),
    "returned": text("返岗后交回", "It came back with your return"),
    "taken": text("由您认领", "You took it up"),
}


@dataclass(frozen=True)
class Owner:
    """Without a person the department's supervisors share it out. `reason` is one of WHY."""

    staff: UUID | None
    name: str
    reason: str


NOBODY = Owner(None, "", "department")
Named = tuple[UUID, str]  # who, and their name


def choose(
    people: Sequence[DutyHolder],
    *,
    above: Sequence[Named],
    supervisors: Sequence[Named],
    not_for: Collection[UUID] = (),
) -> Owner:
    """
    Pure. `people` with a duty and `supervisors` of the department, in the order they are asked; `above`: of what is
    about a person, those above them, and then nobody is asked for being owner or backup. `not_for`: never these.
    """
    fit = [p for p in people if p.staff_id not in not_for]
    roles = ("supervisor",) if not_for else ("owner", "backup", "supervisor")
    named = [Owner(p.staff_id, p.name, role) for role in roles for p in fit if p.role == role]
    higher = [Owner(staff, name, "superior") for staff, name in above if staff not in not_for]
    office = [Owner(staff, name, "supervisor") for staff, name in supervisors if staff not in not_for]
    found = [*higher, *named, *office] if not_for else [*named, *office]
    return found[0] if found else NOBODY


async def owner_for(item: str | None, *, department: str, region: str, about: UUID | None = None) -> Owner:
    """Whoever is there now; see `choose`."""
    people = await people_for(item, region) if item else []
    supervisors = await supervisors_of(department, above=about is not None)
    if about is None:
        return choose(people, above=(), supervisors=supervisors)
    above = [named for named in await _named(await superiors_of(about)) if await is_there(named[0])]
    return choose(people, above=above, supervisors=supervisors, not_for={about, *await reports_of(about)})


# Of the department, who heads it first; then of the ones above it.
SUPERVISORS = """
WITH RECURSIVE up(code, n) AS (
  SELECT $1::text, 0
  UNION ALL
  SELECT d.parent_code::text, n + 1 FROM up JOIN auth_department d ON d.code = up.code
  WHERE d.parent_code IS NOT NULL AND n < 8
)
SELECT s.id, s.name, up.n FROM up JOIN auth_staff_member s ON s.department_id = up.code
WHERE s.disabled_at IS NULL AND s.roles ? 'supervisor'
ORDER BY n, NOT EXISTS (SELECT 1 FROM staffing_head h WHERE h.staff_id = s.id AND h.kind = 'department'
  AND h.code = s.department_id), s.username
"""


async def supervisors_of(department: str, *, above: bool = False) -> list[Named]:
    """Those who are there now, the head first: of the department, of the next one above it when it has none there."""
    rows = [row for row in await db.fetch(SUPERVISORS, department) if await is_there(row["id"])]
    nearest = rows[0]["n"] if rows else 0
    return [(row["id"], row["name"]) for row in rows if above or row["n"] == nearest]


async def _named(staff: Sequence[UUID]) -> list[Named]:
    rows = await db.fetch(
        "SELECT id, name FROM auth_staff_member WHERE id = ANY ($1::uuid[]) AND disabled_at IS NULL", list(staff)
    )
    names = {row["id"]: row["name"] for row in rows}
    return [(one, names[one]) for one in staff if one in names]
