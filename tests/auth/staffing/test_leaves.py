"""Leave is asked for, approved by the line, begins and ends by itself, and tells who holds work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError

from auth.duties import people_for
from auth.models import StaffMember
from auth.staff import disable
from auth.staffing import jobs, leaves, rosters
from auth.staffing.covers import cover_for
from auth.staffing.errors import CoverNotFit, LeaveIsPast, LeaveNotOpen, LeaveOverlaps, ShiftOverlaps, TwoPersonsNeeded
from auth.staffing.events import LeaveBegan, LeaveEnded, StaffDisabled
from auth.staffing.handovers import note
from auth.staffing.leaves import Days
from auth.staffing.models import Handover, Leave, Shift
from auth.staffing.rosters import Turn
from kit import clock, events
from kit.errors import InvalidRequest, NotFound
from tests.auth.staffing.office import DISTRICT, ITEM, People, actor

pytestmark = pytest.mark.anyio
assert jobs
DAY = timedelta(days=1)
Drain = Callable[[], Awaitable[None]]
_heard: list[Any] = []


async def hear_began(event: LeaveBegan) -> None:
    _heard.append(("began", event.staff, event.cover))


async def hear_ended(event: LeaveEnded) -> None:
    _heard.append(("ended", event.staff, event.cover))


async def hear_disabled(event: StaffDisabled) -> None:
    _heard.append(("disabled", event.staff, None))


@pytest.fixture
async def heard() -> AsyncIterator[list[tuple[str, UUID, UUID | None]]]:
    """What was told, in order."""
    told: Any = ((LeaveBegan, hear_began), (LeaveEnded, hear_ended), (StaffDisabled, hear_disabled))
    for kind, handler in told:
        events.subscribe(kind, handler)
    _heard.clear()
    yield _heard
    for kind, handler in told:
        events._subscribers[events._name(kind)][1].remove(handler)


def days(first: int, last: int, from_half: str = "am", to_half: str = "pm") -> Days:
    return Days(clock.today() + first * DAY, clock.today() + last * DAY, from_half, to_half)


async def state(leave: Leave) -> str:
    return (await Leave.get(id=leave.id)).state


async def asked(people: People, when: Days, **more: Any) -> Leave:
    return await leaves.ask(await actor(people.owner), kind="annual", days=when, **more)


async def test_asked_approved_begun_and_ended_by_themselves(people: People, heard: list[Any], drain: Drain) -> None:
    leave = await asked(people, days(1, 3), cover=people.colleague.id)
    await leaves.decide(await actor(people.chief), leave.id, approve=True)
    await drain()
    assert (await state(leave), heard) == ("approved", [])
    with clock.moved(1 * DAY):
        await drain()
        assert (await state(leave), heard) == ("running", [("began", people.owner.id, people.colleague.id)])
    with clock.moved(3 * DAY):
        await drain()
        assert await state(leave) == "running"
    with clock.moved(4 * DAY):
        await drain()
        assert (await state(leave), heard[1:]) == ("ended", [("ended", people.owner.id, people.colleague.id)])


async def test_only_the_line_approves_and_nobody_their_own(people: People) -> None:
    leave = await asked(people, days(1, 1))
    for person in (people.rs_chief, people.colleague):
        with pytest.raises(NotFound):
            await leaves.decide(await actor(person), leave.id, approve=True)
    with pytest.raises(TwoPersonsNeeded):
        await leaves.decide(await actor(people.owner), leave.id, approve=True)
    own = await leaves.ask(await actor(people.chief), kind="sick", days=days(1, 1))
    with pytest.raises(TwoPersonsNeeded):
        await leaves.decide(await actor(people.chief), own.id, approve=True)
    with pytest.raises(IntegrityError):
        await Leave.filter(id=own.id).update(state="approved", decided_by=people.chief.id)
    await leaves.decide(await actor(people.admin), own.id, approve=True)
    assert (await state(leave), await state(own)) == ("requested", "approved")


async def test_of_an_approval_and_a_refusal_at_once_one_counts(people: People) -> None:
    judges = [await actor(people.chief), await actor(people.admin)]
    for n in range(10):
        leave = await asked(people, days(2 * n + 1, 2 * n + 1))
        answers = await asyncio.gather(
            leaves.decide(judges[0], leave.id, approve=True), leaves.decide(judges[1], leave.id, approve=False),
            return_exceptions=True,
        )  # fmt: skip
        assert sorted(type(a).__name__ for a in answers) == ["Leave", "LeaveNotOpen"]


async def test_leave_never_overlaps_but_half_days_meet(people: People) -> None:
    first = await asked(people, days(1, 2, "am", "am"))
    for when in (days(2, 2, "am", "am"), days(0, 5), days(1, 1)):
        with pytest.raises(LeaveOverlaps):
            await asked(people, when)
    await asked(people, days(2, 3, "pm", "pm"))
    await leaves.cancel(await actor(people.owner), first.id)
    await asked(people, days(1, 1))
    assert await Leave.filter(staff_id=people.owner.id).count() == 3


async def test_of_ten_the_same_asked_at_once_one_is(people: People) -> None:
    when = days(1, 2)
    answers = await asyncio.gather(*(asked(people, when) for _ in range(10)), return_exceptions=True)
    assert sorted(type(a).__name__ for a in answers) == ["Leave"] + ["LeaveOverlaps"] * 9


@pytest.mark.parametrize("cover", ["oneself", "nobody", "disabled", "admin"])
async def test_who_covers_is_another_clerk_who_works_here(people: People, cover: str) -> None:
    await StaffMember.filter(id=people.outsider.id).update(disabled_at=clock.now())
    who = {
        "oneself": people.owner.id, "nobody": uuid4(), "disabled": people.outsider.id, "admin": people.admin.id
    }  # fmt: skip
    with pytest.raises(CoverNotFit):
        await asked(people, days(1, 1), cover=who[cover])
    assert await Leave.all().count() == 0


async def test_days_that_are_over_or_run_backwards_are_refused(people: People) -> None:
    with pytest.raises(LeaveIsPast):
        await asked(people, days(-3, -1))
    with pytest.raises(InvalidRequest):
        await asked(people, days(3, 1))
    with pytest.raises(InvalidRequest):
        await asked(people, days(1, 1, "pm", "am"))
    late = await asked(people, days(1, 1))
    with clock.moved(3 * DAY), pytest.raises(LeaveIsPast):
        await leaves.decide(await actor(people.chief), late.id, approve=True)
    assert await state(late) == "requested"


async def test_what_the_supervisor_sets_begins_at_once(people: People, heard: list[Any], drain: Drain) -> None:
    leave = await leaves.arrange(await actor(people.chief), people.owner.id, kind="absent", days=days(0, 1))
    await drain()
    assert (await state(leave), heard) == ("running", [("began", people.owner.id, None)])
    with pytest.raises(NotFound):
        await leaves.arrange(await actor(people.rs_chief), people.backup.id, kind="sick", days=days(0, 1))
    with pytest.raises(NotFound):
        await leaves.arrange(await actor(people.colleague), people.backup.id, kind="sick", days=days(0, 1))


async def test_back_early_ends_it_once_and_the_planned_end_does_nothing(
    people: People, heard: list[Any], drain: Drain
) -> None:
    leave = await leaves.arrange(await actor(people.chief), people.owner.id, kind="sick", days=days(0, 3))
    with pytest.raises(LeaveNotOpen):
        await leaves.end_now(await actor(people.owner), leave.id)
    await drain()
    with pytest.raises(NotFound):
        await leaves.end_now(await actor(people.colleague), leave.id)
    await leaves.end_now(await actor(people.owner), leave.id)
    with clock.moved(9 * DAY):
        await drain()
    assert [h[0] for h in heard] == ["began", "ended"]
    assert (await people_for(ITEM, DISTRICT))[0].staff_id == people.owner.id


async def test_longer_or_shorter_the_last_word_on_its_end_counts(
    people: People, heard: list[Any], drain: Drain
) -> None:
    chief = await actor(people.chief)
    leave = await leaves.arrange(chief, people.owner.id, kind="sick", days=days(0, 1))
    await drain()
    await leaves.prolong(chief, leave.id, to_day=clock.today() + 4 * DAY, to_half="pm")
    with pytest.raises(NotFound):
        await leaves.prolong(await actor(people.owner), leave.id, to_day=clock.today() + 9 * DAY, to_half="pm")
    await leaves.arrange(chief, people.owner.id, kind="annual", days=days(7, 8))
    with pytest.raises(LeaveOverlaps):
        await leaves.prolong(chief, leave.id, to_day=clock.today() + 7 * DAY, to_half="am")
    with clock.moved(3 * DAY):
        await drain()
        assert await state(leave) == "running"
        with pytest.raises(LeaveIsPast):
            await leaves.prolong(chief, leave.id, to_day=clock.today() - DAY, to_half="am")
    with clock.moved(5 * DAY):
        await drain()
        assert (await state(leave), [h[0] for h in heard]) == ("ended", ["began", "ended"])


async def test_a_cancelled_leave_never_begins(people: People, heard: list[Any], drain: Drain) -> None:
    leave = await asked(people, days(1, 1))
    await leaves.decide(await actor(people.chief), leave.id, approve=True)
    await leaves.cancel(await actor(people.owner), leave.id)
    with clock.moved(DAY):
        await drain()
        await leaves.tend()
    assert (await state(leave), heard) == ("cancelled", [])


async def test_a_lost_job_is_made_up_for(people: People, heard: list[Any], drain: Drain) -> None:
    leave = await asked(people, days(1, 1))
    await leaves.decide(await actor(people.chief), leave.id, approve=True)
    await Leave.filter(id=leave.id).update(version=7)  # the job of version 1 does nothing any more
    with clock.moved(DAY):
        await leaves.begin(leave.id, version=1)
        assert await state(leave) == "approved"
        await leaves.tend()
        await drain()
        assert (await state(leave), [h[0] for h in heard]) == ("running", ["began"])


async def test_one_leave_after_the_other_lends_the_work_on(people: People, heard: list[Any], drain: Drain) -> None:
    chief = await actor(people.chief)
    first = await leaves.arrange(chief, people.owner.id, kind="sick", days=days(0, 0))
    second = await leaves.arrange(chief, people.owner.id, kind="annual", days=days(1, 2))
    await drain()
    await note(leave=first.id, kind="case", subject=uuid4(), from_staff=people.owner.id, to_staff=people.backup.id)
    with clock.moved(DAY):
        await leaves.tend()
        await drain()
        assert (await state(first), await state(second)) == ("ended", "running")
        assert await Handover.filter(leave_id=second.id, closed_at=None).count() == 1
    assert "ended" not in [h[0] for h in heard]


async def test_when_the_cover_is_away_as_well_the_next_answers(people: People) -> None:
    chief, today = await actor(people.chief), days(0, 1)

    async def covers() -> UUID | None:
        found = await cover_for(people.owner.id, item=ITEM, region=DISTRICT, named=people.colleague.id)
        return found.staff if found else None

    assert await covers() == people.colleague.id
    await leaves.arrange(chief, people.colleague.id, kind="sick", days=today)
    assert await covers() == people.backup.id
    await leaves.arrange(chief, people.backup.id, kind="sick", days=today)
    assert await covers() == people.chief.id
    await leaves.arrange(await actor(people.admin), people.chief.id, kind="sick", days=today)
    assert await covers() is None


async def test_a_closed_account_is_told_of(people: People, heard: list[Any], drain: Drain) -> None:
    await disable(people.owner, actor="staff:x")
    await drain()
    assert heard == [("disabled", people.owner.id, None)]


def monday(weeks: int) -> date:
    return clock.today() - clock.today().weekday() * DAY + weeks * 7 * DAY


async def test_shifts_are_planned_by_the_line_and_never_overlap(people: People) -> None:
    chief, day = await actor(people.chief), monday(1)
    night = await rosters.plan(chief, people.owner.id, turn=Turn(day, "duty", 1200, 1920))
    with pytest.raises(ShiftOverlaps):
        await rosters.plan(chief, people.owner.id, turn=Turn(day + DAY, "regular", 420, 720))
    with pytest.raises(NotFound):
        await rosters.plan(await actor(people.rs_chief), people.owner.id, turn=Turn(day, "regular", 540, 720))
    with pytest.raises(InvalidRequest):
        await rosters.plan(chief, people.owner.id, turn=Turn(clock.today() - DAY, "regular", 540, 720))
    with pytest.raises(NotFound):
        await rosters.drop(await actor(people.rs_chief), night.id)
    await rosters.drop(chief, night.id)
    assert await Shift.all().count() == 0


async def test_a_week_is_copied_and_what_is_planned_stays(people: People) -> None:
    chief, first = await actor(people.chief), monday(1)
    await rosters.plan(chief, people.owner.id, turn=Turn(first, "regular", 540, 720))
    await rosters.plan(chief, people.backup.id, turn=Turn(first + 5 * DAY, "weekend", 540, 1020))
    await rosters.plan(chief, people.owner.id, turn=Turn(first + 7 * DAY, "off", 0, 1440))
    assert await rosters.copy_week(chief, monday=first, to=[monday(2), monday(3)]) == (3, 1)
    assert await rosters.copy_week(chief, monday=first, to=[monday(2), monday(3)]) == (0, 4)
    week = await rosters.week_of([people.owner.id, people.backup.id], monday(2))
    assert [(s.kind, s.starts) for s in week] == [("off", 0), ("weekend", 540)]
    with pytest.raises(InvalidRequest):
        await rosters.copy_week(chief, monday=first + DAY, to=[monday(4)])
    with pytest.raises(InvalidRequest):
        await rosters.copy_week(chief, monday=first, to=[first])
