"""An ack says that it is committed: not that the statement ran, and not that it was asked for."""

import asyncio

import pytest

from auth.models import Citizen
from kit import db
from tests.chat.office import Counter, Line, conversation_of, counter, move_in

pytestmark = pytest.mark.anyio

LATE = """
CREATE FUNCTION late_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.body->>'text' LIKE 'slow%' THEN PERFORM pg_sleep(3); END IF;
  IF NEW.body->>'text' LIKE 'fail%' THEN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late_commit AFTER INSERT ON chat_message
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late_commit();
"""


async def send(line: Line, conversation: str, text: str, client_id: str) -> None:
    await line.say(type="send", conversation=conversation, client_id=client_id, kind="text", body={"text": text})


def acks(line: Line, client_id: str) -> list[dict[str, object]]:
    return [f for f in line.frames if f["type"] == "ack" and f["client_id"] == client_id]


async def begun(desk: Counter) -> tuple[Citizen, str, Line, Line]:
    """A person with two devices in a conversation; from here on commits are late, or fail, as a message asks for."""
    citizen = await move_in()
    conversation = await conversation_of(citizen)
    await db.execute(LATE)
    here, there = await desk.come(citizen), await desk.come(citizen)
    for line in (here, there):
        await line.hear("caught_up")
    return citizen, conversation, here, there


async def test_while_a_commit_takes_three_seconds_nobody_hears_of_the_message(database: str) -> None:
    async with counter(database) as desk:
        _, conversation, here, there = await begun(desk)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await send(here, conversation, "slow", "a")
        while loop.time() - began < 2.8:
            assert await db.fetch_value("SELECT count(*) FROM chat_message") == 0
            assert not acks(here, "a")
            assert there.seqs(conversation) == []
            await asyncio.sleep(0.1)
        assert (await here.hear("ack", client_id="a"))["seq"] == 1
        assert loop.time() - began >= 3
        await there.hear("message", seq=1)


async def test_a_commit_that_fails_is_refused_and_may_be_tried_again(database: str) -> None:
    async with counter(database) as desk:
        _, conversation, here, there = await begun(desk)
        await send(here, conversation, "fail", "a")
        error = await here.hear("error", client_id="a")
        assert (error["code"], error["retry"]) == ("not_stored", True)
        assert await db.fetch_value("SELECT count(*) FROM chat_message") == 0
        await db.execute("DROP TRIGGER late_commit ON chat_message")
        await send(here, conversation, "fail", "a")
        assert (await here.hear("ack", client_id="a"))["seq"] == 1
        await there.hear("message", seq=1)
        assert len(acks(here, "a")) == 1


async def test_a_resend_while_the_first_is_being_committed_gets_its_number(database: str) -> None:
    async with counter(database) as one, counter(database) as two:
        citizen, conversation, here, _ = await begun(one)
        elsewhere = await two.come(citizen)
        await send(here, conversation, "slow", "a")
        await send(elsewhere, conversation, "slow", "a")
        await send(elsewhere, conversation, "another", "a")
        assert (await here.hear("ack", client_id="a"))["seq"] == 1
        assert (await elsewhere.hear("ack", client_id="a"))["seq"] == 1
        await elsewhere.hear("error", client_id="a", code="client_id_conflict")
        assert await db.fetch_value("SELECT count(*) FROM chat_message") == 1
