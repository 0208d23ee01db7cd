"""An application of some rooms' routes and the edge; whoever says who they are is believed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from kit.edge import Edge, as_house_error
from kit.errors import NotSignedIn
from kit.web import Actor, Endpoint, install_authenticator


async def believe(token: str) -> Actor:
    """`citizen:UUID` or `staff:UUID:clerk,supervisor`."""
    kind, _, rest = token.partition(":")
    id_, _, roles = rest.partition(":")
    if kind not in {"citizen", "staff"}:
        raise NotSignedIn
    return Actor(UUID(id_), kind, frozenset(roles.split(",") if roles else [kind]), session=str(UUID(int=0)))


def application(endpoints: Sequence[Endpoint], outside: Sequence[Endpoint] = ()) -> Starlette:
    install_authenticator(believe)
    routes = [spec.route("/api/v1") for spec in endpoints] + [spec.route() for spec in outside]
    handlers: Any = {HTTPException: _in_our_words}
    return Starlette(routes=routes, middleware=[Middleware(Edge)], exception_handlers=handlers)


async def _in_our_words(_: Request, error: Exception) -> Response:
    raise as_house_error(error)


def client(app: Starlette, token: str | None = None) -> httpx2.AsyncClient:
    headers: dict[str, Any] = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office.test", headers=headers)
