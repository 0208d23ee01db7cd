"""The run: people ask, clerks accept, answer, close, vanish and come back; two processes assign; a moved clock."""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from chat import backplane, handovers, opening, presence
from chat.assignment import pass_on
from chat.conversations import close, serve_queue_soon
from chat.dispatching import take_next
from chat.errors import DeskFull, NobodyWaits, OfferGone
from chat.messages import Draft, append
from chat.subjects import Subject
from kit import clock, db
from kit.errors import NotFound, Unavailable
from kit.texts import text
from kit.web import Actor
from tests.chat.simulation.checks import Findings, Watchers, judge_the_story, sample
from tests.chat.simulation.town import ITEMS, OPENS, REGION, Clerk, Town, found_town, know_the_town

SAMPLE_S = 0.1  # of real time, while everybody is at it


@dataclass(frozen=True)
class Size:
    conversations: int
    clerks: int
    citizens: int
    arrivals_s: int  # of simulated time, in which they all come
    tick_s: int = 1


async def simulate(url: str, folder: Path, *, size: Size, seed: int) -> Findings:
    """Until everybody was served or has a date; the findings."""
    chance, found = random.Random(seed), Findings()
    backplane.install(backplane.PostgresBackplane(url))
    with clock.stopped():
        clock.move(OPENS - clock.now())
        town = await found_town(chance, clerks=size.clerks, citizens=size.citizens)
        await know_the_town()
        async with processes(url, folder) as assigning, sampling(url, found):
            await _days_work(town, size, assigning, found)
        await judge_the_story(town, found)
    return found


async def _days_work(town: Town, size: Size, assigning: list[Any], found: Findings) -> None:
    watchers, arrivals = Watchers(town, found), _arrivals(town.chance, size)
    second, opened = 0, 0
    while second < size.arrivals_s or await _still_waiting():
        assert second < size.arrivals_s + 1800, "they are served some time"
        due = [at for at in arrivals if at <= second]
        arrivals = arrivals[len(due) :]
        opened += len(due)
        _come_and_go(town)
        await asyncio.gather(
            *(_tell(one, second, n=n, tick_s=size.tick_s) for n, one in enumerate(assigning)),
            *(_ask(town, random.Random(town.chance.random())) for _ in due), _work(town),
        )  # fmt: skip
        await watchers.look(clock.now())
        clock.move(timedelta(seconds=size.tick_s))
        second += size.tick_s
    assert opened == size.conversations


def _arrivals(chance: random.Random, size: Size) -> list[int]:
    return sorted(chance.randrange(size.arrivals_s) for _ in range(size.conversations))


async def _still_waiting() -> bool:
    open_ones = "SELECT 1 FROM chat_conversation WHERE state IN ('queued', 'offered', 'assigned') LIMIT 1"
    return await db.fetch_value(open_ones) is not None


