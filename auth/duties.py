"""
Duties: who answers for an item in a region, and who is there at an hour.

Who is away answers for nothing: the one named to cover stands in their place, else the next who has the duty.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from asyncpg import Record

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
), away AS (
  SELECT staff_id, cover_id FROM staffing_leave
  WHERE state IN ('approved', 'running') AND starts_at <= $4 AND ends_at > $4
)
SELECT s.id, s.name, s.title, s.department_id, d.role, a.staff_id IS NOT NULL AS away,
  c.id AS cover, c.name AS cover_name, c.title AS cover_title, c.department_id AS cover_department
FROM auth_duty d JOIN upwards u ON u.code = d.region_code JOIN auth_staff_member s ON s.id = d.staff_id
LEFT JOIN away a ON a.staff_id = s.id
LEFT JOIN auth_staff_member c
  ON c.id = a.cover_id AND c.disabled_at IS NULL AND NOT EXISTS (SELECT 1 FROM away x WHERE x.staff_id = c.id)
WHERE d.item_code = $1 AND s.disabled_at IS NULL
  AND (d.valid_from IS NULL OR d.valid_from <= $3) AND (d.valid_to IS NULL OR d.valid_to >= $3)
ORDER BY array_position(ARRAY['owner','backup','supervisor','other'], d.role::text), u.distance, s.username
"""


async def people_for(item: str, region: str) -> list[DutyHolder]:
    """
    Everyone with a duty for the item in the region or one above it, owner first, now, each once. Who is on leave is
    not among them; who was named to cover for them is, an owner's as a backup before the others.
    """
    rows = await db.fetch(PEOPLE, item, region, clock.today(), clock.now())
    held = [Held((r["id"], r["name"], r["title"], r["department_id"]), r["role"], r["away"], _cover(r)) for r in rows]
    return _in_order(standing_in(held))


Person = tuple[UUID, str, str, str]  # id, name, title, department


@dataclass(frozen=True)
class Held:
    """One duty: whose it is, whether they are away now, and who was named to cover and is there."""

    person: Person
    role: str
    away: bool = False
    cover: Person | None = None


def _cover(row: object) -> Person | None:
    r: dict[str, object] = dict(row)  # type: ignore[call-overload]
    return (r["cover"], r["cover_name"], r["cover_title"], r["cover_department"]) if r["cover"] else None  # type: ignore[return-value]


def standing_in(duties: Sequence[Held]) -> list[tuple[UUID, str, str, str, str]]:
    """Pure: the people who answer now, in the order they are asked. An owner's cover comes after every owner."""
    asked: list[tuple[int, tuple[UUID, str, str, str, str]]] = []
    for place, held in enumerate(duties):
        if not held.away:
            asked.append((_tier(held.role) * 1000 + place, (*held.person, held.role)))
        elif held.cover is not None:
            role = "backup" if held.role == "owner" else held.role
            asked.append((_tier(held.role) * 1000 + 500 + place, (*held.cover, role)))
    return [person for _, person in sorted(asked, key=lambda a: a[0])]


def _tier(role: str) -> int:
    return ("owner", "backup", "supervisor", "other").index(role)


async def department_clerks(code: str) -> list[DutyHolder]:
    """The clerks of a department who are not on leave, as role `other`."""
    query = (
        "SELECT id, name, title, department_id FROM auth_staff_member s "
        "WHERE department_id = $1 AND disabled_at IS NULL AND roles ? 'clerk' AND NOT EXISTS (SELECT 1 FROM "
        "staffing_leave l WHERE l.staff_id = s.id AND l.state IN ('approved', 'running') AND l.starts_at <= $2 "
        "AND l.ends_at > $2) ORDER BY username"
    )
    rows = await db.fetch(query, code, clock.now())
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


THERE = """
SELECT m.id, m.hours, (SELECT json_agg(json_build_array(s.day - $2::date, s.kind, s.starts, s.ends))
    FROM staffing_shift s WHERE s.staff_id = m.id AND s.day BETWEEN $2::date - 1 AND $2::date) AS shifts,
  EXISTS (SELECT 1 FROM staffing_leave l WHERE l.staff_id = m.id AND l.state IN ('approved', 'running')
    AND l.starts_at <= $3 AND l.ends_at > $3) AS away
FROM auth_staff_member m WHERE m.id = ANY ($1) AND m.disabled_at IS NULL
"""


