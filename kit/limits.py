"""
How much one person and one address may ask for. Every request draws its cost from budgets that refill steadily.

A budget is `a_minute` units: so many at once, and as many again in the course of each minute (GCRA: a bucket is one
number, the moment at which it will be full again). With Redis the processes share the buckets, in one round trip a
request; without, or while Redis is away, each process counts by itself, and then grants half, because it cannot see
what the others grant. Addresses are kept as keyed digests only.
"""

import asyncio
import hashlib
import heapq
import ipaddress
import math
import time
from collections.abc import Awaitable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from prometheus_client import Counter
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kit.config import Settings, current
from kit.errors import TooMany
from kit.log import logger

log = logger("limits")
REDIS_WITHIN_S = 0.1
REDIS_ASKED_AGAIN_AFTER_S = 5.0
ALONE = 0.5  # of a budget is granted by a process that counts by itself where processes should share
REFUSAL_HOLDS_S = 1.0  # a refusal is repeated from memory for so long: a flood costs one question a second
MOST_BUCKETS = 50_000
A_HAIR_S = 1e-6  # sums of sixtieths are not exact
LIMITED = Counter("handheld_limited", "Requests refused because a budget was used up", ["scope", "what"])

_SCRIPT = """
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local full = {}
for i, key in ipairs(KEYS) do
  local at = math.max(tonumber(redis.call('GET', key) or '0'), now) + tonumber(ARGV[2 * i - 1])
  local early = at - now - tonumber(ARGV[2 * i])
  if early > 0 then return {i, math.ceil(early)} end
  full[i] = at
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', full[i]), 'PX', math.ceil(full[i] - now) + 1)
end
return {0, 0}
"""


class Draw(NamedTuple):
    """`cost` units out of the budget `key` of `a_minute` units. `scope` is person, source or route, for the count."""

    scope: str
    key: str
    cost: float
    a_minute: float

    @property
    def takes_s(self) -> float:
        """Seconds until the cost is refilled; no draw is dearer than the whole budget."""
        return min(self.cost, self.a_minute) * 60 / self.a_minute


class Refused(NamedTuple):
    draw: Draw
    wait_s: float


