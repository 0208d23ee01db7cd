"""Cases of somebody who is away: in other hands at once, in one hand at every moment, and back afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.models import Citizen, Duty, StaffMember
from auth.staff import disable
from auth.staffing import jobs, leaves
from auth.staffing.leaves import Days
from auth.staffing.models import Handover, Head, Leave
from kit import clock, db
from kit.web import Actor
from mobileapi import wiring
from mobileapi.applications import covering
from mobileapi.applications.decisions import Order, act
from mobileapi.applications.models import Application, Change
from tests.applications.office import ITEM, STREET, Office, filed, ordered

pytestmark = pytest.mark.anyio
assert jobs, "imported so that the worker knows the jobs"
DAY = timedelta(days=1)
Drain = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def wired(database: str) -> None:
    wiring.connect()


@pytest.fixture
async def chief(office: Office) -> Actor:
    """Heads the department of the item."""
    person = await StaffMember.create(
        username="chief", name="周主管", department_id="GA", roles=["supervisor"], created_at=clock.now()
    )
    await Head.create(kind="department", code="GA", staff_id=person.id)
    return Actor(person.id, "staff", frozenset({"supervisor"}))


async def away(chief: Actor, staff: UUID, *, cover: UUID | None = None, last: int = 0) -> Leave:
    days = Days(clock.today(), clock.today() + last * DAY)
    return await leaves.arrange(chief, staff, kind="sick", days=days, cover=cover)


async def stands(case: object) -> tuple[UUID | None, str]:
    row = await Application.get(id=case)
    return row.holder_staff, row.holder_reason


async def test_leave_moves_the_case_to_the_backup_tells_the_citizen_and_the_end_brings_it_back(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain, anna: Citizen
) -> None:
    case = (await filed(phone))["id"]
    assert await stands(case) == (office.owner, "owner")
    await away(chief, office.owner)
    await drain()
    assert await stands(case) == (office.backup, "cover")
    shown = (await phone.get(f"/api/v1/applications/{case}")).json()
    assert shown["holder"]["name"] == "林晓岚"
    assert shown["timeline"][-1]["text"]["zh"] == "经办人变更"
    assert shown["timeline"][-1]["note"] == "经办人陈立群休假，由林晓岚继续办理"
    told = await db.fetch("SELECT kind, citizen FROM notify_notice WHERE kind = 'case.holder'")
    assert [(r["kind"], r["citizen"]) for r in told] == [("case.holder", anna.id)]
    with clock.moved(DAY):
        await drain()
    assert await stands(case) == (office.owner, "returned")
    assert [h.outcome for h in await Handover.all()] == ["returned"]
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'case.handed_over'") == 2


async def test_the_named_cover_of_another_department_opens_and_decides_the_case(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain
) -> None:
    case = (await filed(phone))["id"]
    async with office.desk(office.stranger) as cover:
        assert (await cover.get(f"/api/v1/desk/applications/{case}")).status_code == 404
        await away(chief, office.owner, cover=office.stranger)
        await drain()
        assert await stands(case) == (office.stranger, "cover")
        assert [c["id"] for c in (await cover.get("/api/v1/desk/inbox")).json()["items"]] == [case]
        assert (await ordered(cover, case, "accept")).status_code == 200
        with clock.moved(DAY):
            await drain()
        assert await stands(case) == (office.stranger, "cover"), "in the middle of it: it stays"
    assert [h.outcome for h in await Handover.all()] == ["kept"]


async def test_a_case_filed_during_the_leave_is_the_covers_and_stays_theirs(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain
) -> None:
    await away(chief, office.owner)
    await drain()
    case = (await filed(phone))["id"]
    assert await stands(case) == (office.backup, "backup")
    with clock.moved(DAY):
        await drain()
    assert await stands(case) == (office.backup, "backup")


async def test_when_everybody_with_the_duty_is_away_the_superior_holds_it_then_the_department(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain
) -> None:
    case = (await filed(phone))["id"]
    await away(chief, office.backup)
    await away(chief, office.owner)
    await drain()
    assert await stands(case) == (chief.id, "cover")
    admin = Actor(office.colleague, "staff", frozenset({"admin"}))
    await leaves.arrange(admin, chief.id, kind="sick", days=Days(clock.today(), clock.today()))
    await drain()
    assert await stands(case) == (None, "department")
    with clock.moved(DAY):
        await drain()
    assert (await stands(case))[0] == office.owner


async def test_a_cover_who_goes_away_as_well_hands_it_on_and_the_first_gets_it_back(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain
) -> None:
    case = (await filed(phone))["id"]
    await away(chief, office.owner, cover=office.colleague)
    await drain()
    await away(chief, office.colleague, last=3)
    await drain()
    assert await stands(case) == (office.backup, "cover")
    with clock.moved(DAY):
        await drain()
        assert await stands(case) == (office.owner, "returned")
    with clock.moved(4 * DAY):
        await drain()
    assert await stands(case) == (office.owner, "returned"), "it is not the cover's to get back any more"
    assert await Handover.filter(closed_at=None).count() == 0


async def test_what_is_decided_meanwhile_stays_with_who_decided(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain
) -> None:
    case = (await filed(phone))["id"]
    await away(chief, office.owner)
    await drain()
    async with office.desk(office.backup) as backup:
        reason = {"reason": "不属于本机关职权", "legal_basis": "行政许可法第三十二条"}
        assert (await ordered(backup, case, "refuse_acceptance", **reason)).status_code == 200
    with clock.moved(DAY):
        await drain()
    assert await stands(case) == (office.backup, "cover")
    assert [h.outcome for h in await Handover.all()] == ["done"]


async def test_a_closed_accounts_cases_go_and_do_not_return(
    office: Office, phone: httpx2.AsyncClient, chief: Actor, drain: Drain
) -> None:
    case = (await filed(phone))["id"]
    await disable(await StaffMember.get(id=office.owner), actor="staff:x")
    await drain()
    assert await stands(case) == (office.backup, "cover")
    assert "离岗" in str((await Change.filter(application_id=case).order_by("-id").first()).note)  # type: ignore[union-attr]
    assert await covering.hand_over_all(office.owner) == 0, "told again, there is nothing left"
    assert await Handover.filter(closed_at=None).count() == 0


async def waiting(citizen: Citizen, holder: UUID) -> Application:
    now = clock.now()
    return await Application.create(
        citizen_id=citizen.id, item_code=ITEM, item_version=1, item_name={"zh": "补领"}, department_code="GA",
        region_code=STREET, region_path=[STREET, "440105000000"], state="submitted", answers={},
        case_number=uuid4().hex[:20], holder_staff=holder, holder_name="陈立群", holder_reason="owner", created_at=now,
        saved_at=now, submitted_at=now, received_at=now, check_due=clock.today() + 5 * DAY,
        desk_due=clock.today() + 5 * DAY,
    )  # fmt: skip


async def test_hand_over_while_the_clerk_decides_leaves_one_holder_every_time(
    office: Office, anna: Citizen, chief: Actor
) -> None:
    await Duty.filter(role="backup").update(staff_id=office.backup)
    clerk, rounds, moved = Actor(office.owner, "staff", frozenset({"clerk"})), 100, 0
    refusal = Order(version=1, reason="不属于本机关职权", legal_basis="行政许可法第三十二条")
    for n in range(rounds):
        case = await waiting(anna, office.owner)
        deciding = act(clerk, case.id, "refuse_acceptance" if n % 2 else "accept", order=refusal if n % 2 else Order(1))
        handing = covering.hand_over(case.id, staff=office.owner, leave=None, named=None)
        acts = [deciding, handing] if n % 4 < 2 else [handing, deciding]
        answers = await asyncio.gather(*acts)
        handed = answers[1 if n % 4 < 2 else 0] is True
        row = await Application.get(id=case.id)
        assert row.state == ("not_accepted" if n % 2 else "accepted"), "the decision counts either way"
        assert row.holder_staff == (office.backup if handed else office.owner)
        assert await Handover.filter(subject=case.id).count() == int(handed)
        assert await Change.filter(application_id=case.id).count() == 1 + int(handed)
        assert handed or n % 2, "what is still open always moves"
        moved += handed
    assert 50 <= moved <= rounds
