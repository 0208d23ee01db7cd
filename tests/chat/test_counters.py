"""Unread is what people of the other side wrote after the read mark, on every device, whatever happened."""

import asyncio
import os
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth.models import Citizen
from chat.pulse import write_marks
from chat.views import view_of
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, begun, counter
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
OPERATIONS = 10_000 if os.environ.get("SLOW") else 400
LOOK_EVERY = 25


@dataclass
class Truth:
    """What was acked: who said what, what is left of it, and how far each side has read."""

    said: dict[int, str] = field(default_factory=dict)  # place → side, of what counts
    read: dict[str, int] = field(default_factory=lambda: {"citizen": 0, "clerk": 0})
    top: int = 2

    def unread(self, side: str) -> int:
        return sum(1 for seq, by in self.said.items() if by != side and seq > self.read[side])


@dataclass
class Side:
    """One person with two devices, on two processes."""

    name: str
    person: Any
    lines: list[Line]


async def entry(line: Line, **frame: Any) -> dict[str, Any] | None:
    """Sent until it is acked, or refused for good; the ack, None for a refusal."""
    client_id = uuid4().hex
    await line.say(client_id=client_id, **frame)
    async with asyncio.timeout(WAIT_S):
        while True:
            for kind in ("ack", "error"):
                found = line._next(kind, {"client_id": client_id})
                if found is not None and kind == "ack":
                    return found
                if found is not None and not found["retry"]:
                    return None
                if found is not None:
                    await line.say(client_id=client_id, **frame)
            line.more.clear()
            await line.more.wait()


class Crowd:
    """Random people at random devices."""

    def __init__(self, desks: list[Counter], sides: list[Side], talk: str, *, seed: int) -> None:
        self.desks, self.sides, self.talk, self.chance = desks, sides, talk, random.Random(seed)
        self.truth = Truth(said={1: "citizen"})

    async def act(self) -> None:
        side = self.chance.choice(self.sides)
        act = self.chance.choices([self.say, self.change, self.read, self.fall], [40, 20, 30, 10])[0]
        await act(side)

    async def say(self, side: Side) -> None:
        line = self.chance.choice(side.lines)
        ack = await entry(line, type="send", conversation=self.talk, kind="text", body={"text": uuid4().hex})
        assert ack is not None
        self.truth.said[ack["seq"]] = side.name
        self.truth.top = max(self.truth.top, ack["seq"])

    async def change(self, side: Side) -> None:
        own = [seq for seq, by in self.truth.said.items() if by == side.name]
        if not own:
            return
        of, recall = self.chance.choice(own[-20:]), self.chance.random() < 0.4
        what: dict[str, Any] = {"type": "recall"} if recall else {"type": "edit", "body": {"text": uuid4().hex}}
        ack = await entry(self.chance.choice(side.lines), conversation=self.talk, of=of, **what)
        if ack is None:
            return
        self.truth.top = max(self.truth.top, ack["seq"])
        if recall:
            del self.truth.said[of]

    async def read(self, side: Side) -> None:
        """Up to anywhere: also back, and beyond the end."""
        seq = self.chance.randint(0, self.truth.top + 3)
        line = self.chance.choice(side.lines)
        await line.say(type="read", conversation=self.talk, seq=seq)
        await line.say(type="ping", t=seq)
        await line.hear("pong", t=seq)
        await self.settle()
        self.truth.read[side.name] = max(self.truth.read[side.name], min(seq, self.truth.top))

    async def fall(self, side: Side) -> None:
        """A device is cut off and comes back to the other process; now and then the writer's connection is cut too."""
        place = self.chance.randrange(len(side.lines))
        seen = max(side.lines[place].seqs(self.talk), default=0)
        side.lines[place].cut()
        if self.chance.random() < 0.2:
            await db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name = 'handheld-chat-writer'"
            )
        side.lines[place] = await self.chance.choice(self.desks).come(side.person, since={self.talk: seen})
        await side.lines[place].hear("caught_up", conversation=self.talk)

    async def settle(self) -> None:
        for desk in self.desks:
            await write_marks(desk.hub)

    async def agree(self) -> None:
        await self.settle()
        for side in self.sides:
            view = await view_of(UUID(self.talk), side=side.name)
            assert view is not None
            assert (view.unread, getattr(view.read, side.name)) == (
                self.truth.unread(side.name), self.truth.read[side.name],
            ), side.name  # fmt: skip
            fresh = await self.chance.choice(self.desks).come(side.person, since={self.talk: self.truth.top})
            told = next(c for c in fresh.frames[0]["conversations"] if c["id"] == self.talk)
            assert (told["unread"], told["last_seq"]) == (view.unread, self.truth.top)
            await fresh.hang_up()


async def test_unread_is_right_on_every_device_after_thousands_of_operations_with_faults(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as one, counter(database) as two:
        clerk, mine, talk = await begun(one, roster.owner, citizen)
        sides = [
            Side("clerk", roster.owner, [clerk, await two.come(roster.owner)]),
            Side("citizen", citizen, [mine, await two.come(citizen)]),
        ]
        crowd = Crowd([one, two], sides, talk, seed=20261121)
        for n in range(OPERATIONS):
            await crowd.act()
            if n % LOOK_EVERY == 0:
                await crowd.agree()
        await crowd.agree()
        rows = await db.fetch("SELECT seq FROM chat_message ORDER BY seq")
        assert [row["seq"] for row in rows] == list(range(1, crowd.truth.top + 1))
