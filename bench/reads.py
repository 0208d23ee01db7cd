"""Reads over HTTP with keep-alive, as ratios to a bare Starlette that answers the same bytes from memory.

    python -m bench.reads

One server process each, the load from this process, floor and office turn by turn in the same run; medians of three.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.e2e.conftest import open_office
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

CONNECTIONS = 16
SECONDS = 3.0
ROUNDS = 3
PLENTY = "1000000000"  # units: one person reads a thousand times faster here than anybody does; counted all the same


async def rate(url: str, *, headers: dict[str, str]) -> float:
    """Answers a second over CONNECTIONS kept-alive connections; every one must be 200 or 304."""
    address = urlsplit(url)
    lines = [f"GET {address.path}{'?' + address.query if address.query else ''} HTTP/1.1", f"host: {address.netloc}"]
    request = "\r\n".join(lines + [f"{k}: {v}" for k, v in headers.items()]).encode() + b"\r\n\r\n"
    ends = time.perf_counter() + SECONDS

    async def one() -> int:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        done = 0
        while time.perf_counter() < ends:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            assert status in {200, 304}, head
            length = next(
                (int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length")), 0
            )
            if length and status != 304:
                await reader.readexactly(length)
            done += 1
        writer.close()
        return done

    return sum(await asyncio.gather(*(one() for _ in range(CONNECTIONS)))) / SECONDS


@asynccontextmanager
async def floor(body: bytes) -> AsyncIterator[str]:
    """A bare Starlette in a process of its own would be fairer still; in this one it shares the load's core."""

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/", answer)])
    config = uvicorn.Config(
        app, port=0, loop="uvloop", http="httptools", access_log=False, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
        server.should_exit = True
        await serving


async def measure(office: str) -> None:
    async with Town.visit(office) as town, httpx2.AsyncClient(trust_env=False) as http:
        citizen = await town.one_tap(town.demo_citizen(0))
        signed = {"authorization": f"Bearer {citizen.token}"}
        guide = f"{office}/api/v1/catalogue/items/{CASE_ITEM}"
        answer = await http.get(guide)
        targets = {
            "guide, unchanged since the last read (ETag)": (guide, {"if-none-match": answer.headers["etag"]}),
            "guide, whole": (guide, {}),
            "case list of a citizen": (f"{office}/api/v1/applications", signed),
        }
        async with floor(answer.content) as bare:
            measured: dict[str, list[float]] = {name: [] for name in ["floor", *targets]}
            for _ in range(ROUNDS):
                measured["floor"].append(await rate(bare, headers={}))
                for name, (url, headers) in targets.items():
                    measured[name].append(await rate(url, headers=headers))
    bottom = statistics.median(measured["floor"])
    print(f"{'bare Starlette, the guide from memory (floor)':48} {bottom:9.0f}/s")
    for name in targets:
        median = statistics.median(measured[name])
        print(f"{name:48} {median:9.0f}/s   {median / bottom:5.2f} of the floor")


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="hho-bench-") as folder,
        open_office(
            Path(folder) / "data", HANDHELD_LIMIT_PERSON_PER_MINUTE=PLENTY, HANDHELD_LIMIT_SOURCE_PER_MINUTE=PLENTY
        ) as url,
    ):
        asyncio.run(measure(url))
