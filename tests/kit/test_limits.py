"""Budgets: what is granted, refused and for how long, in one process and shared through Redis."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kit import config, limits
from kit.edge import Edge, refusals
from kit.errors import NotSignedIn, TooMany
from kit.limits import Buckets, Draw
from kit.log import configure
from kit.web import Actor, Call, View, get, install_authenticator, post
from mobileapi.settings import OfficeSettings
from tests.e2e.conftest import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def full_again() -> Iterator[None]:
    limits.forget()
    refusals._said.clear()
    yield
    limits.forget()


def test_a_budget_is_granted_at_once_and_refills_in_the_course_of_a_minute() -> None:
    buckets, one = Buckets(), Draw("person", "p", 1, 6)
    assert [buckets.take([one], now=100.0) for _ in range(6)] == [None] * 6
    refused = buckets.take([one], now=100.0)
    assert refused is not None
    assert refused.wait_s == pytest.approx(10.0)
    assert buckets.take([one], now=109.9) is not None
    assert buckets.take([one], now=110.0) is None
    assert [buckets.take([one], now=1000.0) for _ in range(7)].count(None) == 6, "rest is not saved beyond the budget"


def test_what_costs_more_draws_more_and_never_more_than_there_is() -> None:
    buckets = Buckets()
    assert buckets.take([Draw("person", "p", 4, 6)], now=0.0) is None
    assert buckets.take([Draw("person", "p", 4, 6)], now=0.0) is not None
    assert buckets.take([Draw("person", "p", 2, 6)], now=0.0) is None, "a refusal draws nothing"
    assert buckets.take([Draw("person", "q", 99, 6)], now=0.0) is None


def test_a_refused_draw_takes_from_none_of_its_budgets() -> None:
    buckets = Buckets()
    source, person = Draw("source", "s", 1, 100), Draw("person", "p", 1, 1)
    assert buckets.take([source, person], now=0.0) is None
    for _ in range(200):
        refused = buckets.take([source, person], now=0.0)
        assert refused is not None
        assert refused.draw.scope == "person"
    assert [buckets.take([source], now=0.0) for _ in range(100)].count(None) == 99


def test_a_million_sources_do_not_fill_the_memory() -> None:
    buckets = Buckets()
    for n in range(limits.MOST_BUCKETS + 10):
        buckets.take([Draw("source", str(n), 1, 60)], now=n / 1000)
    assert len(buckets._full_at) <= limits.MOST_BUCKETS


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_ipv6_network_is_one_source(address: str, source: str) -> None:
    assert limits.source_of(address) == source


class Told(View):
    who: str


async def tell(call: Call) -> Told:
    return Told(who=call.maybe_actor.name if call.maybe_actor else "anybody")


async def known(token: str, *, held_back_too: bool = False) -> Actor:
    if not token.isdigit():
        raise NotSignedIn
    return Actor(UUID(int=int(token)), "citizen", frozenset({"citizen"}))


ROUTES = [
    get("/cheap", tell, roles={"citizen"}, reach="self"),
    post("/dear", tell, roles={"citizen"}, reach="self", cost=5),
    get("/open", tell, public=True),
    get("/rare", tell, public=True, a_minute=2),
    get("/free", tell, public=True, cost=0),
]


@asynccontextmanager
async def office(address: str = "203.0.113.7") -> AsyncIterator[httpx2.AsyncClient]:
    install_authenticator(known)
    app = Starlette(routes=[spec.route() for spec in ROUTES], middleware=[Middleware(Edge)])
    transport = httpx2.ASGITransport(app=app, client=(address, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://office") as client:
        yield client


def tight(settings: OfficeSettings, **more: Any) -> None:
    config.install(settings.model_copy(update={"limit_person_per_minute": 6, "limit_source_per_minute": 20} | more))


async def met(client: httpx2.AsyncClient, path: str, times: int, *, person: str = "", method: str = "GET") -> list[int]:
    headers = {"authorization": f"Bearer {person}"} if person else {}
    return [(await client.request(method, path, headers=headers)).status_code for _ in range(times)]


async def test_a_person_is_limited_and_the_neighbour_behind_the_same_address_is_not(settings: OfficeSettings) -> None:
    tight(settings)
    async with office() as client:
        assert await met(client, "/cheap", 7, person="1") == [200] * 6 + [429]
        assert await met(client, "/cheap", 6, person="2") == [200] * 6


async def test_the_same_person_is_one_from_every_address(settings: OfficeSettings) -> None:
    tight(settings)
    async with office("203.0.113.7") as here, office("198.51.100.9") as there:
        assert await met(here, "/cheap", 4, person="1") == [200] * 4
        assert await met(there, "/cheap", 4, person="1") == [200, 200, 429, 429]


async def test_a_refusal_is_told_in_words_with_the_wait_and_counted(settings: OfficeSettings) -> None:
    tight(settings)
    labels = {"scope": "person", "what": "/dear"}
    before = REGISTRY.get_sample_value("handheld_limited_total", labels) or 0
    async with office() as client:
        assert await met(client, "/dear", 1, person="1", method="POST") == [200]
        answer = await client.post("/dear", headers={"authorization": "Bearer 1"})
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "40"
    assert {k: answer.json()[k] for k in ("code", "title", "detail")} == {
        "code": "too_many_requests",
        "title": "操作太频繁，请稍后再试",
        "detail": "请 40 秒后再试",
    }
    assert REGISTRY.get_sample_value("handheld_limited_total", labels) == before + 1


async def test_who_is_turned_away_at_the_door_draws_from_the_address(settings: OfficeSettings) -> None:
    tight(settings)
    async with office() as client:
        assert await met(client, "/cheap", 22, person="forged") == [401] * 20 + [429] * 2
        assert await met(client, "/open", 1) == [429]
        assert await met(client, "/free", 1) == [200]
    async with office("198.51.100.9") as client:
        assert await met(client, "/open", 1) == [200]


async def test_forged_headers_make_no_new_address(settings: OfficeSettings) -> None:
    tight(settings)
    async with office() as client:
        answers = [
            (await client.get("/open", headers=dict.fromkeys(FORGED, f"10.0.0.{k}"))).status_code for k in range(25)
        ]
    assert answers == [200] * 20 + [429] * 5


FORGED = ("x-forwarded-for", "x-real-ip", "forwarded", "x-user-id", "cf-connecting-ip")


async def test_a_route_may_grant_less_and_the_operator_may_change_it(settings: OfficeSettings) -> None:
    tight(settings)
    async with office() as client:
        assert await met(client, "/rare", 3) == [200, 200, 429]
        limits.forget()
        tight(settings, limit_routes="GET /rare=3, GET /open = 1")
        assert await met(client, "/rare", 4) == [200, 200, 200, 429]
        assert await met(client, "/open", 2) == [200, 429]


def test_settings_that_cannot_be_read_are_refused_at_the_start() -> None:
    for bad in ({"limit_routes": "POST /uploads"}, {"limit_routes": "/x=3"}, {"trusted_proxies": "10.0.0.0/33"}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            OfficeSettings(_env_file=None, **bad)  # type: ignore[arg-type]


async def test_a_flood_writes_one_line_in_ten_seconds(
    settings: OfficeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    tight(settings)
    configure("INFO")
    async with office() as client:
        assert (await met(client, "/open", 120)).count(429) == 100
    lines = [line for line in capsys.readouterr().err.splitlines() if '"status": 429' in line]
    assert len(lines) == 1


class RedisProcess:
    """A Redis that can be stopped dead, and be gone."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            "redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(self.folder),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            while b"Ready to accept" not in await self.process.stdout.readline():
                pass

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@pytest.fixture
async def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RedisProcess]:
    monkeypatch.setattr(limits, "REDIS_WITHIN_S", 0.5)  # a busy machine answers late; the rule is the same
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    process = RedisProcess(tmp_path)
    await process.start()
    try:
        yield process
    finally:
        await process.end()


