"""An answer that does not come: backup, supervisor, head of the department; and shifts that end in the middle."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from auth.models import Citizen, StaffMember
from auth.staffing.models import Head
from chat import assignment, jobs, ladder, presence
from chat.config import ChatSettings
from chat.models import Conversation, Inquiry, Message, Wait
from kit import clock, config, db
from kit.config import current
from mobileapi import wiring
from mobileapi.settings import OfficeSettings
from tests.chat.conftest import Roster
from tests.chat.office import Counter, begun, hire

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
LATE = timedelta(seconds=181)


@pytest.fixture(autouse=True)
async def wired(roster: Roster, catalogue: None) -> StaffMember:
    wiring.leave_nobody_alone()
    head = await hire("head", roles=("supervisor",), department="RS")
    await Head.create(kind="department", code="GA", staff_id=head.id)
    return head


async def words(talk: str) -> list[str]:
    found = await Message.filter(conversation_id=talk, sender_role="system").order_by("seq")
    return [str(m.body["text"]["zh"]) for m in found if m.body["event"] == "answer_overdue"]  # type: ignore[index]


async def told() -> list[tuple[UUID, str]]:
    rows = await db.fetch("SELECT staff, kind FROM notify_staff_notice ORDER BY created_at, id")
    return [(row["staff"], row["kind"]) for row in rows]


async def overdue(talk: str) -> None:
    assert UUID(talk) in await ladder.overdue_answers()
    await ladder.escalate(UUID(talk))


async def test_alone_at_the_desk_it_climbs_to_the_head_and_the_citizen_is_told_the_truth(
    desk: Counter, roster: Roster, citizen: Citizen, wired: StaffMember, drain: Drain
) -> None:
    _, asker, talk = await begun(desk, roster.owner, citizen)
    with clock.stopped():
        for _ in range(5):
            clock.move(LATE)
            await presence.keep([roster.owner.id])
            await overdue(talk)
        row = await Conversation.get(id=talk)
        assert (row.state, row.clerk_id, row.escalation) == ("assigned", roster.owner.id, 5)  # type: ignore[attr-defined]
        await drain()
    assert await words(talk) == [
        "抱歉让您久等：Owner还没有答复，已提醒。",
        "抱歉让您久等：Owner还没有答复，已告知主管。",
        "抱歉让您久等：Owner还没有答复，已告知部门负责人。",
    ]
    people = [person for person, kind in await told() if kind == "consultation.overdue"]
    assert people.count(roster.owner.id) == 1
    assert people.count(roster.supervisor.id) == 1
    assert people.count(wired.id) == 1
    await asker.hear("message", kind="system", seq=3)


async def test_the_backup_takes_over_what_is_overdue(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    await desk.come(roster.backup)
    with clock.stopped():
        clock.move(LATE)
        await presence.keep([roster.owner.id, roster.backup.id])
        await overdue(talk)
    row = await Conversation.get(id=talk)
    assert (row.state, row.clerk_id, row.reason_code) == ("offered", roster.backup.id, "backup_on_duty")  # type: ignore[attr-defined]
    assert await words(talk) == ["抱歉让您久等：Owner还没有答复，正在请Backup接手。"]


async def test_an_answer_in_time_climbs_nowhere(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, _, talk = await begun(desk, roster.owner, citizen)
    await clerk.send_text(talk, "请带户口簿。")
    with clock.stopped():
        clock.move(LATE)
        await ladder.escalate(UUID(talk))
    assert (await Conversation.get(id=talk)).escalation == 0
    assert await words(talk) == []


def shut_outside_hours() -> None:
    config.install(current(OfficeSettings).model_copy(update={"chat_outside_hours": False}))
    assert not current(ChatSettings).clerks_serve_outside_hours


async def go_home(person: StaffMember) -> None:
    await StaffMember.filter(id=person.id).update(hours={"mon": [["00:00", "00:01"]]})


async def test_a_shift_that_ends_in_the_middle_hands_on_to_who_is_on_duty(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    await desk.come(roster.backup)
    shut_outside_hours()
    await presence.choose(roster.backup.id, status="online", capacity=5, auto_accept=True)
    await go_home(roster.owner)
    await StaffMember.filter(id=roster.backup.id).update(
        hours={d: [["00:00", "24:00"]] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    )
    with clock.stopped():
        clock.move(LATE)
        await presence.keep([roster.owner.id, roster.backup.id])
        await overdue(talk)
    row = await Conversation.get(id=talk)
    assert (row.state, row.clerk_id) == ("assigned", roster.backup.id)  # type: ignore[attr-defined]


async def test_with_nobody_on_duty_any_more_it_becomes_an_inquiry_with_a_date(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, asker, talk = await begun(desk, roster.owner, citizen)
    shut_outside_hours()
    for person in (roster.owner, roster.backup, roster.supervisor, roster.colleague):
        await go_home(person)
    with clock.stopped():
        clock.move(LATE)
        await presence.keep([roster.owner.id])
        await overdue(talk)
    row = await Conversation.get(id=talk)
    inquiry = await Inquiry.get(conversation_id=talk, taken_at=None)
    assert (row.state, row.reason_code, row.inquiry_due_at) == ("inquiry", "shift_ended", inquiry.due_at)
    assert inquiry.owner == roster.owner.id
    said = await asker.hear("conversation", conversation=talk, state="inquiry")
    assert said["inquiry"]["owner"]["name"] == "Owner"


async def test_a_clerk_who_vanishes_is_replaced_within_a_minute_and_the_history_stays(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    """Also when their whole process is gone: nothing but the clock and another process's round is needed."""
    clerk, asker, talk = await begun(desk, roster.owner, citizen)
    await asker.send_text(talk, "还在吗？")
    await desk.come(roster.backup)
    await presence.choose(roster.backup.id, status="online", capacity=5, auto_accept=True)
    clerk.cut()
    with clock.stopped():
        for _ in range(4):  # rounds of fifteen seconds
            clock.move(timedelta(seconds=15))
            await presence.keep([roster.backup.id])
            await jobs.watch()
    row = await Conversation.get(id=talk)
    assert (row.state, row.clerk_id) == ("assigned", roster.backup.id)  # type: ignore[attr-defined]
    said = await Message.filter(conversation_id=talk).order_by("seq")
    assert [m.seq for m in said] == list(range(1, len(said) + 1))
    assert await Message.filter(conversation_id=talk, sender=citizen.id).count() == 2


