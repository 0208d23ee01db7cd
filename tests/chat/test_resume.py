"""Never lost, never twice: resuming, racing, resending."""

import asyncio
import os
import random
from uuid import UUID

import pytest

from auth.models import Citizen
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, conversation_of, counter, move_in, token_of
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
ROUNDS = 1_000 if os.environ.get("SLOW") else 100


@pytest.mark.parametrize("since", [0, 1, 6, 7])
async def test_resume_at_n_gives_n_plus_1_to_the_top_in_order(desk: Counter, citizen: Citizen, since: int) -> None:
    conversation = await conversation_of(citizen, messages=7)
    line = await desk.come(citizen, since={conversation: since})
    assert (await line.hear("caught_up"))["seq"] == 7
    assert line.seqs(conversation) == list(range(since + 1, 8))
    assert line.frames[0]["type"] == "welcome"


async def test_resume_beyond_the_top_is_reset_and_goes_on_live(desk: Counter, citizen: Citizen) -> None:
    conversation = await conversation_of(citizen, messages=3)
    line, other = await desk.come(citizen, since={conversation: 9}), await desk.come(citizen)
    await line.hear("reset", conversation=conversation)
    assert (await line.hear("caught_up"))["seq"] == 3
    await other.send_text(conversation, "四")
    await line.hear("message", seq=4)
    assert line.seqs(conversation) == [4]


async def test_being_very_far_behind_is_reset_too(desk: Counter, citizen: Citizen) -> None:
    conversation = await conversation_of(citizen)
    await db.execute(
        "INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at) "
        "SELECT gen_random_uuid(), $1, n, 'citizen', $2, '', 'c' || n, 'text', '{\"text\": \"x\"}', now() "
        "FROM generate_series(1, 301) AS n", UUID(conversation), citizen.id,
    )  # fmt: skip
    await db.execute("UPDATE chat_conversation SET last_seq = 301")
    line = await desk.come(citizen, since={conversation: 1})
    assert (await line.hear("caught_up"))["seq"] == 301
    assert line.seqs(conversation) == list(range(2, 302))
    await db.execute("UPDATE chat_message SET seq = seq WHERE seq = 301")
    again = await desk.come(citizen, since={conversation: 0})
    await again.hear("reset", conversation=conversation)
    assert again.seqs(conversation) == []


@pytest.mark.parametrize("since", [-1, "NaN", '"3"', 2**63, 1.5, "true", "null"])
async def test_a_since_that_is_no_number_is_refused_and_hello_may_be_said_again(
    desk: Counter, citizen: Citizen, since: object
) -> None:
    conversation = await conversation_of(citizen, messages=1)
    line, token = await desk.dial(), await token_of(citizen)
    await line.say_raw(f'{{"type":"hello","token":"{token}","since":{{"{conversation}":{since}}}}}')
    assert (await line.hear("error"))["code"] in {"invalid_frame", "unreadable_frame"}
    await line.say(type="hello", token=token, since={conversation: 0})
    assert (await line.hear("caught_up"))["seq"] == 1


async def test_sync_gives_it_again_from_where_it_is_asked(desk: Counter, citizen: Citizen) -> None:
    conversation = await conversation_of(citizen, messages=4)
    line = await desk.come(citizen, since={conversation: 4})
    await line.hear("caught_up")
    await line.say(type="sync", conversation=conversation, after=2)
    assert (await line.hear("caught_up"))["seq"] == 4
    assert line.seqs(conversation) == [3, 4]


async def test_two_devices_see_one_order(desk: Counter, citizen: Citizen) -> None:
    conversation = await conversation_of(citizen)
    one, two = await desk.come(citizen), await desk.come(citizen)
    await asyncio.gather(*(line.send_text(conversation, f"{n}") for n in range(20) for line in (one, two)))
    watcher = await desk.come(citizen, since={conversation: 0})
    await watcher.hear("caught_up")
    texts = {f["seq"]: f["id"] for f in watcher.frames if f["type"] == "message"}
    assert sorted(texts) == list(range(1, 41))
    for line in (one, two):
        assert line.seqs(conversation) == sorted(line.seqs(conversation))
        assert all(texts[f["seq"]] == f["id"] for f in line.frames if f["type"] == "message")


