"""Who can be tried in the demonstration: made at the first start, kept in the data folder, never in the repository."""

import json
import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from auth.models import Duty, StaffMember
from kit.config import current
from kit.outbound import outside
from mobileapi.settings import OfficeSettings

FILES = Path(__file__).parent
PEOPLE = ("citizens.yaml", "acting.yaml")


class DemoStaff(BaseModel):
    username: str
    password: str
    totp_secret: str
    role: str
    department: str
    name: str
    duties: list[str]


class DemoCitizen(BaseModel):
    platform: str
    phone: str
    openid: str
    name: str
    id_number: str
    locale: str
    elder_mode: bool


class DemoAccounts(BaseModel):
    staff: list[DemoStaff]
    citizens: list[DemoCitizen]
    sandbox: str


def accounts_file() -> Path:
    return current(OfficeSettings).data_dir / "demo-accounts.json"


def accounts() -> DemoAccounts:
    """What the last loading of the district wrote down."""
    return DemoAccounts.model_validate_json(accounts_file().read_text())


async def write_accounts(secrets: dict[str, tuple[str, str]], *, sandbox: str) -> None:
    """Writes the accounts down. `secrets`: user name → password and TOTP secret of staff that were just made."""
    known: dict[str, Any] = {}
    if accounts_file().exists():
        known = {s.username: (s.password, s.totp_secret) for s in accounts().staff}
    staff = await _staff(known | secrets)
    rows = [row for file in PEOPLE for row in yaml.safe_load((FILES / file).read_text())["citizens"]]
    citizens = [await _citizen(row, sandbox) for row in rows]
    body = DemoAccounts(staff=staff, citizens=citizens, sandbox=sandbox).model_dump_json(indent=1)
    with os.fdopen(os.open(accounts_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(body)


async def _staff(secrets: dict[str, tuple[str, str]]) -> list[DemoStaff]:
    owned: dict[str, list[str]] = {}
    for duty in await Duty.filter(role="owner").order_by("item_code").prefetch_related("staff"):
        owned.setdefault(duty.staff.username, []).append(duty.item_code)
    members = await StaffMember.all().order_by("username").prefetch_related("department")
    return [
        DemoStaff(
            username=m.username, password=secrets[m.username][0], totp_secret=secrets[m.username][1], role=m.roles[0],
            department=m.department.code, name=m.name, duties=owned.get(m.username, []),
        )
        for m in members if m.username in secrets
    ]  # fmt: skip


async def _citizen(row: dict[str, Any], sandbox: str) -> DemoCitizen:
    """The platform knows the person's phone, and the register their name."""
    await _told(f"{sandbox}/_sandbox/registry", {"name": row["name"], "id_number": row["id_number"]})
    told = await _told(f"{sandbox}/_sandbox/people", {"platform": row["platform"], "phone": row["phone"]})
    return DemoCitizen(openid=told["openid"], **row)


async def _told(url: str, body: dict[str, str]) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    answer = await outside().call("POST", url, headers=headers, content=json.dumps(body).encode())
    told: dict[str, Any] = json.loads(answer.body)
    return told
