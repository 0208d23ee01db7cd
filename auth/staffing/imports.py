"""Duties out of the operator's staff file, as it says from today on; the database keeps what was."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from auth.models import Duty, StaffMember
from kit import audit, clock, db
from kit.ids import new_id
from kit.imports import Row, RowAtFault


@dataclass(frozen=True)
class Told:
    """A duty as a file tells it."""

    item: str
    region: str
    role: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass
class OwnersSaid:
    """Whom a file names: everybody in it, and the owners of each (item, region)."""

    names: set[str] = field(default_factory=set)
    owners: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def owners_said(rows: Iterable[Row]) -> OwnersSaid:
    """Read before anything is taken, so that an owner may change in the middle of a file. Odd rows are judged later."""
    said = OwnersSaid()
    for row in rows:
        member: Any = row.values.get("member")
        if not isinstance(member, dict):
            continue
        name, duties = str(member.get("username")), member.get("duties")
        said.names.add(name)
        for duty in duties if isinstance(duties, list) else []:
            if isinstance(duty, dict) and duty.get("role") == "owner":
                said.owners.setdefault((str(duty.get("item")), str(duty.get("region"))), set()).add(name)
    return said


async def duties_kept(username: str, told: Iterable[Told], said: OwnersSaid) -> bool:
    """Whether the member's duties changed to become what the file says. Raises RowAtFault for a second owner."""
    member = await StaffMember.get(username=username)
    have = [(_as_told(d), d.id) for d in await Duty.filter(staff_id=member.id)]
    wanted, today = set(told), clock.today()
    fresh = {t for t in wanted if not any(_same(t, known, today) for known, _ in have)}
    gone = [
        (known, id_)
        for known, id_ in have
        if not _past(known, today) and not any(_same(t, known, today) for t in wanted)
    ]
    if not fresh and not gone:
        return False
    for known, id_ in gone:
        await _ended(known, id_, today)
    for duty in sorted(fresh, key=str):
        await _begun(member.id, duty, said)
    await audit.record(
        actor="system", action="staff.duties_changed", subject=f"staff:{member.id}", duties=sorted(map(str, wanted))
    )
    return True


def _same(told: Told, known: Told, today: date) -> bool:
    """The same duty; one told without a beginning is one that has begun."""
    if told == known:
        return True
    begun = told.valid_from is None and known.valid_from is not None and known.valid_from <= today
    return begun and told == Told(known.item, known.region, known.role, None, known.valid_to)


def _as_told(duty: Duty) -> Told:
    return Told(duty.item_code, duty.region_code, duty.role, duty.valid_from, duty.valid_to)


def _past(known: Told, today: date) -> bool:
    return known.valid_to is not None and known.valid_to < today


async def _ended(known: Told, id_: UUID, today: date) -> None:
    """What was in force until yesterday stays written down as that; what was not yet, goes."""
    if known.valid_from is not None and known.valid_from >= today:
        await Duty.filter(id=id_).delete()
    else:
        await Duty.filter(id=id_).update(valid_to=today - timedelta(days=1))


# Rows that cannot stand beside the new one: another owner, or the same person in the same role.
BESIDE = """
SELECT d.id, d.staff_id, s.username, d.valid_from, d.valid_to FROM auth_duty d
JOIN auth_staff_member s ON s.id = d.staff_id
WHERE d.item_code = $1 AND d.region_code = $2 AND d.role = $3 AND (d.role = 'owner' OR d.staff_id = $4)
  AND daterange(d.valid_from, d.valid_to, '[]') && daterange($5, $6, '[]')
"""


async def _begun(staff: UUID, duty: Told, said: OwnersSaid) -> None:
    today, begins = clock.today(), duty.valid_from
    for row in await db.fetch(BESIDE, duty.item, duty.region, duty.role, staff, duty.valid_from, duty.valid_to):
        other = Told(duty.item, duty.region, duty.role, row["valid_from"], row["valid_to"])
        if _past(other, today):
            begins = today  # somebody had it before; the file's duty goes on from now
        elif row["staff_id"] != staff and _leaves_it(row["username"], duty, said):
            await _ended(other, row["id"], today)
            begins = begins if other.valid_from is not None and other.valid_from >= today else begins or today
        else:
            raise RowAtFault(f"{duty.item} in {duty.region} has {row['username']} as {duty.role} at that time already")
    await Duty.create(
        id=new_id(), staff_id=staff, item_code=duty.item, region_code=duty.region, role=duty.role,
        valid_from=begins, valid_to=duty.valid_to,
    )  # fmt: skip


def _leaves_it(username: str, duty: Told, said: OwnersSaid) -> bool:
    """The present owner is in the same file, and does not own it there any more."""
    return username in said.names and username not in said.owners.get((duty.item, duty.region), set())
