"""Who may not read any more hears nothing more within five seconds, on every process, also with Redis down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from auth.models import Citizen, StaffMember
from auth.sessions import end_all
from chat.backplane import Backplane, PostgresBackplane, RedisBackplane
from kit import clock, db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, begun, counter, move_in
from tests.chat.test_outages import free_port
from tests.patience import BUSY

pytestmark = pytest.mark.anyio
WITHIN_S = 5.0 * BUSY
PLANES = ["hints by PostgreSQL", "Redis that is down"]


@asynccontextmanager
async def two_desks(database: str, kind: str) -> AsyncIterator[tuple[Counter, Counter]]:
    nowhere = f"redis://127.0.0.1:{free_port()}"

    def plane() -> Backplane:
        return PostgresBackplane(database) if kind == PLANES[0] else RedisBackplane(nowhere)

    async with counter(database, plane=plane()) as one, counter(database, plane=plane()) as two:
        yield one, two


async def nothing_of(words: str, *lines: Line) -> None:
    """All that was on its way has come, and the words were not among it."""
    for line in lines:
        if line.closed is None:
            await line.say(type="ping", t=words)
            await line.hear("pong", t=words)
        assert words not in str([f for f in line.frames if f["type"] != "pong"])


@pytest.mark.parametrize("kind", PLANES)
async def test_a_conversation_that_was_handed_on_is_heard_of_no_more_on_any_process(
    database: str, roster: Roster, citizen: Citizen, kind: str
) -> None:
    async with two_desks(database, kind) as (one, two):
        here, mine, talk = await begun(one, roster.owner, citizen)
        there, backup = await two.come(roster.owner), await two.come(roster.backup)
        body = {"to_staff": str(roster.backup.id), "reason": "换人"}
        await two.call(roster.owner, "POST", f"/consultations/{talk}/transfer", body)
        await backup.hear("offer", conversation=talk)
        await backup.say(type="offer_reply", conversation=talk, accept=True)
        await backup.hear("conversation", conversation=talk, state="assigned")
        async with asyncio.timeout(WITHIN_S):
            for line in (here, there):
                while True:
                    state = await line.hear("conversation", conversation=talk)
                    if state["clerk"] and state["clerk"]["id"] == str(roster.backup.id):
                        break
        await mine.send_text(talk, "只给接手的人")
        async with asyncio.timeout(WITHIN_S):
            while "只给接手的人" not in str(backup.frames):
                backup.more.clear()
                await backup.more.wait()
        await nothing_of("只给接手的人", here, there)


@pytest.mark.parametrize("kind", PLANES)
@pytest.mark.parametrize("how", ["signed out", "disabled", "without the role", "expired"])
async def test_who_is_out_is_out_on_every_process(
    database: str, roster: Roster, citizen: Citizen, kind: str, how: str
) -> None:
    async with two_desks(database, kind) as (one, two):
        here, mine, talk = await begun(one, roster.owner, citizen)
        there = await two.come(roster.owner)
        await there.hear("caught_up", conversation=talk)
        with clock.moved(timedelta(minutes=16) if how == "expired" else timedelta()):
            if how == "signed out":
                await end_all(kind="staff", person=roster.owner.id, reason="signed_out", actor="system")
            elif how == "disabled":
                await StaffMember.filter(id=roster.owner.id).update(disabled_at=clock.now())
            elif how == "without the role":
                await StaffMember.filter(id=roster.owner.id).update(roles=[])
            async with asyncio.timeout(WITHIN_S):
                for line in (here, there):
                    assert (await line.until_closed())[0] == 4401
        if how != "expired":  # then the citizen's own token has ended too
            await mine.send_text(talk, "他已不在")
            await nothing_of("他已不在", here, there)


async def test_the_history_of_a_closed_consultation_is_the_citizen_s_own_without_a_note(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as desk:
        clerk, mine, talk = await begun(desk, roster.owner, citizen)
        await mine.send_text(talk, "我问")
        note = {"text": "疑似冒名，先核实"}
        await clerk.say(type="send", conversation=talk, client_id="n", kind="note", body=note)
        await clerk.hear("ack", client_id="n")
        backup = await desk.come(roster.backup)
        body = {"to_staff": str(roster.backup.id), "reason": "内部原因"}
        await desk.call(roster.owner, "POST", f"/consultations/{talk}/transfer", body)
        await backup.hear("offer", conversation=talk)
        await backup.say(type="offer_reply", conversation=talk, accept=True)
        await backup.hear("conversation", conversation=talk, state="assigned")
        await desk.call(roster.backup, "POST", f"/consultations/{talk}/close", {"reason": "内部结论"})
        page = await desk.call(citizen, "GET", f"/consultations/{talk}/messages")
        back = await desk.come(citizen, since={talk: 0})
        await back.hear("caught_up", conversation=talk)
        for shown in (page, back.frames, await desk.call(citizen, "GET", "/consultations")):
            assert not any(hidden in str(shown) for hidden in ("疑似冒名", "内部原因", "内部结论", "'note'"))
        assert [m["seq"] for m in page["items"]] == list(range(1, page["last_seq"] + 1))
        stranger = await move_in()
        await desk.call(stranger, "GET", f"/consultations/{talk}/messages", expect=404)
        nosy = await desk.come(stranger, since={talk: 0})
        assert (await nosy.hear("error", conversation=talk))["code"] == "not_found"
        assert nosy.seqs(talk) == []


async def test_a_clock_put_back_an_hour_leaves_order_and_timers_right(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as desk:
        clerk, mine, talk = await begun(desk, roster.owner, citizen)
        await clerk.send_text(talk, "答")
        with clock.moved(timedelta(hours=-1)):
            assert (await mine.send_text(talk, "问", client_id="q"))["seq"] == 4
            assert (await mine.send_text(talk, "问", client_id="q"))["seq"] == 4
            due = await db.fetch_value("SELECT answer_due_at - $1::timestamptz FROM chat_conversation", clock.now())
            assert timedelta(0) < due <= timedelta(seconds=181)  # the clerk's time, counted from the clock as it is
            await clerk.send_text(talk, "再答")
        assert (await mine.send_text(talk, "又问"))["seq"] == 6
        row = (await db.fetch("SELECT awaiting, answer_due_at FROM chat_conversation"))[0]
        assert row["awaiting"] == "clerk"
        assert timedelta(0) < row["answer_due_at"] - clock.now() <= timedelta(seconds=181)
        watcher = await desk.come(citizen, since={talk: 0})
        await watcher.hear("caught_up", conversation=talk)
        assert watcher.seqs(talk) == [1, 2, 3, 4, 5, 6]
