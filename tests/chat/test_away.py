"""What happened while somebody was away: edits, recalls, read marks, transfers and closings are there on the return."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from auth.models import Citizen
from chat.pulse import write_marks
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, begun, conversation_of, counter, token_of

pytestmark = pytest.mark.anyio


async def change(line: Line, conversation: str, of: int, text: str | None = None) -> int:
    what: dict[str, Any] = {"type": "recall"} if text is None else {"type": "edit", "body": {"text": text}}
    client_id = uuid4().hex
    await line.say(conversation=conversation, client_id=client_id, of=of, **what)
    return int((await line.hear("ack", client_id=client_id))["seq"])


def told(line: Line, conversation: str) -> list[tuple[int, str, Any]]:
    """Number, kind, and text or event of everything that came."""
    return [
        (f["seq"], f["kind"], f["body"].get("event") or f["body"].get("text"))
        for f in line.frames
        if f["type"] == "message" and f["conversation"] == conversation
    ]


def welcomed(line: Line, conversation: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in line.frames[0]["conversations"] if c["id"] == conversation)
    return found


async def hand_over(desk: Counter, roster: Roster, conversation: str) -> Line:
    """To the backup, who accepts."""
    backup = await desk.come(roster.backup)
    body = {"to_staff": str(roster.backup.id), "reason": "换人"}
    await desk.call(roster.owner, "POST", f"/consultations/{conversation}/transfer", body)
    await backup.hear("offer", conversation=conversation)
    await backup.say(type="offer_reply", conversation=conversation, accept=True)
    await backup.hear("conversation", conversation=conversation, state="assigned")
    return backup


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_everything_that_happened_while_away_is_part_of_the_return(
    database: str, roster: Roster, citizen: Citizen, elsewhere: bool
) -> None:
    async with counter(database) as desk, counter(database) as other:
        clerk, mine, talk = await begun(desk, roster.owner, citizen)
        await mine.send_text(talk, "我的话")  # 3
        await mine.hang_up()
        await clerk.send_text(talk, "错的")  # 4
        await clerk.send_text(talk, "不该说的")  # 5
        await change(clerk, talk, 4, "对的")  # 6
        await change(clerk, talk, 5)  # 7
        await clerk.say(type="read", conversation=talk, seq=3)
        backup = await hand_over(desk, roster, talk)  # 8 transferred, 9 assigned
        await backup.send_text(talk, "我接着办")  # 10
        await desk.call(roster.backup, "POST", f"/consultations/{talk}/close", {})  # 11
        await write_marks(desk.hub)
        back = await (other if elsewhere else desk).come(citizen, since={talk: 3})
        assert (await back.hear("caught_up", conversation=talk))["seq"] == 11
        assert told(back, talk) == [
            (4, "text", "对的"), (5, "text", None), (6, "edit", "对的"), (7, "recall", None),
            (8, "system", "transferred"), (9, "system", "assigned"), (10, "text", "我接着办"), (11, "system", "closed"),
        ]  # fmt: skip
        state = welcomed(back, talk)
        assert (state["state"], state["last_seq"], state["read"]["clerk"], state["unread"]) == ("closed", 11, 3, 2)
        assert "不该说的" not in str(back.frames)


async def test_an_edit_of_what_was_held_already_reaches_who_comes_back(desk: Counter, citizen: Citizen) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    other = await desk.come(citizen)
    for text in ("一", "二"):
        await line.send_text(talk, text)
    await other.hear("message", seq=2)
    await other.hang_up()
    await change(line, talk, 1, "一一")
    await change(line, talk, 2)
    back = await desk.come(citizen, since={talk: 2})
    await back.hear("caught_up")
    assert [(f["seq"], f["kind"], f["body"]) for f in back.frames if f["type"] == "message"] == [
        (3, "edit", {"of": 1, "text": "一一"}), (4, "recall", {"of": 2}),
    ]  # fmt: skip


async def test_a_clerk_it_was_taken_from_while_away_is_told_so_and_gets_nothing_of_it(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    second = await desk.come(roster.owner)  # at the desk still, so that the transfer is theirs to make
    await clerk.hang_up()
    await hand_over(desk, roster, talk)
    await mine.send_text(talk, "只给接手的人")
    back = await desk.come(roster.owner, since={talk: 2})
    assert (await back.hear("error", conversation=talk))["code"] == "not_found"
    await back.say(type="ping", t=1)
    await back.hear("pong")
    assert told(back, talk) == []
    assert all(c["id"] != talk for c in back.frames[0]["conversations"])
    assert "只给接手的人" not in str(second.frames)


async def test_a_read_mark_never_goes_back_whatever_device_says_what(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as one, counter(database) as two:
        talk = await conversation_of(citizen, messages=9)
        await db.execute("UPDATE chat_message SET sender_role = 'clerk', sender = gen_random_uuid()")
        lines = [await one.come(citizen), await one.come(citizen), await two.come(citizen)]
        for line, seq in zip([*lines, *lines], (3, 7, 5, 1, 0, 6), strict=True):
            await line.say(type="read", conversation=talk, seq=seq)
            await line.say(type="ping", t=seq)
            await line.hear("pong", t=seq)
            await write_marks(one.hub)
            await write_marks(two.hub)
        row = (await db.fetch("SELECT read, delivered FROM chat_mark WHERE side = 'citizen'"))[0]
        assert (row["read"], row["delivered"]) == (7, 9)
        back = await two.come(citizen, since={talk: 9})
        assert (welcomed(back, talk)["read"]["citizen"], welcomed(back, talk)["unread"]) == (7, 2)
        for line in lines:
            heard = [f["read"] for f in line.frames if f["type"] == "receipt" and f["by"] == "citizen"]
            assert heard == sorted(heard), heard


async def test_how_far_both_sides_have_come_is_told_of_what_is_followed_later(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    await mine.send_text(talk, "问")
    await clerk.say(type="read", conversation=talk, seq=3)
    await mine.say(type="read", conversation=talk, seq=2)
    await clerk.hear("receipt", by="citizen", read=2)
    await mine.hear("receipt", by="clerk", read=3)
    watching = await desk.come(roster.supervisor)
    await watching.say(type="sync", conversation=talk, after=3)
    marks = [await watching.hear("receipt", conversation=talk, by=by) for by in ("citizen", "clerk")]
    assert [m["read"] for m in marks] == [2, 3]


async def test_two_devices_see_edits_and_recalls_in_one_order_and_end_up_alike(
    database: str, roster: Roster, citizen: Citizen
) -> None:
    async with counter(database) as one, counter(database) as two:
        talk = await conversation_of(citizen)
        here, there = await one.come(citizen), await two.come(citizen)
        for n in range(1, 13):
            await here.send_text(talk, f"{n}")
        await there.hear("message", seq=12)
        await asyncio.gather(
            *(change(here, talk, n, f"{n}甲") for n in range(1, 7)),
            *(change(there, talk, n, f"{n}乙") for n in range(4, 10)),
            *(change(there, talk, n) for n in range(10, 13)),
        )
        top = await db.fetch_value("SELECT last_seq FROM chat_conversation")
        watcher = await one.come(citizen, since={talk: 12})
        await watcher.hear("caught_up", seq=top)
        truth = [(f["seq"], f["kind"], f["body"]["of"]) for f in watcher.frames if f["type"] == "message"]
        assert [seq for seq, _, _ in truth] == list(range(13, top + 1))
        for line in (here, there):
            seen = [
                (f["seq"], f["kind"], f["body"]["of"])
                for f in line.frames
                if f["type"] == "message" and f["kind"] in {"edit", "recall"}
            ]
            assert seen == sorted(seen)
            assert set(seen) <= set(truth)
        shown = (await one.call(citizen, "GET", f"/consultations/{talk}/messages"))["items"][:12]
        last = {of: seq for seq, kind, of in truth if kind == "edit"}
        for message in shown[:9]:
            said = await db.fetch_value("SELECT body->>'text' FROM chat_message WHERE seq = $1", last[message["seq"]])
            assert message["body"]["text"] == said
        assert [m.get("recalled", False) for m in shown] == [False] * 9 + [True] * 3


async def test_a_token_that_is_not_good_any_more_costs_the_socket_and_not_what_was_missed(
    desk: Counter, citizen: Citizen
) -> None:
    talk = await conversation_of(citizen, messages=3)
    line = await desk.dial()
    await line.say(type="hello", token="x" * 40, since={talk: 0})
    assert (await line.until_closed())[0] == 4401
    assert told(line, talk) == []
    back = await desk.come(await token_of(citizen), since={talk: 0})
    await back.hear("caught_up", seq=3)
    assert [seq for seq, _, _ in told(back, talk)] == [1, 2, 3]
