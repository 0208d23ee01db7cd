"""Several hands reach for the same conversation, or the same clerk, at once."""

import asyncio

import pytest

from auth.models import Citizen, StaffMember
from chat import dispatching, presence
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, hire, move_in, token_of

pytestmark = pytest.mark.anyio


async def answer_of(desk: Counter, token: str, path: str) -> str:
    """`taken`, or the code it was refused with."""
    try:
        await desk.call(token, "POST", path, {})
    except AssertionError as refused:
        return (
            "offer_gone"
            if "offer_gone" in str(refused)
            else "not_found"
            if "not_found" in str(refused)
            else str(refused)
        )
    return "taken"


async def test_of_clerks_who_take_one_at_once_exactly_one_has_it(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerks = [roster.owner, roster.backup, roster.colleague]
    tokens = [await token_of(clerk) for clerk in clerks]
    for n in range(12):
        opened = await desk.ask(citizen, f"第{n}问")
        assert opened["state"] == "inquiry"
        answers = await asyncio.gather(*(answer_of(desk, t, f"/consultations/{opened['id']}/take") for t in tokens))
        assert sorted(answers) == ["offer_gone", "offer_gone", "taken"], answers
        owner = await db.fetch_value("SELECT clerk_id FROM chat_conversation WHERE id = $1", opened["id"])
        assert owner == clerks[answers.index("taken")].id
        greetings = "SELECT count(*) FROM chat_message WHERE conversation_id = $1 AND body->>'event' = 'assigned'"
        assert await db.fetch_value(greetings, opened["id"]) == 1


async def test_no_clerk_is_given_more_than_they_have_room_for(desk: Counter, roster: Roster) -> None:
    other = await hire("another", role="other")
    team: list[tuple[StaffMember, int]] = [(roster.owner, 3), (roster.backup, 2), (other, 1)]
    for clerk, room in team:
        line = await desk.come(clerk)
        await line.say(type="presence", status="online", capacity=room, auto_accept=True)
        await line.hear("presence", capacity=room)
    citizens = [await token_of(await move_in()) for _ in range(12)]
    opened = await asyncio.gather(*(desk.ask(one) for one in citizens))
    states = [c["state"] for c in opened]
    assert (states.count("assigned"), states.count("queued")) == (6, 6)
    seats = await presence.seats([clerk.id for clerk, _ in team])
    assert {clerk.username: seats[clerk.id].load for clerk, _ in team} == {"owner": 3, "backup": 2, "another": 1}


async def test_several_dispatchers_give_each_place_once_and_in_order(desk: Counter, roster: Roster) -> None:
    full = await desk.come(roster.owner)
    await full.say(type="presence", status="busy", capacity=4, auto_accept=True)
    await full.hear("presence", status="busy")
    asked = [await desk.ask(await move_in()) for _ in range(8)]
    assert {c["state"] for c in asked} == {"queued"}
    await presence.choose(roster.owner.id, status="online", capacity=4, auto_accept=True)
    await asyncio.gather(*(dispatching.dispatch() for _ in range(4)))
    rows = await db.fetch("SELECT id, state FROM chat_conversation ORDER BY created_at")
    assert [r["state"] for r in rows] == ["assigned"] * 4 + ["queued"] * 4
    doubles = "SELECT count(*) FROM (SELECT 1 FROM chat_conversation_change WHERE to_state = 'assigned' GROUP BY conversation_id HAVING count(*) > 1) AS d"
    assert await db.fetch_value(doubles) == 0
