"""A bad rating is put right: by its date, by two people, never by who was rated."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from auth.models import Department
from kit import clock, db, workdays
from mobileapi.ratings import rectifications, watch
from mobileapi.ratings.models import Rectification
from tests.applications.office import DISTRICT
from tests.ratings.conftest import Counter, supervisor

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]


async def rated_badly(counter: Counter, drain: Drain, *, level: int = 1) -> str:
    """A conversation rated badly; the rectification's id."""
    talk = await counter.ended_talk()
    async with counter.phone() as anna:
        said = {"level": level, "reasons": ["rude"], "comment": "说话不耐烦"}
        assert (await anna.post(f"/api/v1/consultations/{talk}/rating", json=said)).status_code == 201
    await drain()
    return str(await db.fetch_value("SELECT id FROM ratings_rectification WHERE about = $1", talk))


async def act(who: httpx2.AsyncClient, id_: str, what: str, **body: Any) -> httpx2.Response:
    url = f"/api/v1/desk/rectifications/{id_}"
    if "version" not in body and what != "contacts":
        body["version"] = (await who.get(url)).json()["version"]
    return await who.post(f"{url}/{what}", json=body)


CALLED = {"way": "phone", "reached": True, "note": "已致歉"}
ANSWER = {"finding": "justified", "measures": "已约谈并培训，向市民致歉"}


async def test_a_bad_rating_reaches_the_chief_and_comes_back_to_the_citizen(counter: Counter, drain: Drain) -> None:
    id_ = await rated_badly(counter, drain)
    found = await Rectification.get(id=id_)
    assert (found.owner, found.rated, found.state) == (counter.chief, counter.office.owner, "open")
    async with counter.staff(counter.chief) as chief, counter.staff(counter.deputy) as deputy, counter.phone() as anna:
        listed = (await chief.get("/api/v1/desk/rectifications")).json()["items"]
        assert [(row["id"], row["level"], row["mine"], row["light"]) for row in listed] == [(id_, 1, True, "green")]
        early = await act(chief, id_, "answer", **ANSWER)
        assert (early.status_code, early.json()["code"]) == (409, "nobody_called")
        called = await act(chief, id_, "contacts", **CALLED)
        assert called.json()["actions"] == ["contact", "answer", "contest"]
        answered = await act(chief, id_, "answer", **ANSWER)
        assert (answered.json()["state"], answered.json()["actions"]) == ("answered", [])
        alone = await act(chief, id_, "confirmation", accept=True)
        assert (alone.status_code, alone.json()["code"]) == (409, "same_person")
        shown = (await anna.get(f"/api/v1/rectifications/{id_}")).json()
        assert (shown["state"], shown["measures"], shown["may_rate"]) == ("open", "", False)
        done = await act(deputy, id_, "confirmation", accept=True)
        assert done.json()["state"] == "confirmed"
        await drain()
        told = (await db.fetch("SELECT link FROM notify_notice WHERE kind = 'rating.rectified'"))[0]["link"]
        assert told == f"sub/rating/result?id={id_}"
        shown = (await anna.get(f"/api/v1/rectifications/{id_}")).json()
        assert (shown["finding"]["zh"], shown["measures"]) == ("反映属实，已整改", ANSWER["measures"])
        result = await anna.post(f"/api/v1/rectifications/{id_}/rating", json={"level": 4, "comment": "可以"})
        assert (result.status_code, result.json()["level"], result.json()["may_rate"]) == (201, 4, False)
        again = await anna.post(f"/api/v1/rectifications/{id_}/rating", json={"level": 1})
        assert (again.status_code, again.json()["code"]) == (409, "result_already_rated")
        history = (await deputy.get(f"/api/v1/desk/rectifications/{id_}")).json()["history"]
    assert [(h["by"], h["state_text"]["zh"]) for h in history] == [
        ("系统", "待整改"), ("chief", "待确认"), ("deputy", "已办结"),
    ]  # fmt: skip


async def test_the_same_bad_rating_opens_one_rectification_however_often_it_is_told(
    counter: Counter, drain: Drain
) -> None:
    id_ = await rated_badly(counter, drain)
    found = await Rectification.get(id=id_)
    matter = rectifications.Matter(
        found.kind, found.about, found.citizen, found.rated, found.item_code, found.department_code, found.region_code
    )
    await asyncio.gather(*(rectifications.begin(matter) for _ in range(5)))
    assert await db.fetch_value("SELECT count(*) FROM ratings_rectification") == 1
    assert await db.fetch_value("SELECT count(*) FROM ratings_change") == 1


