"""Waiting: a place that moves before one's eyes, an honest estimate, a message instead, and what became of whom."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.models import Citizen
from chat import presence, queues
from chat.models import ConversationChange, Inquiry, Wait
from chat.queues import ENOUGH, Pace, estimate
from kit import clock
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, move_in
from tests.chat.test_taking import queued
from tests.house.test_query_counts import statements

pytestmark = pytest.mark.anyio
STEADY = Pace(samples=20, low=60, middle=90, high=150, clerks=2, present=2)


@pytest.mark.parametrize(
    ("pace", "position", "entered", "waited", "expected"),
    [
        (STEADY, 1, 1, 0, (90, 60, 150)),
        (STEADY, 3, 3, 0, (270, 180, 450)),
        (Pace(20, 60, 90, 150, clerks=2, present=4), 2, 2, 0, (90, 60, 150)),  # twice the clerks, half the time
        (Pace(20, 60, 90, 150, clerks=2, present=1), 1, 1, 0, (180, 120, 300)),
        (STEADY, 2, 2, 400, (800, 800, 800)),  # nobody was served for 400 s: not quicker from here
        (STEADY, 1, 3, 300, (100, 100, 150)),  # two were served in 300 s
    ],
)
def test_an_estimate_is_of_the_places_left_and_never_better_than_what_was_lived(
    pace: Pace, position: int, entered: int, waited: float, expected: tuple[int, int, int]
) -> None:
    said = estimate(pace, position=position, entered_at_place=entered, waited_s=waited)
    assert said is not None
    assert (said.middle, said.low, said.high) == expected


@pytest.mark.parametrize("pace", [Pace(), Pace(ENOUGH - 1, 60, 90, 150, 2, 2), Pace(20, 60, 90, 150, 2, 0)])
def test_what_is_not_known_is_not_said(pace: Pace) -> None:
    assert estimate(pace, position=1, entered_at_place=1, waited_s=0) is None


@given(
    st.floats(0, 600),
    st.floats(0, 600),
    st.floats(0, 600),
    st.floats(0, 30),
    st.integers(1, 30),
    st.integers(1, 50),
    st.integers(1, 50),
    st.floats(0, 7200),
)
def test_the_range_holds_the_estimate_and_both_the_truth(
    low: float, more: float, most: float, clerks: float, present: int, position: int, entered: int, waited: float
) -> None:
    pace = Pace(ENOUGH, low, low + more, low + more + most, clerks, present)
    said = estimate(pace, position=position, entered_at_place=entered, waited_s=waited)
    assert said is not None
    assert said.low <= said.middle <= said.high
    assert said.low >= round(position * waited / (max(entered - position, 0) + 1)) - 1


async def busy_desk(desk: Counter, roster: Roster) -> Line:
    """The owner is there, and takes nobody for now."""
    line = await desk.come(roster.owner)
    await line.say(type="presence", status="busy", capacity=4, auto_accept=True)
    await line.hear("presence", status="busy")
    return line


async def test_everybody_behind_is_told_when_somebody_ahead_leaves(desk: Counter, roster: Roster) -> None:
    await busy_desk(desk, roster)
    people = [await move_in() for _ in range(3)]
    lines = [await desk.come(person) for person in people]
    opened = [await desk.ask(person) for person in people]
    assert [one["queue_position"] for one in opened] == [1, 2, 3]
    await desk.call(people[0], "POST", f"/consultations/{opened[0]['id']}/close", {})
    for line, one, place in zip(lines[1:], opened[1:], (1, 2), strict=True):
        told = await line.hear("conversation", conversation=one["id"], queue_position=place)
        assert (told["state"], told["wait_estimate_s"], told["wait_range_s"]) == ("queued", None, None)
        assert told["reason"]["code"] == "department_queue"


async def test_a_change_costs_the_same_however_many_wait(roster: Roster) -> None:
    """Two statements for a queue of two, and two for one of forty."""
    for waiting in (2, 40):
        for _ in range(waiting):
            await queued(await move_in())
        async with statements() as sent:
            found = await queues.standings(["GA"])
        assert len(found) >= waiting
        assert len(sent) == 2


async def test_three_served_tell_what_the_next_may_expect(desk: Counter, roster: Roster) -> None:
    line = await busy_desk(desk, roster)
    served = [await desk.ask(await move_in()) for _ in range(ENOUGH)]
    with clock.moved(timedelta(seconds=50)):
        await presence.keep([roster.owner.id])
        await line.say(type="presence", status="online", capacity=ENOUGH, auto_accept=True)
        for one in served:
            await line.hear("conversation", conversation=one["id"], state="assigned")
        stays = await Wait.filter(outcome="served").order_by("id")
        assert [s.place for s in stays] == [1, 2, 3]
        assert all(50 <= (s.left_at - s.entered_at).total_seconds() < 60 for s in stays if s.left_at)
        asked = await desk.ask(await move_in())
    assert asked["queue_position"] == 1
    assert asked["wait_range_s"][0] <= asked["wait_estimate_s"] <= asked["wait_range_s"][1]
    assert asked["wait_range_s"][0] >= 16
    assert asked["wait_range_s"][1] <= 60


async def test_who_would_rather_not_wait_leaves_a_message(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    await busy_desk(desk, roster)
    waits, behind = await desk.ask(citizen), await desk.ask(await move_in())
    left = await desk.call(citizen, "POST", f"/consultations/{waits['id']}/inquiry", {})
    assert (left["state"], left["reason"]["code"], left["queue_position"]) == ("inquiry", "left_message", None)
    assert left["inquiry"]["owner"]["name"] == "Owner"
    assert (left["inquiry"]["asked_by"], left["inquiry"]["light"]) == ("citizen", "green")
    assert left["inquiry"]["due_at"] == left["due_at"]
    assert (await Wait.get(conversation_id=waits["id"])).outcome == "message"
    again = await desk.call(citizen, "POST", f"/consultations/{waits['id']}/inquiry", {})
    assert again["due_at"] == left["due_at"]
    assert await Inquiry.all().count() == 1
    assert (await desk.call(roster.owner, "GET", f"/consultations/{behind['id']}"))["queue_position"] == 1


async def test_what_a_clerk_has_is_no_place_to_give_up(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    await busy_desk(desk, roster)
    opened = await desk.ask(citizen)
    await desk.call(roster.owner, "POST", f"/consultations/{opened['id']}/take", {})
    refused = await desk.call(citizen, "POST", f"/consultations/{opened['id']}/inquiry", {}, expect=409)
    assert refused["code"] == "not_waiting"
    other = await move_in()
    await desk.call(other, "POST", f"/consultations/{opened['id']}/inquiry", {}, expect=404)
    assert await Inquiry.all().count() == 0


async def test_who_gives_up_waiting_is_remembered_as_such(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    await busy_desk(desk, roster)
    opened = await desk.ask(citizen)
    closed = await desk.call(citizen, "POST", f"/consultations/{opened['id']}/close", {})
    assert closed["reason"]["code"] == "abandoned"
    stay = await Wait.get(conversation_id=opened["id"])
    assert (stay.outcome, stay.place) == ("left", 1)
    last = await ConversationChange.filter(conversation_id=opened["id"]).order_by("-id").first()
    assert last is not None
    assert (last.from_state, last.to_state, last.reason_code) == ("queued", "closed", "abandoned")
