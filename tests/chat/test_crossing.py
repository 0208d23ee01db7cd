"""Messages that cross from one process to another: their frames save the look at the rows, and never replace it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from auth.models import Citizen
from chat.backplane import Heard, Hint, Reconnected
from chat.crossing import CAP, Crossing
from tests.chat.conftest import Roster
from tests.chat.office import conversation_of, counter

pytestmark = pytest.mark.anyio


@dataclass
class Wires:
    """Between the processes, in place of Redis: what is told is heard by all, or lost."""

    hearing: list[Heard] = field(default_factory=list)
    told: list[Hint] = field(default_factory=list)
    losing: bool = False


@dataclass
class Plane:
    wires: Wires
    in_database: bool = False

    async def tell(self, hint: Hint) -> None:
        self.wires.told.append(hint)
        for heard in self.wires.hearing if not self.wires.losing else []:
            heard(json.loads(json.dumps(hint)))

    @asynccontextmanager
    async def listening(self, heard: Heard, *, reconnected: Reconnected) -> AsyncIterator[None]:
        self.wires.hearing.append(heard)
        await reconnected()
        yield
        self.wires.hearing.remove(heard)


async def test_a_message_that_is_the_next_is_delivered_elsewhere_without_a_look_at_the_rows(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    wires, looks = Wires(), list[str]()

    async def probe(point: str) -> None:
        looks.append(point)

    async with counter(database, plane=Plane(wires)) as one, counter(database, plane=Plane(wires), probe=probe) as two:
        conversation = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        looks.clear()
        for n in range(1, 6):
            await here.send_text(conversation, f"第{n}句")
            heard = await there.hear("message", conversation=conversation, seq=n)
            assert heard["body"] == {"text": f"第{n}句"}
        assert (there.seqs(conversation), looks) == ([1, 2, 3, 4, 5], [])


async def test_what_was_lost_on_the_way_is_read_from_the_rows_with_the_next_one(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    wires = Wires()
    async with counter(database, plane=Plane(wires)) as one, counter(database, plane=Plane(wires)) as two:
        conversation = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        await here.send_text(conversation, "1")
        await there.hear("message", conversation=conversation, seq=1)
        wires.losing = True
        await here.send_text(conversation, "2")
        await here.send_text(conversation, "3")
        wires.losing = False
        await here.send_text(conversation, "4")
        await there.hear("message", conversation=conversation, seq=4)
        assert there.seqs(conversation) == [1, 2, 3, 4]


async def test_what_is_heard_twice_is_shown_once(database: str, roster: Roster, citizen: Citizen) -> None:
    wires = Wires()
    async with counter(database, plane=Plane(wires)) as one, counter(database, plane=Plane(wires)) as two:
        conversation = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        await here.send_text(conversation, "1")
        await there.hear("message", conversation=conversation, seq=1)
        for hint in [h for h in wires.told if "m" in h]:
            await Plane(wires).tell(hint)
        await here.send_text(conversation, "2")
        await there.hear("message", conversation=conversation, seq=2)
        assert there.seqs(conversation) == [1, 2]


def test_a_large_group_crosses_in_parts_and_in_order() -> None:
    crossing, talk = Crossing("here"), uuid4()
    for seq in range(1, 8):
        crossing.add(talk, seq, "x" * (CAP // 3))
    parts = [[seq for _, seq, _ in hint["m"]] for hint in crossing.take()]
    assert parts == [[1, 2, 3, 4], [5, 6, 7]]
    assert list(crossing.take()) == []


def test_a_picture_crosses_as_its_place_alone() -> None:
    crossing, talk = Crossing("here"), uuid4()
    crossing.add(talk, 7, None)
    assert [hint["m"] for hint in crossing.take()] == [[(str(talk), 7, None)]]