async def on_duty(staff_id: UUID, at: datetime) -> bool:
    """Whether the person is at work then: not on leave, by the roster of the day, else by hours and calendar."""
    return staff_id in await on_duty_among([staff_id], at)


async def on_duty_among(staff: Iterable[UUID], at: datetime) -> set[UUID]:
    """Those of the people who are at work then; two statements, whatever their number."""
    local = clock.city_time(at)
    rows = await db.fetch(THERE, list(staff), local.date(), at)
    there = [row for row in rows if not row["away"]]
    is_workday = (await workdays.calendar()).is_workday(local.date()) if there else False
    return {row["id"] for row in there if _at_work(row, local=local, is_workday=is_workday)}


def _at_work(row: Record, *, local: datetime, is_workday: bool) -> bool:
    shifts = [Span(*one) for one in json.loads(row["shifts"] or "[]")]
    rostered = by_roster(shifts, minute=local.hour * 60 + local.minute)
    if rostered is not None:
        return rostered
    return within_hours(json.loads(row["hours"]), local=local, is_workday=is_workday)


@dataclass(frozen=True)
class Span:
    """A shift as seen from a day: `day` 0 is that day, -1 the one before. Minutes of its own day, the end excluded."""

    day: int
    kind: str
    starts: int
    ends: int


def by_roster(shifts: Iterable[Span], *, minute: int) -> bool | None:
    """
    Pure: whether the roster has the person at work at that minute of the day; None where it says nothing of the day.

    A day with any shift is as its shifts say, holiday or not: weekly hours and calendar do not count. A night shift of
    the day before lasts into this one and says nothing of the rest of it.
    """
    working = [s for s in shifts if s.kind != "off"]
    if any(s.starts <= minute - s.day * 1440 < s.ends for s in working):
        return True
    return False if any(s.day == 0 for s in shifts) else None


def within_hours(hours: dict[str, list[list[str]]], *, local: datetime, is_workday: bool) -> bool:
    """
    `hours`: weekday → [["09:00", "12:00"], …] in the city's zone, the end excluded.

    On a holiday nobody is there. A make-up working day on a weekend (调休) runs on Monday's hours unless the person
    has hours of that weekday. A person with Saturday hours is there on an ordinary Saturday.
    """
    spans = spans_of(hours, day=local.date(), is_workday=is_workday)
    return any(clock_time(start) <= local.time() < clock_time(end) for start, end in spans)


def spans_of(hours: dict[str, list[list[str]]], *, day: date, is_workday: bool) -> list[list[str]]:
    """Pure: the hours of that day, by weekday and calendar."""
    own = hours.get(DAYS[day.weekday()], [])
    weekend = day.weekday() >= 5
    if is_workday:
        return own or (hours.get("mon", []) if weekend else [])
    return own if weekend else []


def clock_time(text: str) -> time:
    """`24:00` is the last instant of the day."""
    return time(23, 59, 59, 999999) if text == "24:00" else time.fromisoformat(text)


ItemNames = Callable[[Iterable[str]], Awaitable[dict[str, Text]]]
_item_names: list[ItemNames] = []


def install_item_names(lookup: ItemNames) -> None:
    """The catalogue tells the names of items; people do not know the catalogue."""
    _item_names[:] = [lookup]


async def item_names(codes: Iterable[str]) -> dict[str, Text]:
    return await _item_names[0](codes) if _item_names else {}


@dataclass(frozen=True)
class Item:
    """What people need to know of an item to share it out: its name, its department, the regions it is offered in."""

    code: str
    name: Text
    department: str
    regions: tuple[str, ...]


ItemList = Callable[[], Awaitable[list[Item]]]
_item_lists: list[ItemList] = []


def install_item_list(everything: ItemList) -> None:
    """The catalogue tells which items there are."""
    _item_lists[:] = [everything]


async def every_item() -> list[Item]:
    """All items on offer, by code."""
    return await _item_lists[0]() if _item_lists else []
