"""Loads the demonstration district: the same files and the same importers an operator uses."""

from pathlib import Path

from auth.models import StaffMember
from auth.staff import give_secrets
from kit.imports import ImportReport
from mobileapi.demo.accounts import write_accounts
from mobileapi.imports import import_file

FILES = Path(__file__).parent
PARTS = (
    ("calendar", FILES / "calendar.csv"),
    ("regions", FILES / "regions.yaml"),
    ("items", FILES / "items"),
    ("staff", FILES / "staff.yaml"),
    ("bills", FILES / "bills.yaml"),
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
    fresh = {m.username: await give_secrets(m) for m in await StaffMember.filter(password_hash="")}
    await write_accounts(fresh, sandbox=sandbox)
    return reports