async def knock(times: int, *, key: str = "p", a_minute: int = 10) -> int:
    """How many of so many draws are granted."""
    granted = 0
    for _ in range(times):
        try:
            await limits.draw([Draw("person", key, 1, a_minute)], what="knock")
            granted += 1
        except TooMany:
            pass
    return granted


async def test_processes_share_one_budget_through_redis(settings: OfficeSettings, redis: RedisProcess) -> None:
    tight(settings, redis_url=redis.url)
    assert await knock(6) == 6
    limits.forget()  # what another process knows: nothing
    limits._shared.clear()
    assert await knock(10) == 4


async def test_without_redis_half_is_granted_within_one_short_wait(
    settings: OfficeSettings, redis: RedisProcess
) -> None:
    tight(settings, redis_url=redis.url)
    assert await knock(3) == 3
    assert redis.process is not None
    redis.process.send_signal(19)  # SIGSTOP: it takes connections and never answers
    began = time.monotonic()
    assert await knock(20) == 2, "five are half of ten, and three had been granted already"
    assert time.monotonic() - began < 2 * limits.REDIS_WITHIN_S
    redis.process.send_signal(18)


async def test_fifty_requests_at_once_wait_for_a_dead_redis_together(
    settings: OfficeSettings, redis: RedisProcess
) -> None:
    tight(settings, redis_url=redis.url)
    assert await knock(1) == 1
    assert redis.process is not None
    redis.process.send_signal(19)
    began = time.monotonic()
    async with asyncio.timeout(5):
        await asyncio.gather(*(knock(1, key=f"p{n}") for n in range(50)))
    assert time.monotonic() - began < 3 * limits.REDIS_WITHIN_S
    redis.process.send_signal(18)


async def test_redis_is_used_again_when_it_is_back(
    settings: OfficeSettings, redis: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REDIS_ASKED_AGAIN_AFTER_S", 0.0)
    tight(settings, redis_url=redis.url)
    assert await knock(1) == 1
    await redis.end()
    assert await knock(1) == 1
    await redis.start()
    assert await knock(1) == 1
    limits.forget()
    assert await knock(20) == 9, "the one drawn after its return is known to Redis, empty as it came back"


def test_a_dead_redis_is_waited_for_a_tenth_of_a_second_and_then_left_alone() -> None:
    assert limits.REDIS_WITHIN_S <= 0.1
    assert limits.REDIS_ASKED_AGAIN_AFTER_S >= 1
