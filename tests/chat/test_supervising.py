"""A supervisor looks on, which the clerk sees and the citizen does not; whispers; and takes over."""

from typing import Any
from uuid import uuid4

import pytest

from auth.models import Citizen
from chat.watching import FORGOTTEN_S, Onlookers
from kit import db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, begun, counter
from tests.chat.test_crossing import Plane, Wires

pytestmark = pytest.mark.anyio
ROW = "SELECT state, clerk_id, reason_code, queued_at, inquiry_due_at FROM chat_conversation"


async def row() -> dict[str, Any]:
    return dict((await db.fetch(ROW))[0])


async def test_the_clerk_sees_who_looks_on_and_the_citizen_does_not(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    owner, asker, talk = await begun(desk, roster.owner, citizen)
    boss = await desk.come(roster.supervisor)
    await boss.say(type="sync", conversation=talk, after=0)
    await boss.hear("caught_up", conversation=talk)
    on = [{"id": str(roster.supervisor.id), "name": "Supervisor"}]
    assert (await owner.hear("watching", conversation=talk))["by"] == on
    await boss.say(type="leave", conversation=talk)
    assert (await owner.hear("watching", conversation=talk, by=[]))["by"] == []
    await asker.send_text(talk, "还在吗？")
    await owner.hear("message", conversation=talk, seq=3)
    assert [f["type"] for f in asker.frames if f["type"] == "watching"] == []
    assert 3 not in boss.seqs(talk)


async def test_a_look_that_ends_with_the_line_is_told_of_as_well(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    owner, _, talk = await begun(desk, roster.owner, citizen)
    boss = await desk.come(roster.supervisor)
    await boss.say(type="sync", conversation=talk, after=0)
    await owner.hear("watching", conversation=talk, by=[{"id": str(roster.supervisor.id), "name": "Supervisor"}])
    boss.cut()
    assert (await owner.hear("watching", conversation=talk, by=[]))["by"] == []


async def test_a_clerk_who_comes_later_is_told_who_looks_on(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    owner, _, talk = await begun(desk, roster.owner, citizen)
    boss = await desk.come(roster.supervisor)
    await boss.say(type="sync", conversation=talk, after=0)
    await boss.hear("caught_up", conversation=talk)
    await owner.hang_up()
    again = await desk.come(roster.owner)
    assert (await again.hear("watching", conversation=talk))["by"][0]["name"] == "Supervisor"


async def test_a_look_at_another_process_is_seen_at_the_clerks(database: str, roster: Roster, citizen: Citizen) -> None:
    wires = Wires()
    async with counter(database, plane=Plane(wires)) as one, counter(database, plane=Plane(wires)) as two:
        owner, _, talk = await begun(one, roster.owner, citizen)
        boss = await two.come(roster.supervisor)
        await boss.say(type="sync", conversation=talk, after=0)
        assert (await owner.hear("watching", conversation=talk))["by"][0]["name"] == "Supervisor"
        await boss.say(type="leave", conversation=talk)
        assert (await owner.hear("watching", conversation=talk, by=[]))["by"] == []


async def test_one_leaves_only_what_one_looks_on_at(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    owner, asker, talk = await begun(desk, roster.owner, citizen)
    await owner.say(type="leave", conversation=talk)
    await asker.send_text(talk, "您好")
    assert (await owner.hear("message", conversation=talk, seq=3))["seq"] == 3
    await asker.say(type="leave", conversation=talk)
    assert (await asker.hear("error"))["code"] == "forbidden"
    stranger = await desk.come(roster.outsider)
    await stranger.say(type="leave", conversation=talk)
    assert (await stranger.hear("error"))["code"] == "not_found"


async def test_a_whisper_reaches_the_clerk_and_never_the_citizen(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    owner, asker, talk = await begun(desk, roster.owner, citizen)
    await desk.call(roster.supervisor, "POST", f"/consultations/{talk}/notes", {"text": "先问是否在外地"}, expect=204)
    told = await owner.hear("message", conversation=talk, kind="note")
    assert (told["body"], told["sender"]["name"]) == ({"text": "先问是否在外地", "whisper": True}, "Supervisor")
    await asker.send_text(talk, "我在外地")
    assert [f for f in asker.frames if f.get("kind") == "note"] == []


async def test_a_note_of_ones_own_is_no_whisper_and_a_repeat_stays_one_after_taking_over(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    path, said = f"/consultations/{talk}/notes", {"text": "我来跟进", "client_id": "hint"}
    await desk.call(roster.owner, "POST", path, {"text": "已核对"}, expect=204)
    await desk.call(roster.supervisor, "POST", path, said, expect=204)
    await desk.call(roster.supervisor, "POST", f"/consultations/{talk}/takeover", {"reason": "投诉升级"})
    await desk.call(roster.supervisor, "POST", path, said, expect=204)
    kept = await db.fetch("SELECT body ->> 'text' AS text, body ->> 'whisper' AS whisper FROM chat_note ORDER BY at")
    assert [tuple(note) for note in kept] == [("已核对", None), ("我来跟进", "true")]


async def test_what_is_in_other_hands_is_listed_for_who_supervises_it(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    seen = {
        who.name: [one["id"] for one in (await desk.call(who, "GET", "/consultations?scope=held"))["items"]]
        for who in (roster.supervisor, roster.owner, roster.outsider)
    }
    assert seen == {roster.supervisor.name: [str(talk)], roster.owner.name: [str(talk)], roster.outsider.name: []}


async def test_a_supervisor_takes_over_and_both_sides_are_told(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    owner, asker, talk = await begun(desk, roster.owner, citizen)
    boss = await desk.come(roster.supervisor)
    path = f"/consultations/{talk}/takeover"
    shown = await desk.call(roster.supervisor, "POST", path, {"reason": "投诉升级"})
    assert (shown["state"], shown["clerk"]["name"], shown["reason"]["code"]) == ("assigned", "Supervisor", "taken_over")
    greeting = await asker.hear("message", conversation=talk, seq=3)
    assert greeting["body"]["event"] == "assigned"
    await owner.hear(
        "conversation",
        conversation=talk,
        clerk={"id": str(roster.supervisor.id), "name": "Supervisor", "title": "窗口"},
    )
    await boss.hear("message", conversation=talk, seq=3)
    await owner.say(type="send", conversation=talk, client_id="late", kind="text", body={"text": "我来回答"})
    assert (await owner.hear("error"))["code"] == "not_found"
    assert (await boss.send_text(talk, "您好，我是主管"))["seq"] == 4
    assert await desk.call(roster.supervisor, "POST", path, {"reason": "再点一次"}) is not None
    assert (await db.fetch_value("SELECT count(*) FROM chat_conversation_change WHERE reason_code = 'taken_over'")) == 1
    acts = await db.fetch("SELECT count(*) AS n FROM kit_audit WHERE action = 'consultation.taken_over'")
    assert acts[0]["n"] == 1


async def test_what_waits_can_be_taken_over_too(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    opened = await desk.ask(citizen)
    assert opened["state"] == "inquiry"
    await desk.come(roster.supervisor)
    await desk.call(roster.supervisor, "POST", f"/consultations/{opened['id']}/takeover", {"reason": "我来"})
    found = await row()
    assert (found["state"], found["clerk_id"], found["inquiry_due_at"]) == ("assigned", roster.supervisor.id, None)


async def test_nobody_else_takes_over(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    path, body = f"/consultations/{talk}/takeover", {"reason": "我来"}
    await desk.call(roster.backup, "POST", path, body, expect=403)
    await desk.call(citizen, "POST", path, body, expect=403)
    await desk.call(roster.supervisor, "POST", path, {"reason": ""}, expect=422)
    await desk.call(roster.supervisor, "POST", f"/consultations/{citizen.id}/takeover", body, expect=404)
    assert (await row())["clerk_id"] == roster.owner.id


async def test_a_closed_conversation_is_not_taken_over(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    await desk.call(citizen, "POST", f"/consultations/{talk}/close", {})
    refused = await desk.call(
        roster.supervisor, "POST", f"/consultations/{talk}/takeover", {"reason": "我来"}, expect=409
    )
    assert refused["code"] == "conversation_closed"


def test_whom_a_process_that_died_had_is_forgotten() -> None:
    now = [0.0]
    onlookers, talk = Onlookers(now=lambda: now[0]), uuid4()
    assert onlookers.say(talk, "dead", (("1", "王"),))
    assert onlookers.say(talk, "alive", (("2", "李"),))
    now[0] = FORGOTTEN_S - 1
    assert not onlookers.say(talk, "alive", (("2", "李"),))
    now[0] = FORGOTTEN_S + 1
    assert onlookers.of(talk) == (("2", "李"),)
    assert onlookers.forget_the_dead() == [talk]
    assert onlookers.forget_the_dead() == []
    assert onlookers.here("alive") == {talk: (("2", "李"),)}
