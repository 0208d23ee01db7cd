"""Cases and talks outside one's matters or region: by id, in lists, by search, by photograph, in the log. And lists
that are asked for too much, in another order, or by somebody else's data.
"""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from auth.models import Citizen, Department, Duty, StaffMember
from chat import routes as chat
from chat.models import Conversation
from kit import clock, db
from mobileapi.applications.models import Application
from tests.applications.office import DISTRICT, ITEM, STREET, Office, clerk, filed, key
from tests.materials.app import application, client

pytestmark = pytest.mark.anyio
NEXT_DOOR = "440106000000"


async def moved(case: Any, *path: str) -> None:
    """The case lies elsewhere from now on."""
    await Application.filter(id=case).update(region_code=path[0], region_path=list(path))


async def tries(http: httpx2.AsyncClient, case: Any) -> list[tuple[int, Any]]:
    """Everything a desk can ask about one case; the answers without what names the request."""
    url = f"/api/v1/desk/applications/{case}"
    answers = [
        await http.get(url),
        await http.post(f"{url}/unmask", json={"field": "phone", "reason": "核对联系方式"}),
        await http.post(f"{url}/accept", json={"version": 2}, headers=key()),
        await http.post(f"{url}/approve", json={"version": 2}, headers=key()),
        await http.post(f"{url}/no-such-act", json={"version": 2}, headers=key()),
    ]
    return [(a.status_code, {k: v for k, v in a.json().items() if k != "request_id"}) for a in answers]


async def listed(http: httpx2.AsyncClient) -> list[str]:
    return [row["id"] for row in (await http.get("/api/v1/desk/inbox?limit=100")).json()["items"]]


async def test_a_case_of_another_district_is_not_there_for_the_desks_of_this_one(
    office: Office,
    phone: httpx2.AsyncClient,
) -> None:
    case = await filed(phone)
    before = await Application.get(id=case["id"])
    async with office.desk() as owner, office.desk(office.colleague) as colleague:
        for http in (owner, colleague):
            assert await listed(http) == [case["id"]]
        await moved(case["id"], NEXT_DOOR, "440100000000")
        await Application.filter(id=case["id"]).update(holder_staff=None)
        for http in (owner, colleague):
            assert await listed(http) == []
            real, missing = await tries(http, case["id"]), await tries(http, uuid4())
            assert real == missing
            assert [status for status, _ in real] == [404] * 5
    after = await Application.get(id=case["id"])
    assert (after.state, after.version) == (before.state, before.version)
    assert (
        await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action IN ('case.read', 'personal_data.unmasked')")
        == 0
    )


async def test_a_district_reaches_its_streets_a_street_not_its_district(
    office: Office,
    phone: httpx2.AsyncClient,
) -> None:
    case = await filed(phone)
    await Department.filter(code="GA").update(region_code=STREET)
    async with office.desk(office.colleague) as colleague:
        assert await listed(colleague) == [case["id"]], "it was filed in the street"
        await moved(case["id"], DISTRICT)
        assert await listed(colleague) == []
        assert {status for status, _ in await tries(colleague, case["id"])} == {404}


async def test_a_supervisor_of_a_unit_below_reaches_no_other_unit(
    office: Office,
    phone: httpx2.AsyncClient,
) -> None:
    case = await filed(phone)
    name = {"zh": "户政科", "en": "Household"}
    await Department.create(code="GA-HZ", name=name, region_code=DISTRICT, parent_code="GA", credit_code="")
    below, above = await clerk("科长", "GA-HZ"), await clerk("局长", "GA")
    await StaffMember.filter(id__in=[below, above]).update(roles=["supervisor"])
    async with office.desk(above, "supervisor") as chief, office.desk(below, "supervisor") as head:
        assert (await listed(chief), await listed(head)) == ([case["id"]], [])
        await Application.filter(id=case["id"]).update(department_code="GA-HZ")
        assert (await listed(chief), await listed(head)) == ([case["id"]], [case["id"]])


