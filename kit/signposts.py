"""
Finding the route: by the first part of the path, then among the few that share it.

Starlette tries its routes one after the other, each with a pattern of its own; with two hundred of them that is most of
what a small request costs. What a route matches, answers or refuses is Starlette's still.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send

_PLAIN = re.compile(r"[a-z][a-z0-9.-]*")


class Signposts:
    """An ASGI app over routes whose first part is a plain word; `/bills/{id}` is found below `bills`."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = list(routes)
        below: dict[str, list[BaseRoute]] = defaultdict(list)
        for route in routes:
            assert isinstance(route, Route | WebSocketRoute), f"{route} has no path to go by"
            first = _first_part(route.path)
            assert _PLAIN.fullmatch(first), f"{route.path} does not begin with a plain word"
            below[first].append(route)
        self._below = {first: Router(some, redirect_slashes=False) for first, some in below.items()}
        self._nowhere = Router([], redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        await self._below.get(_first_part(path), self._nowhere)(scope, receive, send)


def _first_part(path: str) -> str:
    return path.lstrip("/").partition("/")[0] if path.startswith("/") and not path.startswith("//") else ""
