"""Guardians, people without an account, village agents: what clerks examine and departments appoint."""

from datetime import date, timedelta
from typing import Any

import pytest

from auth.acting.expiring import expire
from auth.acting.kinds import coming_of_age
from auth.acting.models import Appointment, Mandate, Represented
from auth.models import Citizen
from kit import clock, db
from mobileapi.applications.models import Application
from tests.acting.conftest import Town, checked
from tests.acting.test_family import begun, filed_for
from tests.acting.wishes import acted, for_kid, for_mother
from tests.applications.office import DISTRICT, ITEM, LETTER, upload

pytestmark = pytest.mark.anyio
AN_OLD_WOMAN = {"name": "孙无名", "id_number": checked("44010519400102112X")}


def born_before(years: int) -> str:
    return f"{clock.today().replace(year=clock.today().year - years):%Y%m%d}"


async def guardian_asked(town: Town, born: str) -> dict[str, Any]:
    http = await town.citizen(town.people.child)
    wish = for_kid(born, evidence=[await upload(http)], consent=True)
    answer = await http.post("/api/v1/me/mandates", json=wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def judged(town: Town, mandate: dict[str, Any], action: str, **more: Any) -> Any:
    desk, url = await town.staff(town.examiner), f"/api/v1/desk/mandates/{mandate['id']}"
    seen = (await desk.get(url)).json()
    return await desk.post(f"{url}/{action}", json={"version": seen["version"], "reason": "材料相符"} | more)


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2010, 5, 1), date(2028, 5, 1)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2012, 2, 29), date(2030, 3, 1)),
    ],
)
def test_somebody_comes_of_age_on_the_eighteenth_birthday(born: date, of_age: date) -> None:
    assert coming_of_age(born) == of_age


async def test_clerk_makes_the_childs_account_from_papers_and_the_guardian_files(town: Town) -> None:
    mandate = await guardian_asked(town, born_before(8))
    http = await town.citizen(town.people.child)
    assert mandate["state"] == "waiting"
    assert (await judged(town, mandate, "approve")).json()["state"] == "active"
    kid = (await http.get("/api/v1/me/principals")).json()["items"][0]["principal"]["id"]
    account = await Citizen.get(id=kid)
    assert (account.assurance, account.phone_index) == ("real_name", None)
    assert (await Represented.get(account_id=kid)).made_by == f"staff:{town.examiner}"
    assert (await filed_for(http, kid))["on_behalf_of"]["id"] == kid


async def test_guardianship_ends_by_itself_on_the_eighteenth_birthday(town: Town, drain: Any) -> None:
    mandate = await guardian_asked(
        town, f"{clock.today().replace(year=clock.today().year - 18) + timedelta(days=3):%Y%m%d}"
    )
    await judged(town, mandate, "approve")
    http = await town.citizen(town.people.child)
    kid = (await http.get("/api/v1/me/principals")).json()["items"][0]["principal"]["id"]
    with clock.moved(timedelta(days=2)):
        http = await town.citizen(town.people.child)
        assert (await begun(http, kid)).status_code == 201
    with clock.moved(timedelta(days=3)):
        http = await town.citizen(town.people.child)
        assert (await begun(http, kid, LETTER)).status_code == 404
        assert (await Mandate.get(id=mandate["id"])).state == "active", "the row has not been told yet"
        assert await expire() == 1
        assert (await Mandate.get(id=mandate["id"])).state == "expired"
    assert await Application.all().count() == 1


async def test_guardianship_is_not_ended_in_the_app(town: Town) -> None:
    mandate = await guardian_asked(town, born_before(8))
    await judged(town, mandate, "approve")
    http = await town.citizen(town.people.child)
    assert (await acted(http, mandate, "resign")).json()["code"] == "guardianship_stands"
    assert (await judged(town, mandate, "revoke")).json()["state"] == "revoked"


async def test_evidence_of_somebody_else_is_not_taken(town: Town) -> None:
    photo = await upload(await town.citizen(town.people.mother))
    http = await town.citizen(town.people.child)
    answer = await http.post("/api/v1/me/mandates", json=for_kid(born_before(8), evidence=[photo], consent=True))
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_upload")
    assert await Mandate.all().count() == 0


