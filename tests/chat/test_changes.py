"""Edits and recalls: entries of the sequence, judged where they are stored, shown everywhere at once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth.models import Citizen
from chat import attachments
from chat.attachments import ImageInfo, ImageLinks
from chat.changes import REFUSALS
from chat.messages import Draft, append
from chat.personal import about, forget
from chat.writer import Pending, Writer
from kit import clock, config, db
from mobileapi.settings import OfficeSettings
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, begun, conversation_of, counter, move_in
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio


async def change(line: Line, conversation: str, of: int, text: str | None = None, *, id: str = "") -> dict[str, Any]:  # noqa: A002
    """An edit, or without a text a recall; the answer: ack or error."""
    client_id = id or uuid4().hex
    what = {"type": "recall"} if text is None else {"type": "edit", "body": {"text": text}}
    await line.say(**what, conversation=conversation, client_id=client_id, of=of)
    async with asyncio.timeout(WAIT_S):
        while True:
            found = line._next("ack", {"client_id": client_id}) or line._next("error", {"client_id": client_id})
            if found is not None:
                return found
            line.more.clear()
            await line.more.wait()


async def stored() -> list[tuple[int, str, str | None]]:
    rows = await db.fetch("SELECT seq, kind, body->>'text' AS said FROM chat_message ORDER BY conversation_id, seq")
    return [(r["seq"], r["kind"], r["said"]) for r in rows]


async def read(desk: Counter, person: Any, conversation: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await desk.call(person, "GET", f"/consultations/{conversation}/messages"))["items"]
    return items


async def test_an_edit_is_an_entry_of_its_own_and_the_message_reads_anew_everywhere(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    second = await desk.come(citizen)
    sent = await mine.send_text(talk, "我的号码是一")
    edited = await change(mine, talk, sent["seq"], "我的号码是二")
    assert (edited["type"], edited["seq"]) == ("ack", 4)
    for line in (clerk, second):
        told = await line.hear("message", kind="edit", conversation=talk)
        assert (told["seq"], told["body"]) == (4, {"of": 3, "text": "我的号码是二"})
    for person in (citizen, roster.owner):
        found = {m["seq"]: m for m in await read(desk, person, talk)}
        assert (found[3]["body"]["text"], found[3]["edited"], found[3].get("recalled")) == ("我的号码是二", True, None)
        assert (found[4]["kind"], found[4]["body"], "edited" in found[4]) == (
            "edit", {"of": 3, "text": "我的号码是二"}, False,
        )  # fmt: skip
        assert "edited" not in found[1]
    assert (3, "text", "我的号码是一") in await stored()  # what was said first stays as evidence


async def test_a_recalled_message_is_empty_everywhere_and_its_versions_stay_as_evidence(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    await mine.send_text(talk, "我的卡号是一")
    await change(mine, talk, 3, "我的卡号是二")
    assert (await change(mine, talk, 3))["seq"] == 5
    assert (await clerk.hear("message", kind="recall", conversation=talk))["body"] == {"of": 3}
    back = await desk.come(citizen, since={talk: 2})
    await back.hear("caught_up", conversation=talk)
    caught = {m["seq"]: m for m in back.frames if m["type"] == "message"}
    over_http = {m["seq"]: m for m in await read(desk, roster.owner, talk)}
    for found in (caught, over_http):
        assert (found[3]["body"], found[3]["recalled"], "edited" in found[3]) == ({}, True, False)
        assert (found[4]["body"], found[4]["recalled"]) == ({"of": 3}, True)  # an edit tells nothing of it either
        assert (found[5]["kind"], found[5]["body"]) == ("recall", {"of": 3})
    assert "卡号" not in str([caught, over_http])
    assert (await stored())[2:] == [(3, "text", "我的卡号是一"), (4, "edit", "我的卡号是二"), (5, "recall", None)]


async def test_the_latest_of_many_edits_is_what_is_read_also_in_the_earlier_ones(
    desk: Counter, citizen: Citizen
) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.send_text(talk, "一")
    for text in ("二", "三"):
        await change(line, talk, 1, text)
    shown = [(m["kind"], m["body"]["text"]) for m in await read(desk, citizen, talk)]
    assert shown == [("text", "三"), ("edit", "三"), ("edit", "三")]


async def test_a_repeat_of_a_change_is_answered_with_its_first_ack_and_other_content_conflicts(
    desk: Counter, citizen: Citizen
) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.send_text(talk, "一")
    first = await change(line, talk, 1, "二", id="e")
    with clock.moved(timedelta(minutes=10)):  # it was in time when it was stored
        again = await change(line, talk, 1, "二", id="e")
    assert (again["seq"], again["at"]) == (first["seq"], first["at"])
    assert (await change(line, talk, 1, "三", id="e"))["code"] == "client_id_conflict"
    assert (await change(line, talk, 1, id="e"))["code"] == "client_id_conflict"
    assert await stored() == [(1, "text", "一"), (2, "edit", "二")]


@pytest.mark.parametrize(
    ("text", "after_s", "answer"),
    [("二", 299, "ack"), ("二", 300, "too_late_to_change"), (None, 119, "ack"), (None, 120, "too_late_to_change")],
)
async def test_time_runs_out_for_edits_after_five_minutes_and_for_recalls_after_two(
    desk: Counter, citizen: Citizen, text: str | None, after_s: int, answer: str
) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    with clock.stopped():
        await line.send_text(talk, "一")
        with clock.moved(timedelta(seconds=after_s)):
            told = await change(line, talk, 1, text)
    assert told.get("code", told["type"]) == answer
    assert len(await stored()) == (2 if answer == "ack" else 1)


async def test_an_office_that_sets_the_time_to_nothing_allows_no_change(
    database: str, settings: OfficeSettings, citizen: Citizen
) -> None:
    config.install(settings.model_copy(update={"chat_edit_s": 0, "chat_recall_s": 0}))
    async with counter(database) as desk:
        talk, line = await conversation_of(citizen), await desk.come(citizen)
        await line.send_text(talk, "一")
        for text in ("二", None):
            assert (await change(line, talk, 1, text))["code"] == "too_late_to_change"
    assert await stored() == [(1, "text", "一")]


async def test_only_own_messages_that_are_there_can_be_changed(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    await mine.send_text(talk, "我说")
    await clerk.send_text(talk, "我答")
    before = await stored()
    for line, of, code in [
        (clerk, 3, "not_your_message"), (mine, 4, "not_your_message"),
        (mine, 2, "not_your_message"),  # a notice of the office
        (mine, 99, "not_found"), (mine, 5, "not_found"),
    ]:  # fmt: skip
        for text in ("改", None):
            assert (await change(line, talk, of, text))["code"] == code, (of, text)
    assert await stored() == before


async def test_what_was_recalled_cannot_be_edited_or_recalled_again(desk: Counter, citizen: Citizen) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.send_text(talk, "一")
    await change(line, talk, 1)
    for text in ("二", None):
        assert (await change(line, talk, 1, text))["code"] == "message_recalled"
    assert await stored() == [(1, "text", "一"), (2, "recall", None)]


async def test_a_change_is_not_changed_itself(desk: Counter, citizen: Citizen) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.send_text(talk, "一")
    await change(line, talk, 1, "二")
    for text in ("三", None):
        assert (await change(line, talk, 2, text))["code"] == "not_changeable"
    assert len(await stored()) == 2


async def test_a_picture_is_recalled_with_its_links_and_never_edited(desk: Counter, citizen: Citizen) -> None:
    async def owned(_upload: UUID, _owner: str) -> ImageInfo:
        return ImageInfo(640, 480)

    attachments.install(owned, lambda upload, reader: ImageLinks(f"/f/{upload}", f"/t/{upload}"))
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.say(type="send", conversation=talk, client_id="p", kind="image", body={"upload": str(uuid4())})
    await line.hear("ack", client_id="p")
    assert (await change(line, talk, 1, "字"))["code"] == "not_changeable"
    assert (await change(line, talk, 1))["seq"] == 2
    picture = (await read(desk, citizen, talk))[0]
    assert (picture["kind"], picture["body"], picture["recalled"]) == ("image", {}, True)


async def test_nothing_is_changed_in_a_closed_conversation(desk: Counter, citizen: Citizen) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.send_text(talk, "一")
    await desk.call(citizen, "POST", f"/consultations/{talk}/close", {})
    before = await stored()
    for text in ("二", None):
        assert (await change(line, talk, 1, text))["code"] == "conversation_closed"
    assert await stored() == before


async def test_strangers_and_clerks_who_do_not_have_it_find_nothing_to_change_and_take_nothing_up(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    stranger, backup = await desk.come(await move_in()), await desk.come(roster.backup)
    opened = await desk.ask(citizen)
    await backup.hear("offer", conversation=opened["id"])
    before = await stored()
    for line in (stranger, backup):
        for text in ("改", None):
            assert (await change(line, opened["id"], 1, text))["code"] == "not_found"
    assert await stored() == before
    assert await db.fetch_value("SELECT state FROM chat_conversation") == "offered"


async def test_a_clerk_who_handed_it_on_cannot_change_what_they_said(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, _, talk = await begun(desk, roster.owner, citizen)
    await clerk.send_text(talk, "我答")
    backup = await desk.come(roster.backup)
    handing = {"to_staff": str(roster.backup.id), "reason": "换人"}
    await desk.call(roster.owner, "POST", f"/consultations/{talk}/transfer", handing)
    await backup.hear("offer", conversation=talk)
    await backup.say(type="offer_reply", conversation=talk, accept=True)
    await backup.hear("message", conversation=talk, seq=3)
    assert (await change(clerk, talk, 3, "改"))["code"] == "not_found"
    assert (await change(backup, talk, 3, "改"))["code"] == "not_your_message"


async def test_a_change_moves_no_timer_and_is_no_answer(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    await clerk.send_text(talk, "我答")
    row = "SELECT awaiting, answer_due_at, escalation, state FROM chat_conversation"
    answered = dict((await db.fetch(row))[0])
    await change(clerk, talk, 3, "我再答")
    assert dict((await db.fetch(row))[0]) == answered
    await mine.send_text(talk, "再问")
    asked = dict((await db.fetch(row))[0])
    assert asked["awaiting"] == "clerk"
    await change(clerk, talk, 3)
    await change(mine, talk, 6, "再问一次")
    assert dict((await db.fetch(row))[0]) == asked


async def test_changes_are_not_unread_and_what_was_recalled_is_not_either(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    before = (await desk.call(roster.owner, "GET", f"/consultations/{talk}"))["unread"]
    await mine.send_text(talk, "一")
    await mine.send_text(talk, "二")
    await change(mine, talk, 3, "一一")
    assert (await desk.call(roster.owner, "GET", f"/consultations/{talk}"))["unread"] == before + 2
    await change(mine, talk, 4)
    found = await desk.call(roster.owner, "GET", f"/consultations/{talk}")
    assert (found["unread"], found["last_seq"]) == (before + 1, 6)
    assert clerk.closed is None


async def test_the_preview_of_a_list_is_of_the_last_message_as_it_reads_now(desk: Counter, citizen: Citizen) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    await line.send_text(talk, "一")
    await change(line, talk, 1, "二")
    found = (await desk.call(citizen, "GET", "/consultations"))["items"][0]["last_message"]
    assert (found["kind"], found["preview"], found["recalled"]) == ("text", "二", False)
    await change(line, talk, 1)
    found = (await desk.call(citizen, "GET", "/consultations"))["items"][0]["last_message"]
    assert (found["kind"], found["preview"], found["recalled"]) == ("text", "[已撤回]", True)


async def test_the_export_of_one_s_data_reads_as_people_read_it_and_forgetting_takes_every_version(
    desk: Counter, citizen: Citizen
) -> None:
    talk, line = await conversation_of(citizen), await desk.come(citizen)
    for text in ("甲一", "乙一"):
        await line.send_text(talk, text)
    await change(line, talk, 1, "甲二")
    await change(line, talk, 2)
    said = (await about(citizen))[0].records[0]["messages"]
    assert [m["text"] for m in said] == ["甲二", "[已撤回]"]
    await forget(citizen)
    bodies = str([r["body"] for r in await db.fetch("SELECT body FROM chat_message WHERE kind <> 'system'")])
    assert not {"甲", "乙"} & set(bodies)
    first = (await db.fetch("SELECT body FROM chat_message_shown WHERE seq = 1"))[0]["body"]
    assert '"deleted": true' in first


async def test_two_devices_that_recall_and_edit_at_once_agree(desk: Counter, citizen: Citizen) -> None:
    """Whatever comes first in the database; the other one is judged by it, also within one group."""
    talk = await conversation_of(citizen)
    one, two = await desk.come(citizen), await desk.come(citizen)
    for n in range(1, 31, 3):
        of = (await one.send_text(talk, f"第{n}"))["seq"]
        pair = await asyncio.gather(change(one, talk, of), change(two, talk, of, "改"))
        assert pair[0]["type"] == "ack"
        assert pair[1].get("code", "ack") in {"ack", "message_recalled"}
        if pair[1]["type"] == "ack":
            assert pair[1]["seq"] < pair[0]["seq"]
    assert await db.fetch_value(
        "SELECT count(*) FROM chat_message e JOIN chat_message o ON o.seq = (e.body->>'of')::bigint "
        "JOIN chat_message r ON r.seq = o.changed WHERE e.kind = 'edit' AND (r.kind <> 'recall' OR e.seq > r.seq)"
    ) == 0  # fmt: skip


def test_a_second_change_of_one_message_waits_for_the_next_group(settings: OfficeSettings) -> None:
    writer: Writer[str] = Writer("", origin=None, settled=lambda *_: None)
    talk, sender = uuid4(), uuid4()

    def draft(client_id: str, kind: str, **body: Any) -> Pending[str]:
        return Pending(Draft(talk, "citizen", kind, body, sender=sender, client_id=client_id), client_id)

    for pending in [
        draft("a", "recall", of=1), draft("b", "edit", of=1, text="x"), draft("c", "edit", of=2, text="x"),
        draft("d", "text", text="x"), draft("c", "edit", of=2, text="x"),
    ]:  # fmt: skip
        writer.submit(pending)
    assert [[p.ticket for p in writer._next_group()] for _ in range(2)] == [["a", "c", "d"], ["b", "c"]]


async def test_the_database_judges_what_comes_without_the_writer(citizen: Citizen) -> None:
    talk = UUID(await conversation_of(citizen, messages=1))

    async def verdict(kind: str, sender: UUID, **body: Any) -> str:
        return (await append(Draft(talk, "citizen", kind, body, sender=sender, client_id=uuid4().hex))).verdict

    assert await verdict("edit", citizen.id, of=2, text="x") == "unknown"
    assert await verdict("edit", citizen.id, of=1, text="x") == "stored"
    assert await verdict("recall", citizen.id, of=1) == "stored"
    assert await verdict("recall", citizen.id, of=1) == "recalled"
    assert await verdict("recall", uuid4(), of=1) == "absent"
    row = (await db.fetch("SELECT changed, recalled, body->>'text' AS said FROM chat_message WHERE seq = 1"))[0]
    assert (row["changed"], row["recalled"], row["said"]) == (3, True, "1")
    assert set(REFUSALS) == {"conflict", "closed", "unknown", "foreign", "recalled", "fixed", "late"}


async def test_the_rules_about_words_hold_for_sends_and_edits_of_both_sides(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    of = (await mine.send_text(talk, "打13800138000"))["seq"]
    edit = await change(mine, talk, of, "请打13800138000")
    found = {m["seq"]: m["body"] for m in await read(desk, citizen, talk)}
    assert found[of]["text"] == found[edit["seq"]]["text"] == "请打138****8000"
    again = await change(mine, talk, of, "请打电话")
    found = {m["seq"]: m["body"] for m in await read(desk, citizen, talk)}
    assert found[of] == {"text": "请打电话"}, "nothing is hidden in it any more"
    assert again["type"] == "ack"
    of = (await clerk.send_text(talk, "请带身份证"))["seq"]
    assert (await change(clerk, talk, of, "您的号码11010519491231002X"))["code"] == "reply_not_sure"
    assert "13800138000" not in str(await stored())
    assert "11010519491231002X" not in str(await stored())
