"""
A day's work with clerks who vanish, in a moved clock and with two assigning processes: one owner, queue place or date at
every instant, nobody above their places, in order within a matter, nobody waits beside a free clerk.
"""

import os
from pathlib import Path

import pytest

from kit import config, db
from mobileapi.settings import OfficeSettings
from tests.chat.simulation.process import settle
from tests.chat.simulation.run import Size, figures, simulate

pytestmark = pytest.mark.anyio
SMALL = Size(conversations=70, clerks=8, citizens=30, arrivals_s=90, tick_s=2)
WHOLE = Size(conversations=1000, clerks=20, citizens=250, arrivals_s=2400)


@pytest.fixture
def settings(tmp_path: Path) -> OfficeSettings:
    return settle(tmp_path / "data")


async def judged(database: str, folder: Path, *, size: Size, seed: int) -> None:
    found = await simulate(database, folder, size=size, seed=seed)
    print(f"\nseed {seed}\n{await figures(found)}")
    assert found.violations == []
    assert found.samples > 10
    served = await db.fetch_value(
        "SELECT count(*) FROM chat_conversation c WHERE state IN ('closed', 'inquiry') AND EXISTS "
        "(SELECT 1 FROM chat_conversation_change x WHERE x.conversation_id = c.id)"
    )
    assert served == size.conversations


async def test_a_small_town_leaves_nobody_alone(database: str, tmp_path: Path) -> None:
    await judged(database, tmp_path, size=SMALL, seed=1)


@pytest.mark.skipif("SLOW" not in os.environ, reason="some minutes; `make town`")
@pytest.mark.parametrize("seed", [int(s) for s in os.environ.get("SEEDS", "11").split(",")])
async def test_a_thousand_conversations_and_twenty_clerks(database: str, tmp_path: Path, seed: int) -> None:
    await judged(database, tmp_path, size=WHOLE, seed=seed)
    assert config.current(OfficeSettings).chat_outside_hours is False
