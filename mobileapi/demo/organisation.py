"""The demonstration's units, heads, shifts and one leave that begins tomorrow; made once, by the office's verbs."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from auth.models import StaffMember
from auth.staffing import leaves, organisation, rosters
from auth.staffing.leaves import Days
from auth.staffing.models import Head, Unit
from auth.staffing.organisation import Seat
from auth.staffing.rosters import Turn
from kit import clock
from kit.texts import Text
from kit.web import Actor

FILE = Path(__file__).parent / "organisation.yaml"
DAY = timedelta(days=1)


async def arrange() -> None:
    """Does nothing where somebody heads anything already: the organisation is the operator's then."""
    if await Head.exists() or await Unit.exists():
        return
    told: dict[str, Any] = yaml.safe_load(FILE.read_bytes())
    staff = {m.username: m for m in await StaffMember.all()}
    admin = _as(staff[told["admin"]])
    for code, name in told["heads"].items():
        await organisation.set_head(admin, kind="department", code=code, staff=staff[name].id)
    for unit in told["units"]:
        await _unit(admin, unit, {name: m.id for name, m in staff.items()})
    for shift in told["shifts"]:
        day = clock.today() + (7 - clock.today().weekday() + shift["day"]) * DAY
        turn = Turn(day, shift["kind"], shift["starts"], shift["ends"])
        await rosters.plan(admin, staff[shift["staff"]].id, turn=turn)
    for leave in told["leave"]:
        days = Days(clock.today() + leave["first"] * DAY, clock.today() + leave["last"] * DAY)
        person = _as(staff[leave["staff"]])
        asked = await leaves.ask(person, kind=leave["kind"], days=days, cover=staff[leave["cover"]].id)
        await leaves.decide(_as(staff[leave["approved_by"]]), asked.id, approve=True)


async def _unit(admin: Actor, unit: dict[str, Any], ids: dict[str, UUID]) -> None:
    name = Text.model_validate(unit["name"])
    made = await organisation.open_unit(admin, department=unit["department"], name=name, head=ids[unit["head"]])
    for person in unit["people"]:
        await organisation.place_person(admin, ids[person], seat=Seat(unit=made.id))


def _as(member: StaffMember) -> Actor:
    return Actor(member.id, "staff", frozenset(member.roles))
