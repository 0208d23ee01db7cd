"""A complaint about a person never goes to that person, nor to who works beside them; they never see it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from asyncpg import CheckViolationError

from auth.duties import DutyHolder
from auth.models import Citizen, Duty, StaffMember
from auth.staffing.models import Place
from kit import clock, db
from mobileapi.hotline import covering
from mobileapi.hotline.choosing import NOBODY, choose
from mobileapi.hotline.models import WorkOrder
from tests.applications.office import DISTRICT, ITEM
from tests.hotline.conftest import Desk, acted, opened

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
OWNER, BACKUP, DUTY_CHIEF, CHIEF, BOSS = (uuid4() for _ in range(5))


def holder(staff: UUID, role: str) -> DutyHolder:
    return DutyHolder(staff, role, "", "GA", role, 0)


PEOPLE = [holder(OWNER, "owner"), holder(BACKUP, "backup"), holder(DUTY_CHIEF, "supervisor")]
OFFICE = [(CHIEF, "chief")]


@pytest.mark.parametrize(
    ("not_for", "above", "expected"),
    [
        ((), (), OWNER),
        ({OWNER}, (), DUTY_CHIEF),
        ({OWNER}, ((BOSS, "boss"),), BOSS),
        ({OWNER, DUTY_CHIEF}, (), CHIEF),
        ({OWNER, DUTY_CHIEF, CHIEF}, (), None),
        ({DUTY_CHIEF, OWNER, BACKUP}, ((DUTY_CHIEF, "x"), (BOSS, "boss")), BOSS),
    ],
)
def test_who_is_chosen(not_for: set[UUID], above: tuple[tuple[UUID, str], ...], expected: UUID | None) -> None:
    assert choose(PEOPLE, above=above, supervisors=OFFICE, not_for=not_for).staff == expected


def test_when_nobody_is_left_nobody_has_it() -> None:
    assert choose([], above=(), supervisors=(), not_for={OWNER}) == NOBODY


async def test_a_complaint_about_the_owner_goes_to_who_stands_above(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna, kind="complaint", about_staff=desk.office.owner)
    assert (order.holder_staff, order.holder_reason) == (desk.chief, "superior")
    told = {r["staff"] for r in await db.fetch("SELECT staff FROM notify_staff_notice")}
    assert told == {desk.chief}


async def test_the_person_sees_it_nowhere_though_they_opened_it_and_so_do_their_colleagues(
    desk: Desk, anna: Citizen
) -> None:
    order = await opened(desk, anna, kind="complaint", about_staff=desk.office.owner)
    url = f"/api/v1/desk/work-orders/{order.id}"
    for person in (desk.office.owner, desk.office.backup, desk.office.colleague):
        async with desk.staff(person) as http:
            assert (await http.get(url)).status_code == 404
            assert (await acted(http, order.id, "accept", version=1)).status_code == 404
            assert (await http.get("/api/v1/desk/work-orders?scope=department")).json()["items"] == []
    async with desk.staff(desk.chief, "supervisor") as chief:
        shown = (await chief.get(url)).json()
        assert shown["about_staff_name"] == "陈立群"
        assert len((await chief.get("/api/v1/desk/work-orders?scope=department")).json()["items"]) == 1


async def test_a_supervisor_it_is_about_does_not_see_it_either_and_it_goes_further_up(
    desk: Desk, anna: Citizen
) -> None:
    boss = await StaffMember.create(
        id=uuid4(), username="boss", name="郑局长", department_id="RS", roles=["supervisor"], created_at=clock.now()
    )
    await Place.create(staff_id=desk.chief, reports_to_id=boss.id)
    order = await opened(desk, anna, kind="complaint", about_staff=desk.chief)
    assert order.holder_staff == boss.id
    async with desk.staff(desk.chief, "supervisor") as chief, desk.staff(boss.id, "supervisor") as above:
        assert (await chief.get(f"/api/v1/desk/work-orders/{order.id}")).status_code == 404
        assert (await above.get(f"/api/v1/desk/work-orders/{order.id}")).status_code == 200


async def test_it_is_not_given_offered_or_covered_to_the_person(desk: Desk, anna: Citizen) -> None:
    office = desk.office
    order = await opened(desk, anna, kind="complaint", about_staff=office.colleague)
    async with desk.staff(desk.chief, "supervisor") as chief:
        await acted(chief, order.id, "accept")
        for act in ("assign", "offer"):
            refused = await acted(chief, order.id, act, to_staff=str(office.colleague), words="请处理")
            assert refused.json()["code"] == "not_for_them"
        people = (await chief.get(f"/api/v1/desk/work-orders/{order.id}/colleagues")).json()["items"]
        assert str(office.colleague) not in {p["id"] for p in people}
    await Duty.create(staff_id=office.colleague, item_code=ITEM, region_code=DISTRICT, role="supervisor")
    await covering.hand_over_all(desk.chief, named=office.colleague)
    assert (await WorkOrder.get(id=order.id)).holder_staff != office.colleague


async def test_the_database_itself_refuses_it(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna, kind="complaint", about_staff=desk.office.colleague)
    with pytest.raises(CheckViolationError):
        await db.execute("UPDATE hotline_order SET holder_staff = about_staff WHERE id = $1", order.id)
    with pytest.raises(CheckViolationError):
        await db.execute("UPDATE hotline_order SET offered_to = about_staff WHERE id = $1", order.id)


async def test_who_opened_it_does_not_take_it_up_when_nobody_has_it(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna, kind="complaint", about_staff=desk.office.colleague)
    await WorkOrder.filter(id=order.id).update(holder_staff=None, holder_name="", holder_reason="department")
    async with desk.staff(desk.office.owner) as opener:
        assert (await opener.get(f"/api/v1/desk/work-orders/{order.id}")).json()["actions"] == []
        assert (await acted(opener, order.id, "accept")).json()["code"] == "order_in_other_hands"
    assert (await WorkOrder.get(id=order.id)).holder_staff is None


async def test_it_is_not_given_to_somebody_who_reports_to_the_person(desk: Desk, anna: Citizen) -> None:
    office = desk.office
    await Place.create(staff_id=office.backup, reports_to_id=office.owner)
    order = await opened(desk, anna, kind="complaint", about_staff=office.owner)
    async with desk.staff(desk.chief, "supervisor") as chief:
        people = (await chief.get(f"/api/v1/desk/work-orders/{order.id}/colleagues")).json()["items"]
        assert {str(office.owner), str(office.backup)} & {p["id"] for p in people} == set()
        refused = await acted(chief, order.id, "assign", to_staff=str(office.backup), words="请处理")
        assert refused.json()["code"] == "not_for_them"
    assert (await WorkOrder.get(id=order.id)).holder_staff == desk.chief