class Buckets:
    """The buckets of this process: key → the moment (monotonic seconds) at which it is full again."""

    def __init__(self) -> None:
        self._full_at: dict[str, float] = {}

    def take(self, draws: Sequence[Draw], *, now: float, share: float = 1.0) -> Refused | None:
        """Takes from all or from none; the draw that was too much and the wait for it, else None."""
        full = []
        for draw in draws:
            takes = draw.takes_s
            at = max(self._full_at.get(draw.key, 0.0), now) + takes
            early = at - now - max(60 * share, takes)
            if early > A_HAIR_S:
                return Refused(draw, early)
            full.append(at)
        self._write(draws, full, now=now)
        return None

    def note(self, draws: Sequence[Draw], *, now: float) -> None:
        """Counts what somebody else granted."""
        full = [max(self._full_at.get(draw.key, 0.0), now) + draw.takes_s for draw in draws]
        self._write(draws, full, now=now)

    def _write(self, draws: Sequence[Draw], full: Iterable[float], *, now: float) -> None:
        for draw, at in zip(draws, full, strict=True):
            self._full_at[draw.key] = min(at, now + 60)
        if len(self._full_at) > MOST_BUCKETS:
            used = {key: at for key, at in self._full_at.items() if at > now}
            self._full_at = dict(heapq.nlargest(MOST_BUCKETS // 2, used.items(), key=lambda item: item[1]))


class _Shared:
    """The buckets in Redis, as this event loop reaches them."""

    def __init__(self, url: str) -> None:
        self.url, self.loop = url, asyncio.get_running_loop()
        client = Redis.from_url(
            url,
            socket_timeout=REDIS_WITHIN_S,
            socket_connect_timeout=REDIS_WITHIN_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = client.register_script(_SCRIPT)
        self._not_before = 0.0
        self._away = False

    async def take(self, draws: Sequence[Draw]) -> tuple[bool, Refused | None]:
        """Whether Redis answered, and what it refused. Not asked for a while after it did not answer."""
        now = time.monotonic()
        if now < self._not_before:
            return False, None
        if self._away:
            self._not_before = now + REDIS_ASKED_AGAIN_AFTER_S  # one request finds out whether it is back
        try:
            async with asyncio.timeout(REDIS_WITHIN_S):
                at, wait_ms = await cast("Awaitable[tuple[int, int]]", self._ask(draws))
        except (RedisError, OSError, TimeoutError) as error:
            self._gone(error)
            return False, None
        if self._away:
            self._away, self._not_before = False, 0.0
            log.info("limits_shared_again")
        return True, Refused(draws[at - 1], wait_ms / 1000) if at else None

    def _ask(self, draws: Sequence[Draw]) -> Any:
        numbers = [number for draw in draws for number in (draw.takes_s * 1000, 60_000)]
        return self._script(keys=[f"handheld:limit:{draw.key}" for draw in draws], args=numbers)

    def _gone(self, error: Exception) -> None:
        if not self._away:
            log.warning("limits_without_redis", why=type(error).__name__)
        self._away, self._not_before = True, time.monotonic() + REDIS_ASKED_AGAIN_AFTER_S


_own = Buckets()
_shut: dict[str, tuple[float, Refused]] = {}
_shared: list[_Shared] = []


async def draw(draws: Sequence[Draw], *, what: str) -> None:
    """Draws from every budget or from none; `what` is told in the count of refusals. Raises TooMany."""
    settings, now = current(Settings), time.monotonic()
    refused = _still_shut(draws, now=now) if _shut else None
    if refused is None:
        refused = await _shared_or_own(draws, redis_url=settings.redis_url, now=now)
        if refused is not None:
            _remember(refused, now=now)
    if refused is not None:
        LIMITED.labels(refused.draw.scope, what).inc()
        raise TooMany(max(1, math.ceil(refused.wait_s)))


async def _shared_or_own(draws: Sequence[Draw], *, redis_url: str | None, now: float) -> Refused | None:
    if redis_url is None:
        return _own.take(draws, now=now)
    answered, refused = await _to_share(redis_url).take(draws)
    if not answered:
        return _own.take(draws, now=now, share=ALONE)
    if refused is None:
        _own.note(draws, now=now)  # so that nobody begins afresh when Redis goes
    return refused


def _to_share(url: str) -> _Shared:
    if not _shared or _shared[0].url != url or _shared[0].loop is not asyncio.get_running_loop():
        _shared[:] = [_Shared(url)]
    return _shared[0]


def _still_shut(draws: Sequence[Draw], *, now: float) -> Refused | None:
    """A refusal of a moment ago that holds for this draw too: same budget, and no cheaper than what was refused."""
    for one in draws:
        until, refused = _shut.get(one.key, (0.0, None))
        if refused is not None and now < until and one.cost >= refused.draw.cost:
            return Refused(one, refused.wait_s)
    return None


def _remember(refused: Refused, *, now: float) -> None:
    if len(_shut) > MOST_BUCKETS:
        _shut.clear()
    _shut[refused.draw.key] = now + min(refused.wait_s, REFUSAL_HOLDS_S), refused


def forget() -> None:
    """Every budget of this process is full again; tests begin so."""
    _own._full_at.clear()  # noqa: SLF001 - the one instance of this module
    _shut.clear()


async def let_pass(what: str, *, source: str, per_minute: int) -> None:
    """One try of `what` from `source` (an address or a name; its digest is kept). Raises TooMany."""
    key = f"{what}:{address_key(source)}"
    await draw([Draw("route", key, 1, per_minute)], what=what)


def address_key(address: str) -> str:
    """What stands for an address, or for the network that is one source with it, in a bucket's key."""
    return _keyed(address, current(Settings).index_key)


@lru_cache(maxsize=10_000)
def _keyed(address: str, secret: SecretStr) -> str:
    key = secret.get_secret_value().encode()[:64]
    return hashlib.blake2b(source_of(address).encode(), key=key, digest_size=12).hexdigest()


def source_of(address: str) -> str:
    """Whoever can use one IPv6 address can use its whole /64: that is one source. What is no address stays itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def request_draws(*, source: str, person: str | None, cost: int, route: str, a_minute: int) -> list[Draw]:
    """What one request draws: from its address, from its person, and from what the route grants each of them."""
    settings, address = current(Settings), address_key(source)
    draws = [Draw("source", f"source:{address}", cost, settings.limit_source_per_minute)] if cost else []
    if person and cost:
        draws.append(Draw("person", f"person:{person}", cost, settings.limit_person_per_minute))
    granted = _of_routes(settings.limit_routes).get(route, a_minute) if settings.limit_routes else a_minute
    if granted:
        draws.append(Draw("route", f"{route}:{person or address}", 1, granted))
    return draws


@lru_cache(maxsize=8)
def _of_routes(told: str) -> dict[str, int]:
    """`POST /uploads=30, GET /bills/lookup=20` → calls a minute by route."""
    pairs = (part.rpartition("=") for part in told.split(",") if part.strip())
    return {" ".join(route.split()): int(number) for route, _, number in pairs}
