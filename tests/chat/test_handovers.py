"""From hand to hand: transfers, inquiries, timers, notes, ends."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from auth.models import Citizen
from chat import attachments, jobs, presence
from chat.attachments import ImageInfo, ImageLinks
from chat.subjects import CaseInfo
from kit import clock, db, workdays
from tests.chat.conftest import Roster
from tests.chat.office import ITEM, REGION, Counter, begun

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]


async def test_nobody_on_duty_gives_a_date_and_the_answer_ends_it(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    asker = await desk.come(citizen)
    opened = await desk.ask(citizen)
    assert (opened["state"], opened["reason"]["code"]) == ("inquiry", "nobody_on_duty")
    days = await workdays.calendar()
    due = datetime.fromisoformat(opened["due_at"]).astimezone(clock.city_zone())
    assert (due.date(), due.hour) == (days.add_workdays(clock.today(), 1), 18)
    notice = await asker.hear("message", conversation=opened["id"], kind="system")
    assert notice["body"]["event"] == "inquiry_opened"
    assert (await asker.send_text(opened["id"], "补充：我在外地"))["seq"] == 3

    clerk = await desk.come(roster.backup)
    waiting = await desk.call(roster.backup, "GET", "/consultations?scope=queue")
    assert [c["id"] for c in waiting["items"]] == [opened["id"]]
    ack = await clerk.send_text(opened["id"], "可以异地补领。", client_id="answer")
    answer = await asker.hear("message", conversation=opened["id"], seq=ack["seq"])
    assert answer["body"] == {"text": "可以异地补领。"}
    shown = await desk.call(citizen, "GET", f"/consultations/{opened['id']}")
    assert (shown["state"], shown["clerk"]["name"]) == ("assigned", "Backup")
    row = (await db.fetch("SELECT answered_by, answered_at FROM chat_inquiry"))[0]
    assert (row["answered_by"], row["answered_at"] is None) == (roster.backup.id, False)


async def test_an_inquiry_is_not_answered_by_somebody_elses_department(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen)
    outsider = await desk.come(roster.outsider)
    await outsider.say(type="send", conversation=opened["id"], client_id="x", kind="text", body={"text": "我来答"})
    assert (await outsider.hear("error", client_id="x"))["code"] == "not_found"
    assert await db.fetch_value("SELECT last_seq FROM chat_conversation") == opened["last_seq"]
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'consultation.refused'") == 1


async def test_a_transfer_hands_over_the_history_and_takes_it_from_the_former(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    backup = await desk.come(roster.backup)
    path = f"/consultations/{conversation}/transfer"
    await desk.call(roster.owner, "POST", path, {"to_staff": str(roster.backup.id), "reason": "更熟悉"})
    offer = await backup.hear("offer", conversation=conversation)
    assert offer["reason"]["code"] == "transferred"
    await backup.say(type="offer_reply", conversation=conversation, accept=True)
    await backup.hear("message", conversation=conversation, seq=4)
    assert backup.seqs(conversation) == [1, 2, 3, 4]
    state = await asker.hear(
        "conversation",
        conversation=conversation,
        state="assigned",
        clerk={"id": str(roster.backup.id), "name": "Backup", "title": "窗口"},
    )
    assert state["reason"]["code"] == "transferred"

    await asker.send_text(conversation, "还在吗")
    await backup.hear("message", conversation=conversation, seq=5)
    await clerk.say(type="send", conversation=conversation, client_id="late", kind="text", body={"text": "我"})
    assert (await clerk.hear("error", client_id="late"))["code"] == "not_found"
    assert 5 not in clerk.seqs(conversation)
    events = await desk.call(citizen, "GET", f"/consultations/{conversation}/messages")
    assert [m["body"].get("event") for m in events["items"]] == [None, "assigned", "transferred", "assigned", None]


async def test_a_transfer_to_somebody_without_right_or_not_there_is_refused(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, conversation = await begun(desk, roster.owner, citizen)
    await desk.come(roster.outsider)
    path = f"/consultations/{conversation}/transfer"
    body = {"to_staff": str(roster.outsider.id), "reason": "换人"}
    assert (await desk.call(roster.owner, "POST", path, body, expect=422))["code"] == "wrong_recipient"
    body = {"to_staff": str(roster.backup.id), "reason": "换人"}
    assert (await desk.call(roster.owner, "POST", path, body, expect=409))["code"] == "clerk_not_available"
    await desk.call(roster.backup, "POST", path, body, expect=404)
    row = (await db.fetch("SELECT clerk_id, state, last_seq FROM chat_conversation"))[0]
    assert (row["clerk_id"], row["state"], row["last_seq"]) == (roster.owner.id, "assigned", 2)


async def test_a_transfer_to_another_department_waits_in_its_queue(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, asker, conversation = await begun(desk, roster.owner, citizen)
    other = await desk.come(roster.outsider)
    path = f"/consultations/{conversation}/transfer"
    await desk.call(roster.owner, "POST", path, {"to_department": "RS", "reason": "社保问题"})
    await desk.call(roster.owner, "GET", f"/consultations/{conversation}", expect=404)
    state = await asker.hear("conversation", conversation=conversation, state="queued")
    assert (state["subject"]["department"]["code"], state["subject"]["item"]) == ("RS", None)
    await other.say(type="offer_reply", conversation=conversation, accept=True)
    taker = {"id": str(roster.outsider.id), "name": "Outsider", "title": "窗口"}
    await asker.hear("conversation", conversation=conversation, state="assigned", clerk=taker)


async def test_notes_never_reach_the_citizen(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    await clerk.say(type="send", conversation=conversation, client_id="n1", kind="note", body={"text": "疑似重复咨询"})
    assert (await clerk.hear("ack", client_id="n1"))["seq"] == 2
    assert (await clerk.hear("message", kind="note"))["body"] == {"text": "疑似重复咨询"}
    await clerk.send_text(conversation, "您好")
    await asker.hear("message", conversation=conversation, seq=3)
    await asker.say(type="send", conversation=conversation, client_id="n2", kind="note", body={"text": "我也写"})
    assert (await asker.hear("error", client_id="n2"))["code"] == "forbidden"
    theirs = await desk.call(citizen, "GET", f"/consultations/{conversation}/messages")
    ours = await desk.call(roster.owner, "GET", f"/consultations/{conversation}/messages")
    assert [(m["seq"], m["kind"]) for m in theirs["items"]] == [(1, "text"), (2, "system"), (3, "text")]
    assert [(m["seq"], m["kind"]) for m in ours["items"]] == [(1, "text"), (2, "system"), (2, "note"), (3, "text")]
    back = await desk.come(citizen, since={conversation: 0})
    await back.hear("caught_up")
    assert "疑似" not in str(asker.frames + back.frames)


async def test_a_closed_conversation_takes_no_more_and_is_rated_once(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    rating = f"/consultations/{conversation}/rating"
    assert (await desk.call(citizen, "POST", rating, {"level": 5}, expect=409))["code"] == "not_closed_yet"
    await desk.call(citizen, "POST", f"/consultations/{conversation}/close", {})
    assert (await clerk.hear("message", kind="system", seq=3))["body"]["event"] == "closed"
    await clerk.hear("conversation", conversation=conversation, state="closed")
    await asker.say(type="send", conversation=conversation, client_id="z", kind="text", body={"text": "等等"})
    assert (await asker.hear("error", client_id="z"))["code"] == "conversation_closed"
    assert await db.fetch_value("SELECT last_seq FROM chat_conversation") == 3
    await desk.call(citizen, "POST", rating, {"level": 4, "reasons": ["patient"]}, expect=201)
    assert (await desk.call(citizen, "POST", rating, {"level": 1}, expect=409))["code"] == "already_rated"
    await desk.call(roster.owner, "POST", rating, {"level": 5}, expect=403)
    assert await db.fetch_value("SELECT level FROM chat_rating") == 4


async def test_a_case_goes_to_the_clerk_who_holds_it(
    desk: Counter, roster: Roster, citizen: Citizen, cases: dict[object, CaseInfo]
) -> None:
    await desk.come(roster.owner)
    await desk.come(roster.colleague)
    case = uuid4()
    cases[case] = CaseInfo(ITEM, REGION, citizen.id, roster.colleague.id)
    opened = await desk.ask(citizen, application=str(case))
    assert (opened["reason"]["code"], opened["subject"]["application"]) == ("sticky_case", str(case))
    cases[case] = CaseInfo(ITEM, REGION, uuid4(), roster.colleague.id)
    body = {"application": str(case), "text": "别人的"}
    assert (await desk.call(citizen, "POST", "/consultations", body, expect=422))["code"] == "unknown_subject"


async def test_a_vanished_clerk_s_conversation_goes_to_the_next(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    backup = await desk.come(roster.backup)
    await asker.send_text(conversation, "还在吗？")
    clerk.cut()
    with clock.moved(timedelta(seconds=60)):
        await presence.keep([roster.backup.id])
        await jobs.watch()
        await backup.hear("offer", conversation=conversation)
    row = (await db.fetch("SELECT state, clerk_id, last_seq FROM chat_conversation"))[0]
    assert (row["state"], row["clerk_id"], row["last_seq"]) == ("offered", roster.backup.id, 3)


async def test_an_overdue_answer_goes_to_the_backup_then_to_the_supervisor(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, conversation = await begun(desk, roster.owner, citizen)
    backup, boss = await desk.come(roster.backup), await desk.come(roster.supervisor)
    everybody = [roster.owner.id, roster.backup.id, roster.supervisor.id]
    with clock.moved(timedelta(seconds=181)):
        await presence.keep(everybody)
        await jobs.watch()
        await backup.hear("offer", conversation=conversation)
        await backup.say(type="offer_reply", conversation=conversation, accept=True)
        await backup.hear("message", conversation=conversation, seq=3)
        with clock.moved(timedelta(seconds=181)):
            await presence.keep(everybody)
            await jobs.watch()
            offer = await boss.hear("offer", conversation=conversation)
    assert offer["reason"]["code"] == "supervisor_on_duty"


async def test_an_overdue_answer_stays_and_is_told_of_when_nobody_else_is_there(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    await begun(desk, roster.owner, citizen)
    with clock.moved(timedelta(seconds=181)):
        await presence.keep([roster.owner.id])
        await jobs.watch()
        row = (await db.fetch("SELECT state, clerk_id, escalation, answer_due_at FROM chat_conversation"))[0]
        assert (row["state"], row["clerk_id"], row["escalation"]) == ("assigned", roster.owner.id, 1)
        assert row["answer_due_at"] > clock.now()


async def test_an_answered_conversation_that_stays_silent_is_closed(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, _, conversation = await begun(desk, roster.owner, citizen)
    await clerk.send_text(conversation, "办好了")
    with clock.moved(timedelta(hours=25)):
        await jobs.tend()
    assert await db.fetch_value("SELECT state FROM chat_conversation") == "closed"
    assert await db.fetch_value("SELECT body->>'event' FROM chat_message ORDER BY seq DESC LIMIT 1") == "closed"


async def test_images_are_the_sender_s_own_and_their_links_the_reader_s(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, asker, conversation = await begun(desk, roster.owner, citizen)
    mine = uuid4()

    async def owned(upload: UUID, owner: str) -> ImageInfo | None:
        return ImageInfo(640, 480) if (upload, owner) == (mine, f"citizen:{citizen.id}") else None

    attachments.install(owned, lambda upload, reader: ImageLinks(f"/f/{upload}?r={reader}", f"/t/{upload}?r={reader}"))
    await asker.say(type="send", conversation=conversation, client_id="i", kind="image", body={"upload": str(mine)})
    assert (await asker.hear("ack", client_id="i"))["seq"] == 3
    shown = (await clerk.hear("message", seq=3))["body"]
    reader = f"staff:{roster.owner.id}"
    assert shown == {
        "upload": str(mine), "width": 640, "height": 480, "url": f"/f/{mine}?r={reader}", "thumbnail_url": f"/t/{mine}?r={reader}",
    }  # fmt: skip
    await asker.say(type="send", conversation=conversation, client_id="j", kind="image", body={"upload": str(uuid4())})
    assert (await asker.hear("error", client_id="j"))["code"] == "image_unknown"
    assert await db.fetch_value("SELECT last_seq FROM chat_conversation") == 3


async def test_a_supervisor_may_watch_and_it_is_noted(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, _, conversation = await begun(desk, roster.owner, citizen)
    boss = await desk.come(roster.supervisor)
    await boss.say(type="sync", conversation=conversation, after=0)
    assert (await boss.hear("caught_up", conversation=conversation))["seq"] == 2
    await clerk.send_text(conversation, "请稍等")
    await boss.hear("message", conversation=conversation, seq=3)
    noted = await db.fetch("SELECT actor FROM kit_audit WHERE action = 'consultation.read'")
    assert [r["actor"] for r in noted] == [f"staff:{roster.supervisor.id}"]
    await boss.say(type="send", conversation=conversation, client_id="w", kind="text", body={"text": "我来"})
    assert (await boss.hear("error", client_id="w"))["code"] == "not_found"
    marks = await db.fetch("SELECT DISTINCT side FROM chat_mark")
    assert {r["side"] for r in marks} <= {"citizen", "clerk"}