async def test_a_clock_set_back_an_hour_leaves_no_timer_standing(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    """A clerk who is there, an offer, a place in the queue; and a clerk who vanished before the clock was set back."""
    clerk, asker, talk = await begun(desk, roster.owner, citizen)
    before = (await Conversation.get(id=talk)).last_seq
    with clock.stopped():
        clock.move(timedelta(hours=-1))
        await presence.keep([roster.owner.id])
        assert (await asker.send_text(talk, "还在吗？"))["seq"] == before + 1
        await jobs.watch()
        row = await Conversation.get(id=talk)
        assert row.answer_due_at is not None
        assert row.answer_due_at <= clock.now() + timedelta(seconds=current(ChatSettings).chat_answer_s)
        clock.move(LATE)
        await presence.keep([roster.owner.id])
        assert await ladder.overdue_answers() == [UUID(talk)]
        clock.move(timedelta(hours=-1))  # and now the clerk is gone: seen in what is the future by now
        await jobs.watch()
    row = await Conversation.get(id=talk)
    assert (row.state, row.clerk_id) == ("inquiry", None)  # type: ignore[attr-defined]
    assert clerk.seqs(talk) == sorted(set(clerk.seqs(talk)))


async def test_no_clerk_a_full_desk_a_closed_office_never_a_dead_end(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    nobody = await desk.ask(citizen)
    assert (nobody["state"], nobody["inquiry"]["owner"]["name"]) == ("inquiry", "Owner")
    line = await desk.come(roster.owner)
    await line.say(type="presence", status="online", capacity=1, auto_accept=True)
    await line.hear("presence", capacity=1)
    assert (await desk.ask(citizen))["state"] == "assigned"
    full = await desk.ask(citizen)
    assert (full["state"], full["queue_position"]) == ("queued", 1)
    shut_outside_hours()
    for person in (roster.owner, roster.backup, roster.supervisor, roster.colleague):
        await go_home(person)
    closed = await desk.ask(citizen)
    assert (closed["state"], closed["reason"]["code"]) == ("inquiry", "nobody_on_duty")
    from chat.dispatching import dispatch

    await dispatch()  # the one in the queue is not left there over night
    assert (await Conversation.get(id=full["id"])).state == "inquiry"
    assert (await Wait.get(conversation_id=full["id"])).outcome == "inquiry"


async def test_a_supervisor_of_the_department_is_asked_at_last(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    """Without a duty for the item, when nobody else came within the patience of the queue."""
    chief = await hire("chief", roles=("supervisor",))
    line = await desk.come(chief)
    opened = await desk.ask(citizen)
    assert opened["state"] == "queued"
    with clock.moved(assignment.patience()):
        await presence.keep([chief.id])
        await jobs.look_at_queue()
        offer = await line.hear("offer", conversation=opened["id"])
    assert offer["reason"]["code"] == "supervisor_on_duty"
