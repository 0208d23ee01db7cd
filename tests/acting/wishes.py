"""What people in these tests ask for."""

from typing import Any

import httpx2

from auth.models import Citizen
from tests.acting.conftest import CHILD, MOTHER, Town, checked, today_plus
from tests.applications.office import DISTRICT


def for_mother(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "family", "relation": "parent", "name": MOTHER[0], "id_number": checked(MOTHER[1]),
        "region": DISTRICT, "valid_to": today_plus(90), **changes,
    }  # fmt: skip


def for_kid(born: str, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "guardian", "relation": "child", "name": "李小宝", "id_number": checked(f"440105{born}001"),
        "region": DISTRICT, **changes,
    }  # fmt: skip


async def asked(town: Town, **changes: Any) -> dict[str, Any]:
    """The child asks to act for the mother."""
    child = await town.citizen(town.people.child)
    answer = await child.post("/api/v1/me/mandates", json=for_mother(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def acted(http: httpx2.AsyncClient, mandate: dict[str, Any], action: str, **body: Any) -> httpx2.Response:
    return await http.post(f"/api/v1/me/mandates/{mandate['id']}/{action}", json=body)


async def mandate_for_mother(town: Town, **changes: Any) -> dict[str, Any]:
    """… and the mother agrees."""
    mandate = await asked(town, **changes)
    answer = await acted(await town.citizen(town.people.mother), mandate, "accept")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def ended(town: Town, mandate: dict[str, Any], *, by: Citizen | None = None) -> None:
    answer = await acted(await town.citizen(by or town.people.mother), mandate, "revoke", reason="不再需要")
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "revoked"


def named(told: tuple[str, str, str]) -> str:
    name = told[0]
    return name[0] + "*" if len(name) == 2 else f"{name[0]}*{name[-1]}"


AGENT, PRINCIPAL = named(CHILD), named(MOTHER)
