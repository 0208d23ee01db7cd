"""First come, first served: of one matter nobody overtakes somebody who waits."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from auth.models import Citizen, StaffMember
from chat import dispatching, opening, presence
from chat.conversations import close, locked
from chat.models import Conversation
from chat.subjects import Subject, subject_of
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import ITEM, REGION, move_in
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]

IN_ORDER_OF_ARRIVAL = "SELECT id FROM chat_conversation ORDER BY created_at, id"
IN_ORDER_OF_SERVICE = """
SELECT conversation_id FROM chat_conversation_change WHERE to_state = 'assigned' GROUP BY conversation_id ORDER BY min(id)
"""


async def sit_down(clerk: StaffMember, *, capacity: int, status: str = "online") -> None:
    await presence.arrive(clerk.id)
    await presence.choose(clerk.id, status=status, capacity=capacity, auto_accept=True)


async def about(citizen: Citizen, *, region: str = REGION) -> Subject:
    return await subject_of(item=ITEM, department=None, application=None, region=region, citizen=citizen.id)


async def arrive(*, region: str = REGION) -> Conversation:
    citizen = await move_in()
    return await opening.open_conversation(citizen.id, await about(citizen, region=region), words="请问")


async def ids(query: str) -> list[UUID]:
    return [r[0] for r in await db.fetch(query)]


async def state_of(conversation: Conversation) -> str:
    return str(await db.fetch_value("SELECT state FROM chat_conversation WHERE id = $1", conversation.id))


async def test_a_newcomer_at_the_moment_a_place_frees_stands_behind_who_waits(roster: Roster, drain: Drain) -> None:
    await sit_down(roster.owner, capacity=1)
    served, waiting = await arrive(), await arrive()
    assert [await state_of(c) for c in (served, waiting)] == ["assigned", "queued"]
    await close(served.id, actor="system")  # the place is free; nobody has looked at the queue yet
    newcomer = await arrive()
    assert [await state_of(c) for c in (waiting, newcomer)] == ["queued", "queued"]
    await drain()
    assert [await state_of(c) for c in (waiting, newcomer)] == ["assigned", "queued"]


async def test_a_newcomer_is_served_when_who_waits_was_declined_by_the_only_clerk(roster: Roster, drain: Drain) -> None:
    await sit_down(roster.owner, capacity=1, status="busy")
    waiting = await arrive()
    await db.execute("UPDATE chat_conversation SET tried = $1::jsonb", f'["{roster.owner.id}"]')
    await sit_down(roster.owner, capacity=1)
    newcomer = await arrive()
    await drain()
    assert [await state_of(c) for c in (waiting, newcomer)] == ["queued", "assigned"]


async def test_who_waits_for_another_matter_holds_nobody_up(roster: Roster) -> None:
    await sit_down(roster.backup, capacity=1, status="busy")
    elsewhere = await arrive(region="440106000000")  # nobody has the duty there: it waits for the department
    await sit_down(roster.owner, capacity=1)
    newcomer = await arrive()
    assert [await state_of(c) for c in (elsewhere, newcomer)] == ["queued", "assigned"]


async def test_a_word_being_written_does_not_cost_the_place_in_the_queue(roster: Roster) -> None:
    await sit_down(roster.owner, capacity=1, status="busy")
    first, second = await arrive(), await arrive()
    await sit_down(roster.owner, capacity=1)
    held, done = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with db.transaction():
            await locked(first.id)
            held.set()
            await done.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        await held.wait()
        worked_off = group.create_task(dispatching.dispatch())
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        async with asyncio.timeout(WAIT_S):
            while not await db.fetch_value(waits) and not worked_off.done():
                await asyncio.sleep(0)
        done.set()
    assert [await state_of(c) for c in (first, second)] == ["assigned", "queued"]


async def test_many_of_one_matter_do_not_keep_another_from_being_looked_at(roster: Roster) -> None:
    await sit_down(roster.backup, capacity=1, status="busy")
    for _ in range(4):
        await arrive(region="440106000000")
    mine = await arrive()
    await sit_down(roster.owner, capacity=1)
    assert await dispatching.dispatch(at_most=2) == 1
    assert await state_of(mine) == "assigned"


async def end_one(chance: random.Random) -> None:
    """One of those who are served is done."""
    served = await ids("SELECT id FROM chat_conversation WHERE state = 'assigned' ORDER BY created_at")
    if served:
        await close(chance.choice(served), actor="system")


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_comes_together_people_are_served_in_the_order_of_arrival(roster: Roster, seed: int) -> None:
    chance = random.Random(seed)
    await sit_down(roster.owner, capacity=chance.randint(1, 3))
    for _ in range(12):
        moment: list[Awaitable[object]] = [arrive() for _ in range(chance.randint(0, 3))]
        moment += [end_one(random.Random(chance.random())) for _ in range(chance.randint(0, 2))]
        moment += [dispatching.dispatch() for _ in range(chance.randint(0, 2))]
        chance.shuffle(moment)
        await asyncio.gather(*moment)
        served = await ids(IN_ORDER_OF_SERVICE)
        assert served == (await ids(IN_ORDER_OF_ARRIVAL))[: len(served)]
    while await db.fetch_value("SELECT count(*) FROM chat_conversation WHERE state <> 'closed'"):
        await end_one(chance)
        await dispatching.dispatch()
    assert await ids(IN_ORDER_OF_SERVICE) == await ids(IN_ORDER_OF_ARRIVAL)
