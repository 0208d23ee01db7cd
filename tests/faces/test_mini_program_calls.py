"""What mini-program platforms cannot say in HTTP, and how the office understands them all the same."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from kit.edge import Edge

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("settings")]


async def method_seen(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.method)


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    methods = ["GET", "POST", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/", method_seen, methods=methods)], middleware=[Middleware(Edge)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client


async def test_a_post_that_means_patch_is_a_patch(http: httpx2.AsyncClient):
    assert (await http.post("/", headers={"x-http-method-override": "PATCH"})).text == "PATCH"


@pytest.mark.parametrize(("method", "meant"), [("POST", "DELETE"), ("GET", "PATCH"), ("POST", "")])
async def test_nothing_else_changes_its_meaning(http: httpx2.AsyncClient, method: str, meant: str):
    assert (await http.request(method, "/", headers={"x-http-method-override": meant})).text == method
