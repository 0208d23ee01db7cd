"""Two transactions in each other's way: PostgreSQL ends one, and its caller may try again."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kit import db
from kit.edge import Edge
from kit.web import Call, Shape, View, post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


class Switch(Shape):
    """Light the lamp `first`, and when everybody has one in hand, `then`."""

    first: int
    then: int
    level: str = "READ COMMITTED"


class Lit(View):
    first: int


async def light(call: Call, body: Switch) -> Lit:
    async with db.transaction():
        await db.execute(f"SET TRANSACTION ISOLATION LEVEL {body.level}")
        if body.first:
            await db.execute("UPDATE lamp SET lit_by = $1 WHERE id = $1", body.first)
        else:
            await db.fetch("SELECT * FROM lamp")
        await call.request.app.state.everybody.wait()
        await db.execute("UPDATE lamp SET lit_by = $1 WHERE id = $2", body.first, body.then)
    return Lit(first=body.first)


@pytest.fixture
async def door() -> AsyncIterator[httpx2.AsyncClient]:
    await db.execute("CREATE TABLE lamp (id int PRIMARY KEY, lit_by int)")
    await db.execute("INSERT INTO lamp VALUES (1, NULL), (2, NULL)")
    app = Starlette(routes=[post("/lamps", light, public=True).route()], middleware=[Middleware(Edge)])
    app.state.everybody = asyncio.Barrier(2)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client
    await db.execute("DROP TABLE lamp")


async def both(door: httpx2.AsyncClient, *bodies: dict[str, object]) -> list[httpx2.Response]:
    answers = await asyncio.gather(*(door.post("/lamps", json=body) for body in bodies))
    return sorted(answers, key=lambda answer: answer.status_code)


async def test_of_two_that_wait_for_each_other_one_is_done_and_one_may_try_again(door: httpx2.AsyncClient) -> None:
    won, lost = await both(door, {"first": 1, "then": 2}, {"first": 2, "then": 1})
    assert (won.status_code, lost.status_code, lost.json().get("code")) == (200, 503, "unavailable")
    rows = await db.fetch("SELECT DISTINCT lit_by FROM lamp")
    assert [row["lit_by"] for row in rows] == [won.json()["first"]]


async def test_what_cannot_be_serialised_may_be_tried_again_too(door: httpx2.AsyncClient) -> None:
    one = {"first": 0, "then": 1, "level": "REPEATABLE READ"}
    won, lost = await both(door, one, one)
    assert (won.status_code, lost.status_code, lost.json().get("code")) == (200, 503, "unavailable")
    assert await db.fetch_value("SELECT lit_by FROM lamp WHERE id = 1") == 0
