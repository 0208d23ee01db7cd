"""An office of two departments with a line of supervisors, two admins, and one item."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from auth import duties
from auth.duties import Item
from auth.models import Department, Duty, Region, StaffMember
from auth.sessions import open_session
from auth.staffing.models import Head
from kit import clock
from kit.ids import new_id
from kit.texts import text
from kit.web import Actor

CITY, DISTRICT = "440100000000", "440105000000"
ITEM, OTHER_ITEM = "000109101001", "000209101001"
HOURS = {day: [["09:00", "12:00"], ["14:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass
class People:
    """`chief` heads GA; `owner`, `backup` and `colleague` are its clerks; `outsider` is a clerk of RS, `rs_chief` heads it."""

    chief: StaffMember
    owner: StaffMember
    backup: StaffMember
    colleague: StaffMember
    outsider: StaffMember
    rs_chief: StaffMember
    admin: StaffMember
    second_admin: StaffMember


async def hire(username: str, *, department: str = "GA", roles: tuple[str, ...] = ("clerk",)) -> StaffMember:
    return await StaffMember.create(
        id=new_id(), username=username, name=username.title(), title="窗口", department_id=department,
        roles=sorted(roles), hours=HOURS, created_at=clock.now(),
    )  # fmt: skip


async def open_office() -> People:
    await Region.create(code=CITY, name={"zh": "广州市"}, level="city")
    await Region.create(code=DISTRICT, name={"zh": "海珠区"}, level="district", parent_code=CITY)
    for code in ("GA", "RS"):
        await Department.create(code=code, name={"zh": f"{code}局"}, region_code=DISTRICT)
    people = People(
        chief=await hire("chief", roles=("supervisor",)), owner=await hire("owner"), backup=await hire("backup"),
        colleague=await hire("colleague"), outsider=await hire("outsider", department="RS"),
        rs_chief=await hire("rs.chief", department="RS", roles=("supervisor",)),
        admin=await hire("admin", roles=("admin",)), second_admin=await hire("second", roles=("admin",)),
    )  # fmt: skip
    await Head.create(kind="department", code="GA", staff_id=people.chief.id)
    await Head.create(kind="department", code="RS", staff_id=people.rs_chief.id)
    for role, person in (("owner", people.owner), ("backup", people.backup), ("supervisor", people.chief)):
        await Duty.create(staff_id=person.id, item_code=ITEM, region_code=DISTRICT, role=role)

    async def items() -> list[Item]:
        return [
            Item(ITEM, text("补领身份证"), "GA", (DISTRICT,)),
            Item(OTHER_ITEM, text("社保卡"), "RS", (DISTRICT,)),
        ]

    duties.install_item_list(items)
    return people


async def actor(person: StaffMember) -> Actor:
    """The person, signed in just now."""
    opened = await open_session(kind="staff", person=person.id, device="test")
    fresh = await StaffMember.get(id=person.id)
    return Actor(person.id, "staff", frozenset(fresh.roles), session=str(opened.session.id))


async def duty(
    staff: UUID, *, role: str, item: str = ITEM, first: date | None = None, last: date | None = None
) -> Duty:
    return await Duty.create(
        staff_id=staff, item_code=item, region_code=DISTRICT, role=role, valid_from=first, valid_to=last
    )