async def test_an_answer_returned_is_answered_again(counter: Counter, drain: Drain) -> None:
    id_ = await rated_badly(counter, drain)
    async with counter.staff(counter.chief) as chief, counter.staff(counter.deputy) as deputy:
        await act(chief, id_, "contacts", **CALLED)
        await act(chief, id_, "answer", **ANSWER)
        silent = await act(deputy, id_, "confirmation", accept=False)
        assert silent.status_code == 422
        returned = await act(deputy, id_, "confirmation", accept=False, note="没有写明措施")
        assert (returned.json()["state"], returned.json()["answered_by"]) == ("open", None)
        assert (await act(deputy, id_, "answer", **ANSWER)).json()["answered_by"] == "deputy"
        assert (await act(deputy, id_, "confirmation", accept=True)).json()["code"] == "same_person"
        assert (await act(chief, id_, "confirmation", accept=True)).json()["state"] == "confirmed"


async def test_an_unfair_rating_is_voided_by_two_people_and_stays(counter: Counter, drain: Drain) -> None:
    id_ = await rated_badly(counter, drain, level=2)
    async with counter.staff(counter.chief) as chief, counter.staff(counter.deputy) as deputy, counter.phone() as anna:
        contested = await act(chief, id_, "contest", reason="评价对象错误")
        assert (contested.json()["state"], contested.json()["actions"]) == ("contested", [])
        assert (await act(chief, id_, "contest-decision", void=True, note="同意")).json()["code"] == "same_person"
        assert (await anna.get(f"/api/v1/rectifications/{id_}")).json()["state_text"]["zh"] == "整改中"
        voided = await act(deputy, id_, "contest-decision", void=True, note="核实属误评")
        assert voided.json()["state"] == "void"
        assert (await anna.get(f"/api/v1/rectifications/{id_}")).json()["state"] == "void"
    assert await db.fetch_value("SELECT count(*) FROM chat_rating") == 1


async def test_the_rated_person_sees_and_does_nothing_of_it_even_as_supervisor(counter: Counter, drain: Drain) -> None:
    talk = await counter.ended_talk(clerk=counter.chief)
    async with counter.phone() as anna:
        await anna.post(f"/api/v1/consultations/{talk}/rating", json={"level": 1})
    await drain()
    found = await Rectification.get(about=talk)
    assert found.owner == counter.deputy
    async with counter.staff(counter.chief) as chief, counter.staff(counter.stranger) as stranger:
        for who in (chief, stranger):
            assert (await who.get("/api/v1/desk/rectifications")).json()["items"] == []
            assert (await who.get(f"/api/v1/desk/rectifications/{found.id}")).status_code == 404
            denied = await who.post(f"/api/v1/desk/rectifications/{found.id}/contacts", json=CALLED)
            assert denied.status_code == 404
    async with counter.staff(counter.office.owner, "clerk") as clerk:
        assert (await clerk.get(f"/api/v1/desk/rectifications/{found.id}")).status_code == 403
    assert await db.fetch_value("SELECT count(*) FROM ratings_contact") == 0


async def test_of_many_confirming_at_once_one_does(counter: Counter, drain: Drain) -> None:
    id_ = await rated_badly(counter, drain)
    async with counter.staff(counter.chief) as chief, counter.staff(counter.deputy) as deputy:
        await act(chief, id_, "contacts", **CALLED)
        await act(chief, id_, "answer", **ANSWER)
        told = await asyncio.gather(
            *(act(deputy, id_, "confirmation", accept=True, version=2) for _ in range(6)),
            *(act(chief, id_, "confirmation", accept=True, version=2) for _ in range(3)),
        )
    assert sorted(t.status_code for t in told) == [200] + [409] * 8
    moves = [row["to_state"] for row in await db.fetch("SELECT to_state FROM ratings_change ORDER BY id")]
    assert moves == ["open", "answered", "confirmed"]
    found = await Rectification.get(id=id_)
    assert (found.answered_by, found.confirmed_by) == (counter.chief, counter.deputy)


