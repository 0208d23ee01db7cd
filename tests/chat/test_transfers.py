"""Handing a conversation to a colleague: whom one may ask, what becomes of it until they accept, and when they do not."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from auth.models import Citizen, StaffMember
from chat import dispatching, jobs, presence
from kit import clock, db
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, begun, hire

pytestmark = pytest.mark.anyio
ROW = "SELECT state, clerk_id, returns_to, reason_code, declined FROM chat_conversation"


async def hand_on(desk: Counter, by: StaffMember, conversation: str, to: StaffMember, *, expect: int = 200) -> Any:
    body = {"to_staff": str(to.id), "reason": "更熟悉"}
    return await desk.call(by, "POST", f"/consultations/{conversation}/transfer", body, expect=expect)


async def handed_on(desk: Counter, roster: Roster, citizen: Citizen) -> tuple[Line, Line, Line, str]:
    """Lines of the owner, the backup and the citizen; the owner's conversation is offered to the backup."""
    owner, asker, conversation = await begun(desk, roster.owner, citizen)
    backup = await desk.come(roster.backup)
    await hand_on(desk, roster.owner, conversation, roster.backup)
    await backup.hear("offer", conversation=conversation)
    return owner, backup, asker, conversation


async def row() -> dict[str, Any]:
    return dict((await db.fetch(ROW))[0])