async def _tell(process: Any, second: int, *, n: int, tick_s: int) -> None:
    """Both look at the queue at the same moment; the rounds of the clock are run by one, then the other, then both."""
    watch = second % 15 < tick_s and (second // 15) % 3 in {n, 2}
    told = {"at": clock.now().isoformat(), "queue": second % 4 == 0, "watch": watch}
    process.stdin.write(json.dumps(told).encode() + b"\n")
    await process.stdin.drain()
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"done\n", "an assigning process failed"


async def _ask(town: Town, chance: random.Random) -> None:
    item = chance.choice(list(ITEMS))
    case = uuid4() if chance.random() < 0.05 else None
    subject = Subject(
        item_code=item, item_name=text(item), department_code=ITEMS[item], department_name=text(ITEMS[item]),
        region=REGION, application=case, holder=None,
    )  # fmt: skip
    for _ in range(20):
        try:
            await opening.open_conversation(chance.choice(town.citizens), subject, words="请问？")
            return
        except Unavailable:  # asked again, as a phone would
            continue


# --- clerks


def _come_and_go(town: Town) -> None:
    """Some vanish without a word, once in a while everybody of one server; they are back some minutes later."""
    now, chance = clock.now(), town.chance
    crashed = chance.randrange(2) if chance.random() < 0.002 else None
    for clerk in town.clerks.values():
        if clerk.alive and (chance.random() < 0.0008 or clerk.server == crashed):
            clerk.alive, clerk.back_at = False, now + timedelta(seconds=chance.randint(20, 240))
        elif not clerk.alive and clerk.back_at is not None and clerk.back_at <= now:
            clerk.alive, clerk.back_at = True, None
        if clerk.alive:
            clerk.last_alive = now


async def _work(town: Town) -> None:
    here = [c.id for c in town.clerks.values() if c.alive]
    known = {r["staff_id"]: r["seen_at"] for r in await db.fetch("SELECT staff_id, seen_at FROM chat_presence")}
    back = [id_ for id_ in here if clock.now() - known[id_] > timedelta(seconds=5)]
    await presence.keep(here)
    if back:
        await serve_queue_soon()
    await asyncio.gather(*(_serve(town.clerks[id_], random.Random(town.chance.random())) for id_ in here))


HELD = "SELECT id, state, awaiting FROM chat_conversation WHERE clerk_id = $1 AND state IN ('offered', 'assigned')"


async def _serve(clerk: Clerk, chance: random.Random) -> None:
    for row in await db.fetch(HELD, clerk.id):
        try:
            await _one_step(clerk, row, chance)
        except (NotFound, OfferGone, DeskFull, NobodyWaits, Unavailable):
            continue  # somebody else was quicker, or it is to be tried again
    if chance.random() < 0.01:
        await _next_please(clerk)


async def _one_step(clerk: Clerk, row: Any, chance: random.Random) -> None:
    if row["state"] == "offered":
        said = chance.random()
        if said < 0.15:
            await handovers.take_offered(row["id"], clerk=clerk.id)
        elif said < 0.17:
            await pass_on(row["id"], clerk=clerk.id, why="declined")
    elif row["awaiting"] == "clerk" and chance.random() < 0.05:
        await append(
            Draft(row["id"], "clerk", "text", {"text": "请带身份证。"}, sender=clerk.id, client_id=uuid4().hex)
        )
    elif row["awaiting"] == "citizen" and chance.random() < 0.06:
        await close(row["id"], actor=f"staff:{clerk.id}")


async def _next_please(clerk: Clerk) -> None:
    roles = frozenset({"supervisor"} if clerk.supervisor else {"clerk"})
    try:
        await take_next(Actor(clerk.id, "staff", roles))
    except (NobodyWaits, DeskFull, Unavailable):
        return


# --- processes and sampling


@asynccontextmanager
async def processes(url: str, folder: Path) -> AsyncIterator[list[Any]]:
    """Two assigning processes, told the time over their standard input."""
    pipe = asyncio.subprocess.PIPE
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chat.simulation.process", url, str(folder / f"process-{n}"),
            stdin=pipe, stdout=pipe,
        )
        for n in range(2)
    ]  # fmt: skip
    try:
        for one in started:
            assert one.stdout is not None
            async with asyncio.timeout(60):
                assert await one.stdout.readline() == b"ready\n"
        yield started
    finally:
        for one in started:
            one.kill()
            await one.wait()


@asynccontextmanager
async def sampling(url: str, found: Findings) -> AsyncIterator[None]:
    """Ten times a second of real time, over a connection of its own."""
    connection = await asyncpg.connect(**db.credentials(url))

    async def run() -> None:
        while True:
            await sample(connection, found)
            await asyncio.sleep(SAMPLE_S)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sample(connection, found)
        await connection.close()


async def figures(found: Findings) -> str:
    """The figures of a run, a line each."""
    states = {
        r["state"]: r["n"] for r in await db.fetch("SELECT state, count(*) AS n FROM chat_conversation GROUP BY 1")
    }
    reasons = await db.fetch(
        "SELECT reason_code, count(*) AS n FROM chat_conversation_change GROUP BY 1 ORDER BY 2 DESC"
    )
    waits = sorted(found.waits) or [0.0]
    lines = [
        f"conversations {sum(states.values())}: {states}",
        "decisions: " + ", ".join(f"{r['reason_code']} {r['n']}" for r in reasons),
        f"samples {found.samples}, violations {len(found.violations)}",
        f"waits in a queue {len(found.waits)}: median {waits[len(waits) // 2]:.0f} s, longest {waits[-1]:.0f} s",
        f"longest with a free fitting clerk {found.longest_with_a_free_clerk_s:.0f} s (at most 5)",
        f"longest with a vanished clerk {found.longest_with_a_vanished_clerk_s:.0f} s (at most 60)",
    ]
    return "\n".join(lines)
