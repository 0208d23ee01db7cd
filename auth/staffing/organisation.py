"""
The organisation: region, department, unit, and whose line a person is in.

Edits of the lines are made one after the other (one lock), so that two of them together never close a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auth.models import Department, Region, StaffMember
from auth.openings import opening_of
from auth.staff import staff_member
from auth.staffing import tongues
from auth.staffing.errors import LineGoesRound, UnitNotEmpty, UnknownPlace
from auth.staffing.models import Head, Opening, Place, Unit
from kit import audit, clock, db
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import Text
from kit.web import Actor

LINES_LOCK = 0x48484F20  # advisory lock of whoever changes a line

BELOW = """
WITH RECURSIVE below(id) AS (
  SELECT staff_id FROM staffing_line WHERE superior_id = $1
  UNION
  SELECT l.staff_id FROM staffing_line l JOIN below b ON l.superior_id = b.id
)
SELECT id FROM below WHERE id <> $1
"""
ABOVE = """
WITH RECURSIVE above(id, step) AS (
  SELECT superior_id, 1 FROM staffing_line WHERE staff_id = $1 AND superior_id IS NOT NULL
  UNION
  SELECT l.superior_id, a.step + 1 FROM staffing_line l JOIN above a ON l.staff_id = a.id
  WHERE l.superior_id IS NOT NULL AND a.step < 32
)
SELECT id FROM above ORDER BY step
"""
ROUND = """
WITH RECURSIVE up(start, here, step) AS (
  SELECT staff_id, superior_id, 1 FROM staffing_line WHERE superior_id IS NOT NULL
  UNION ALL
  SELECT u.start, l.superior_id, u.step + 1 FROM up u JOIN staffing_line l ON l.staff_id = u.here
  WHERE l.superior_id IS NOT NULL AND u.here <> u.start AND u.step < 32
)
SELECT 1 FROM up WHERE here = start OR step >= 32 LIMIT 1
"""


async def reports_of(staff_id: UUID) -> set[UUID]:
    """Everybody below the person, at any depth; not the person."""
    return {row["id"] for row in await db.fetch(BELOW, staff_id)}


async def superiors_of(staff_id: UUID) -> list[UUID]:
    """Who is above the person, the nearest first."""
    return [row["id"] for row in await db.fetch(ABOVE, staff_id)]


async def directs(actor: Actor, staff_id: UUID) -> bool:
    """
    Whether the actor may direct the person: an admin everybody, a supervisor those in their line. Who has nobody with
    the role of a supervisor above them is directed by the supervisors of the department. Nobody directs themselves.
    """
    if actor.id == staff_id or actor.kind != "staff":
        return False
    if "admin" in actor.roles:
        return await StaffMember.exists(id=staff_id)
    return "supervisor" in actor.roles and staff_id in await directed_by(actor)


UNLED = """
SELECT s.id FROM auth_staff_member s WHERE s.department_id = (SELECT department_id FROM auth_staff_member WHERE id = $1)
  AND NOT s.roles ?| ARRAY['supervisor', 'admin'] AND NOT EXISTS (
    WITH RECURSIVE above(id, step) AS (
      SELECT superior_id, 1 FROM staffing_line WHERE staff_id = s.id AND superior_id IS NOT NULL
      UNION
      SELECT l.superior_id, a.step + 1 FROM staffing_line l JOIN above a ON l.staff_id = a.id
      WHERE l.superior_id IS NOT NULL AND a.step < 32)
    SELECT 1 FROM above a JOIN auth_staff_member m ON m.id = a.id AND m.roles ? 'supervisor' AND m.disabled_at IS NULL)