async def test_answering_and_contesting_at_once_one_comes_first(counter: Counter, drain: Drain) -> None:
    id_ = await rated_badly(counter, drain)
    async with counter.staff(counter.chief) as chief, counter.staff(counter.deputy) as deputy:
        await act(chief, id_, "contacts", **CALLED)
        told = await asyncio.gather(
            act(chief, id_, "answer", version=1, **ANSWER), act(deputy, id_, "contest", version=1, reason="误评")
        )
    assert sorted(t.status_code for t in told) == [200, 409]
    assert await db.fetch_value("SELECT count(*) FROM ratings_change") == 2


@pytest.mark.parametrize(
    "change",
    [
        "state = 'confirmed', finding = 'justified', answered_by = $1, confirmed_by = $1",
        "state = 'void', contested_by = $1, voided_by = $1",
        "owner = rated",
        "state = 'answered', finding = 'justified', answered_by = rated",
        "state = 'answered', answered_by = $1",
    ],
)
async def test_the_database_itself_asks_for_two_people_and_never_the_rated(
    counter: Counter, drain: Drain, change: str
) -> None:
    id_ = await rated_badly(counter, drain)
    values = [counter.chief] if "$1" in change else []
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(f"UPDATE ratings_rectification SET {change} WHERE id = '{id_}'", *values)
    assert (await Rectification.get(id=id_)).state == "open"


async def test_dates_run_in_working_days_over_holidays(counter: Counter, drain: Drain) -> None:
    today = clock.today()
    away = [today + timedelta(days=n) for n in range(1, 8)]  # a week off
    for day in away:
        await db.execute(
            "INSERT INTO kit_calendar_day (date, is_workday, note, source) VALUES ($1, false, '', 'test') "
            "ON CONFLICT (date) DO UPDATE SET is_workday = false", day,
        )  # fmt: skip
    id_ = await rated_badly(counter, drain)
    found = await Rectification.get(id=id_)
    assert found.contact_due == next_workday(away[-1])
    counted, day = 0, today
    while counted < 15:
        day += timedelta(days=1)
        counted += day not in away and day.weekday() < 5
    assert found.due == day
    assert (await workdays.calendar()).workdays_between(today, found.due) == 15


def next_workday(day: date) -> date:
    day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


async def test_owners_are_reminded_warned_and_lose_it_to_the_next_above(counter: Counter, drain: Drain) -> None:
    id_ = await rated_badly(counter, drain)
    found = await Rectification.get(id=id_)

    async def kinds(staff: object) -> list[str]:
        rows = await db.fetch("SELECT kind FROM notify_staff_notice WHERE staff = $1 ORDER BY created_at", staff)
        return [row["kind"] for row in rows]

    assert await kinds(counter.chief) == ["rectification.opened"]
    with clock.moved(found.contact_due + timedelta(days=1) - clock.today()):
        await watch.tend()
        await watch.tend()
    assert await kinds(counter.chief) == ["rectification.opened", "rectification.call"]
    with clock.moved(found.due - clock.today()):
        await watch.tend()
        await watch.tend()
    assert await kinds(counter.chief) == ["rectification.opened", "rectification.call", "rectification.due"]
    assert (await Rectification.get(id=id_)).owner == counter.chief
    with clock.moved(found.due + timedelta(days=1) - clock.today()):
        await watch.tend()
        await watch.tend()
    found = await Rectification.get(id=id_)
    assert (found.owner, found.escalation) == (counter.deputy, 1)
    assert await kinds(counter.deputy) == ["rectification.overdue", "rectification.call"]
    assert (await kinds(counter.chief))[-1] == "rectification.overdue"


async def test_the_department_that_watches_over_ratings_confirms_where_there_is_one_supervisor(
    counter: Counter, drain: Drain
) -> None:
    await Department.create(code="ZWFW", name={"zh": "政务局"}, region_code=DISTRICT)
    watcher = await supervisor("watcher", "ZWFW")
    id_ = await rated_badly(counter, drain)
    async with counter.staff(counter.chief) as chief, counter.staff(watcher) as other:
        await act(chief, id_, "contacts", **CALLED)
        await act(chief, id_, "answer", **ANSWER)
        assert [row["id"] for row in (await other.get("/api/v1/desk/rectifications")).json()["items"]] == [id_]
        assert (await act(other, id_, "confirmation", accept=True)).json()["state"] == "confirmed"
    told = await db.fetch("SELECT kind FROM notify_staff_notice WHERE staff = $1", watcher)
    assert [row["kind"] for row in told] == ["rectification.waiting"]
