"""Dated inquiries: due in working time, owned by name, warned of, escalated, answered and told."""

from collections import Counter as Tally
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from auth.models import Citizen
from auth.staffing import jobs as staffing_jobs
from auth.staffing import leaves
from auth.staffing.leaves import Days
from auth.staffing.models import Head, Opening
from chat import inquiries, ladder, workload
from chat.conversations import close
from chat.models import Conversation, Inquiry, Message
from kit import clock, config, db
from kit.config import current
from kit.web import Actor
from mobileapi import wiring
from mobileapi.settings import OfficeSettings
from tests.chat.conftest import Roster
from tests.chat.office import ITEM, REGION, Counter, hire, move_in
from tests.chat.test_taking import queued

pytestmark = pytest.mark.anyio
assert staffing_jobs, "imported so that the worker knows the jobs"
CITY = ZoneInfo("Asia/Shanghai")
Drain = Callable[[], Awaitable[None]]


def stand_at(moment: datetime) -> None:
    clock.move(moment - clock.now())


async def told(kind: str) -> list[UUID]:
    rows = await db.fetch("SELECT staff FROM notify_staff_notice WHERE kind = $1 ORDER BY created_at, id", kind)
    return [row["staff"] for row in rows]


async def test_it_is_due_by_the_hours_of_its_department_over_a_weekend_and_a_holiday(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    await Opening.create(
        department="GA",
        hours={d: [["09:00", "12:00"], ["14:00", "17:00"]] for d in ("mon", "tue", "wed", "thu", "fri")},
    )
    await db.execute(
        "INSERT INTO kit_calendar_day (date, is_workday, note, source) VALUES ('2026-11-30', false, '', '')"
    )
    with clock.stopped():
        stand_at(datetime(2026, 11, 27, 20, tzinfo=CITY))  # a Friday evening; Monday is a holiday
        opened = await desk.ask(citizen)
        assert datetime.fromisoformat(opened["due_at"]) == datetime(2026, 12, 1, 17, tzinfo=CITY)
        row = await Inquiry.get(conversation_id=opened["id"])
        assert (row.half_at, row.soon_at) == (
            datetime(2026, 12, 1, 12, tzinfo=CITY), datetime(2026, 12, 1, 15, 30, tzinfo=CITY),
        )  # fmt: skip
        config.install(current(OfficeSettings).model_copy(update={"chat_inquiry_hours": 4}))
        other = await desk.ask(await move_in())
        assert datetime.fromisoformat(other["due_at"]) == datetime(2026, 12, 1, 15, tzinfo=CITY)
    promise = await Message.filter(conversation_id=opened["id"], sender_role="system").first()
    assert promise is not None
    assert "12月1日17:00前答复" in promise.body["text"]["zh"]  # type: ignore[index]


async def test_who_answers_for_it_is_warned_at_half_and_before_and_then_their_line(
    desk: Counter, roster: Roster, citizen: Citizen, drain: Drain
) -> None:
    wiring.leave_nobody_alone()
    head = await hire("head", roles=("supervisor",), department="RS")
    await Head.create(kind="department", code="GA", staff_id=head.id)
    with clock.stopped():
        stand_at(datetime(2026, 11, 24, 10, tzinfo=CITY))
        opened = await desk.ask(citizen)
        inquiry = await Inquiry.get(conversation_id=opened["id"])
        assert inquiry.owner == roster.owner.id
        assert await inquiries.warn_of_due() == 0
        for moment, light in ((inquiry.half_at, "yellow"), (inquiry.soon_at, "red")):
            assert moment is not None
            stand_at(moment)
            assert [await inquiries.warn_of_due() for _ in range(2)] == [1, 0]
            shown = await desk.call(roster.owner, "GET", "/desk/inquiries?scope=mine")
            assert [(i["id"], i["inquiry"]["light"]) for i in shown["items"]] == [(opened["id"], light)]
        assert await ladder.missed_dates() == 0
        stand_at(inquiry.due_at)
        assert [await ladder.missed_dates() for _ in range(2)] == [1, 0]
        clock.move(timedelta(hours=4))
        assert [await ladder.missed_dates() for _ in range(2)] == [1, 0]
        clock.move(timedelta(hours=40))
        assert await ladder.missed_dates() == 0
        await drain()
    assert await told("inquiry.due") == [roster.owner.id, roster.owner.id]
    late = Tally(await told("inquiry.overdue"))
    assert late == {roster.supervisor.id: 1, roster.owner.id: 2, head.id: 1}
    said = await Message.filter(conversation_id=opened["id"], sender_role="system").order_by("seq")
    assert [m.body["event"] for m in said] == ["inquiry_opened", "inquiry_overdue", "inquiry_overdue"]


async def test_it_is_another_persons_while_its_owner_is_away_and_theirs_again_after(
    desk: Counter, roster: Roster, citizen: Citizen, drain: Drain
) -> None:
    wiring.hand_over_work()
    await Head.create(kind="department", code="GA", staff_id=roster.supervisor.id)
    opened = await desk.ask(citizen)
    chief = Actor(roster.supervisor.id, "staff", frozenset({"supervisor"}))
    leave = await leaves.arrange(
        chief, roster.owner.id, kind="sick", days=Days(clock.today(), clock.today()), cover=roster.colleague.id
    )
    await drain()
    assert (await Inquiry.get(conversation_id=opened["id"])).owner == roster.colleague.id
    await leaves.end_now(chief, leave.id)
    await drain()
    assert (await Inquiry.get(conversation_id=opened["id"])).owner == roster.owner.id


async def test_without_anybody_for_the_item_it_is_the_supervisors(desk: Counter, roster: Roster) -> None:
    opened = await desk.ask(await move_in(), department="GA")
    assert opened["inquiry"]["owner"]["name"] == "Supervisor"


async def test_an_answer_to_who_is_away_is_told_once_with_the_way_to_it(
    desk: Counter, roster: Roster, citizen: Citizen, drain: Drain
) -> None:
    wiring.leave_nobody_alone()
    opened = await desk.ask(citizen)
    line = await desk.come(roster.owner)
    await line.send_text(opened["id"], "请带户口簿。")
    await inquiries.notice_answers()
    await drain()
    notices = await db.fetch("SELECT kind, link, citizen FROM notify_notice WHERE kind LIKE 'chat.%'")
    assert [tuple(n) for n in notices] == [("chat.missed", f"sub/chat/room?id={opened['id']}", citizen.id)]
    from mobileapi.notify import missed

    with clock.moved(timedelta(minutes=10)):
        await missed.look()
        await missed.look()
    assert await db.fetch_value("SELECT count(*) FROM notify_notice WHERE kind LIKE 'chat.%'") == 1
    assert (await Inquiry.get(conversation_id=opened["id"])).answered_by == roster.owner.id


async def test_the_list_shows_what_is_due_first_and_nothing_of_other_offices(desk: Counter, roster: Roster) -> None:
    with clock.stopped():
        later = await desk.ask(await move_in())
        stand_at(clock.now() - timedelta(days=3))
        sooner = await desk.ask(await move_in())
    found = await desk.call(roster.backup, "GET", "/desk/inquiries?limit=1")
    assert [i["id"] for i in found["items"]] == [sooner["id"]]
    more = await desk.call(roster.backup, "GET", f"/desk/inquiries?limit=1&cursor={found['next_cursor']}")
    assert ([i["id"] for i in more["items"]], more["next_cursor"]) == ([later["id"]], None)
    assert (await desk.call(roster.backup, "GET", "/desk/inquiries?scope=mine"))["items"] == []
    assert (await desk.call(roster.outsider, "GET", "/desk/inquiries"))["items"] == []


# --- how the work is shared out


def test_evenness_is_one_where_all_have_the_same() -> None:
    assert workload.evenness([4, 4, 4]) == 1
    assert workload.evenness([9, 0, 0]) == 0.333
    assert workload.evenness([0, 0]) is None
    assert workload.evenness([5]) is None


async def test_figures_tell_who_took_what_and_how_long_people_waited(desk: Counter, roster: Roster) -> None:
    line = await desk.come(roster.owner)
    await line.say(type="presence", status="online", capacity=3, auto_accept=True)
    await line.hear("presence", capacity=3)
    taken = [await desk.ask(await move_in()) for _ in range(3)]
    await line.send_text(taken[0]["id"], "请带户口簿。")
    person = await move_in()
    waits = await desk.ask(person)
    await desk.call(person, "POST", f"/consultations/{waits['id']}/close", {})
    told = await desk.call(roster.supervisor, "GET", f"/desk/workload?item={ITEM}")
    clerks = {c["name"]: (c["taken"], c["held"], c["share"]) for c in told["clerks"]}
    assert clerks["Owner"] == (3, 3, 1.0)
    assert clerks["Backup"] == (0, 0, 0.0)
    assert told["evenness"] == 0.5  # of two with the duty one took everything
    assert [(i["item"], i["opened"], i["abandoned"], i["waiting"]) for i in told["items"]] == [(ITEM, 4, 1, 0)]
    assert (told["forecast"]["weeks"], told["forecast"]["enough"], told["forecast"]["hours"]) == (0, False, [])
    await desk.call(roster.owner, "GET", "/desk/workload", expect=403)


async def test_a_forecast_is_made_of_full_weeks_and_says_nothing_with_too_few(roster: Roster, citizen: Citizen) -> None:
    monday = datetime(2026, 11, 16, 9, 30, tzinfo=CITY)
    with clock.stopped():
        stand_at(monday + timedelta(weeks=4, hours=3))
        for week, count in enumerate((2, 4, 6, 3)):
            for _ in range(count):
                one = await queued(citizen, region_code=REGION)
                await Conversation.filter(id=one.id).update(created_at=monday + timedelta(weeks=week))
                await close(one.id, actor="system")
        found = await workload.forecast(["GA"])
        assert (found.weeks, found.enough) == (4, True)
        # Counted back from now: the first Monday is more than four weeks ago, and this one had nobody at nine.
        assert [(h.day, h.hour, h.expected, h.low, h.high) for h in found.hours] == [(1, 9, 3.5, 0, 6)]
        stand_at(monday + timedelta(weeks=2, hours=3))
        early = await workload.forecast(["GA"])
        assert (early.weeks, early.enough, early.hours) == (2, False, [])
