"""Every worker is dead: a server notices, says so, and goes the rounds itself, one of them at a time."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from auth.models import Citizen
from chat import presence, rounds
from chat.models import Conversation
from chat.rounds import WATCH, Rounds
from kit import clock, db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, begun
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
NOTED = "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, periodic_id) VALUES ($1, $2, $1)"


class Clock:
    """Seconds since 1970, as this test has them."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Went:
    """A round that is counted, and lasts until it may end."""

    def __init__(self) -> None:
        self.times, self.may_end = 0, asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> None:
        self.times += 1
        await self.may_end.wait()


async def test_with_no_worker_a_vanished_clerk_s_conversation_moves_within_a_minute(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, asker, talk = await begun(desk, roster.owner, citizen)
    await asker.send_text(talk, "还在吗？")
    await desk.come(roster.backup)
    await presence.choose(roster.backup.id, status="online", capacity=5, auto_accept=True)
    seconds = Clock()
    server = Rounds(now=seconds)
    clerk.cut()
    with clock.stopped():
        for _ in range(12):  # a look every five seconds
            seconds.now += 5
            clock.move(timedelta(seconds=5))
            await presence.keep([roster.backup.id])
            await server.look()
    row = await Conversation.get(id=talk)
    assert (row.state, row.clerk_id) == ("assigned", roster.backup.id)  # type: ignore[attr-defined]


async def test_a_round_a_worker_noted_is_enough_and_one_nobody_begins_is_not(database: str) -> None:
    seconds, went = Clock(), Went()
    server = Rounds(now=seconds, go=went)
    seconds.now += 60
    await db.execute(NOTED, WATCH, int(seconds.now) - 20)
    assert (await server.look(), server.late, went.times) == (False, False, 0)
    await db.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
        "VALUES ('default', $1, jsonb_build_object('timestamp', $2::bigint))",
        WATCH,
        int(seconds.now) - 50,
    )
    assert (await server.look(), server.late, went.times) == (True, True, 1)
    await db.execute("DELETE FROM procrastinate_jobs")
    assert (await server.look(), server.late, went.times) == (False, False, 1)


async def test_of_several_servers_one_goes_and_not_too_often(database: str) -> None:
    seconds, went = Clock(), Went()
    one, two = Rounds(now=seconds, go=went), Rounds(now=seconds, go=went)
    seconds.now += 46
    went.may_end.clear()
    going = asyncio.create_task(one.look())
    async with asyncio.timeout(WAIT_S):
        while not went.times:
            await asyncio.sleep(0.01)
    assert (await two.look(), two.late, went.times) == (False, True, 1)
    went.may_end.set()
    assert await going
    seconds.now += 5
    assert (await one.look(), went.times) == (False, 1)
    seconds.now += 10
    assert (await two.look(), went.times) == (True, 2)


async def test_a_server_that_dies_on_its_round_leaves_it_to_the_next(database: str) -> None:
    holder = await asyncpg.connect(**db.credentials(database))
    assert await holder.fetchval("SELECT pg_try_advisory_lock(hashtextextended('chat.rounds', 11))")
    seconds, went = Clock(), Went()
    server = Rounds(now=seconds, go=went)
    seconds.now += 60
    assert (await server.look(), went.times) == (False, 0)
    await holder.close()
    async with asyncio.timeout(WAIT_S):
        while not await server.look():
            await asyncio.sleep(0.02)
    assert went.times == 1


async def test_it_is_told_whether_somebody_goes(database: str) -> None:
    async with rounds.watched():
        assert rounds.somebody_goes()
        rounds._here[0].late = True
        assert not rounds.somebody_goes()
    assert rounds.somebody_goes()
