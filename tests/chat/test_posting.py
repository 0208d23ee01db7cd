"""Words over HTTP, for who is cut off from the socket: one message, whichever way it comes and however often."""

import asyncio
from typing import Any

import asyncpg
import pytest

from auth.models import Citizen
from kit import config, db
from mobileapi.settings import OfficeSettings
from tests.chat.conftest import Roster
from tests.chat.office import Counter, begun, conversation_of
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
ID = "11010519491231002X"


def words(text: str, *, client_id: str = "h1", **more: Any) -> dict[str, Any]:
    return {"client_id": client_id, "kind": "text", "body": {"text": text}, **more}


async def test_what_is_posted_is_stored_told_live_and_answered_like_a_send(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    theirs, mine, talk = await begun(desk, roster.owner, citizen)
    ack = await desk.call(citizen, "POST", f"/consultations/{talk}/messages", words("网络受限"))
    told = await theirs.hear("message", conversation=talk, seq=3)
    assert (ack["type"], ack["client_id"], ack["conversation"], ack["seq"]) == ("ack", "h1", talk, 3)
    assert (told["body"], told["client_id"], told["sender"]["role"]) == ({"text": "网络受限"}, "h1", "citizen")
    assert (await mine.hear("message", conversation=talk, seq=3))["client_id"] == "h1"
    again = await desk.call(roster.owner, "POST", f"/consultations/{talk}/messages", words("收到"))
    assert (await mine.hear("message", conversation=talk, seq=4))["sender"]["role"] == "clerk"
    assert again["seq"] == 4


async def test_the_same_client_id_is_one_message_on_both_ways(desk: Counter, citizen: Citizen) -> None:
    talk = await conversation_of(citizen)
    line = await desk.come(citizen)
    path = f"/consultations/{talk}/messages"
    posted = await desk.call(citizen, "POST", path, words("一次"))
    for _ in range(2):
        assert await desk.call(citizen, "POST", path, words("一次")) == posted
    assert (await line.send_text(talk, "一次", client_id="h1"))["seq"] == posted["seq"] == 1
    sent = await line.send_text(talk, "两次", client_id="s1")
    assert (await desk.call(citizen, "POST", path, words("两次", client_id="s1")))["seq"] == sent["seq"] == 2
    refused = await desk.call(citizen, "POST", path, words("别的"), expect=409)
    assert refused["code"] == "client_id_conflict"
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 2


async def test_the_rules_about_words_and_rights_hold(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    path, before = f"/consultations/{talk}/messages", await db.fetch_value("SELECT count(*) FROM chat_message")
    asked = await desk.call(roster.owner, "POST", path, words(f"号码 {ID}"), expect=422)
    assert asked["code"] == "reply_not_sure"
    for stranger in (roster.colleague, roster.outsider):
        refused = await desk.call(stranger, "POST", path, words("我来"), expect=404)
        assert refused["code"] == "not_found"
    for bad in (words(" "), words("x" * 4001), words("x") | {"kind": "note"}, words("x", client_id="有")):
        await desk.call(citizen, "POST", path, bad, expect=422)
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == before
    hidden = await desk.call(citizen, "POST", path, words(f"我的号码 {ID}"))
    assert hidden["body"]["masked"] == ["id_number"]
    assert ID not in hidden["body"]["text"]
    await desk.call(citizen, "POST", f"/consultations/{talk}/close", {})
    assert (await desk.call(citizen, "POST", path, words("还有", client_id="h2"), expect=409))[
        "code"
    ] == "conversation_closed"


async def test_a_clerk_with_the_duty_answers_what_waits_and_has_it(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen)
    await db.fetch_value("SELECT 1")
    ack = await desk.call(roster.owner, "POST", f"/consultations/{opened['id']}/messages", words("您好"))
    shown = await desk.call(citizen, "GET", f"/consultations/{opened['id']}")
    assert (shown["state"], shown["clerk"]["id"]) == ("assigned", str(roster.owner.id))
    assert shown["last_seq"] == ack["seq"]


async def test_a_frozen_database_refuses_in_time_and_the_repeat_is_stored_once(
    desk: Counter, citizen: Citizen, database: str, settings: OfficeSettings
) -> None:
    config.install(settings.model_copy(update={"chat_send_s": 0.5}))
    talk = await conversation_of(citizen)
    path = f"/consultations/{talk}/messages"
    freezer = await asyncpg.connect(**db.credentials(database))
    async with asyncio.timeout(WAIT_S), freezer.transaction():
        await freezer.execute("LOCK TABLE chat_message IN ACCESS EXCLUSIVE MODE")
        refused = await desk.call(citizen, "POST", path, words("冻住"), expect=503)
    await freezer.close()
    assert refused["code"] == "not_stored"
    assert (await desk.call(citizen, "POST", path, words("冻住")))["seq"] == 1
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 1
