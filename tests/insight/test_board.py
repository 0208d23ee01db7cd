"""Exact figures of planted rows; who may see them, and in what form they may be taken away."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from auth.models import StaffMember
from kit import db
from mobileapi.insight import board, routes
from tests.chat.office import ITEM
from tests.house.test_query_counts import statements
from tests.insight.conftest import NOW, Hall, at
from tests.materials.app import application, client

pytestmark = pytest.mark.anyio


async def planted(hall: Hall) -> None:
    """Five conversations today, three yesterday of which one came later in the day; one of another department."""
    first = await hall.talk(at("09:00:00"), taken_s=10, answered_s=20)
    second = await hall.talk(at("09:10:00"), taken_s=30, answered_s=90)
    third = await hall.talk(at("10:05:00"), taken_s=300, answered_s=700, clerk=hall.backup)
    gone = await hall.talk(at("10:50:00"))
    await hall.left(gone, at("10:55:00"))
    await hall.talk(at("10:59:45"), state="queued", queued_at=at("10:59:45"), closed_at=None)
    before = await hall.talk(at("10:00:00", days=-1), taken_s=20, answered_s=50)
    await hall.talk(at("10:30:00", days=-1), taken_s=60, answered_s=2400)
    await hall.talk(at("12:00:00", days=-1), taken_s=5, answered_s=6)
    await hall.talk(at("09:30:00"), taken_s=5, answered_s=6, department_code="RS")
    for talk, level in zip((first, second, third, gone, before), (5, 4, 3, 2, 3), strict=True):
        await hall.rate(talk, level, when=at("10:58:00"))


async def shown(hall: Hall, asked: str = "") -> Any:
    async with hall.screen(hall.chief) as screen:
        answer = await screen.get(f"/api/v1/desk/board{asked}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_today_stands_beside_yesterday_at_the_same_time(hall: Hall) -> None:
    await planted(hall)
    told = await shown(hall)
    assert told["today"] == {
        "opened": 5, "at_once": 500, "first_answer_s": 90, "abandoned": 1, "satisfied": 800
    }  # fmt: skip
    assert told["yesterday"] == {
        "opened": 2, "at_once": 500, "first_answer_s": 50, "abandoned": 0, "satisfied": None
    }  # fmt: skip
    assert told["hours"] == [
        {"hour": 9, "opened": 2, "taken": 2}, {"hour": 10, "opened": 3, "taken": 1},
        {"hour": 11, "opened": 0, "taken": 0},
    ]  # fmt: skip
    assert [(step["within_s"], step["count"]) for step in told["first_answers"]] == [
        (30, 1), (60, 0), (180, 1), (600, 0), (None, 1)
    ]  # fmt: skip
    (item,) = told["items"]
    assert (item["item"], item["opened"], item["waiting"], item["abandoned"]) == (ITEM, 5, 1, 1)


async def test_satisfaction_is_hidden_while_ratings_are_few(hall: Hall) -> None:
    await planted(hall)
    await db.execute("DELETE FROM chat_rating WHERE level = 2")
    assert (await shown(hall))["today"]["satisfied"] is None


async def test_what_is_going_on_now(hall: Hall) -> None:
    await hall.talk(at("10:58:00"), state="queued", queued_at=at("10:58:00"), closed_at=None)
    await hall.talk(at("10:59:00"), state="queued", queued_at=at("10:59:00"), closed_at=None)
    await hall.talk(
        at("09:00:00", days=-3), taken_s=10, state="assigned", clerk_id=hall.owner.id, answer_due_at=NOW, closed_at=None
    )
    for due in (NOW - timedelta(hours=1), NOW + timedelta(days=1)):
        await hall.inquiry(at("09:00:00", days=-4), due=due)
    await hall.sit(hall.owner)
    await hall.sit(hall.backup, "busy")
    told = await shown(hall)
    assert told["now"] == {"waiting": 2, "longest_wait_s": 120, "in_hand": 1, "inquiries": 2, "overdue": 1}
    assert told["desks"] == {"online": 1, "busy": 1, "away": 0, "gone": 0}
    assert [(one["name"], one["status"], one["held"], one["capacity"], one["taken"]) for one in told["clerks"]] == [
        ("Backup", "busy", 0, 5, 0), ("Owner", "online", 1, 5, 0)
    ]  # fmt: skip


async def test_clerks_are_told_with_what_they_took_today(hall: Hall) -> None:
    await planted(hall)
    clerks = {one["name"]: one for one in (await shown(hall))["clerks"]}
    assert (clerks["Owner"]["taken"], clerks["Owner"]["first_answer_s"], clerks["Owner"]["satisfied"]) == (2, 35, 800)
    assert (clerks["Backup"]["taken"], clerks["Backup"]["first_answer_s"]) == (1, 400)
    assert (clerks["Backup"]["status"], clerks["Backup"]["satisfied"]) == ("gone", None)


async def test_cases_stand_under_their_lights_and_the_red_ones_are_named(hall: Hall) -> None:
    began = at("09:00:00", days=-20)
    late = await hall.case("HZ1", due=at("00:00:00", days=-1), accepted=began)
    await hall.case("HZ2", due=at("00:00:00", days=1), accepted=began)
    await hall.case("HZ3", due=at("00:00:00", days=30), accepted=began)
    await hall.case("HZ4", due=at("00:00:00", days=-1), accepted=began, department="RS")
    await hall.bad(due=at("00:00:00", days=-1))
    await hall.bad(due=at("00:00:00", days=1))
    await hall.bad(due=at("00:00:00", days=-1), department="RS")
    told = await shown(hall)
    assert told["cases"] == {"green": 1, "yellow": 1, "red": 1}
    assert [(one["id"], one["case_number"], one["days_over"], one["holder"]) for one in told["red"]] == [
        (str(late), "HZ1", 1, "Owner")
    ]
    assert told["bad_ratings"] == {"waiting": 2, "overdue": 1}


async def test_an_empty_department_is_told_as_empty(hall: Hall) -> None:
    told = await shown(hall)
    assert told["today"] == {
        "opened": 0, "at_once": None, "first_answer_s": None, "abandoned": 0, "satisfied": None
    }  # fmt: skip
    assert (told["items"], told["red"], told["hours"]) == ([], [], [{"hour": 11, "opened": 0, "taken": 0}])
    assert (await shown(hall, "?item=no-such-item"))["today"]["opened"] == 0


async def test_only_supervisors_see_it_and_only_of_their_departments(hall: Hall) -> None:
    await planted(hall)
    async with hall.screen(hall.owner, "clerk") as screen:
        for page in ("board", "board.csv"):
            assert (await screen.get(f"/api/v1/desk/{page}")).status_code == 403
    async with hall.screen(hall.stranger) as screen:
        told = (await screen.get("/api/v1/desk/board")).json()
        assert (told["today"]["opened"], [one["code"] for one in told["departments"]]) == (1, ["RS"])
        for page in ("board", "board.csv"):
            refused = await screen.get(f"/api/v1/desk/{page}?department=GA")
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'board.exported'") == 0


async def test_it_is_counted_once_in_three_seconds(hall: Hall) -> None:
    async with hall.screen(hall.chief) as screen:
        await screen.get("/api/v1/desk/board")
        await planted(hall)
        async with statements() as sent:
            again = (await screen.get("/api/v1/desk/board")).json()
    assert again["today"]["opened"] == 0
    assert [sql for sql in sent if "chat_conversation" in sql] == []


async def test_it_takes_few_statements_however_much_there_is(hall: Hall) -> None:
    async with hall.screen(hall.chief) as screen:
        async with statements() as few:
            await screen.get("/api/v1/desk/board")
        await planted(hall)
        board.forget()
        async with statements() as many:
            await screen.get("/api/v1/desk/board")
    counting = [sql for sql in many if any(table in sql for table in ("chat_", "applications_", "ratings_"))]
    assert (len(many) <= len(few), len(counting)) == (True, 11)


async def test_the_sheet_is_logged_and_holds_no_formula(hall: Hall) -> None:
    await planted(hall)
    hall.owner.name = "=1+1"
    await hall.owner.save()
    async with hall.screen(hall.chief) as screen:
        answer = await screen.get(f"/api/v1/desk/board.csv?department=GA&item={ITEM}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["about", "of", "figure", "value"]
    assert ["today", "", "opened", "5"] in rows
    assert ["yesterday", "", "satisfied", ""] in rows
    assert ["clerk", "'=1+1", "taken", "2"] in rows
    assert ["clerk", "Backup", "satisfied", ""] in rows
    logged = await db.fetch("SELECT actor, detail FROM kit_audit WHERE action = 'board.exported'")
    assert [(row["actor"], json.loads(row["detail"])["item"]) for row in logged] == [(f"staff:{hall.chief.id}", ITEM)]


async def test_who_reads_the_board_is_not_told_how_they_were_rated_whoever_looked_before(hall: Hall) -> None:
    """A supervisor who serves citizens as well; what another one was shown a moment ago is not shown on to them."""
    await StaffMember.filter(id=hall.owner.id).update(roles=["clerk", "supervisor"])
    await planted(hall)

    async def seen_by(person: StaffMember) -> dict[str, int | None]:
        async with client(application(routes.ROUTES), f"staff:{person.id}:supervisor") as screen:
            rows = (await screen.get("/api/v1/desk/board")).json()["clerks"]
        return {row["name"]: row["satisfied"] for row in rows}

    board.forget()
    assert (await seen_by(hall.chief))["Owner"] == 800
    assert (await seen_by(hall.owner))["Owner"] is None
    board.forget()
    assert (await seen_by(hall.owner))["Owner"] is None
    assert (await seen_by(hall.chief))["Owner"] == 800
