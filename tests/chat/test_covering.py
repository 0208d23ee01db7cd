"""Conversations of somebody who is away: the cover has them, the citizen knows, and they come back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from auth.models import Citizen, StaffMember
from auth.staffing import jobs, leaves
from auth.staffing.leaves import Days
from auth.staffing.models import Handover, Head, Leave
from chat import covering
from chat.conversations import close, locked
from chat.models import Conversation, ConversationChange, Message
from kit import clock, db
from kit.web import Actor
from mobileapi import wiring
from tests.chat.conftest import Roster
from tests.chat.office import ITEM, REGION, Counter, begun

pytestmark = pytest.mark.anyio
assert jobs, "imported so that the worker knows the jobs"
DAY = timedelta(days=1)
Drain = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
async def wired(roster: Roster, catalogue: None) -> None:
    wiring.hand_over_work()
    await Head.create(kind="department", code="GA", staff_id=roster.supervisor.id)


async def away(roster: Roster, who: StaffMember, *, cover: StaffMember | None = None) -> Leave:
    chief = Actor(roster.supervisor.id, "staff", frozenset({"supervisor"}))
    days = Days(clock.today(), clock.today())
    return await leaves.arrange(chief, who.id, kind="sick", days=days, cover=cover.id if cover else None)


async def stands(id_: str) -> tuple[str, UUID | None]:
    row = await Conversation.get(id=id_)
    return row.state, row.clerk_id  # type: ignore[attr-defined]


async def words(id_: str) -> list[str]:
    found = await Message.filter(conversation_id=id_, sender_role="system").order_by("seq")
    return [str(m.body["text"]["zh"]) for m in found]  # type: ignore[index]


async def test_the_covers_the_citizen_is_told_and_it_comes_back(
    desk: Counter, roster: Roster, citizen: Citizen, drain: Drain
) -> None:
    _, asker, talk = await begun(desk, roster.owner, citizen)
    await desk.come(roster.colleague)
    await away(roster, roster.owner, cover=roster.colleague)
    await drain()
    assert await stands(talk) == ("assigned", roster.colleague.id)
    change = await ConversationChange.filter(conversation_id=talk).order_by("-id").first()
    assert change is not None
    assert (change.clerk, change.reason_code, change.note) == (roster.colleague.id, "handed_over", "handed over: leave")
    assert "Owner不在岗，您的咨询由Colleague负责。" in await words(talk)
    await asker.hear("conversation", id=talk, state="assigned")
    with clock.moved(DAY):
        await leaves.tend()
        lent = await Handover.get(kind="conversation")
        assert await covering.take_back(lent, staff=roster.owner.id)
        assert await stands(talk) == ("assigned", roster.owner.id)
    assert [(h.kind, h.outcome) for h in await Handover.all()] == [("conversation", "returned")]


async def test_who_was_waited_for_is_waited_for_still(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, _, talk = await begun(desk, roster.owner, citizen)
    await clerk.send_text(talk, "请带户口簿。")
    before = await Conversation.get(id=talk)
    assert await covering.hand_over(before.id, staff=roster.owner.id, leave=None, named=None)
    after = await Conversation.get(id=talk)
    assert (after.clerk_id, after.awaiting) == (roster.backup.id, "citizen")  # type: ignore[attr-defined]
    assert after.answer_due_at == before.answer_due_at


async def test_it_stays_with_a_cover_who_has_written(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    cover = await desk.come(roster.colleague)
    leave = await away(roster, roster.owner, cover=roster.colleague)
    await leaves.begin(leave.id)
    await covering.hand_over_all(roster.owner.id, leave=leave.id, named=roster.colleague.id)
    await cover.hear("message", conversation=talk)
    await cover.send_text(talk, "我来答复您。")
    await Leave.filter(id=leave.id).update(state="ended")
    assert await covering.take_back_all(leave.id, staff=roster.owner.id) == 0
    assert await stands(talk) == ("assigned", roster.colleague.id)
    assert [h.outcome for h in await Handover.all()] == ["kept"]


async def test_a_new_question_goes_to_the_cover(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    await desk.come(roster.owner)
    cover = await desk.come(roster.outsider)
    leave = await away(roster, roster.owner, cover=roster.outsider)
    await leaves.begin(leave.id)
    opened = await desk.ask(citizen)
    await cover.hear("offer", conversation=opened["id"])
    assert (await stands(opened["id"]))[1] == roster.outsider.id
    assert opened["reason"]["code"] == "backup_on_duty"


async def test_a_full_cover_is_not_given_more_and_nobody_is_left_alone(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    _, _, talk = await begun(desk, roster.owner, citizen)
    await desk.come(roster.colleague)
    await db.execute("UPDATE chat_presence SET capacity = 1 WHERE staff_id = $1", roster.colleague.id)
    await Conversation.create(
        citizen_id=citizen.id, state="assigned", clerk_id=roster.colleague.id, answer_due_at=clock.now() + DAY,
        reason_code="taken", region_code=REGION, created_at=clock.now(),
    )  # fmt: skip
    leave = await away(roster, roster.owner, cover=roster.colleague)
    await leaves.begin(leave.id)
    await covering.hand_over_all(roster.owner.id, leave=leave.id, named=roster.colleague.id)
    state, clerk = await stands(talk)
    assert (state, clerk) == ("queued", None)
    assert await Conversation.filter(clerk_id=roster.colleague.id).count() == 1


async def test_an_offer_is_offered_to_the_next_and_a_dated_inquiry_keeps_its_date(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    dated = await desk.ask(citizen)
    assert dated["state"] == "inquiry"
    leave = await away(roster, roster.owner)
    await leaves.begin(leave.id)
    assert await covering.hand_over_all(roster.owner.id, leave=leave.id) == 1
    assert await covering.hand_over_all(roster.owner.id, leave=leave.id) == 0, "told twice, done once"
    assert (await stands(dated["id"]))[0] == "inquiry"
    assert (await words(dated["id"]))[-1] == "Owner不在岗，您的咨询由Backup负责。"
    assert (await Conversation.get(id=dated["id"])).inquiry_due_at.isoformat() is not None  # type: ignore[union-attr]
    await Leave.filter(id=leave.id).update(state="ended")
    assert await covering.take_back_all(leave.id, staff=roster.owner.id) == 1
    assert (await words(dated["id"]))[-1] == "Owner已返岗，将由其答复您。"


async def test_closing_and_handing_over_at_once_leave_it_in_one_state(roster: Roster, citizen: Citizen) -> None:
    for _ in range(30):
        made = await Conversation.create(
            citizen_id=citizen.id, state="assigned", clerk_id=roster.owner.id, answer_due_at=clock.now() + DAY,
            reason_code="taken", item_code=ITEM, region_code=REGION, created_at=clock.now(),
        )  # fmt: skip
        handed, _ = await asyncio.gather(
            covering.hand_over(made.id, staff=roster.owner.id, leave=None, named=None),
            close(made.id, actor="system"),
        )
        async with db.transaction():
            row = await locked(made.id)
        clerk: UUID = row.clerk_id  # type: ignore[attr-defined]
        assert (row.state, clerk) == ("closed", roster.backup.id if handed else roster.owner.id)
