"""Finance's desk: two cashiers and an auditor, and their pages over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from auth.callers import hold
from auth.models import StaffMember
from auth.sessions import open_session
from auth.tokens import access_token
from kit import clock, db
from kit.edge import Edge
from kit.web import install_rights_keeper
from payments import routes as payment_routes
from payments.closing import routes as closing_routes
from payments.desk import routes as desk_routes
from tests.payments.wire.conftest import Counter, counter, fake, post, settings

__all__ = ["counter", "fake", "post", "settings"]


@dataclass
class Officer:
    """Somebody of finance or an auditor, signed in."""

    who: StaffMember
    web: httpx2.AsyncClient

    async def ask(self, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
        key = {"idempotency-key": uuid4().hex} if method == "POST" else {}
        answer = await self.web.request(method, f"/api/v1{path}", headers=await self.signed_in() | key, **more)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content

    async def signed_in(self) -> dict[str, str]:
        """Headers of a session of now: the clock may have been moved by days."""
        async with db.transaction():
            opened = await open_session(kind="staff", person=self.who.id, device=sha256(b"test").hexdigest()[:32])
        roles = frozenset(self.who.roles)
        token = access_token(person=self.who.id, kind="staff", roles=roles, session=opened.session.id).text
        return {"authorization": f"Bearer {token}", "x-device-id": "test"}

    async def refused(self, path: str, *, status: int = 409, **body: Any) -> str:
        code: str = (await self.ask("POST", path, status=status, json=body))["code"]
        return code


@dataclass
class Finance:
    """`one` proposes, `other` agrees, `auditor` looks."""

    one: Officer
    other: Officer
    auditor: Officer
    clerk: Officer

    async def agreed(self, matter: str, action: str, **more: Any) -> dict[str, Any]:
        """Proposed by one, agreed to by the other; the matter afterwards."""
        body = {"action": action, "note": "核对了渠道后台与凭证"} | more
        read = await self.one.ask("POST", f"/differences/{matter}/proposal", json=body)
        word = {"proposal": next(p["id"] for p in read["proposals"] if p["state"] == "waiting"), "approve": True}
        done: dict[str, Any] = await self.other.ask("POST", f"/differences/{matter}/approval", json=word)
        return done


@pytest.fixture
async def finance(counter: Counter) -> AsyncIterator[Finance]:
    install_rights_keeper(hold)
    routes = [*payment_routes.ROUTES, *desk_routes.ROUTES, *closing_routes.ROUTES]
    app = Starlette(
        routes=[Mount("/api/v1", routes=[spec.route() for spec in routes])]
        + [spec.route() for spec in closing_routes.OUTSIDE],
        middleware=[Middleware(Edge)],
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=30) as web:
        made = [await officer(web, *who) for who in (
            ("cw1", "钱会计", "finance"), ("cw2", "周主管", "finance"), ("sj", "沈审计", "auditor"),
            ("bs", "白帅", "clerk"),
        )]  # fmt: skip
        yield Finance(*made)


async def officer(web: httpx2.AsyncClient, username: str, name: str, role: str) -> Officer:
    who = await StaffMember.create(
        username=username, name=name, department_id="JJ", roles=[role], created_at=clock.now()
    )
    return Officer(who, web)
