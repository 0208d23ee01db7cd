"""A town: two departments, items, clerks with skills, places and hours, and the people who ask. All from one seed."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from auth.models import Citizen, Department, Duty, Region, StaffMember
from auth.staffing.models import Tongue
from chat import presence, subjects
from chat.subjects import CaseInfo, SubjectInfo
from kit import clock, db
from kit.texts import text

REGION = "440105000000"
DEPARTMENTS = ("GA", "RS")
MORNING, DAY = ("09:00", "09:45"), ("09:00", "18:00")
OPENS = datetime(2026, 11, 24, 1, 5, tzinfo=UTC)  # a Tuesday, 09:05 in the city
PATIENCE = timedelta(seconds=60)
ITEMS = {f"item-{n}": DEPARTMENTS[n % 2] for n in range(6)}


@dataclass
class Clerk:
    """A person as the checks know them, beside what the tables say."""

    id: UUID
    department: str
    skills: dict[str, str]  # item → owner | backup | other
    supervisor: bool
    capacity: int
    ends: datetime
    server: int
    alive: bool = False
    back_at: datetime | None = None
    last_alive: datetime = OPENS

    def role_for(self, item: str) -> str | None:
        if item in self.skills:
            return self.skills[item]
        if ITEMS[item] != self.department:
            return None
        return "supervisor" if self.supervisor else "department"

    def on_duty(self, now: datetime) -> bool:
        return now < self.ends


@dataclass
class Town:
    chance: random.Random
    clerks: dict[UUID, Clerk] = field(default_factory=dict)
    citizens: list[UUID] = field(default_factory=list)


async def found_town(chance: random.Random, *, clerks: int, citizens: int) -> Town:
    """Every item has an owner, a backup and others; every department a supervisor; some work the morning only."""
    town = Town(chance)
    await Region.create(code=REGION, name={"zh": "海珠区"}, level="county")
    for code in DEPARTMENTS:
        await Department.create(code=code, name={"zh": f"{code}局"}, region_code=REGION)
    for n in range(clerks):
        await _hire(town, n, supervisor=n < len(DEPARTMENTS))
    for item, department in ITEMS.items():
        able = [c for c in town.clerks.values() if c.department == department and not c.supervisor]
        for clerk, role in zip(
            town.chance.sample(able, min(4, len(able))), ("owner", "backup", "other", "other"), strict=False
        ):
            clerk.skills[item] = role
            await Duty.create(staff_id=clerk.id, item_code=item, region_code=REGION, role=role)
    for n in range(citizens):
        locale = "en" if n % 10 == 0 else "zh-CN"
        made = await Citizen.create(id=uuid4(), assurance="phone", locale=locale, created_at=clock.now())
        town.citizens.append(made.id)
    return town


async def _hire(town: Town, n: int, *, supervisor: bool) -> None:
    span = DAY if supervisor or town.chance.random() < 0.8 else MORNING
    person = await StaffMember.create(
        username=f"clerk-{n:02d}", name=f"第{n}窗", title="窗口", department_id=DEPARTMENTS[n % 2],
        roles=["supervisor"] if supervisor else ["clerk"], created_at=clock.now(),
        hours={day: [list(span)] for day in ("mon", "tue", "wed", "thu", "fri")},
    )  # fmt: skip
    if n % 3 == 0:
        await Tongue.create(staff_id=person.id, language="en")
    hour, minute = map(int, span[1].split(":"))
    ends = datetime(2026, 11, 24, hour, minute, tzinfo=clock.city_zone()).astimezone(UTC)
    capacity = town.chance.randint(1, 4)
    town.clerks[person.id] = Clerk(person.id, DEPARTMENTS[n % 2], {}, supervisor, capacity, ends, server=n % 2)
    await presence.arrive(person.id)
    await presence.choose(person.id, status="online", capacity=capacity, auto_accept=n % 4 == 0)
    town.clerks[person.id].alive = True


async def know_the_town() -> None:
    """The look-ups of consultation: items of the town, and cases whose holder follows from their number."""
    rows = await db.fetch("SELECT id FROM auth_staff_member WHERE roles ? 'clerk' ORDER BY username")
    holders = [row["id"] for row in rows]

    async def item(code: str) -> SubjectInfo | None:
        return SubjectInfo(text(code, code), ITEMS[code], REGION) if code in ITEMS else None

    async def case(application: UUID) -> CaseInfo | None:
        return CaseInfo(
            item_code="", region=REGION, citizen=application, holder=holders[application.int % len(holders)]
        )

    subjects.install(item, cases=case)