async def test_clerks_beside_see_nothing_of_it(town: Town) -> None:
    mandate = await guardian_asked(town, born_before(8))
    missing = "00000000-0000-4000-8000-000000000000"
    for other in (town.office.owner, town.office.stranger):
        desk = await town.staff(other)
        assert (await desk.get("/api/v1/desk/mandates")).json()["items"] == []
        for id_ in (mandate["id"], missing):
            assert (await desk.get(f"/api/v1/desk/mandates/{id_}")).status_code == 404
            body = {"version": 1, "reason": "材料相符"}
            assert (await desk.post(f"/api/v1/desk/mandates/{id_}/approve", json=body)).status_code == 404
    assert (await Mandate.get(id=mandate["id"])).state == "examining"


async def test_reading_evidence_leaves_a_row_with_the_photographs(town: Town) -> None:
    mandate = await guardian_asked(town, born_before(8))
    await (await town.staff(town.examiner)).get(f"/api/v1/desk/mandates/{mandate['id']}")
    rows = await db.fetch("SELECT actor, detail FROM kit_audit WHERE action = 'mandate.read'")
    photo = (await Mandate.get(id=mandate["id"])).evidence[0]
    assert [(r["actor"], photo in r["detail"]) for r in rows] == [(f"staff:{town.examiner}", True)]


async def test_second_clerk_is_told_that_somebody_was_quicker(town: Town) -> None:
    mandate = await guardian_asked(town, born_before(8))
    assert (await judged(town, mandate, "refuse")).json()["state"] == "refused"
    assert (await judged(town, mandate, "approve")).json()["code"] == "mandate_closed"
    assert await Represented.all().count() == 0


async def test_papers_of_another_name_than_the_account_are_only_refused(town: Town) -> None:
    http = await town.citizen(town.people.child)
    answer = await http.post("/api/v1/me/mandates", json=for_mother(name="王秀兰"))
    mandate = answer.json()
    assert (await judged(town, mandate, "approve")).json()["code"] == "claim_differs"
    assert (await Mandate.get(id=mandate["id"])).principal_id is None  # type: ignore[attr-defined]
    assert (await judged(town, mandate, "refuse")).json()["state"] == "refused"


async def test_represented_who_signs_in_and_verifies_has_what_was_done_for_them(town: Town) -> None:
    from auth import realname
    from tests.acting.conftest import signs_in
    from tests.materials.people import verified_citizen

    http = await town.citizen(town.people.child)
    mandate = (await http.post("/api/v1/me/mandates", json=for_mother(**AN_OLD_WOMAN))).json()
    await judged(town, mandate, "approve")
    old = (await http.get("/api/v1/me/principals")).json()["items"][0]["principal"]["id"]
    case = await filed_for(http, old)
    herself = await signs_in(await verified_citizen(phone="13800000009", assurance="phone"))
    claimed = realname.Claimed.normal(name=AN_OLD_WOMAN["name"], id_number=AN_OLD_WOMAN["id_number"])
    await realname.record(herself, claimed, by="register", actor=f"citizen:{herself.id}")
    hers = await town.citizen(herself)
    assert [c["id"] for c in (await hers.get("/api/v1/applications")).json()["items"]] == [case["id"]]
    (agent,) = (await hers.get("/api/v1/me/agents")).json()["items"]
    assert (agent["state"], agent["actions"]) == ("active", ["revoke"])
    former = await Citizen.get(id=old)
    assert (former.disabled_at is not None, former.id_number_index) == (True, None)
    assert (await acted(hers, agent, "revoke")).json()["state"] == "revoked"
    assert (await http.get(f"/api/v1/applications/{case['id']}")).status_code == 404


async def appointed(town: Town, supervisor: Any, **changes: Any) -> Any:
    body = {"phone": "13800000003", "region": DISTRICT, "items": [ITEM]} | changes
    return await supervisor.post("/api/v1/desk/agents", json=body)


