"""Duties: who answers for an item in a region, and who is there at an hour."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from auth.models import StaffMember
from kit import clock, db, workdays
from kit.texts import Text

ROLES = ("owner", "backup", "supervisor", "other")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class DutyHolder:
    """`order`: 0 is asked first. `role` is owner, backup, supervisor or other."""

    staff_id: UUID
    name: str
    title: str
    department: str
    role: str
    order: int


# A duty for a region covers what lies in it: the nearest region's people come first.
PEOPLE = """
WITH RECURSIVE upwards(code, distance) AS (
  SELECT $2::varchar, 0
  UNION ALL
  SELECT r.parent_code, u.distance + 1 FROM upwards u JOIN auth_region r ON r.code = u.code
  WHERE r.parent_code IS NOT NULL AND u.distance < 8
)
SELECT s.id, s.name, s.title, s.department_id, d.role
FROM auth_duty d JOIN upwards u ON u.code = d.region_code JOIN auth_staff_member s ON s.id = d.staff_id
WHERE d.item_code = $1 AND s.disabled_at IS NULL
  AND (d.valid_from IS NULL OR d.valid_from <= $3) AND (d.valid_to IS NULL OR d.valid_to >= $3)
ORDER BY array_position(ARRAY['owner','backup','supervisor','other'], d.role::text), u.distance, s.username
"""


async def people_for(item: str, region: str) -> list[DutyHolder]:
    """Everyone with a duty for the item in the region or one above it, owner first, today, each once."""
    rows = await db.fetch(PEOPLE, item, region, clock.today())
    return _in_order((r["id"], r["name"], r["title"], r["department_id"], r["role"]) for r in rows)


async def department_clerks(code: str) -> list[DutyHolder]:
    """The clerks of a department, as role `other`."""
    query = (
        "SELECT id, name, title, department_id FROM auth_staff_member "
        "WHERE department_id = $1 AND disabled_at IS NULL AND roles ? 'clerk' ORDER BY username"
    )
    rows = await db.fetch(query, code)
    return _in_order((r["id"], r["name"], r["title"], r["department_id"], "other") for r in rows)


def _in_order(people: Iterable[tuple[UUID, str, str, str, str]]) -> list[DutyHolder]:
    holders: dict[UUID, DutyHolder] = {}
    for staff_id, name, title, department, role in people:
        holders.setdefault(staff_id, DutyHolder(staff_id, name, title, department, role, len(holders)))
    return list(holders.values())


async def duties_of(staff_id: UUID) -> list[tuple[str, str, str]]:
    """What one answers for today: (item, region, role)."""
    rows = await db.fetch(
        "SELECT item_code, region_code, role FROM auth_duty WHERE staff_id = $1 "
        "AND (valid_from IS NULL OR valid_from <= $2) AND (valid_to IS NULL OR valid_to >= $2) "
        "ORDER BY item_code, role",
        staff_id, clock.today(),
    )  # fmt: skip
    return [(r["item_code"], r["region_code"], r["role"]) for r in rows]


async def on_duty(staff_id: UUID, at: datetime) -> bool:
    """Whether the person's hours, and the city's calendar, cover the instant."""
    person = await StaffMember.get_or_none(id=staff_id)
    if person is None or person.disabled_at is not None:
        return False
    local = clock.city_time(at)
    calendar = await workdays.calendar()
    return within_hours(person.hours, local=local, is_workday=calendar.is_workday(local.date()))


def within_hours(hours: dict[str, list[list[str]]], *, local: datetime, is_workday: bool) -> bool:
    """
    `hours`: weekday → [["09:00", "12:00"], …] in the city's zone, the end excluded.

    On a holiday nobody is there. A make-up working day on a weekend (调休) runs on Monday's hours unless the person
    has hours of that weekday. A person with Saturday hours is there on an ordinary Saturday.
    """
    spans = _spans_of(hours, day=local.date(), is_workday=is_workday)
    return any(_clock_time(start) <= local.time() < _clock_time(end) for start, end in spans)


def _spans_of(hours: dict[str, list[list[str]]], *, day: date, is_workday: bool) -> list[list[str]]:
    own = hours.get(DAYS[day.weekday()], [])
    weekend = day.weekday() >= 5
    if is_workday:
        return own or (hours.get("mon", []) if weekend else [])
    return own if weekend else []


def _clock_time(text: str) -> time:
    return time(23, 59, 59, 999999) if text == "24:00" else time.fromisoformat(text)


ItemNames = Callable[[Iterable[str]], Awaitable[dict[str, Text]]]
_item_names: list[ItemNames] = []


def install_item_names(lookup: ItemNames) -> None:
    """The catalogue tells the names of items; people do not know the catalogue."""
    _item_names[:] = [lookup]


async def item_names(codes: Iterable[str]) -> dict[str, Text]:
    return await _item_names[0](codes) if _item_names else {}
