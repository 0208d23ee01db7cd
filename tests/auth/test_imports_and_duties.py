from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from auth.duties import department_clerks, duties_of, on_duty, people_for, within_hours
from auth.imports import import_regions, import_staff
from auth.models import Department, Duty, Region, StaffMember
from kit import clock, db

pytestmark = pytest.mark.anyio
DEMO = Path(__file__).parents[2] / "mobileapi" / "demo"
CARD, HAIZHU = "000109101001", "440105000000"


@pytest.fixture
async def district(database: str) -> None:
    for report in (await import_regions(DEMO / "regions.yaml"), await import_staff(DEMO / "staff.yaml")):
        assert report.problems == []


@pytest.mark.usefixtures("district")
async def test_the_demonstration_files_are_taken_and_taken_again_without_effect() -> None:
    assert await Region.all().count() > 40
    assert await StaffMember.all().count() >= 30
    rows = await db.fetch_value("SELECT count(*) FROM kit_audit")
    for report in (await import_regions(DEMO / "regions.yaml"), await import_staff(DEMO / "staff.yaml")):
        assert (report.imported, report.problems) == (0, [])
        assert report.unchanged > 0
    assert await db.fetch_value("SELECT count(*) FROM kit_audit") == rows


@pytest.mark.usefixtures("district")
async def test_every_duty_names_its_people_owner_first() -> None:
    for code in set(await Duty.all().values_list("item_code", flat=True)):
        people = await people_for(str(code), HAIZHU)
        assert [p.order for p in people] == list(range(len(people)))
        assert [p.role for p in people] == ["owner", "backup", "supervisor"]


@pytest.mark.usefixtures("district")
async def test_a_duty_for_the_district_covers_its_communities() -> None:
    assert await people_for(CARD, "440105001001") == await people_for(CARD, HAIZHU)
    assert await people_for(CARD, "440100000000") == []
    assert await people_for("999", HAIZHU) == []


@pytest.mark.usefixtures("district")
async def test_the_nearer_owner_comes_before_the_one_of_the_district() -> None:
    clerk = await StaffMember.filter(department_id="SCJG").first()
    assert clerk is not None
    await Duty.create(staff=clerk, item_code=CARD, region_code="440105001000", role="owner")
    people = await people_for(CARD, "440105001001")
    assert (people[0].staff_id, people[0].role, people[1].role) == (clerk.id, "owner", "owner")
    assert (await people_for(CARD, "440105002001"))[0].staff_id != clerk.id


@pytest.mark.usefixtures("district")
async def test_ended_and_future_duties_and_disabled_people_do_not_count() -> None:
    owner = (await people_for(CARD, HAIZHU))[0]
    await db.execute("UPDATE auth_duty SET valid_to = '2020-01-01' WHERE staff_id = $1", owner.staff_id)
    assert owner.staff_id not in [p.staff_id for p in await people_for(CARD, HAIZHU)]
    assert await duties_of(owner.staff_id) == []
    await db.execute(
        "UPDATE auth_duty SET valid_to = NULL, valid_from = '2999-01-01' WHERE staff_id = $1", owner.staff_id
    )
    assert owner.staff_id not in [p.staff_id for p in await people_for(CARD, HAIZHU)]
    await db.execute("UPDATE auth_duty SET valid_from = NULL")
    await db.execute("UPDATE auth_staff_member SET disabled_at = now() WHERE id = $1", owner.staff_id)
    assert owner.staff_id not in [p.staff_id for p in await people_for(CARD, HAIZHU)]
    assert not await on_duty(owner.staff_id, clock.now())
    assert owner.staff_id not in [p.staff_id for p in await department_clerks(owner.department)]


@pytest.mark.usefixtures("district")
async def test_the_clerks_of_a_department_are_its_own() -> None:
    clerks = await department_clerks("GA")
    members = {m.id: m for m in await StaffMember.filter(department_id="GA")}
    assert clerks
    assert all("clerk" in members[c.staff_id].roles and c.role == "other" for c in clerks)
    assert await department_clerks("NOWHERE") == []


HOURS = {"mon": [["09:00", "12:00"], ["14:00", "17:30"]], "sat": [["09:00", "12:00"]], "fri": [["20:00", "24:00"]]}


