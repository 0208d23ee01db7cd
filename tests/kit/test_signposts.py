"""The same answers as Starlette's own router gives, found by the first part of the path."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from kit.signposts import Signposts

pytestmark = pytest.mark.anyio


async def told(request: Request) -> Response:
    return JSONResponse([request.url.path, request.path_params])


def routes() -> list[BaseRoute]:
    return [
        Route("/bills", told, methods=["GET"]),
        Route("/bills/lookup", told, methods=["GET"]),
        Route("/bills/{id}", told, methods=["GET"]),
        Route("/bills/{id}/close", told, methods=["POST"]),
        Route("/me", told, methods=["GET", "PATCH"]),
    ]


@pytest.fixture
async def pair() -> AsyncIterator[list[httpx2.AsyncClient]]:
    apps = [
        Starlette(routes=[Mount("/api/v1", app=below)])
        for below in (Signposts(routes()), Router(routes(), redirect_slashes=False))
    ]
    ours, theirs = (httpx2.AsyncClient(transport=httpx2.ASGITransport(app=a), base_url="http://x") for a in apps)
    async with ours, theirs:
        yield [ours, theirs]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize(
    "path",
    [
        "/bills", "/bills/", "/bills/lookup", "/bills/7", "/bills/7/close", "/bills/7/close/", "/bills//close", "/me",
        "/ME", "/me/", "//me", "/", "", "/nothing", "/bill", "/billss", "/me;x", "/%6de", "/bills%2f7", "/../me", "/me?x",
    ],
)  # fmt: skip
async def test_every_path_and_method_is_answered_as_by_starlettes_router(
    pair: list[httpx2.AsyncClient], method: str, path: str
) -> None:
    ours, theirs = [await client.request(method, f"/api/v1{path}") for client in pair]
    assert (ours.status_code, ours.content, ours.headers.get("allow")) == (
        theirs.status_code,
        theirs.content,
        theirs.headers.get("allow"),
    )


def test_a_route_that_begins_with_a_parameter_is_refused_when_the_program_is_built() -> None:
    with pytest.raises(AssertionError, match="plain word"):
        Signposts([Route("/{anything}", told)])