"""


async def directed_by(actor: Actor) -> set[UUID]:
    """The people an actor directs: the line of a supervisor, everybody for an admin; never the actor."""
    if "admin" in actor.roles:
        everybody: set[Any] = set(await StaffMember.all().values_list("id", flat=True))
        return everybody - {actor.id}
    if "supervisor" not in actor.roles:
        return set()
    unled = {row["id"] for row in await db.fetch(UNLED, actor.id)}
    return (await reports_of(actor.id) | unled) - {actor.id}


async def directed(actor: Actor, staff_id: UUID) -> StaffMember:
    """The person, when the actor directs them. Raises NotFound."""
    if not await directs(actor, staff_id):
        raise NotFound
    return await staff_member(staff_id)


async def open_unit(actor: Actor, *, department: str, name: Text, head: UUID | None = None) -> Unit:
    """Raises UnknownPlace, NotFound for a head who is not there, LineGoesRound."""
    async with db.transaction():
        await _one_at_a_time()
        if not await Department.exists(code=department):
            raise UnknownPlace
        unit = await Unit.create(
            id=new_id(), department_id=department, name=name.model_dump(), head_id=await _known(head)
        )
        await _judge_lines()
        await audit.record(
            actor=actor.name, action="unit.opened", subject=f"unit:{unit.id}", department=department, head=head
        )
    return unit


@dataclass(frozen=True)
class UnitChange:
    """What becomes of a unit; None leaves it as it is. `head_known` tells that the head is said, be it nobody."""

    name: Text | None = None
    department: str | None = None
    head: UUID | None = None
    head_known: bool = False


async def change_unit(actor: Actor, unit_id: UUID, *, change: UnitChange) -> Unit:
    """
    Renames it, gives it a head, or moves it to another department with everybody in it.

    Raises: NotFound, UnknownPlace, LineGoesRound.
    """
    async with db.transaction():
        await _one_at_a_time()
        unit = await _open_unit(unit_id)
        if change.name is not None:
            unit.name = change.name.model_dump()
        if change.head_known:
            unit.head_id = await _known(change.head)
        if change.department is not None:
            await _move_unit(unit, change.department)
        await unit.save()
        await _judge_lines()
        said = {"department": change.department, "head": change.head if change.head_known else "as before"}
        await audit.record(actor=actor.name, action="unit.changed", subject=f"unit:{unit.id}", **said)
    return unit


async def _move_unit(unit: Unit, department: str) -> None:
    if not await Department.exists(code=department):
        raise UnknownPlace
    unit.department_id = department
    people: list[Any] = list(await Place.filter(unit_id=unit.id).values_list("staff_id", flat=True))
    await StaffMember.filter(id__in=people).update(department_id=department)


async def close_unit(actor: Actor, unit_id: UUID) -> None:
    """Raises NotFound, UnitNotEmpty."""
    async with db.transaction():
        await _one_at_a_time()
        unit = await _open_unit(unit_id)
        if await Place.filter(unit_id=unit.id).exists():
            raise UnitNotEmpty
        await Unit.filter(id=unit.id).update(closed_at=clock.now(), head_id=None)
        await audit.record(actor=actor.name, action="unit.closed", subject=f"unit:{unit.id}")


async def set_head(actor: Actor, *, kind: str, code: str, staff: UUID | None) -> None:
    """Who heads a region or a department; None: nobody. Raises UnknownPlace, NotFound, LineGoesRound."""
    async with db.transaction():
        await _one_at_a_time()
        known = Region.exists(code=code) if kind == "region" else Department.exists(code=code)
        if not await known:
            raise UnknownPlace
        await Head.filter(kind=kind, code=code).delete()
        if staff is not None:
            await Head.create(id=new_id(), kind=kind, code=code, staff_id=await _known(staff))
        await _judge_lines()
        await audit.record(actor=actor.name, action="head.set", subject=f"{kind}:{code}", staff=staff)


@dataclass(frozen=True)
class Seat:
    """Where a person is to sit. Without a `department` they stay in theirs; a unit brings its own."""

    unit: UUID | None = None
    department: str | None = None
    reports_to: UUID | None = None
    languages: tuple[str, ...] | None = None  # None leaves them as they are


async def place_person(actor: Actor, staff_id: UUID, *, seat: Seat) -> None:
    """Moves a person, or says whom they report to. Raises NotFound, UnknownPlace, LineGoesRound."""
    async with db.transaction():
        await _one_at_a_time()
        person = await staff_member(staff_id)
        department = seat.department or person.department.code
        if seat.unit is not None:
            unit = await _open_unit(seat.unit)
            if seat.department not in {None, unit.department_id}:  # type: ignore[attr-defined]
                raise UnknownPlace
            department = unit.department_id  # type: ignore[attr-defined]
        elif not await Department.exists(code=department):
            raise UnknownPlace
        if seat.reports_to == staff_id:
            raise LineGoesRound
        await StaffMember.filter(id=staff_id).update(department_id=department)
        wanted = {"unit_id": seat.unit, "reports_to_id": await _known(seat.reports_to)}
        await Place.update_or_create(defaults=wanted, staff_id=staff_id)
        if seat.languages is not None:
            await tongues.learn(staff_id, seat.languages)
        await _judge_lines()
        await audit.record(
            actor=actor.name, action="staff.placed", subject=f"staff:{staff_id}", department=department,
            unit=seat.unit, reports_to=seat.reports_to, languages=seat.languages,
        )  # fmt: skip


async def set_hours(
    actor: Actor, code: str, *, hours: Mapping[Any, Sequence[Sequence[str]]] | None
) -> dict[str, list[list[str]]]:
    """When the department serves the public; None: the city's usual hours. Those that hold. Raises UnknownPlace."""
    async with db.transaction():
        if not await Department.exists(code=code):
            raise UnknownPlace
        await Opening.filter(department=code).delete()
        if hours is not None:
            wanted = {day: [list(span) for span in spans] for day, spans in hours.items()}
            await Opening.create(department=code, hours=wanted)
        await audit.record(actor=actor.name, action="head.hours", subject=f"department:{code}", hours=hours)
        return (await opening_of(code)).hours


async def _one_at_a_time() -> None:
    await db.execute("SELECT pg_advisory_xact_lock($1)", LINES_LOCK)


async def _open_unit(unit_id: UUID) -> Unit:
    unit = await Unit.select_for_update().get_or_none(id=unit_id, closed_at=None)
    if unit is None:
        raise NotFound
    return unit


async def _known(staff: UUID | None) -> UUID | None:
    if staff is not None and not await StaffMember.exists(id=staff, disabled_at=None):
        raise NotFound
    return staff


async def _judge_lines() -> None:
    """Every line ends; looked at over all of them, because a head is above many. Raises LineGoesRound."""
    if await db.fetch_value(ROUND) is not None:
        raise LineGoesRound


PEOPLE = """
SELECT s.id, s.username, s.name, s.title, s.roles, s.department_id, s.disabled_at, p.unit_id, p.reports_to_id,
  l.superior_id, b.name AS superior_name,
  ARRAY(SELECT g.language FROM staffing_tongue g WHERE g.staff_id = s.id ORDER BY g.language) AS languages,
  EXISTS (SELECT 1 FROM staffing_leave v WHERE v.staff_id = s.id AND v.state IN ('approved', 'running')
    AND v.starts_at <= $1 AND v.ends_at > $1) AS on_leave
FROM auth_staff_member s LEFT JOIN staffing_place p ON p.staff_id = s.id
LEFT JOIN staffing_line l ON l.staff_id = s.id LEFT JOIN auth_staff_member b ON b.id = l.superior_id
ORDER BY s.department_id, s.username
"""


async def everybody() -> Sequence[Any]:
    """A row each: who they are, where they sit, who is above them, whether they are away."""
    return await db.fetch(PEOPLE, clock.now())