@pytest.mark.parametrize(
    ("local", "is_workday", "there"),
    [
        ("2026-11-23 09:00", True, True), ("2026-11-23 11:59", True, True), ("2026-11-23 12:00", True, False),
        ("2026-11-23 08:59", True, False), ("2026-11-23 14:00", True, True), ("2026-11-24 10:00", True, False),
        ("2026-11-23 10:00", False, False),  # a holiday on a Monday
        ("2026-11-21 10:00", False, True), ("2026-11-21 15:00", False, False),  # Saturday hours
        ("2026-11-22 10:00", False, False), ("2026-11-22 15:00", True, True),  # a make-up Sunday runs like a Monday
        ("2026-11-27 23:59", True, True), ("2026-11-28 00:00", False, False),
    ],
)  # fmt: skip
def test_hours_and_calendar_say_who_is_there(local: str, is_workday: bool, there: bool) -> None:
    assert within_hours(HOURS, local=datetime.fromisoformat(local), is_workday=is_workday) is there


async def test_being_on_duty_follows_the_citys_clock_and_calendar(district: None) -> None:
    clerk = await StaffMember.get(username="ga.chen")
    monday_ten = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten o'clock in the city
    assert await on_duty(clerk.id, monday_ten)
    assert not await on_duty(clerk.id, monday_ten.replace(hour=10))
    await db.execute(
        "INSERT INTO kit_calendar_day (date, is_workday, note, source) VALUES ('2026-11-23', false, '', '')"
    )
    assert not await on_duty(clerk.id, monday_ten)
    assert not await on_duty(uuid4(), monday_ten)


MEMBER = {"username": "x.wang", "name": "王", "department": "GA", "roles": ["clerk"]}


def written(folder: Path, *members: dict[str, Any]) -> Path:
    file = folder / "staff.yaml"
    file.write_text(yaml.safe_dump({"staff": list(members)}, allow_unicode=True))
    return file


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"roles": ["emperor"]}, "roles emperor does not exist"), ({"department": "NOWHERE"}, "department NOWHERE"),
        ({"duties": [{"item": CARD, "region": "999999999999", "role": "owner"}]}, "region 999999999999"),
        ({"hours": {"mon": [["12:00", "09:00"]]}}, "ends before it begins"), ({"hours": {"mon": [["9", "12"]]}}, "hours"),
        ({"username": "A B"}, "username"), ({"password": "secret"}, "password"), ({"roles": []}, "roles"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("district")
async def test_a_row_at_fault_is_told_by_its_line_and_takes_the_file_with_it(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    before = await StaffMember.all().count()
    file = written(tmp_path, MEMBER | {"username": "good"}, MEMBER | changes)
    report = await import_staff(file)
    lines = file.read_text().splitlines()
    assert [p.line for p in report.problems] == [max(n for n, line in enumerate(lines, 1) if line.startswith("- "))]
    assert said in report.problems[0].what
    assert (report.imported, await StaffMember.all().count()) == (0, before)


@pytest.mark.usefixtures("district")
async def test_the_good_rows_go_on_when_told_to(tmp_path: Path) -> None:
    file = written(tmp_path, MEMBER | {"username": "good"}, MEMBER | {"roles": ["emperor"]})
    report = await import_staff(file, keep_going=True)
    assert (report.imported, len(report.problems)) == (1, 1)
    assert (await StaffMember.get(username="good")).password_hash == ""


@pytest.mark.usefixtures("district")
async def test_a_members_duties_become_what_the_file_says(tmp_path: Path) -> None:
    duty = {"item": CARD, "region": HAIZHU, "role": "other"}
    await import_staff(written(tmp_path, MEMBER | {"duties": [duty, duty | {"item": "2"}], "phone": "13800000099"}))
    member = await StaffMember.get(username="x.wang")
    assert sorted(await duties_of(member.id)) == [(CARD, HAIZHU, "other"), ("2", HAIZHU, "other")]
    assert member.phone_sealed is not None
    await import_staff(written(tmp_path, MEMBER | {"duties": [duty | {"role": "backup"}], "phone": "13800000099"}))
    assert await duties_of(member.id) == [(CARD, HAIZHU, "backup")]


@pytest.mark.usefixtures("database")
async def test_regions_come_from_csv_as_well(tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    file.write_text(
        "code,name,name_en,level,parent\n440100000000,广州市,Guangzhou,city,\n440105000000,海珠区,,district,440100000000\n"
        "440106000000,天河区,,district,440000000000\n"
    )
    report = await import_regions(file, keep_going=True)
    assert report.imported == 2
    assert [(p.line, "440000000000" in p.what) for p in report.problems] == [(4, True)]
    assert (await Region.get(code="440100000000")).name == {"zh": "广州市", "en": "Guangzhou"}
    assert await Department.all().count() == 0


@pytest.mark.usefixtures("database")
async def test_a_trial_run_of_a_whole_staff_file_finds_its_departments() -> None:
    await import_regions(DEMO / "regions.yaml")
    report = await import_staff(DEMO / "staff.yaml", dry_run=True)
    assert report.problems == []
    assert report.imported > 30
    assert (await StaffMember.all().count(), await Department.all().count()) == (0, 0)
