"""Loads the demonstration district: the same files and the same importers an operator uses."""

from pathlib import Path
from typing import Any

import yaml

from auth import workplaces
from auth.models import StaffMember
from auth.staff import give_secrets
from auth.workplaces import identities
from auth.workplaces.base import WorkplacePerson
from kit.imports import ImportReport
from mobileapi.demo.accounts import write_accounts
from mobileapi.demo.organisation import arrange
from mobileapi.demo.relations import relate
from mobileapi.imports import import_file

FILES = Path(__file__).parent
WORKPLACES = yaml.safe_load((FILES / "workplaces.yaml").read_bytes())["bindings"]
PARTS = (
    ("calendar", FILES / "calendar.csv"),
    ("regions", FILES / "regions.yaml"),
    ("items", FILES / "items"),
    ("staff", FILES / "staff.yaml"),
    ("bills", FILES / "bills.yaml"),
    ("words", FILES / "words.yaml"),
    ("replies", FILES / "replies.yaml"),
    ("windows", FILES / "windows.yaml"),
)


async def load(*, sandbox: str) -> list[ImportReport]:
    """Imports every file (unchanged rows stay as they are) and gives new staff their secrets.

    Raises: ValueError naming the first row at fault.
    """
    reports = []
    for what, path in PARTS:
        report = await import_file(what, path)
        if report.problems:
            raise ValueError(f"{what}: {report.problems[0]}")
        reports.append(report)
    fresh = {m.username: await give_secrets(m, for_show=True) for m in await StaffMember.filter(password_hash="")}
    await arrange()
    await bind_workplaces(WORKPLACES)
    await write_accounts(fresh, sandbox=sandbox)
    await relate(sandbox=sandbox)
    return reports


async def bind_workplaces(rows: list[dict[str, Any]]) -> None:
    """Says who some of the staff are at the workplaces the office is connected to. What is bound stays bound."""
    doors = {door.kind: door for door in workplaces.offered()}
    for row in rows:
        door, member = doors.get(row["kind"]), await StaffMember.get_or_none(username=row["username"])
        if door is not None and member is not None and not await _is_bound(member, row["kind"]):
            person = WorkplacePerson(door.organisation, door.normal(row["subject"]))
            await identities.bind(member, door.kind, person, vouched=row["vouched"], actor="system")


async def _is_bound(member: StaffMember, kind: str) -> bool:
    return any(one.kind == kind for one in await identities.of(member.id))
