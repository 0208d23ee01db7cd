"""An ack means committed: whatever stands still in between, none comes before."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from auth.models import Citizen
from kit import db
from tests.chat.office import Counter, conversation_of
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
WRITERS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'handheld-chat-writer'"
)


@asynccontextmanager
async def frozen_backend() -> AsyncIterator[None]:
    """The database process that writes messages is stopped as a whole, in the middle of whatever it does."""
    pids = [row["pid"] for row in await db.fetch(WRITERS)]
    assert pids, "the writer has a connection of its own"
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
    except (ProcessLookupError, PermissionError):
        pytest.skip("the database runs where its processes cannot be stopped")
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def test_a_stopped_backend_gives_no_ack_and_a_resend_afterwards_is_the_same_message(
    desk: Counter, citizen: Citizen
) -> None:
    conversation = await conversation_of(citizen)
    line, other = await desk.come(citizen), await desk.come(citizen)
    await line.send_text(conversation, "之前")
    async with frozen_backend():
        for name in ("ice", "snow"):
            await line.say(
                type="send", conversation=conversation, client_id=name, kind="text", body={"text": f"冻住 {name}"}
            )
        for name in ("ice", "snow"):
            error = await line.hear("error", client_id=name)
            assert (error["code"], error["retry"]) == ("not_stored", True)
        assert [f["client_id"] for f in line.frames if f["type"] == "ack"][1:] == []
        assert other.seqs(conversation) == [1]
    first = {name: (await line.send_text(conversation, f"冻住 {name}", client_id=name)) for name in ("ice", "snow")}
    again = {name: (await line.send_text(conversation, f"冻住 {name}", client_id=name)) for name in ("ice", "snow")}
    assert {n: (a["seq"], a["at"]) for n, a in first.items()} == {n: (a["seq"], a["at"]) for n, a in again.items()}
    await line.say(type="send", conversation=conversation, client_id="ice", kind="text", body={"text": "别的"})
    assert (await line.hear("error", client_id="ice"))["code"] == "client_id_conflict"
    await other.hear("message", seq=3)
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 3


async def test_no_ack_before_a_commit_that_takes_its_time(desk: Counter, citizen: Citizen, database: str) -> None:
    """The statement is done, its commit waits for a lock: nothing is acked or delivered until it is through."""
    conversation = await conversation_of(citizen)
    line, other = await desk.come(citizen), await desk.come(citizen)
    holder = await asyncpg.connect(**db.credentials(database))
    await holder.execute(
        "CREATE FUNCTION wait_a_while() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END $$; "
        "CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON chat_message DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION wait_a_while()"
    )
    try:
        async with holder.transaction():
            await holder.execute("SELECT pg_advisory_xact_lock(77)")
            await line.say(type="send", conversation=conversation, client_id="slow", kind="text", body={"text": "慢"})
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"
            async with asyncio.timeout(WAIT_S):
                while not await db.fetch_value(waits):
                    await asyncio.sleep(0)
            await line.say(type="ping", t="still there")
            await line.hear("pong", t="still there")
            assert [f for f in (*line.frames, *other.frames) if f["type"] in {"ack", "message"}] == []
        assert (await line.hear("ack", client_id="slow"))["seq"] == 1
        await other.hear("message", seq=1)
    finally:
        await holder.close()