async def test_colleagues_are_listed_as_routing_would_ask_them(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, conversation = await begun(desk, roster.owner, citizen)
    other = await hire("other", role="other")
    busy = await hire("busy")
    for person in (roster.backup, roster.colleague, busy, roster.outsider):
        await desk.come(person)
    await presence.choose(busy.id, status="busy", capacity=None, auto_accept=None)
    path = f"/consultations/{conversation}/colleagues"
    listed = (await desk.call(roster.owner, "GET", path))["items"]
    assert [(c["name"], c["role"], c["status"], c["available"]) for c in listed] == [
        ("Backup", "backup", "online", True),
        ("Colleague", "department", "online", True),
        ("Busy", "department", "busy", False),
        ("Other", "other", "gone", False),
        ("Supervisor", "supervisor", "gone", False),
    ]
    assert listed[0] == {
        "id": str(roster.backup.id), "name": "Backup", "title": "窗口",
        "department": {"code": "GA", "name": {"zh": "GA局", "en": "Bureau GA"}}, "role": "backup", "status": "online",
        "load": 0, "capacity": 5, "available": True, "declined": False,
    }  # fmt: skip
    assert other.username not in [c["name"] for c in listed if c["available"]]
    for stranger in (roster.backup, roster.outsider):
        await desk.call(stranger, "GET", path, expect=404)
    await desk.call(citizen, "GET", path, expect=403)
    assert (await desk.call(roster.supervisor, "GET", path))["items"][0]["name"] == "Backup"


async def test_a_colleague_has_a_minute_to_accept_and_the_place_is_kept(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    began = clock.now()
    owner, backup, asker, conversation = await handed_on(desk, roster, citizen)
    shown = await desk.call(roster.backup, "GET", f"/consultations/{conversation}")
    assert timedelta(seconds=60) <= datetime.fromisoformat(shown["due_at"]) - began < timedelta(seconds=70)
    seats = await presence.seats([roster.owner.id, roster.backup.id])
    assert (seats[roster.owner.id].load, seats[roster.backup.id].load) == (1, 1)
    await asker.send_text(conversation, "我等着")
    await owner.hear("message", conversation=conversation, seq=4)  # who has it back must have seen it
    await backup.say(type="offer_reply", conversation=conversation, accept=True)
    await backup.hear("message", conversation=conversation, seq=5)
    assert await row() == {
        "state": "assigned", "clerk_id": roster.backup.id, "returns_to": None, "reason_code": "transferred",
        "declined": "[]",
    }  # fmt: skip
    assert (await presence.seats([roster.owner.id]))[roster.owner.id].load == 0
    await asker.send_text(conversation, "您好")
    await backup.hear("message", conversation=conversation, seq=6)
    assert 6 not in owner.seqs(conversation)
    await desk.call(roster.owner, "GET", f"/consultations/{conversation}", expect=404)


async def test_a_handover_is_asked_for_even_of_who_accepts_by_themselves(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, conversation = await begun(desk, roster.owner, citizen)
    backup = await desk.come(roster.backup)
    await backup.say(type="presence", status="online", auto_accept=True)
    await backup.hear("presence", auto_accept=True)
    await hand_on(desk, roster.owner, conversation, roster.backup)
    await backup.hear("offer", conversation=conversation)
    assert (await row())["state"] == "offered"


@pytest.mark.parametrize("how", ["declined", "ran out", "vanished"])
async def test_what_is_not_accepted_returns_with_a_word_to_both_sides(
    desk: Counter, roster: Roster, citizen: Citizen, how: str
) -> None:
    owner, backup, asker, conversation = await handed_on(desk, roster, citizen)
    other = await hire("other", role="other")
    await desk.come(other)  # routing could ask them, but it is the owner's to decide
    if how == "declined":
        await backup.say(type="offer_reply", conversation=conversation, accept=False)
    else:
        if how == "vanished":
            backup.cut()
        with clock.moved(timedelta(seconds=61)):
            await presence.keep([roster.owner.id, other.id] + ([roster.backup.id] if how == "ran out" else []))
            await jobs.watch()
    for line in (owner, asker):
        notice = await line.hear("message", conversation=conversation, seq=4)
        assert (notice["kind"], notice["body"]["event"]) == ("system", "transfer_returned")
        await line.hear("conversation", conversation=conversation, state="assigned")
    declined = f'["{roster.backup.id}"]' if how == "declined" else "[]"
    assert await row() == {
        "state": "assigned", "clerk_id": roster.owner.id, "returns_to": None, "reason_code": "transfer_returned",
        "declined": declined,
    }  # fmt: skip
    await owner.send_text(conversation, "仍由我来答复")
    await asker.hear("message", conversation=conversation, seq=5)
    assert owner.seqs(conversation) == [1, 2, 3, 4]


async def test_an_offer_of_a_minute_does_not_end_after_the_seconds_of_others(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    await handed_on(desk, roster, citizen)
    with clock.moved(timedelta(seconds=45)):
        await presence.keep([roster.owner.id, roster.backup.id])
        await jobs.watch()
    assert ((await row())["state"], (await row())["clerk_id"]) == ("offered", roster.backup.id)


async def test_a_handover_in_vain_is_routed_when_who_had_it_has_left(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, backup, _, conversation = await handed_on(desk, roster, citizen)
    other = await hire("other", role="other")
    third = await desk.come(other)
    await presence.leave(roster.owner.id)
    await backup.say(type="offer_reply", conversation=conversation, accept=False)
    await third.hear("offer", conversation=conversation)
    now = await row()
    assert (now["state"], now["clerk_id"], now["returns_to"]) == ("offered", other.id, None)


async def test_who_declined_is_not_asked_again_without_a_supervisor(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    owner, backup, _, conversation = await handed_on(desk, roster, citizen)
    await backup.say(type="offer_reply", conversation=conversation, accept=False)
    await owner.hear("message", conversation=conversation, seq=4)
    before = await row()
    refused = await hand_on(desk, roster.owner, conversation, roster.backup, expect=409)
    assert refused["code"] == "declined_before"
    assert await row() == before
    assert await db.fetch_value("SELECT (transfers, last_seq)::text FROM chat_conversation") == "(1,4)"
    listed = await desk.call(roster.owner, "GET", f"/consultations/{conversation}/colleagues")
    assert [(c["name"], c["declined"]) for c in listed["items"] if c["available"]] == [("Backup", True)]
    await hand_on(desk, roster.supervisor, conversation, roster.backup)
    await backup.hear("offer", conversation=conversation)
    assert (await row())["returns_to"] == roster.owner.id


async def test_what_went_round_five_times_is_the_supervisor_s(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, conversation = await begun(desk, roster.owner, citizen)
    await desk.come(roster.backup)
    await db.execute("UPDATE chat_conversation SET transfers = 5")
    refused = await hand_on(desk, roster.owner, conversation, roster.backup, expect=409)
    assert (refused["code"], (await row())["state"]) == ("transfer_goes_round", "assigned")
    await hand_on(desk, roster.supervisor, conversation, roster.backup)
    assert (await row())["state"] == "offered"


async def test_what_is_only_offered_is_neither_handed_on_nor_closed(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, _, conversation = await handed_on(desk, roster, citizen)
    await desk.come(roster.colleague)
    before = await row()
    for clerk in (roster.backup, roster.owner):
        await hand_on(desk, clerk, conversation, roster.colleague, expect=404)
        await desk.call(clerk, "POST", f"/consultations/{conversation}/close", {}, expect=404)
    assert await row() == before


async def test_who_comes_back_while_a_colleague_is_asked_follows_it_still(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    owner, backup, _, conversation = await handed_on(desk, roster, citizen)
    await owner.hang_up()
    back = await desk.come(roster.owner, since={conversation: 2})
    await back.hear("caught_up", conversation=conversation, seq=3)
    assert [f for f in back.frames if f["type"] == "offer"] == []
    mine = await desk.call(roster.owner, "GET", "/consultations?scope=mine")
    assert [c["id"] for c in mine["items"]] == [conversation]
    await backup.say(type="offer_reply", conversation=conversation, accept=False)
    await back.hear("message", conversation=conversation, seq=4)
    assert back.seqs(conversation) == [3, 4]


async def test_the_kept_place_is_given_to_nobody_else(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    await presence.arrive(roster.owner.id)
    await presence.choose(roster.owner.id, status="online", capacity=1, auto_accept=None)
    _, backup, _, conversation = await handed_on(desk, roster, citizen)
    await presence.choose(roster.backup.id, status="online", capacity=1, auto_accept=None)
    waiting = await desk.ask(citizen, "还有一个")
    assert waiting["state"] == "queued"
    await backup.say(type="offer_reply", conversation=conversation, accept=False)
    await backup.hear("conversation", conversation=conversation, state="assigned")
    await dispatching.dispatch()
    assert (await presence.seats([roster.owner.id]))[roster.owner.id].load == 1
