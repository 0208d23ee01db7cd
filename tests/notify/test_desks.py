"""Notices to staff: written with what they are about, told once, read by their own reader alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from auth.models import Department, StaffMember
from auth.sessions import open_session
from auth.tokens import access_token, authenticator
from kit import clock, db
from kit.edge import Edge
from kit.texts import text
from kit.web import install_authenticator
from mobileapi.notify import desks
from mobileapi.notify.desks import tell_staff
from mobileapi.notify.models import StaffNotice
from mobileapi.notify.routes import ROUTES

pytestmark = pytest.mark.anyio
WORDS = text("一条咨询等您回复", "A question waits for you")


@pytest.fixture
async def door(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    install_authenticator(authenticator)
    app = Starlette(routes=[spec.route("/api/v1") for spec in ROUTES], middleware=[Middleware(Edge)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client


async def clerk(name: str) -> tuple[UUID, dict[str, str]]:
    named = {"name": {"zh": "公安"}, "region_code": "440105000000"}
    office, _ = await Department.get_or_create(code="GA", defaults=named)
    member = await StaffMember.create(
        username=name, name=name, department=office, roles=["clerk"], created_at=clock.now()
    )
    async with db.transaction():
        opened = await open_session(kind="staff", person=member.id, device="d")
    token = access_token(person=member.id, kind="staff", roles=frozenset({"clerk"}), session=opened.session.id)
    return member.id, {"authorization": f"Bearer {token.text}"}


async def test_a_notice_is_there_exactly_if_what_it_is_about_is_committed_and_once(database: str) -> None:
    me = uuid4()
    with pytest.raises(RuntimeError):
        async with db.transaction():
            await tell_staff(me, kind="answer.overdue", text=WORDS)
            raise RuntimeError
    assert await StaffNotice.all().count() == 0
    conversation = uuid4()
    told = [
        await tell_staff(me, kind="answer.overdue", text=WORDS, once="this", conversation=conversation)
        for _ in range(2)
    ]
    assert told[1] is None
    assert await tell_staff(uuid4(), kind="answer.overdue", text=WORDS, once="this") is not None
    assert await StaffNotice.filter(staff=me).values_list("id", "staff", "about") == [
        (told[0], me, {"conversation": str(conversation)})
    ]


async def test_one_reads_ones_own_in_pages_and_others_are_not_there(door: httpx2.AsyncClient) -> None:
    (me, bearer), (other, others) = await clerk("a"), await clerk("b")
    for n in range(3):
        with clock.moved(timedelta(seconds=n)):
            await tell_staff(me, kind=f"k{n}", text=WORDS, link="/console/#/inbox")
    theirs = await tell_staff(other, kind="c", text=WORDS)
    first = (await door.get("/api/v1/desk/notices?limit=2", headers=bearer)).json()
    assert ([n["kind"] for n in first["items"]], first["unread"]) == (["k2", "k1"], 3)
    assert (first["items"][0]["link"], first["items"][0]["read"]) == ("/console/#/inbox", False)
    rest = (await door.get(f"/api/v1/desk/notices?limit=2&cursor={first['next_cursor']}", headers=bearer)).json()
    assert ([n["kind"] for n in rest["items"]], rest["next_cursor"]) == (["k0"], None)
    mine = first["items"][0]["id"]
    assert (await door.post(f"/api/v1/desk/notices/{mine}/read", headers=bearer)).status_code == 204
    assert (await door.get("/api/v1/desk/notices", headers=bearer)).json()["unread"] == 2
    refusals = [await door.post(f"/api/v1/desk/notices/{n}/read", headers=bearer) for n in (theirs, uuid4(), "none")]
    assert {(r.status_code, r.json()["code"]) for r in refusals} == {(404, "not_found")}
    assert (await door.post("/api/v1/desk/notices/read", headers=bearer)).status_code == 204
    assert (await door.get("/api/v1/desk/notices", headers=bearer)).json()["unread"] == 0
    assert (await door.get("/api/v1/desk/notices", headers=others)).json()["unread"] == 1


async def test_old_ones_are_removed(database: str) -> None:
    me = uuid4()
    await tell_staff(me, kind="old", text=WORDS)
    with clock.moved(timedelta(days=91)):
        await tell_staff(me, kind="new", text=WORDS)
        assert await desks.purge() == 1
    assert await StaffNotice.all().values_list("kind") == [("new",)]
