"""Redis, the database and its notifications go away: nothing acked is lost, and it heals by itself."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from auth.models import Citizen
from chat.backplane import RedisBackplane
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, conversation_of, counter
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def redis_server(port: int) -> AsyncIterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on this machine")
async def test_two_processes_share_redis_and_outlive_it(database: str, roster: Roster, citizen: Citizen) -> None:
    port = free_port()
    planes = [RedisBackplane(f"redis://127.0.0.1:{port}") for _ in range(2)]
    async with counter(database, plane=planes[0]) as one, counter(database, plane=planes[1]) as two:
        conversation = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        async with redis_server(port):
            async with asyncio.timeout(WAIT_S):  # both have found Redis once a message passes at once
                for n in range(1, 100):
                    await here.send_text(conversation, f"{n}")
                    if n in there.seqs(conversation):
                        break
            await there.hear("message", seq=n)
            await there.say(type="typing", conversation=conversation)
        first_lost = (await here.send_text(conversation, "没有 Redis"))["seq"]
        async with asyncio.timeout(WAIT_S):
            await there.hear("message", seq=first_lost)
        async with redis_server(port):  # back, and empty
            last = (await there.send_text(conversation, "又有了"))["seq"]
            await here.hear("message", seq=last)
        assert there.seqs(conversation) == list(range(1, last))


async def test_a_frozen_database_gives_no_ack_until_it_commits(desk: Counter, citizen: Citizen, database: str) -> None:
    conversation = await conversation_of(citizen)
    line = await desk.come(citizen)
    await line.hear("caught_up")
    freezer = await asyncpg.connect(**db.credentials(database))
    async with freezer.transaction():
        await freezer.execute("LOCK TABLE chat_message IN ACCESS EXCLUSIVE MODE")
        await line.say(type="send", conversation=conversation, client_id="ice", kind="text", body={"text": "冻住"})
        error = await line.hear("error", client_id="ice")
        assert (error["code"], error["retry"]) == ("not_stored", True)
        assert [f for f in line.frames if f["type"] == "ack"] == []
    await freezer.close()
    assert (await line.send_text(conversation, "冻住", client_id="ice"))["seq"] == 1
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 1


async def test_cut_database_connections_heal_by_themselves(database: str, roster: Roster, citizen: Citizen) -> None:
    async with counter(database) as one, counter(database) as two:
        conversation = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        await here.send_text(conversation, "之前")
        await there.hear("message", seq=1)
        surgeon = await asyncpg.connect(**db.credentials(database))
        await surgeon.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await surgeon.close()
        async with asyncio.timeout(WAIT_S):
            while True:  # a send that is refused, or not answered in time, is sent again with the same id
                await here.say(
                    type="send", conversation=conversation, client_id="again", kind="text", body={"text": "之后"}
                )
                try:
                    answer = await next_answer(here, "again")
                except AssertionError:
                    assert here.closed is None
                    continue
                if answer["type"] == "ack":
                    break
        assert answer["seq"] == 2
        await there.hear("message", seq=2)
        assert there.seqs(conversation) == [1, 2]


async def next_answer(line: object, client_id: str) -> dict[str, object]:
    waiting = {asyncio.create_task(line.hear(kind, client_id=client_id)) for kind in ("ack", "error")}  # type: ignore[attr-defined]
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return done.pop().result()  # type: ignore[no-any-return]
