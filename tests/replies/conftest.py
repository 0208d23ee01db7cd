"""The demonstration district with its quick replies, and people of it as callers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from auth import tokens
from auth.models import Citizen, StaffMember
from auth.sessions import open_session
from chat.discretion import lists
from kit.edge import Edge
from kit.web import install_authenticator
from mobileapi.catalogue import routes as catalogue
from mobileapi.replies import routes
from mobileapi.replies.imports import import_replies
from tests.catalogue.conftest import DEMO, district, district_url

__all__ = ["district", "district_url"]
ITEM = "000109101001"


@pytest.fixture
async def replies(district: None) -> AsyncIterator[None]:
    lists.forget()
    report = await import_replies(DEMO / "replies.yaml")
    assert report.problems == []
    yield
    lists.forget()


async def staff(username: str) -> StaffMember:
    return await StaffMember.get(username=username)


async def of_office(department: str, role: str) -> StaffMember:
    people = await StaffMember.filter(department_id=department).order_by("username")
    return next(p for p in people if role in p.roles)


@asynccontextmanager
async def calling(person: StaffMember | Citizen) -> AsyncIterator[httpx2.AsyncClient]:
    """The API as this person meets it."""
    install_authenticator(tokens.authenticator)
    kind = "citizen" if isinstance(person, Citizen) else "staff"
    roles = frozenset({"citizen"} if isinstance(person, Citizen) else person.roles)
    opened = await open_session(kind=kind, person=person.id, device="test")
    token = tokens.access_token(person=person.id, kind=kind, roles=roles, session=opened.session.id).text
    app = Starlette(
        routes=[Mount("/api/v1", routes=[spec.route() for spec in (*routes.ROUTES, *catalogue.ROUTES)])],
        middleware=[Middleware(Edge)],
    )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://test/api/v1",
        headers={"authorization": f"Bearer {token}"},
    ) as client:  # fmt: skip
        yield client


def guide_file(tmp_path: Path, old: str, new: str) -> Path:
    """The item files of GA with one change."""
    text = (DEMO / "items" / "ga.yaml").read_text("utf-8")
    assert old in text
    file = tmp_path / "ga.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file
