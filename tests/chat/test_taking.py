"""Two reach for one at the same moment, a thousand times."""

import asyncio
import os
from typing import Any
from uuid import UUID

import pytest

from auth.models import Citizen
from chat import assignment, dispatching, handovers, presence
from chat.conversations import close
from chat.errors import DeskFull, NobodyWaits, OfferGone
from chat.models import Conversation
from kit import clock, db
from kit.errors import NotFound
from kit.web import Actor
from tests.chat.conftest import Roster
from tests.chat.office import ITEM, REGION, move_in

pytestmark = pytest.mark.anyio
ROUNDS = 1000 if "SLOW" in os.environ else 60


async def queued(citizen: Citizen, **other: object) -> Conversation:
    now = clock.now()
    told: dict[str, Any] = {"item_code": ITEM, "department_code": "GA", "region_code": REGION} | other
    return await Conversation.create(
        citizen_id=citizen.id, state="queued", queued_at=now, created_at=now, reason_code="department_queue", **told
    )


async def took(id_: UUID, clerk: UUID) -> bool:
    try:
        await handovers.take_offered(id_, clerk=clerk)
    except (OfferGone, NotFound):
        return False
    return True


async def test_of_two_who_take_one_exactly_one_has_it_every_time(roster: Roster, citizen: Citizen) -> None:
    clerks = [roster.owner.id, roster.backup.id]
    for n in range(ROUNDS):
        one = await queued(citizen)
        taken = await asyncio.gather(*(took(one.id, clerk) for clerk in clerks[:: 1 if n % 2 else -1]))
        assert sorted(taken) == [False, True]
        assert await Conversation.filter(id=one.id, clerk_id__in=clerks, state="assigned").count() == 1
        await close(one.id, actor="system")
    doubles = "SELECT count(*) FROM chat_conversation_change WHERE to_state = 'assigned'"
    assert await db.fetch_value(doubles) == ROUNDS


async def test_of_two_who_call_the_next_each_is_given_another_and_nobody_waits_in_vain(
    roster: Roster, citizen: Citizen
) -> None:
    actors = [Actor(clerk.id, "staff", frozenset({"clerk"})) for clerk in (roster.owner, roster.backup)]
    for _ in range(ROUNDS // 4):
        first, second = await queued(citizen), await queued(citizen)
        given = await asyncio.gather(*(dispatching.take_next(actor) for actor in actors))
        assert set(given) == {first.id, second.id}
        for id_ in given:
            await close(id_, actor="system")
    with pytest.raises(NobodyWaits):
        await dispatching.take_next(actors[0])


async def test_the_next_is_the_one_who_came_first(roster: Roster, citizen: Citizen) -> None:
    came = [(await queued(citizen)).id for _ in range(3)]
    actor = Actor(roster.owner.id, "staff", frozenset({"clerk"}))
    assert [await dispatching.take_next(actor) for _ in range(3)] == came


async def test_a_full_desk_takes_nobody_more(roster: Roster, citizen: Citizen) -> None:
    await presence.arrive(roster.owner.id)
    await presence.choose(roster.owner.id, status="online", capacity=1, auto_accept=True)
    actor = Actor(roster.owner.id, "staff", frozenset({"clerk"}))
    await queued(citizen)
    more = await queued(citizen)
    await dispatching.take_next(actor)
    with pytest.raises(DeskFull):
        await dispatching.take_next(actor)
    with pytest.raises(DeskFull):
        await handovers.take_offered(more.id, clerk=roster.owner.id)
    assert (await Conversation.get(id=more.id)).state == "queued"


async def test_a_clerk_of_another_office_calls_nobody_of_ours(roster: Roster, citizen: Citizen) -> None:
    waits = await queued(citizen)
    with pytest.raises(NobodyWaits):
        await dispatching.take_next(Actor(roster.outsider.id, "staff", frozenset({"clerk"})))
    assert (await Conversation.get(id=waits.id)).state == "queued"


async def test_two_dispatchers_work_off_several_matters_at_once_and_lose_nobody(roster: Roster) -> None:
    """The last places of two clerks, five matters, four dispatchers: every place is given, each once, in order."""
    for clerk in (roster.owner, roster.backup):
        await presence.arrive(clerk.id)
        await presence.choose(clerk.id, status="online", capacity=5, auto_accept=True)
    for n in range(ROUNDS // 10):
        person = await move_in()
        came = [await queued(person, item_code=None, region_code=f"44010{m}000000") for m in range(5) for _ in range(3)]
        await Conversation.filter(id__in=[c.id for c in came]).update(queued_at=clock.now() - assignment.patience())
        await asyncio.gather(*(dispatching.dispatch() for _ in range(4)))
        served = await Conversation.filter(state="assigned")
        assert len(served) == 10, n
        for region in {c.region_code for c in came}:
            line = [c.id for c in came if c.region_code == region]
            taken = [id_ for id_ in line if id_ in {c.id for c in served}]
            assert taken == line[: len(taken)]
        for conversation in came:
            await close(conversation.id, actor="system")


async def test_a_seat_that_has_no_room_is_let_go_of(roster: Roster, citizen: Citizen) -> None:
    """Two who look at two full seats in opposite order do not wait for each other."""
    clerks = [roster.owner.id, roster.backup.id]
    for clerk in clerks:
        await presence.arrive(clerk)
        await presence.choose(clerk, status="busy", capacity=1, auto_accept=True)

    async def look(order: list[UUID]) -> None:
        async with db.transaction():
            for clerk in order:
                assert await presence.hold_free(clerk) is None
                await asyncio.sleep(0.01)

    await asyncio.gather(*(look(clerks[:: 1 if n % 2 else -1]) for n in range(6)))
