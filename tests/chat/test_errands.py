"""What the database is asked about waits in its order; what needs no question goes ahead of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest

from auth.models import Citizen
from chat.errands import MOST
from kit import config, db
from mobileapi.settings import OfficeSettings
from tests.chat.conftest import Roster
from tests.chat.office import Counter, conversation_of, counter
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio


@dataclass
class Barrier:
    """Holds every look at the rows while it is down."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    async def probe(self, point: str) -> None:
        if point != "before rows are read" or self.open.is_set():
            return
        self.reached.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


@pytest.fixture
def barrier() -> Barrier:
    made = Barrier()
    made.open.set()
    return made


@pytest.fixture
async def held(database: str, barrier: Barrier) -> AsyncIterator[Counter]:
    async with counter(database, probe=barrier.probe) as opened:
        try:
            yield opened
        finally:
            barrier.open.set()


async def test_a_send_is_acked_while_a_sync_of_the_same_socket_is_stuck(
    held: Counter, citizen: Citizen, barrier: Barrier
) -> None:
    conversation = await conversation_of(citizen, messages=3)
    line = await held.come(citizen, since={conversation: 3})
    await line.hear("caught_up", seq=3)
    barrier.open.clear()
    await line.say(type="sync", conversation=conversation, after=1)
    await barrier.reached.wait()
    acks = [(await line.send_text(conversation, f"{n}"))["seq"] for n in range(4, 7)]
    assert acks == [4, 5, 6]
    await line.say(type="ping", t=1)
    assert line.seqs(conversation) == []
    barrier.open.set()
    assert (await line.hear("caught_up", conversation=conversation))["seq"] == 6
    assert line.seqs(conversation) == [2, 3]
    await line.hear("pong", t=1)
    assert [f["type"] for f in line.frames[-2:]] == ["caught_up", "pong"]  # what was asked before is answered before


async def test_a_send_is_acked_while_the_catch_up_of_hello_is_stuck(
    held: Counter, citizen: Citizen, barrier: Barrier
) -> None:
    conversation = await conversation_of(citizen, messages=2)
    barrier.open.clear()
    line = await held.come(citizen)
    await barrier.reached.wait()
    assert (await line.send_text(conversation, "急"))["seq"] == 3
    barrier.open.set()
    assert (await line.hear("caught_up", conversation=conversation))["seq"] == 3
    assert line.seqs(conversation) == [1, 2]


async def test_a_flood_of_syncs_is_limited_and_those_taken_are_answered_in_order(
    held: Counter, citizen: Citizen, barrier: Barrier
) -> None:
    conversation = await conversation_of(citizen, messages=1)
    line = await held.come(citizen, since={conversation: 1})
    await line.hear("caught_up")
    barrier.open.clear()
    await line.say(type="sync", conversation=conversation, after=0)
    await barrier.reached.wait()
    for _ in range(MOST + 7):
        await line.say(type="sync", conversation=conversation, after=1)
    refused = [await line.hear("error", conversation=conversation) for _ in range(7)]
    assert {(e["code"], e["retry"]) for e in refused} == {("too_many_requests", True)}
    barrier.open.set()
    for _ in range(MOST + 1):
        await line.hear("caught_up", conversation=conversation, seq=1)
    assert (line.seqs(conversation), len([f for f in line.frames if f["type"] == "error"])) == ([1], 7)


async def test_a_socket_that_is_gone_takes_its_errands_with_it(
    held: Counter, citizen: Citizen, barrier: Barrier
) -> None:
    conversation = await conversation_of(citizen, messages=1)
    line = await held.come(citizen, since={conversation: 1})
    await line.hear("caught_up")
    (session,) = held.hub.sessions
    barrier.open.clear()
    for _ in range(3):
        await line.say(type="sync", conversation=conversation, after=0)
    await barrier.reached.wait()
    async with asyncio.timeout(WAIT_S):
        while len(session.errands.waiting) < 2:
            await asyncio.sleep(0.01)
    line.cut()
    async with asyncio.timeout(WAIT_S):
        while held.hub.sessions:
            await asyncio.sleep(0.01)
    assert barrier.cancelled == 1
    assert (session.errands.waiting, session.errands.task, session.links) == ([], None, {})


async def test_what_is_said_behind_an_offer_s_acceptance_comes_after_it(
    desk: Counter, roster: Roster, citizen: Citizen, database: str
) -> None:
    theirs = await desk.come(roster.owner)
    opened = await desk.ask(citizen)
    await theirs.hear("offer", conversation=opened["id"])
    holder = await asyncpg.connect(**db.credentials(database))
    async with holder.transaction():
        await holder.execute("SELECT 1 FROM chat_conversation WHERE id = $1 FOR UPDATE", opened["id"])
        await theirs.say(type="offer_reply", conversation=opened["id"], accept=True)
        await theirs.say(type="send", conversation=opened["id"], client_id="first", kind="text", body={"text": "您好"})
    await holder.close()
    assert (await theirs.hear("ack", client_id="first"))["seq"] == 3
    assert [f for f in theirs.frames if f["type"] == "error"] == []
    assert await db.fetch_value("SELECT clerk_id FROM chat_conversation") == roster.owner.id


async def test_a_send_that_has_to_wait_is_refused_in_time_and_stored_when_sent_again(
    held: Counter, citizen: Citizen, barrier: Barrier, settings: OfficeSettings
) -> None:
    config.install(settings.model_copy(update={"chat_send_s": 0.5}))
    conversation = await conversation_of(citizen, messages=1)
    line = await held.come(citizen, since={conversation: 1})
    await line.hear("caught_up")
    barrier.open.clear()
    await line.say(type="sync", conversation=conversation, after=0)
    await barrier.reached.wait()
    told = {"client_id": "id", "kind": "text", "body": {"text": "我的身份证号码是 11010519491231002X"}}
    await line.say(type="send", conversation=conversation, **told)  # its original is kept: the database is asked
    refused = await line.hear("error", client_id="id")
    assert (refused["code"], refused["retry"], refused["conversation"]) == ("not_stored", True, conversation)
    barrier.open.set()
    await line.hear("caught_up", conversation=conversation)
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 1
    await line.say(type="send", conversation=conversation, **told)
    assert (await line.hear("ack", client_id="id"))["seq"] == 2
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 2
