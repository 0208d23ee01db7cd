"""
One short seed, what a seed is made of, and single faults, short. Twenty long seeds: `make chaos-chat`; the faults at full
length: `make chaos-drills`.
"""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tests.chaos.chat import run_seed
from tests.chaos.crowd import SMALL
from tests.chaos.drills import run
from tests.chaos.nemesis import FAULTS, KILL_EVERY_S, OTHERS, plan
from tests.chaos.parts import Postgres
from tests.patience import BUSY

pytestmark = pytest.mark.anyio
needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on this machine")


def test_a_seed_is_the_same_schedule_every_time() -> None:
    assert plan(7, 45) == plan(7, 45)
    assert plan(7, 45) != plan(8, 45)


def test_a_server_is_killed_every_ten_seconds_and_twenty_seeds_meet_every_fault() -> None:
    met: set[str] = set()
    for seed in range(1, 21):
        steps = plan(seed, 45)
        kills = [s.at_s for s in steps if s.fault.startswith("kill")]
        assert [b - a for a, b in pairwise(kills)] == pytest.approx([KILL_EVERY_S] * (len(kills) - 1))
        assert len(kills) >= 4
        assert all(0 < s.at_s < 45 for s in steps)
        met |= {s.fault for s in steps}
    assert met == set(FAULTS) == {*OTHERS, "kill", "kill all"}


@needs_redis
async def test_a_short_seed_loses_doubles_and_disorders_nothing(rough_postgres: tuple[Postgres, Path]) -> None:
    """Seed 9 in twelve seconds: two kills, and whatever else its schedule holds."""
    server, folder = rough_postgres
    report = await run_seed(server, folder / "seed", seed=9, seconds=12, size=SMALL)
    print(report)
    assert report.verdict.sentences() == []
    assert report.broken == []
    assert report.clean
    assert (report.sent > 200, report.acked, report.kills) == (
        True,
        report.sent - report.refused - report.unanswered,
        2,
    )
    assert report.unanswered == 0


@needs_redis
async def test_single_faults_are_outlived_within_their_limits(rough_postgres: tuple[Postgres, Path]) -> None:
    server, folder = rough_postgres
    drills = ["storm", "rolling restart", "redis", "postgres"]
    outcome = await run(server, folder / "drills", *drills, size=SMALL, length=0.1)
    print(outcome)
    assert outcome.faults(patience=BUSY) == []
    assert len(outcome.figures) > 25


@needs_redis
@pytest.mark.skipif(not os.environ.get("SLOW"), reason="the servers' own patience with such peers takes half a minute")
async def test_readers_that_take_nothing_are_let_go_and_harm_nobody(rough_postgres: tuple[Postgres, Path]) -> None:
    server, folder = rough_postgres
    outcome = await run(server, folder / "slow", "slow readers", size=SMALL, length=0.1)
    print(outcome)
    assert outcome.faults(patience=BUSY) == []
