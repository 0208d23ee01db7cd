"""Control of the company registry: who is registered, and by whom represented."""

from typing import Any

from miniapp_stub.sandbox.control.asking import Asked, ControlRefused
from miniapp_stub.sandbox.registry import companies
from miniapp_stub.sandbox.registry.companies import Company, CompanyRefused
from miniapp_stub.sandbox.world import World


async def write_company(world: World, asked: Asked) -> dict[str, Any]:
    """`{credit_code, name, representative, id_number, state?=operating}` → what is registered now."""
    company = Company(
        asked.need("credit_code", str),
        asked.need("name", str),
        asked.need("representative", str),
        asked.need("id_number", str),
        asked.get("state", str) or "operating",
    )
    try:
        companies.register(world, company)
    except CompanyRefused as error:
        raise ControlRefused("COMPANY_REFUSED", str(error)) from None
    return company.__dict__


async def list_companies(world: World, asked: Asked) -> dict[str, Any]:
    """Every company, ID numbers left out."""
    del asked
    shown = ("credit_code", "name", "representative", "state")
    return {"companies": [{name: row[name] for name in shown} for row in companies.everything(world)]}
