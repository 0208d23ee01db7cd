"""Bulk reading: the person too many is refused and reported, and lists leave one row a look."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import anyio
import pytest

from auth import reading
from auth.errors import TooManyPeopleRead
from auth.events import BulkReading
from auth.models import PersonRead
from kit import clock, config, db, events
from kit.web import Actor
from mobileapi.settings import OfficeSettings

pytestmark = pytest.mark.anyio
ALLOWED = 120


@pytest.fixture
async def clerk(database: str, settings: OfficeSettings) -> AsyncIterator[Actor]:
    config.install(settings.model_copy(update={"people_read_per_hour": ALLOWED}))
    yield Actor(uuid4(), "staff", frozenset({"clerk"}))


async def reports(clerk: Actor) -> list[str]:
    rows = await db.fetch("SELECT detail FROM kit_audit WHERE actor = $1 AND action = 'reading.limited'", clerk.name)
    return [str(row["detail"]) for row in rows]


async def test_of_five_hundred_people_in_an_hour_a_clerk_opens_so_many_and_is_reported_once(clerk: Actor) -> None:
    people = [uuid4() for _ in range(500)]
    refused = []
    for person in people:
        try:
            await reading.let_read(clerk, person)
        except TooManyPeopleRead as error:
            refused.append((person, error))
    assert [person for person, _ in refused] == people[ALLOWED:]
    assert 3500 < refused[0][1].extra["retry_after_s"] <= 3600
    assert "审计" in refused[0][1].title.zh
    assert await reports(clerk) == ['{"people": 120}']
    assert await PersonRead.filter(staff_id=clerk.id).count() == ALLOWED


async def test_who_was_opened_within_the_hour_may_be_opened_again(clerk: Actor) -> None:
    people = [uuid4() for _ in range(ALLOWED)]
    for person in people:
        await reading.let_read(clerk, person)
    for person in people:
        await reading.let_read(clerk, person)
    with pytest.raises(TooManyPeopleRead):
        await reading.let_read(clerk, uuid4())
    await reading.let_read(Actor(uuid4(), "staff", frozenset({"clerk"})), uuid4())
    with clock.moved(timedelta(minutes=61)):
        await reading.let_read(clerk, uuid4())
    assert len(await reports(clerk)) == 1


async def test_many_at_once_do_not_slip_through(clerk: Actor) -> None:
    outcomes: list[bool] = []

    async def one() -> None:
        try:
            await reading.let_read(clerk, uuid4())
            outcomes.append(True)
        except TooManyPeopleRead:
            outcomes.append(False)

    async with anyio.create_task_group() as group:
        for _ in range(ALLOWED + 30):
            group.start_soon(one)
    assert (outcomes.count(True), outcomes.count(False)) == (ALLOWED, 30)
    assert len(await reports(clerk)) == 1


async def test_the_report_is_an_event_for_supervisors_and_auditors(clerk: Actor) -> None:
    seen: list[UUID] = []

    async def hear(event: BulkReading) -> None:
        seen.append(event.staff)

    events.subscribe(BulkReading, hear)
    try:
        for _ in range(ALLOWED):
            await reading.let_read(clerk, uuid4())
        with pytest.raises(TooManyPeopleRead):
            await reading.let_read(clerk, uuid4())
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'event' = 'auth.events.BulkReading'"
        assert await db.fetch_value(waiting) == 1
    finally:
        events._subscribers.pop("auth.events.BulkReading")


async def test_a_look_at_a_list_leaves_one_row_and_a_page_that_renews_itself_no_more(clerk: Actor) -> None:
    for _ in range(5):
        await reading.note_look(clerk, "inbox", purpose="casework", state="waiting")
    await reading.note_look(clerk, "inbox", purpose="casework", state="accepted")
    rows = await db.fetch("SELECT action, subject, detail FROM kit_audit WHERE actor = $1 ORDER BY seq", clerk.name)
    assert [(r["action"], r["subject"]) for r in rows] == [("inbox.listed", f"staff:{clerk.id}")] * 2
    assert '"purpose": "casework"' in rows[0]["detail"]
    await reading.note_look(Actor(uuid4(), "citizen", frozenset({"citizen"})), "inbox", purpose="x")
    assert await db.fetch_value("SELECT count(*) FROM kit_audit") == 2