class Gate:
    """Holds the hub at a named point of catching up until it is let go."""

    def __init__(self) -> None:
        self.point = ""
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    def hold_at(self, point: str) -> None:
        self.point = point
        self.reached.clear()
        self.go_on.clear()

    async def __call__(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            self.reached.set()
            await self.go_on.wait()


@pytest.mark.parametrize("point", ["before rows are read", "after rows were read"])
async def test_what_lands_between_catching_up_and_live_is_shown_once(
    database: str, roster: Roster, citizen: Citizen, point: str
) -> None:
    gate, rounds = Gate(), ROUNDS
    async with counter(database, probe=gate) as desk:
        conversation = await conversation_of(citizen)
        sender = await desk.come(citizen)
        await sender.hear("caught_up")
        token = await token_of(citizen)
        for n in range(rounds):
            before = 2 * n
            gate.hold_at(point)
            await sender.send_text(conversation, "前")  # something to read, so that reading begins at all
            line = await desk.dial()
            await line.say(type="hello", token=token, since={conversation: before})
            await gate.reached.wait()
            await sender.send_text(conversation, "中")
            gate.go_on.set()
            await line.hear("message", conversation=conversation, seq=before + 2)
            await line.hear("caught_up")
            assert line.seqs(conversation) == [before + 1, before + 2], n
            await line.hang_up()
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 2 * rounds


async def test_a_conversation_survives_sockets_that_are_cut_at_any_moment(desk: Counter, citizen: Citizen) -> None:
    conversation, rng = await conversation_of(citizen), random.Random(20261121)
    sender, seen, line = await desk.come(citizen), [], await desk.come(citizen)
    await sender.hear("caught_up")

    async def talk() -> None:
        for n in range(200):
            await sender.send_text(conversation, str(n), client_id=f"k{n}")

    talking = asyncio.create_task(talk())
    while not talking.done():
        await asyncio.wait([talking], timeout=rng.random() * 0.05)
        seen += line.seqs(conversation)
        line.cut()
        line = await desk.come(citizen, since={conversation: max(seen, default=0)})
    await talking
    async with asyncio.timeout(WAIT_S):
        while max([*seen, *line.seqs(conversation)], default=0) < 200:
            line.more.clear()
            await line.more.wait()
    seen += line.seqs(conversation)
    assert seen == list(range(1, 201))


async def test_fifty_resends_over_two_processes_are_one_message(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as one, counter(database) as two:
        conversation = await conversation_of(citizen)
        lines = [await one.come(citizen) for _ in range(4)] + [await two.come(citizen) for _ in range(4)]

        async def resend(n: int) -> tuple[int, str]:
            ack = await lines[n % 8].send_text(conversation, "只说一次", client_id="same")
            return ack["seq"], ack["at"]

        acks = await asyncio.gather(*(resend(n) for n in range(50)))
        assert set(acks) == {acks[0]}
        assert acks[0][0] == 1
        assert await db.fetch_value("SELECT count(*) FROM chat_message") == 1
        assert await db.fetch_value("SELECT last_seq FROM chat_conversation") == 1


async def test_the_same_id_with_other_content_is_a_conflict_and_the_first_is_kept(
    desk: Counter, citizen: Citizen
) -> None:
    conversation, second = await conversation_of(citizen), await conversation_of(citizen)
    line = await desk.come(citizen)
    await line.send_text(conversation, "原文", client_id="a")
    for place, text in [(conversation, "改了"), (second, "原文")]:
        await line.say(type="send", conversation=place, client_id="a", kind="text", body={"text": text})
        assert (await line.hear("error", client_id="a"))["code"] == "client_id_conflict"
    rows = await db.fetch("SELECT body->>'text' AS said FROM chat_message")
    assert [r["said"] for r in rows] == ["原文"]
    assert (await line.send_text(conversation, "下一条"))["seq"] == 2


async def test_the_same_id_from_somebody_else_is_independent(desk: Counter, citizen: Citizen) -> None:
    other = await move_in()
    mine, theirs = await conversation_of(citizen), await conversation_of(other)
    one, two = await desk.come(citizen), await desk.come(other)
    assert (await one.send_text(mine, "我", client_id="x"))["seq"] == 1
    assert (await two.send_text(theirs, "他", client_id="x"))["seq"] == 1


async def test_a_message_reaches_the_sockets_of_another_process(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as one, counter(database) as two:
        conversation = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        for n in range(30):
            await (here if n % 2 else there).send_text(conversation, str(n))
        await here.hear("message", seq=29)
        await there.hear("message", seq=30)
        assert here.seqs(conversation) == list(range(1, 30, 2))
        assert there.seqs(conversation) == list(range(2, 31, 2))
        await here.say(type="typing", conversation=conversation)


async def test_what_was_missed_while_closing_and_handing_over_is_part_of_the_return(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk = await desk.come(roster.owner)
    opened = await desk.ask(citizen)
    away = await desk.come(citizen)
    await away.hear("caught_up", conversation=opened["id"])
    await away.hang_up()
    await clerk.say(type="offer_reply", conversation=opened["id"], accept=True)
    await clerk.hear("message", seq=2)
    await clerk.send_text(opened["id"], "已办")
    await desk.call(roster.owner, "POST", f"/consultations/{opened['id']}/close", {})
    back = await desk.come(citizen, since={opened["id"]: 1})
    await back.hear("caught_up", conversation=opened["id"])
    told = [(f["seq"], f["body"].get("event")) for f in back.frames if f["type"] == "message"]
    assert told == [(2, "assigned"), (3, None), (4, "closed")]
    state = next(f for f in back.frames if f["type"] == "welcome")["conversations"][0]
    assert (state["state"], state["last_seq"]) == ("closed", 4)
