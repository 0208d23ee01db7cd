"""Both sides of a conversation, as they meet it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from auth.models import Citizen
from chat import presence
from kit import clock, db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, begun, move_in

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]


async def test_a_question_reaches_the_owner_and_the_answer_comes_back(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, asker = await desk.come(roster.owner), await desk.come(citizen)
    opened = await desk.ask(citizen, "身份证丢了怎么补？")
    assert (opened["state"], opened["reason"]["code"]) == ("offered", "owner_on_duty")

    offer = await clerk.hear("offer", conversation=opened["id"])
    assert offer["item"]["code"] == "000109101001"
    await clerk.say(type="offer_reply", conversation=opened["id"], accept=True)
    state = await asker.hear("conversation", conversation=opened["id"], state="assigned")
    assert state["clerk"] == {"id": str(roster.owner.id), "name": "Owner", "title": "窗口"}
    first = await clerk.hear("message", conversation=opened["id"], seq=1)
    assert (first["sender"]["role"], first["body"]) == ("citizen", {"text": "身份证丢了怎么补？"})
    greeting = await asker.hear("message", seq=2)
    assert (greeting["kind"], greeting["body"]["event"]) == ("system", "assigned")

    ack = await clerk.send_text(opened["id"], "带户口簿到窗口即可。", client_id="c-1")
    assert ack["seq"] == 3
    answer = await asker.hear("message", seq=3)
    assert (answer["sender"]["role"], answer["sender"]["name"], answer["client_id"]) == ("clerk", "Owner", "c-1")
    assert (await asker.send_text(opened["id"], "谢谢"))["seq"] == 4
    assert (await clerk.hear("message", seq=4))["body"] == {"text": "谢谢"}
    assert asker.seqs(opened["id"]) == [1, 2, 3]
    assert clerk.seqs(opened["id"]) == [1, 2, 4]
    assert await db.fetch_value("SELECT array_agg(seq ORDER BY seq) FROM chat_message") == [1, 2, 3, 4]


async def test_a_return_with_since_gets_exactly_what_was_missed(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk = await desk.come(roster.owner)
    opened = await desk.ask(citizen)
    await clerk.hear("offer")
    await clerk.say(type="offer_reply", conversation=opened["id"], accept=True)
    await clerk.hear("conversation", state="assigned")
    for n in range(5):
        await clerk.send_text(opened["id"], f"第{n}条")
    back = await desk.come(citizen, since={opened["id"]: 4})
    caught = await back.hear("caught_up", conversation=opened["id"])
    assert (caught["seq"], back.seqs(opened["id"])) == (7, [5, 6, 7])


async def test_with_the_owner_away_the_backup_is_asked(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    owner, backup = await desk.come(roster.owner), await desk.come(roster.backup)
    await owner.say(type="presence", status="away")
    await owner.hear("presence", status="away")
    opened = await desk.ask(citizen)
    assert opened["reason"]["code"] == "backup_on_duty"
    await backup.hear("offer", conversation=opened["id"])
    assert [f for f in owner.frames if f["type"] == "offer"] == []


async def test_a_declined_offer_goes_to_the_next(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    owner, backup = await desk.come(roster.owner), await desk.come(roster.backup)
    opened = await desk.ask(citizen)
    await owner.hear("offer")
    await owner.say(type="offer_reply", conversation=opened["id"], accept=False)
    await backup.hear("offer", conversation=opened["id"])
    await owner.say(type="offer_reply", conversation=opened["id"], accept=True)
    assert (await owner.hear("error"))["code"] == "offer_gone"


async def test_an_offer_nobody_answers_runs_out_and_goes_to_the_next(
    desk: Counter, roster: Roster, citizen: Citizen, drain: Drain
) -> None:
    await desk.come(roster.owner)
    backup = await desk.come(roster.backup)
    opened = await desk.ask(citizen)
    with clock.moved(timedelta(seconds=31)):
        await presence.keep([roster.owner.id, roster.backup.id])
        await drain()
        offer = await backup.hear("offer", conversation=opened["id"])
    assert offer["reason"]["code"] == "backup_on_duty"


async def test_who_accepts_by_themselves_is_given_it_at_once(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk = await desk.come(roster.owner)
    await clerk.say(type="presence", status="online", capacity=1, auto_accept=True)
    await clerk.hear("presence", auto_accept=True, capacity=1)
    assert (await desk.ask(citizen))["state"] == "assigned"
    second = await desk.ask(citizen)
    assert (second["state"], second["queue_position"]) == ("queued", 1)


async def test_a_place_that_becomes_free_is_given_to_the_longest_waiting(
    desk: Counter, roster: Roster, citizen: Citizen, drain: Drain
) -> None:
    clerk, asker = await desk.come(roster.owner), await desk.come(citizen)
    await clerk.say(type="presence", status="online", capacity=1, auto_accept=True)
    await clerk.hear("presence", capacity=1)
    first, second, third = [await desk.ask(citizen) for _ in range(3)]
    assert [second["queue_position"], third["queue_position"]] == [1, 2]
    await desk.call(roster.owner, "POST", f"/consultations/{first['id']}/close", {})
    await drain()
    await asker.hear("conversation", conversation=second["id"], state="assigned")
    assert (await desk.call(citizen, "GET", f"/consultations/{third['id']}"))["queue_position"] == 1


async def test_a_citizen_may_write_while_waiting_and_nothing_is_lost(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    owner, asker = await desk.come(roster.owner), await desk.come(citizen)
    opened = await desk.ask(citizen)
    for n in range(3):
        await asker.send_text(opened["id"], f"还有{n}")
    await owner.say(type="offer_reply", conversation=opened["id"], accept=True)
    await owner.hear("message", seq=5)
    assert owner.seqs(opened["id"]) == [1, 2, 3, 4, 5]


async def test_receipts_and_unread_follow_the_marks(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    await clerk.send_text(conversation, "一")
    await clerk.send_text(conversation, "二")
    await clerk.hear("receipt", by="citizen", delivered=4)
    assert (await desk.call(citizen, "GET", f"/consultations/{conversation}"))["unread"] == 2
    await asker.say(type="read", conversation=conversation, seq=3)
    await clerk.hear("receipt", by="citizen", read=3)
    await asker.say(type="read", conversation=conversation, seq=1)
    await asker.say(type="read", conversation=conversation, seq=999)
    assert (await clerk.hear("receipt", by="citizen", read=4))["delivered"] == 4
    shown = await desk.call(citizen, "GET", f"/consultations/{conversation}")
    assert (shown["unread"], shown["read"]["citizen"]) == (0, 4)


async def test_unread_counts_what_people_wrote_and_no_notices(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    path = f"/consultations/{conversation}"
    assert await db.fetch("SELECT sender_role FROM chat_message ORDER BY seq") == [("citizen",), ("system",)]
    assert (await desk.call(roster.owner, "GET", path))["unread"] == 1
    assert (await desk.call(citizen, "GET", path))["unread"] == 0
    await asker.send_text(conversation, "还有一个问题")
    await clerk.send_text(conversation, "请讲")
    assert (await desk.call(roster.owner, "GET", path))["unread"] == 2
    assert (await desk.call(citizen, "GET", path))["unread"] == 1
    await clerk.say(type="read", conversation=conversation, seq=4)
    await asker.hear("receipt", by="clerk", read=4)
    await desk.call(citizen, "POST", f"{path}/close", {})
    assert (await desk.call(roster.owner, "GET", path))["unread"] == 0
    assert (await desk.call(citizen, "GET", path))["unread"] == 1


async def test_typing_is_told_to_the_other_side_only(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    await asker.say(type="typing", conversation=conversation)
    assert (await clerk.hear("typing", conversation=conversation))["by"] == "citizen"
    assert [f for f in asker.frames if f["type"] == "typing"] == []


async def test_lists_have_pages_and_scopes(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    asked = [(await desk.ask(citizen, f"第{n}问"))["id"] for n in range(5)]
    found, cursor = [], ""
    for _ in range(3):
        page = await desk.call(citizen, "GET", f"/consultations?limit=2{cursor}")
        found += [c["id"] for c in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (found, page["next_cursor"]) == (asked[::-1], None)
    await desk.call(citizen, "GET", "/consultations?cursor=zzz", expect=422)
    for person, scope, many in [
        (roster.owner, "mine", 0), (roster.owner, "queue", 5), (roster.outsider, "queue", 0),
        (roster.supervisor, "all", 5), (roster.owner, "all", 0), (roster.supervisor, "closed", 0),
    ]:  # fmt: skip
        assert len((await desk.call(person, "GET", f"/consultations?scope={scope}"))["items"]) == many, scope
    assert (await desk.call(await move_in(), "GET", "/consultations"))["items"] == []
