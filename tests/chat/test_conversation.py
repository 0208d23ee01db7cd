"""Both sides of a conversation, as they meet it."""

import pytest

from auth.models import Citizen
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter

pytestmark = pytest.mark.anyio


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
