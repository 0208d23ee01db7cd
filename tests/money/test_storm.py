"""
A storm of notices against an oracle that knows which of them were true: duplicates, disorder, forgeries, replays of
what was true once, unknown orders, wrong amounts and merchants, and noise, sixty-four at a time.
"""

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kit import config, db
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings
from tests.money import letters
from tests.money.invariants import violations
from tests.money.office import Office, doors
from tests.money.waiting import waiting_orders

pytestmark = pytest.mark.anyio
DELIVERIES = 10_000 if os.environ.get("SLOW") else 1_000
ORDERS = DELIVERIES // 5
AT_ONCE = 64
SHARES = {"true": 20, "duplicate": 40, "forged": 15, "replayed": 10, "unknown": 5, "wrong": 5, "malformed": 5}
REFUSED = {"forged": {401}, "replayed": {401}, "unknown": {409}, "wrong": {409}, "malformed": {400}}


@pytest.fixture
def settings(tmp_path: Path) -> OfficeSettings:
    made = with_demo_keys(letters.office_settings(tmp_path))
    config.install(made)
    return made


@dataclass
class Oracle:
    """What was told truthfully, and how each delivery was answered."""

    told: set[str] = field(default_factory=set)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)


def deliveries(made: dict[str, int], *, dice: random.Random) -> list[tuple[str, str]]:
    """(kind, order number): the shares above, in an order nobody would choose. A duplicate may come before the first."""
    numbers = list(made)
    kinds = [kind for kind, share in SHARES.items() for _ in range(DELIVERIES * share // 100)]
    dice.shuffle(kinds)
    first = iter(numbers)
    return [(kind, next(first) if kind == "true" else dice.choice(numbers)) for kind in kinds]


def written(kind: str, number: str, fen: int, *, dice: random.Random) -> letters.Letter:
    match kind:
        case "true":
            return letters.true(number, fen)
        case "duplicate":  # the same notice again, or the same transaction under a notice of another number
            return letters.true(number, fen, sender_id=dice.choice([None, f"EV-{number}-{dice.randrange(9)}"]))
        case "forged":
            return letters.forged(number, fen)
        case "replayed":
            return letters.replayed(number, fen)
        case "unknown":
            return letters.true(f"HH2026{dice.randrange(10**18):018d}", fen)
        case "wrong":
            return letters.wrong(number, fen, dice=dice)
    return letters.malformed(number, fen, dice=dice)


async def storm(app: Any, made: dict[str, int], *, dice: random.Random) -> Oracle:
    """All deliveries, so many at once."""
    oracle, waiting = Oracle(), iter(deliveries(made, dice=dice))
    town: Any = None

    async def hand() -> None:
        office = Office(app, town)
        for kind, number in waiting:
            headers, body = written(kind, number, made[number], dice=dice)
            began = time.monotonic()
            answer = await office.ask("POST", letters.DOOR, headers=headers, body=body)
            assert answer.status is not None
            oracle.answers[kind, answer.status] += 1
            if kind in {"true", "duplicate"}:
                oracle.told.add(number)
                oracle.took_s.append(time.monotonic() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(hand())
    return oracle


async def test_after_a_storm_every_order_is_what_the_oracle_says(database: str) -> None:
    dice, seed = random.Random(), int(os.environ.get("SEED", "20261121"))
    dice.seed(seed)
    made = await waiting_orders(ORDERS)
    began = time.monotonic()
    oracle = await storm(doors(), made, dice=dice)
    took_s = time.monotonic() - began
    rows = await db.fetch("SELECT number, state FROM payments_order")
    assert {row["number"]: row["state"] for row in rows} == {
        number: "paid" if number in oracle.told else "awaiting_payer" for number in made
    }, f"seed {seed}"
    for (kind, status), times in oracle.answers.items():
        allowed = REFUSED.get(kind, {204})
        assert status in allowed, f"{times} {kind} notices were answered {status}; seed {seed}"
    booked = await db.fetch("SELECT number, amount_fen, outcome FROM payments_payment")
    assert {row["number"]: (row["amount_fen"], row["outcome"]) for row in booked} == {
        number: (made[number], "settled") for number in oracle.told
    }
    assert await violations() == []
    slowest = sorted(oracle.took_s)
    p99, most = slowest[len(slowest) * 99 // 100], slowest[-1]
    print(f"\nstorm: {sum(oracle.answers.values())} deliveries over {len(made)} orders in {took_s:.1f} s, "
          f"{len(oracle.told)} paid; valid ones p99 {p99:.3f} s, most {most:.3f} s; {dict(oracle.answers)}")  # fmt: skip
    assert most <= 3.0