async def test_a_photograph_opens_for_the_clerk_it_was_linked_for_and_nobody_else(
    office: Office,
    phone: httpx2.AsyncClient,
) -> None:
    case = await filed(phone)
    async with office.desk() as owner, office.desk(office.stranger) as stranger:
        desk_view = (await owner.get(f"/api/v1/desk/applications/{case['id']}")).json()
        url = next(m["uploads"][0]["url"] for m in desk_view["materials"] if m["uploads"])
        other = url.replace(f"staff%3A{office.owner}", f"staff%3A{office.stranger}").replace(
            f"staff:{office.owner}", f"staff:{office.stranger}"
        )
        assert other != url
        assert (await stranger.get(other)).status_code == 404
        assert (await stranger.get(url.partition("?")[0])).status_code == 404


async def test_a_talk_of_another_district_is_in_no_list_and_cannot_be_taken(
    office: Office,
    anna: Citizen,
) -> None:
    now = clock.now()
    talks = {
        region: (await Conversation.create(
            citizen_id=anna.id, department_code="GA", department_name={"zh": "公安"}, item_code=ITEM,
            item_name={"zh": "补领"}, state="queued", queued_at=now, reason_code="department_queue", created_at=now,
            region_code=region,
        )).id
        for region in (DISTRICT, STREET, NEXT_DOOR, "")
    }  # fmt: skip
    app = application(chat.ROUTES)
    async with client(app, f"staff:{office.owner}:clerk") as http:
        rows = (await http.get("/api/v1/consultations?scope=queue&limit=100")).json()["items"]
        assert {row["id"] for row in rows} == {str(talks[r]) for r in (DISTRICT, STREET, "")}
        for path in ("", "/messages"):
            real = await http.get(f"/api/v1/consultations/{talks[NEXT_DOOR]}{path}")
            missing = await http.get(f"/api/v1/consultations/{uuid4()}{path}")
            assert (
                (real.status_code, real.json()["code"])
                == (missing.status_code, missing.json()["code"])
                == (404, "not_found")
            )
        taken = await http.post(f"/api/v1/consultations/{talks[NEXT_DOOR]}/take")
        assert taken.status_code == 404
    assert (await Conversation.get(id=talks[NEXT_DOOR])).clerk_id is None  # type: ignore[attr-defined]


async def test_a_duty_that_begins_tomorrow_or_ended_yesterday_reaches_nothing(
    office: Office,
    phone: httpx2.AsyncClient,
) -> None:
    case = await filed(phone)
    today = clock.today()
    async with office.desk(office.stranger) as stranger:
        for days in (
            {"valid_from": today.replace(year=today.year + 1)},
            {"valid_to": today.replace(year=today.year - 1)},
        ):
            made = Duty(staff_id=office.stranger, item_code=ITEM, region_code=DISTRICT, role="other", **days)
            await made.save()
            assert await listed(stranger) == []
            assert {status for status, _ in await tries(stranger, case["id"])} == {404}
            await made.delete()
        await Duty.create(staff_id=office.stranger, item_code=ITEM, region_code=DISTRICT, role="other")
        assert await listed(stranger) == [case["id"]]


@pytest.mark.parametrize(
    "query",
    ["limit=1000000", "limit=101", "limit=0", "limit=-1", "limit=1e6", "sort=form_sealed", "order=citizen_id",
     "phone=13800138000", "citizen_id=00000000-0000-0000-0000-000000000001", "department=GA", "q=张", "state=submitted'--",
     "cursor=AAAA", "cursor=' OR 1=1", "limit=5&limit=50", "fields=id_number", "region=440106000000"],
)  # fmt: skip
async def test_lists_are_capped_and_understand_no_foreign_field(
    office: Office,
    phone: httpx2.AsyncClient,
    query: str,
) -> None:
    app = application([*chat.ROUTES])
    async with office.desk() as owner, client(app, f"staff:{office.owner}:clerk") as talker:
        for http, path in (
            (phone, "/applications"),
            (owner, "/desk/inbox"),
            (phone, "/certificates"),
            (talker, "/consultations"),
        ):
            answer = await http.get(f"/api/v1{path}?{query}")
            assert answer.status_code in {400, 422}, f"{path}?{query}: {answer.status_code}"
