"""A department that issues bills: two clerks, a supervisor and its money's keeper, with the channel of the town."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from auth.models import Department, StaffMember
from kit import clock
from kit.edge import Edge
from kit.ids import new_id
from payments.dues.routes import ROUTES
from payments.routes import ROUTES as PAYING
from tests.payments.conftest import Town, words

API = "/api/v1"


@dataclass
class Desk:
    """The routes without a port in between, and who asks."""

    town: Town
    http: httpx2.AsyncClient
    keys: dict[str, dict[str, str]]

    async def ask(self, who: str, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
        """One call; the JSON answer. Fails when the status is another."""
        headers = self.keys[who] | {"idempotency-key": new_id().hex}
        answer = await self.http.request(method, f"{API}{path}", headers=headers, **more)
        assert answer.status_code == status, answer.text[:400]
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content

    async def sit(self, name: str, *, department: str, roles: list[str]) -> None:
        person = await StaffMember.create(
            id=new_id(), username=name, name=name, department_id=department, roles=roles, created_at=clock.now()
        )
        await self.let_in(name, person.id, roles=frozenset(roles), kind="staff")

    async def let_in(self, name: str, person: UUID, *, roles: frozenset[str], kind: str = "citizen") -> None:
        self.keys[name] = await self.town.token(person, kind=kind, roles=roles)


@pytest.fixture
async def desk(town: Town) -> AsyncIterator[Desk]:
    routes = [spec.route() for spec in (*ROUTES, *PAYING)]
    app = Starlette(routes=[Mount(API, routes=routes)], middleware=[Middleware(Edge)])
    await Department.create(code="GA", name=words("公安分局"), region_code="440105000000")
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        made = Desk(town, http, {})
        for name, roles in (("clerk", ["clerk"]), ("chief", ["supervisor"]), ("cashier", ["finance"])):
            await made.sit(name, department="JJ", roles=roles)
        await made.sit("stranger", department="GA", roles=["clerk", "supervisor", "finance"])
        payer = await town.citizen("13800000001")
        await made.let_in("payer", payer.id, roles=frozenset({"citizen"}))
        other = await town.citizen("13800000002")
        await made.let_in("other", other.id, roles=frozenset({"citizen"}))
        yield made