async def test_village_agent_acts_in_the_list_of_the_appointment_for_a_year_and_ends_with_it(town: Town) -> None:
    from auth.models import StaffMember

    await StaffMember.filter(id=town.examiner).update(roles=["supervisor", "clerk"])
    supervisor = await town.staff(town.examiner, "supervisor")
    agent = await town.citizen(town.people.stranger)
    wish = for_mother(kind="village", relation="villager", valid_to=None) | {"valid_to": str(clock.today())}
    assert (await agent.post("/api/v1/me/mandates", json=wish)).json()["code"] == "not_appointed"
    post = (await appointed(town, supervisor)).json()
    assert (await appointed(town, supervisor)).json()["code"] == "appointment_exists"
    assert (await appointed(town, supervisor, phone="13999999999")).json()["code"] == "unknown_agent"
    over = await agent.post("/api/v1/me/mandates", json=wish | {"items": [LETTER]})
    assert over.json()["errors"][0]["field"] == "items"
    wish["valid_to"] = str(clock.today() + timedelta(days=300))
    mandate = (await agent.post("/api/v1/me/mandates", json=wish)).json()
    assert [i["code"] for i in mandate["items"]] == [ITEM]
    mother = town.people.mother
    await acted(await town.citizen(mother), mandate, "accept")
    assert (await begun(agent, mother.id)).status_code == 201
    assert (await begun(agent, mother.id, LETTER)).status_code == 404
    gone = await supervisor.post(f"/api/v1/desk/agents/{post['id']}/revocation", json={"reason": "离职"})
    assert gone.json()["state"] == "revoked"
    assert (await Mandate.get(id=mandate["id"])).state == "revoked"
    assert (await agent.get(f"/api/v1/applications?on_behalf_of={mother.id}")).status_code == 404


async def test_village_agent_needs_renewal_each_year(town: Town) -> None:
    from auth.models import StaffMember

    await StaffMember.filter(id=town.examiner).update(roles=["supervisor"])
    supervisor = await town.staff(town.examiner, "supervisor")
    post = (await appointed(town, supervisor)).json()
    assert date.fromisoformat(post["valid_to"]) == clock.today() + timedelta(days=365)
    with clock.moved(timedelta(days=366)):
        supervisor = await town.staff(town.examiner, "supervisor")
        assert (await supervisor.get("/api/v1/desk/agents")).json()["items"][0]["state"] == "expired"
        agent = await town.citizen(town.people.stranger)
        wish = for_mother(kind="village", relation="villager", valid_to=str(clock.today()))
        assert (await agent.post("/api/v1/me/mandates", json=wish)).json()["code"] == "not_appointed"
        renewed = (await supervisor.post(f"/api/v1/desk/agents/{post['id']}/renewal", json={})).json()
        assert (renewed["state"], date.fromisoformat(renewed["valid_to"])) == (
            "active", clock.today() + timedelta(days=365),
        )  # fmt: skip
        assert (await agent.post("/api/v1/me/mandates", json=wish)).status_code == 201
    assert await Appointment.all().count() == 1


async def test_agents_are_appointed_and_seen_in_the_supervisors_region_alone(town: Town) -> None:
    from auth.models import StaffMember

    await StaffMember.filter(id=town.examiner).update(roles=["supervisor"])
    supervisor = await town.staff(town.examiner, "supervisor")
    refused = await appointed(town, supervisor, region="440106000000")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "region")
    assert await Appointment.all().count() == 0
    post = (await appointed(town, supervisor)).json()
    listed = (await supervisor.get("/api/v1/desk/agents")).json()
    assert (listed["region"], [a["id"] for a in listed["items"]]) == (DISTRICT, [post["id"]])
    await Appointment.all().update(region_code="440106000000")
    assert (await supervisor.get("/api/v1/desk/agents")).json()["items"] == []
    asked = await supervisor.post(f"/api/v1/desk/agents/{post['id']}/revocation", json={"reason": "离职"})
    assert (asked.status_code, asked.json()["code"]) == (404, "not_found")
    assert (await Appointment.get()).state == "active"
