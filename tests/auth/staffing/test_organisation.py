"""The tree, the lines, and that nobody is above themselves."""

import asyncio
from uuid import uuid4

import pytest

from auth.models import StaffMember
from auth.staffing.errors import LineGoesRound, UnitNotEmpty, UnknownPlace
from auth.staffing.models import Place, Unit
from auth.staffing.organisation import (
    Seat,
    UnitChange,
    change_unit,
    close_unit,
    directed_by,
    directs,
    open_unit,
    place_person,
    reports_of,
    set_head,
    superiors_of,
)
from auth.staffing.views import organisation
from kit import db
from kit.errors import NotFound
from kit.texts import text
from tests.auth.staffing.office import CITY, DISTRICT, People, actor

pytestmark = pytest.mark.anyio


async def unit_of(people: People, *, head: StaffMember | None = None) -> Unit:
    by = await actor(people.admin)
    return await open_unit(by, department="GA", name=text("户政科"), head=head.id if head else None)


async def test_the_line_follows_unit_department_and_region(people: People) -> None:
    unit = await unit_of(people, head=people.backup)
    by = await actor(people.admin)
    await place_person(by, people.owner.id, seat=Seat(unit=unit.id))
    await place_person(by, people.backup.id, seat=Seat(unit=unit.id))
    await set_head(by, kind="region", code=DISTRICT, staff=people.rs_chief.id)
    assert await superiors_of(people.owner.id) == [people.backup.id, people.chief.id, people.rs_chief.id]
    assert await superiors_of(people.rs_chief.id) == []
    assert people.owner.id in await reports_of(people.chief.id)
    assert await reports_of(people.owner.id) == set()
    assert people.chief.id in await reports_of(people.rs_chief.id)


async def test_what_was_said_for_a_person_goes_before_where_they_sit(people: People) -> None:
    await place_person(await actor(people.admin), people.owner.id, seat=Seat(reports_to=people.rs_chief.id))
    assert await superiors_of(people.owner.id) == [people.rs_chief.id]
    assert people.owner.id not in await reports_of(people.chief.id)


async def test_nobody_is_above_themselves(people: People) -> None:
    by = await actor(people.admin)
    with pytest.raises(LineGoesRound):
        await place_person(by, people.owner.id, seat=Seat(reports_to=people.owner.id))
    await place_person(by, people.chief.id, seat=Seat(reports_to=people.rs_chief.id))
    with pytest.raises(LineGoesRound):
        await place_person(by, people.rs_chief.id, seat=Seat(reports_to=people.owner.id))
    assert await superiors_of(people.rs_chief.id) == []
    with pytest.raises(LineGoesRound):
        await set_head(by, kind="department", code="RS", staff=people.owner.id)
    assert await db.fetch_value("SELECT staff_id FROM staffing_head WHERE code = 'RS'") == people.rs_chief.id


async def test_two_edits_at_once_never_close_a_circle(people: People) -> None:
    by = await actor(people.admin)
    refused = 0
    for _ in range(10):
        await Place.all().delete()
        answers = await asyncio.gather(
            place_person(by, people.chief.id, seat=Seat(reports_to=people.rs_chief.id)),
            place_person(by, people.rs_chief.id, seat=Seat(reports_to=people.chief.id)), return_exceptions=True,
        )  # fmt: skip
        assert sorted(type(a).__name__ for a in answers) == ["LineGoesRound", "NoneType"]
        refused += 1
    assert refused == 10


async def test_a_unit_moves_with_everybody_in_it_and_closes_when_empty(people: People) -> None:
    unit, by = await unit_of(people), await actor(people.admin)
    await place_person(by, people.owner.id, seat=Seat(unit=unit.id))
    with pytest.raises(UnitNotEmpty):
        await close_unit(by, unit.id)
    await change_unit(by, unit.id, change=UnitChange(department="RS"))
    assert (await StaffMember.get(id=people.owner.id)).department_id == "RS"  # type: ignore[attr-defined]
    assert await superiors_of(people.owner.id) == [people.rs_chief.id]
    await place_person(by, people.owner.id, seat=Seat(department="GA"))
    await close_unit(by, unit.id)
    with pytest.raises(NotFound):
        await place_person(by, people.owner.id, seat=Seat(unit=unit.id))


async def test_what_is_not_there_is_refused_and_nothing_written(people: People) -> None:
    by = await actor(people.admin)
    with pytest.raises(UnknownPlace):
        await open_unit(by, department="NOWHERE", name=text("科"))
    with pytest.raises(NotFound):
        await open_unit(by, department="GA", name=text("科"), head=uuid4())
    with pytest.raises(UnknownPlace):
        await set_head(by, kind="region", code="999999999999", staff=people.chief.id)
    with pytest.raises(NotFound):
        await place_person(by, people.owner.id, seat=Seat(reports_to=uuid4()))
    assert (await Unit.all().count(), await Place.all().count()) == (0, 0)


async def test_a_supervisor_directs_the_line_an_admin_everybody_and_nobody_themselves(people: People) -> None:
    chief, admin = await actor(people.chief), await actor(people.admin)
    assert await directs(chief, people.owner.id)
    assert not await directs(chief, people.outsider.id)
    assert not await directs(chief, people.chief.id)
    assert not await directs(await actor(people.owner), people.backup.id)
    assert await directs(admin, people.outsider.id)
    assert not await directs(admin, people.admin.id)
    assert not await directs(admin, uuid4())


async def test_who_has_no_supervisor_above_them_is_directed_by_the_departments(people: People) -> None:
    await set_head(await actor(people.admin), kind="department", code="GA", staff=None)
    chief = await actor(people.chief)
    assert {people.owner.id, people.backup.id, people.colleague.id} <= await directed_by(chief)
    assert people.outsider.id not in await directed_by(chief)
    assert people.admin.id not in await directed_by(chief)


async def test_the_tree_shows_a_supervisor_only_their_people(people: People) -> None:
    await unit_of(people)
    seen = await organisation(await actor(people.chief))
    assert {p.id for p in seen.people} >= {people.chief.id, people.owner.id}
    assert people.outsider.id not in {p.id for p in seen.people}
    assert [r.code for r in seen.regions] == [DISTRICT]
    assert [(d.code, d.head, [u.name.zh for u in d.units]) for d in seen.regions[0].departments] == [
        ("GA", people.chief.id, ["户政科"]), ("RS", people.rs_chief.id, []),
    ]  # fmt: skip
    assert not seen.may_edit
    assert len((await organisation(await actor(people.admin))).people) == 8
    assert CITY not in [r.code for r in seen.regions]
