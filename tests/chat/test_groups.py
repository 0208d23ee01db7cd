"""Messages of one commit: what is simply stored, and what brings the whole group before the judge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from asyncpg import ForeignKeyViolationError

from auth.models import Citizen
from chat.messages import Draft, Outcome
from chat.models import Conversation, Message
from chat.writer import Pending, Writer
from kit import clock, db
from tests.chat.conftest import Roster
from tests.chat.office import move_in
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio


@dataclass
class Group:
    """Sends that are committed together, and what became of each."""

    writer: Writer[str]
    outcomes: dict[str, tuple[str, int]] = field(default_factory=dict)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0

    async def send(self, *drafts: Draft) -> dict[str, tuple[str, int]]:
        """{nth: (verdict, seq)}, counted from "1"."""
        self.outcomes, self.waiting = {}, len(drafts)
        self.settled.clear()
        for nth, draft in enumerate(drafts, start=1):
            self.writer.submit(Pending(draft, str(nth)))
        async with asyncio.timeout(WAIT_S):
            await self.settled.wait()
        return self.outcomes

    def tell(self, pending: Pending[str], outcome: Outcome | None) -> None:
        assert outcome is not None
        self.outcomes[pending.ticket] = (outcome.verdict, outcome.seq)
        if len(self.outcomes) == self.waiting:
            self.settled.set()


@asynccontextmanager
async def grouping(url: str) -> AsyncIterator[Group]:
    def settled(pending: Pending[str], outcome: Outcome | None) -> None:
        group.tell(pending, outcome)

    group = Group(Writer(url, origin="here", settled=settled))
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(group.writer.run())
        yield group
        task.cancel()


async def talk(citizen: Citizen, clerk: UUID) -> Conversation:
    now = clock.now()
    return await Conversation.create(
        citizen_id=citizen.id, clerk_id=clerk, state="assigned", answer_due_at=now, reason_code="taken", created_at=now
    )


def said(conversation: Conversation, role: str, sender: UUID, client_id: str, text: str = "您好") -> Draft:
    return Draft(conversation.id, role, "text", {"text": text}, sender=sender, client_id=client_id)


async def stored(conversation: Conversation) -> list[tuple[int, str]]:
    rows = await Message.filter(conversation_id=conversation.id).order_by("seq").values_list("seq", "client_id")
    return [(seq, client_id) for seq, client_id in rows]


async def test_messages_of_several_conversations_are_numbered_in_the_order_they_came(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    clerk = roster.owner.id
    one, other = await talk(citizen, clerk), await talk(citizen, clerk)
    async with grouping(database) as group:
        told = await group.send(
            said(one, "citizen", citizen.id, "a"), said(other, "clerk", clerk, "b"), said(one, "clerk", clerk, "c"),
            said(other, "clerk", clerk, "d"), said(one, "citizen", citizen.id, "e"),
        )  # fmt: skip
    assert told == {"1": ("stored", 1), "2": ("stored", 1), "3": ("stored", 2), "4": ("stored", 2), "5": ("stored", 3)}
    assert await stored(one) == [(1, "a"), (2, "c"), (3, "e")]
    assert await stored(other) == [(1, "b"), (2, "d")]
    assert [(t.last_seq, t.awaiting) for t in await Conversation.filter(id__in=[one.id]).all()] == [(3, "clerk")]


async def test_a_stranger_in_the_group_of_the_citizen_is_refused_and_the_citizen_is_not(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    stranger, conversation = await move_in(), await talk(citizen, roster.owner.id)
    async with grouping(database) as group:
        for first, second in [(stranger.id, citizen.id), (citizen.id, stranger.id)]:
            told = await group.send(
                said(conversation, "citizen", first, f"{first}"[:20] + "1"),
                said(conversation, "citizen", second, f"{second}"[:20] + "2"),
            )
            verdicts = {first: told["1"][0], second: told["2"][0]}
            assert verdicts == {stranger.id: "absent", citizen.id: "stored"}
    assert await Message.filter(sender=stranger.id).count() == 0


async def test_a_clerk_who_handed_it_on_is_refused_beside_the_one_who_has_it(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    conversation = await talk(citizen, roster.owner.id)
    async with grouping(database) as group:
        told = await group.send(
            said(conversation, "clerk", roster.backup.id, "a"), said(conversation, "clerk", roster.owner.id, "b")
        )
    assert (told["1"][0], told["2"]) == ("absent", ("stored", 1))


async def test_a_repeat_is_answered_with_the_first_place_and_takes_nothing_from_its_neighbours(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    one, other = await talk(citizen, roster.owner.id), await talk(citizen, roster.owner.id)
    async with grouping(database) as group:
        await group.send(said(one, "citizen", citizen.id, "a"))
        told = await group.send(
            said(one, "citizen", citizen.id, "a"), said(other, "citizen", citizen.id, "b"),
            said(one, "citizen", citizen.id, "a", "另一句"),
        )  # fmt: skip
    assert told == {"1": ("repeat", 1), "2": ("stored", 1), "3": ("conflict", 1)}
    assert (await stored(one), await stored(other)) == ([(1, "a")], [(1, "b")])


async def test_one_that_is_closed_is_refused_and_its_neighbour_stored(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    ended, open_one = await talk(citizen, roster.owner.id), await talk(citizen, roster.owner.id)
    await Conversation.filter(id=ended.id).update(state="closed", closed_at=clock.now(), answer_due_at=None)
    async with grouping(database) as group:
        told = await group.send(said(ended, "citizen", citizen.id, "a"), said(open_one, "citizen", citizen.id, "b"))
    assert (told["1"][0], told["2"]) == ("closed", ("stored", 1))
    assert await stored(ended) == []


async def test_two_processes_that_write_into_the_same_conversations_never_wait_for_each_other(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    talks = [await talk(citizen, roster.owner.id) for _ in range(20)]
    async with grouping(database) as here, grouping(database) as there:
        for turn in range(15):
            await asyncio.gather(
                here.send(*(said(t, "citizen", citizen.id, f"c{turn}-{n}") for n, t in enumerate(talks))),
                there.send(*(said(t, "clerk", roster.owner.id, f"k{turn}-{n}") for n, t in enumerate(talks[::-1]))),
            )
    for conversation in talks:
        assert [seq for seq, _ in await stored(conversation)] == list(range(1, 31))


async def test_a_conversation_that_has_messages_is_not_deleted(database: str, roster: Roster, citizen: Citizen) -> None:
    conversation = await talk(citizen, roster.owner.id)
    async with grouping(database) as group:
        await group.send(said(conversation, "citizen", citizen.id, "a"))
    with pytest.raises(ForeignKeyViolationError):
        await db.execute("DELETE FROM chat_conversation WHERE id = $1", conversation.id)
    assert await stored(conversation) == [(1, "a")]
