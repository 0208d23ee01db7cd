"""
What is thrown at the office: a schedule made from a seed alone, and the faults themselves, each healed by whoever began it.

Every ten seconds a server is killed. In between come the others, dealt from a shuffled deck, so that twenty seeds meet
every fault in many orders and overlaps.
"""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.chaos.crowd import Crowd
from tests.chaos.parts import Office, Server

KILL_EVERY_S = 10.0
FIRST_S = 3.0
OTHERS_EVERY_S = (5.0, 9.0)


@dataclass(frozen=True)
class Step:
    """At `at_s` of the seed's time, `fault` begins and lasts about so long; `pick` chooses among equals."""

    at_s: float
    fault: str
    lasts_s: float
    pick: int


@dataclass
class Drill:
    """An office and its crowd under trial. `kills`: (when, port) of servers killed; `troubled`: spans of other faults."""

    office: Office
    crowd: Crowd
    rng: random.Random
    kills: list[tuple[float, int]] = field(default_factory=list)
    troubled: list[tuple[float, float, str]] = field(default_factory=list)

    def server(self, pick: int) -> Server:
        return self.office.servers[pick % len(self.office.servers)]


Fault = Callable[[Drill, Step], Awaitable[None]]


def plan(seed: int, seconds: float) -> list[Step]:
    """The same seed and length, the same schedule. The last kill of some seeds takes all servers at once."""
    rng = random.Random(seed)
    steps: list[Step] = []
    at = FIRST_S + rng.random() * 2
    while at < seconds - 1:
        steps.append(Step(at, "kill", 0, rng.randrange(1000)))
        at += KILL_EVERY_S
    if rng.random() < 0.4:
        steps[-1] = Step(steps[-1].at_s, "kill all", 0, 0)
    at = FIRST_S + rng.random() * 4
    deck: list[str] = []
    while at < seconds - 2:
        deck = deck or rng.sample(sorted(OTHERS), len(OTHERS))
        lasts = 2 + rng.random() * min(6, seconds / 6)
        steps.append(Step(at, deck.pop(), lasts, rng.randrange(1000)))
        at += rng.uniform(*OTHERS_EVERY_S)
    return sorted(steps, key=lambda s: s.at_s)


async def wreak(drill: Drill, steps: list[Step], *, seconds: float) -> None:
    """Carries the schedule out; when it returns, or fails, everything is healed."""
    began = time.monotonic()
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                await asyncio.sleep(max(0.0, began + step.at_s - time.monotonic()))
                group.create_task(_thrown(drill, step))
            await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    finally:
        await heal(drill.office)


async def _thrown(drill: Drill, step: Step) -> None:
    began = time.monotonic()
    try:
        await FAULTS[step.fault](drill, step)
    finally:
        if step.fault not in {"kill", "kill all"}:
            drill.troubled.append((began, time.monotonic(), step.fault))


async def heal(office: Office) -> None:
    """Everything runs, and nothing is stopped."""
    for part in [*office.servers, *([office.worker] if office.worker else [])]:
        part.signal(signal.SIGCONT)
    if office.redis is not None:
        office.redis.signal(signal.SIGCONT)
        await office.redis.start()
    await office.postgres.start()
    await office.ready(within_s=60)


# --- servers and the worker


async def kill(drill: Drill, step: Step) -> None:
    one = drill.server(step.pick)
    if one.running:
        drill.kills.append((time.monotonic(), one.port))
        one.signal(signal.SIGKILL)


async def kill_all(drill: Drill, _: Step) -> None:
    for one in drill.office.servers:
        drill.kills.append((time.monotonic(), one.port))
        one.signal(signal.SIGKILL)


async def freeze_server(drill: Drill, step: Step) -> None:
    """Stopped, then let go on: what it had in hand must not come twice."""
    await _frozen(drill.server(step.pick), step.lasts_s + 3)


async def freeze_worker(drill: Drill, step: Step) -> None:
    if drill.office.worker is not None:
        await _frozen(drill.office.worker, step.lasts_s)


async def _frozen(part: Server | object, seconds: float) -> None:
    part.signal(signal.SIGSTOP)  # type: ignore[union-attr]
    try:
        await asyncio.sleep(seconds)
    finally:
        part.signal(signal.SIGCONT)  # type: ignore[union-attr]


async def rolling_restart(drill: Drill, _: Step) -> None:
    """One after the other is told to stop, as for a new version; the next only once the one before answers again."""
    for one in drill.office.servers:
        before = len(one.starts)
        one.signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            while len(one.starts) == before:
                await asyncio.sleep(0.05)
        await one.ready(within_s=30)


# --- what lies behind them


async def postgres_immediate(drill: Drill, _: Step) -> None:
    try:
        await drill.office.postgres.stop_at_once()
    finally:
        await drill.office.postgres.start()


async def postgres_killed(drill: Drill, _: Step) -> None:
    try:
        await drill.office.postgres.kill()
    finally:
        await drill.office.postgres.start()


async def postgres_frozen(drill: Drill, step: Step) -> None:
    frozen = drill.office.postgres.freeze()
    try:
        await asyncio.sleep(step.lasts_s)
    finally:
        drill.office.postgres.thaw(frozen)


async def redis_emptied(drill: Drill, _: Step) -> None:
    if drill.office.redis is not None:
        await drill.office.redis.empty()


async def redis_frozen(drill: Drill, step: Step) -> None:
    if drill.office.redis is not None:
        drill.office.redis.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(step.lasts_s)
        finally:
            drill.office.redis.signal(signal.SIGCONT)


async def redis_killed(drill: Drill, step: Step) -> None:
    if drill.office.redis is not None:
        try:
            drill.office.redis.signal(signal.SIGKILL)
            await asyncio.sleep(step.lasts_s)
        finally:
            await drill.office.redis.start()


# --- the crowd


async def slow_readers(drill: Drill, step: Step) -> None:
    chosen = drill.rng.sample(drill.crowd.devices, max(1, len(drill.crowd.devices) // 10))
    for device in chosen:
        device.stop_reading()
    try:
        await asyncio.sleep(step.lasts_s + 3)
    finally:
        for device in chosen:
            device.read_on()


async def storm(drill: Drill, _: Step) -> None:
    """A tunnel, a power cut, an update of the app: half of all sockets are gone at once."""
    for device in drill.rng.sample(drill.crowd.devices, len(drill.crowd.devices) // 2):
        device.cut()


OTHERS: Mapping[str, Fault] = {
    "freeze server": freeze_server,
    "freeze worker": freeze_worker,
    "rolling restart": rolling_restart,
    "postgres immediate": postgres_immediate,
    "postgres killed": postgres_killed,
    "postgres frozen": postgres_frozen,
    "redis emptied": redis_emptied,
    "redis frozen": redis_frozen,
    "redis killed": redis_killed,
    "slow readers": slow_readers,
    "storm": storm,
}
FAULTS: Mapping[str, Fault] = {**OTHERS, "kill": kill, "kill all": kill_all}
