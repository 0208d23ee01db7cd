"""What counting costs a request: the same small endpoint without and with budgets, in one process.

    python -m bench.limits

Requests go through the whole ASGI program without a network, turn by turn in the same run; medians of five. With a
`redis-server` on the machine the shared buckets are measured as well: one round trip a request.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from starlette.applications import Starlette

from bench.parts import redis
from kit import config, limits
from kit.config import Settings
from kit.crypto import with_demo_keys
from kit.web import Actor, Call, View, get, install_authenticator
from mobileapi.settings import OfficeSettings

REQUESTS = 3000
ROUNDS = 5
PLENTY = {"limit_person_per_minute": 10**9, "limit_source_per_minute": 10**9}
HEADERS = [(b"authorization", b"Bearer x"), (b"host", b"office")]


class Told(View):
    who: str


async def tell(call: Call) -> Told:
    return Told(who=call.actor.name)


async def known(token: str, *, held_back_too: bool = False) -> Actor:  # noqa: ARG001 - as authenticators are called
    return Actor(UUID(int=1), "citizen", frozenset({"citizen"}))


async def seconds(app: Any, path: str) -> float:
    """Seconds of one request, over so many."""
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": HEADERS, "client": ("203.0.113.7", 1), "server": ("office", 80), "scheme": "http",
        "http_version": "1.1", "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200

    began = time.perf_counter()
    for _ in range(REQUESTS):
        await app(dict(scope), receive, send)
    return (time.perf_counter() - began) / REQUESTS


async def alone() -> float:
    """Seconds of one draw by itself, of an address and a person."""
    began = time.perf_counter()
    for _ in range(REQUESTS):
        draws = limits.request_draws(source="203.0.113.7", person="citizen:1", cost=1, route="GET /x", a_minute=0)
        await limits.draw(draws, what="/x")
    return (time.perf_counter() - began) / REQUESTS


async def measure() -> None:
    settings = with_demo_keys(OfficeSettings(_env_file=None, **PLENTY))  # type: ignore[arg-type]
    install_authenticator(known)
    routes = [get("/free", tell, roles={"citizen"}, reach="self", cost=0)]
    routes += [get("/counted", tell, roles={"citizen"}, reach="self")]
    app = Starlette(routes=[spec.route() for spec in routes])
    async with redis() as url:
        ways: dict[str, tuple[Settings, Callable[[], Awaitable[float]]]] = {
            "without": (settings, lambda: seconds(app, "/free")),
            "counted by the process": (settings, lambda: seconds(app, "/counted")),
            "the count by itself": (settings, alone),
        }
        if url is not None:
            shared = settings.model_copy(update={"redis_url": url})
            ways["counted in Redis"] = (shared, lambda: seconds(app, "/counted"))
        measured: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (how, run) in ways.items():
                config.install(how)
                measured[name].append(await run())
    floor = statistics.median(measured["without"])
    for name, times in measured.items():
        median = statistics.median(times)
        print(f"{name:32} {median * 1e6:9.1f} µs a request   {median / floor:5.2f} of a request without")


if __name__ == "__main__":
    asyncio.run(measure())
