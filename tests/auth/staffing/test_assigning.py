"""Duties are planned and ended, never edited away; gaps are seen."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from tortoise.exceptions import IntegrityError

from auth.duties import Item, people_for
from auth.imports import import_staff
from auth.models import Duty, StaffMember
from auth.staffing.assigning import Plan, assign, end, history, withdraw
from auth.staffing.errors import DutyBegun, DutyOverlaps, NotAClerk, UnknownPlace
from auth.staffing.gaps import Answerer, Assigned, gaps
from auth.staffing.models import DutyChange
from kit import clock, db
from kit.errors import InvalidRequest, NotFound
from kit.texts import text
from tests.auth.staffing.office import DISTRICT, ITEM, OTHER_ITEM, People, actor, duty

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


def owners(item: str = ITEM) -> Any:
    return (
        Duty.filter(item_code=item, role="owner")
        .order_by("valid_from")
        .values_list("staff_id", "valid_from", "valid_to")
    )


async def test_an_owner_for_a_while_makes_room_and_gives_it_back(people: People) -> None:
    today = clock.today()
    first, last = today + 5 * DAY, today + 9 * DAY
    plan = Plan(ITEM, DISTRICT, "owner", people.colleague.id, first, last)
    chief = await actor(people.chief)
    with pytest.raises(DutyOverlaps):
        await assign(chief, plan)
    await assign(chief, plan, replaces=True)
    assert set(await owners()) == {
        (people.owner.id, None, first - DAY), (people.colleague.id, first, last), (people.owner.id, last + DAY, None),
    }  # fmt: skip
    for moved, who in ((0, people.owner), (5, people.colleague), (9, people.colleague), (10, people.owner)):
        with clock.moved(moved * DAY):
            assert (await people_for(ITEM, DISTRICT))[0].staff_id == who.id


async def test_what_was_in_force_is_ended_and_what_is_planned_can_be_taken_back(people: People) -> None:
    chief, today = await actor(people.chief), clock.today()
    backup = await Duty.get(role="backup")
    with pytest.raises(DutyBegun):
        await withdraw(chief, backup.id)
    await end(chief, backup.id, last_day=today)
    with pytest.raises(InvalidRequest):
        await end(chief, backup.id, last_day=today - 2 * DAY)
    planned = await assign(chief, Plan(ITEM, DISTRICT, "backup", people.colleague.id, today + DAY))
    await withdraw(chief, planned.id)
    rows = [(r.act, r.staff, r.role, r.actor) for r in await history(ITEM)]
    assert rows[:3] == [
        ("delete", people.colleague.id, "backup", chief.name), ("insert", people.colleague.id, "backup", chief.name),
        ("update", people.backup.id, "backup", chief.name),
    ]  # fmt: skip
    with pytest.raises(Exception, match="never changed"):
        await DutyChange.filter(item_code=ITEM).delete()


async def test_two_owners_of_one_day_are_refused_by_the_database(people: People) -> None:
    with pytest.raises(IntegrityError):
        await duty(people.colleague.id, role="owner", first=clock.today() + 30 * DAY)
    with pytest.raises(IntegrityError):
        await duty(people.backup.id, role="backup")
    await duty(people.colleague.id, role="owner", item=OTHER_ITEM, last=date(2026, 1, 1))
    await duty(people.backup.id, role="owner", item=OTHER_ITEM, first=date(2026, 1, 2))


async def test_of_ten_who_plan_an_owner_at_once_one_does(people: People) -> None:
    admin, day = await actor(people.admin), clock.today() + DAY
    tries = [assign(admin, Plan(OTHER_ITEM, DISTRICT, "owner", people.outsider.id, day)) for _ in range(10)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(a).__name__ for a in answers) == ["Duty"] + ["DutyOverlaps"] * 9
    assert await Duty.filter(item_code=OTHER_ITEM).count() == 1


async def test_a_supervisor_edits_the_departments_items_only(people: People) -> None:
    plan = Plan(OTHER_ITEM, DISTRICT, "owner", people.outsider.id, clock.today())
    for person in (people.chief, people.owner):
        with pytest.raises(NotFound):
            await assign(await actor(person), plan)
    made = await assign(await actor(people.rs_chief), plan)
    with pytest.raises(NotFound):
        await end(await actor(people.chief), made.id, last_day=clock.today())
    with pytest.raises(NotFound):
        await withdraw(await actor(people.chief), uuid4())
    assert (await Duty.get(id=made.id)).valid_to is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"valid_from": -1}, InvalidRequest), ({"valid_to": -1}, InvalidRequest), ({"region": "999999999999"}, UnknownPlace),
        ({"staff": "chief"}, NotAClerk), ({"staff": "nobody"}, NotAClerk), ({"staff": "disabled"}, NotAClerk),
        ({"role": "supervisor"}, NotAClerk), ({"item": "nothing"}, NotFound),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_nothing_written(
    people: People, change: dict[str, Any], refusal: type[Exception]
) -> None:
    await StaffMember.filter(id=people.outsider.id).update(disabled_at=clock.now())
    who = {"chief": people.chief.id, "nobody": uuid4(), "disabled": people.outsider.id, "": people.colleague.id}
    today = clock.today()
    plan = Plan(
        change.get("item", ITEM), change.get("region", DISTRICT), change.get("role", "backup"),
        who[change.get("staff", "")], today + DAY * change.get("valid_from", 0),
        today + DAY * change["valid_to"] if "valid_to" in change else None,
    )  # fmt: skip
    before = await DutyChange.all().count()
    with pytest.raises(refusal):
        await assign(await actor(people.admin), plan)
    assert await DutyChange.all().count() == before


A, B = UUID(int=1), UUID(int=2)
TODAY = date(2026, 11, 23)
CLERKS = {A: Answerer(A, "a", frozenset({"clerk"})), B: Answerer(B, "b", frozenset({"clerk"}))}
ITEMS = [Item("1", text("一"), "GA", ("street",))]


def given(
    role: str, who: UUID = A, region: str = "street", first: date | None = None, last: date | None = None
) -> Assigned:
    return Assigned("1", region, role, who, first, last)


@pytest.mark.parametrize(
    ("duties", "people", "kinds"),
    [
        ([], CLERKS, ["no_owner", "no_backup"]),
        ([given("owner"), given("backup", B)], CLERKS, []),
        ([given("owner", region="district"), given("backup", B, region="district")], CLERKS, []),
        ([given("owner", region="elsewhere"), given("backup", B)], CLERKS, ["no_owner"]),
        ([given("owner", last=date(2026, 11, 1)), given("backup", B)], CLERKS, ["expired"]),
        ([given("owner", last=date(2026, 11, 30)), given("backup", B)], CLERKS, ["expires"]),
        ([given("owner", last=date(2026, 11, 30)), given("owner", B, first=date(2026, 12, 1)), given("backup", B)], CLERKS, []),
        ([given("owner", last=date(2026, 12, 30)), given("backup", B)], CLERKS, []),
        ([given("owner", first=date(2026, 12, 1)), given("backup", B)], CLERKS, ["no_owner"]),
        ([given("owner"), given("backup", B)], {A: Answerer(A, "a", frozenset({"clerk"}), disabled=True)}, ["owner_disabled"]),
        ([given("owner"), given("backup", B)], {A: Answerer(A, "a", frozenset({"finance"}))}, ["owner_no_clerk"]),
    ],
)  # fmt: skip
def test_gaps_are_found(duties: list[Assigned], people: dict[UUID, Answerer], kinds: list[str]) -> None:
    found = gaps(ITEMS, duties, people, parents={"street": "district", "district": None}, today=TODAY, most=5)
    assert [g.kind for g in found] == kinds


def test_one_person_with_too_much_is_a_gap() -> None:
    items = [Item(str(n), text("x"), "GA", ("r",)) for n in range(4)]
    duties = [Assigned(str(n), "r", role, who) for n in range(4) for role, who in (("owner", A), ("backup", B))]
    found = gaps(items, duties, CLERKS, parents={}, today=TODAY, most=3)
    assert [(g.kind, g.staff, g.count) for g in found] == [("too_many", A, 4)]


def file(folder: Path, **duties_of: list[dict[str, Any]]) -> Path:
    members = [
        {"username": name, "name": name, "department": "GA", "roles": ["clerk"], "duties": duties}
        for name, duties in duties_of.items()
    ]
    path = folder / "staff.yaml"
    path.write_text(yaml.safe_dump({"staff": members}, allow_unicode=True, sort_keys=False))
    return path


MINE = {"item": ITEM, "region": DISTRICT, "role": "owner"}


async def test_an_owner_changes_in_a_file_and_the_former_one_stays_written_down(people: People, tmp_path: Path) -> None:
    changed = file(tmp_path, colleague=[MINE], owner=[])
    report = await import_staff(changed)
    assert (report.problems, report.imported) == ([], 2)
    yesterday = clock.today() - DAY
    assert set(await owners()) == {(people.owner.id, None, yesterday), (people.colleague.id, clock.today(), None)}
    again = await import_staff(changed)
    assert (again.problems, again.imported) == ([], 0)
    back = await import_staff(file(tmp_path, owner=[MINE], colleague=[]))
    assert back.problems == []
    assert (await people_for(ITEM, DISTRICT))[0].staff_id == people.owner.id


async def test_two_owners_in_a_file_are_a_fault_of_their_line(people: People, tmp_path: Path) -> None:
    report = await import_staff(file(tmp_path, colleague=[MINE], owner=[MINE]))
    assert [("has owner as owner" in p.what, p.line > 0) for p in report.problems] == [(True, True)]
    assert await owners() == [(people.owner.id, None, None)]
    assert await db.fetch_value("SELECT count(*) FROM staffing_duty_change WHERE act <> 'insert'") == 0
