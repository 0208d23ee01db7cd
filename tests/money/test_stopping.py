"""A short selection of `make chaos-pay`, and the harness against a fault planted on purpose."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.money.invariants import graph_is_whole, is_history
from tests.money.stopping import How, Stopper

ROOT = Path(__file__).resolve().parent.parent.parent
SOME_FLOWS = "create,alipay-give-back,adjust-settle,window-take,part"
SOME_WAYS = "killed-answered,silent-after"
LAST = re.compile(r"points stopped (\d+)   violations (\d+)   charged (\d+) fen, dues (\d+) fen   equal")


def chaos_pay(*arguments: str, plant: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.money.chaos_pay", *arguments],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"MONEY_PLANT": plant},
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


def test_money_stopped_at_some_places_is_charged_as_it_is_owed() -> None:
    code, said = chaos_pay("--every", "61", "--flows", SOME_FLOWS, "--ways", SOME_WAYS)
    last = LAST.search(said)
    assert code == 0 and last is not None, said
    points, found, charged, due = map(int, last.groups())
    assert points >= 10
    assert found == 0
    assert charged == due > 0


def test_faults_that_are_planted_are_found() -> None:
    """One that is there whatever happens, and one that shows only where an answer is lost."""
    code, said = chaos_pay(
        "--flows", "confirm,give-back", "--ways", "silent-after", plant="booked-twice,numbered-anew"
    )  # fmt: skip
    assert [line.strip() for line in said.splitlines() if line.startswith("    ")] == [
        "confirm undisturbed: people were charged 20000 fen net, the books hold 40000",
        "give-back silent-after at 1: people were charged 26000 fen net, the books hold 33000",
        "give-back silent-after at 1: charged 13000 fen net, due were 20000",
    ], said
    assert code == 1


async def three_waits(seen: list[int]) -> str:
    for n in range(3):
        seen.append(n)
        await asyncio.sleep(0)
    return "through"


def drive(how: How | None, k: int) -> tuple[str | None, list[int], Stopper]:
    seen: list[int] = []
    stopper = Stopper(how, k, dying=lambda: None, disconnect=lambda: seen.append(-1))

    async def main() -> str | None:
        try:
            return await stopper.drive(three_waits(seen))
        except asyncio.CancelledError:
            return None

    return asyncio.run(main()), seen, stopper


def test_undisturbed_every_wait_is_counted() -> None:
    result, seen, stopper = drive(None, 0)
    assert (result, seen, stopper.points) == ("through", [0, 1, 2], 3)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_hung_up_at_the_kth_wait_nothing_after_it_happens(k: int) -> None:
    result, seen, stopper = drive(How.CANCELLED, k)
    assert (result, seen, stopper.points) == (None, list(range(k)), k)


def test_cut_off_at_the_kth_wait_the_rest_goes_on() -> None:
    result, seen, _ = drive(How.DISCONNECTED, 2)
    assert (result, seen) == ("through", [0, 1, -1, 2])


def test_beyond_the_last_wait_nothing_is_stopped() -> None:
    result, _, stopper = drive(How.CANCELLED, 4)
    assert (result, stopper.reached) == ("through", False)


def test_every_state_is_in_its_graph_and_reachable() -> None:
    assert graph_is_whole() == []


@pytest.mark.parametrize(
    ("steps", "ends", "is_one"),
    [
        ([], "created", True),
        ([], "paid", False),
        ([("created", "awaiting_payer"), ("awaiting_payer", "paid")], "paid", True),
        ([("created", "awaiting_payer"), ("awaiting_payer", "paid")], "closed", False),
        ([("created", "awaiting_payer"), ("confirming", "paid")], "paid", False),
        ([("created", "refunded")], "refunded", False),
        (
            [("created", "confirming"), ("confirming", "awaiting_payer"), ("awaiting_payer", "confirming"),
             ("confirming", "closed")],
            "closed", True,
        ),
    ],
)  # fmt: skip
def test_a_history_is_a_walk_through_the_graph(steps: list[tuple[str, str]], ends: str, is_one: bool) -> None:
    assert is_history(steps, ends=ends) is is_one
