"""Companies the registry knows: code, name, legal representative with ID number, and whether they operate."""

import re
from dataclasses import dataclass
from sqlite3 import Row

from miniapp_stub.sandbox.world import World

CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
STATES = ("operating", "revoked", "deregistered")


class CompanyRefused(ValueError):
    """A code of another shape, an unknown state, or a part that is empty."""


@dataclass(frozen=True)
class Company:
    credit_code: str
    name: str
    representative: str
    id_number: str
    state: str = "operating"


def register(world: World, company: Company) -> None:
    """Writes a company down, or what has changed about it. A check symbol that fails is no fault: such were issued.

    Raises CompanyRefused.
    """
    if not CODE.fullmatch(company.credit_code):
        raise CompanyRefused("credit_code must be 18 symbols of GB 32100-2015")
    if company.state not in STATES:
        raise CompanyRefused(f"state must be one of {', '.join(STATES)}")
    if not (company.name and company.representative and company.id_number):
        raise CompanyRefused("name, representative and id_number are needed")
    world.store.run(
        "INSERT INTO companies (credit_code, name, representative, id_number, state) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (credit_code) DO UPDATE SET name = excluded.name, representative = excluded.representative,"
        " id_number = excluded.id_number, state = excluded.state",
        company.credit_code,
        company.name,
        company.representative,
        company.id_number,
        company.state,
    )


def find(world: World, credit_code: str) -> Row | None:
    return world.store.one("SELECT * FROM companies WHERE credit_code = ?", credit_code)


def everything(world: World) -> list[Row]:
    return world.store.all("SELECT * FROM companies ORDER BY credit_code")


def judge(world: World, asked: dict[str, str]) -> str:
    """The registry's word about the four elements, in the order a registry looks at them."""
    row = find(world, asked.get("credit_code", ""))
    if row is None:
        return "NOT_FOUND"
    if row["state"] != "operating":
        return "NOT_OPERATING"
    if row["name"] != asked.get("name"):
        return "NAME_MISMATCH"
    if (row["representative"], row["id_number"]) != (asked.get("representative"), asked.get("id_number")):
        return "REPRESENTATIVE_MISMATCH"
    return "MATCH"
