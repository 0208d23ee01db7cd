"""The desks: who sees what, in which order, who wins, and what silence means."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.models import Citizen, Duty
from kit import clock, db
from mobileapi.applications.jobs import accept_silent_cases
from mobileapi.applications.models import Application, Change
from tests.applications.office import DISTRICT, ITEM, LETTER, PASSED, Office, draft, filed, key, ordered, photo, upload
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio


async def test_fifty_submissions_at_once_are_one_case_with_one_number(phone: httpx2.AsyncClient) -> None:
    case = await draft(phone)
    url = f"/api/v1/applications/{case['id']}/submission"
    answers = await asyncio.gather(*(phone.post(url, json={"consent": True}, headers=key()) for _ in range(50)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["case_number"] for a in answers}) == 1
    assert await db.fetch_value("SELECT reached FROM applications_day_counter") == 1
    assert await Change.filter(to_state="submitted").count() == 1
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'case.submitted'") == 1


async def test_a_repeat_with_the_same_key_gets_the_same_answer_and_another_body_a_conflict(
    phone: httpx2.AsyncClient,
) -> None:
    case = await draft(phone)
    url = f"/api/v1/applications/{case['id']}/submission"
    first = await phone.post(url, json={"consent": True}, headers=key("tap"))
    again = await phone.post(url, json={"consent": True}, headers=key("tap"))
    assert first.content == again.content
    other = await phone.post(url, json={"consent": False}, headers=key("tap"))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await phone.post(url, json={"consent": True})).json()["code"] == "idempotency_key_missing"


async def test_cases_filed_at_once_get_running_numbers_without_a_gap(office: Office) -> None:
    people = [
        await verified_citizen(f"张{n}三", id_number=f"44010519900101{n:04}", phone=f"1380013{n:04}") for n in range(8)
    ]
    phones = [office.citizen(p.id) for p in people]
    drafts = [await draft(http) for http in phones]
    answers = await asyncio.gather(
        *(http.post(f"/api/v1/applications/{d['id']}/submission", json={"consent": True}, headers=key())
          for http, d in zip(phones, drafts, strict=True))
    )  # fmt: skip
    assert sorted(int(a.json()["case_number"][10:15]) for a in answers) == list(range(1, 9))


async def test_of_two_clerks_deciding_at_once_one_wins(office: Office, phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    async with office.desk() as owner, office.desk(office.backup) as backup:
        version = (await ordered(owner, case["id"], "accept")).json()["version"]
        answers = await asyncio.gather(
            ordered(owner, case["id"], "approve", version=version, review=PASSED),
            ordered(backup, case["id"], "refuse", version=version, reason="不符合条件", legal_basis="第十一条"),
        )
    assert sorted(a.status_code for a in answers) == [200, 409]
    loser = next(a for a in answers if a.status_code == 409)
    assert (loser.json()["code"], loser.json()["version"]) == ("case_changed", version + 1)
    assert await Change.filter(from_state="accepted").count() == 1
    decided = (await Application.get(id=case["id"])).state
    assert await db.fetch_value("SELECT count(*) FROM certificates_certificate") == (1 if decided == "approved" else 0)


async def test_of_two_corrections_at_once_one_is_told(office: Office, phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    items = [{"material": "photo", "reason": "看不清楚"}]
    async with office.desk() as owner, office.desk(office.backup) as backup:
        version = (await owner.get(f"/api/v1/desk/applications/{case['id']}")).json()["version"]
        answers = await asyncio.gather(
            *(ordered(http, case["id"], "request_correction", version=version, items=items) for http in (owner, backup))
        )
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert {a.json().get("code") for a in answers} == {None, "correction_already_requested"}


async def test_withdrawing_and_accepting_at_once_leave_one_clean_end(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    version = (await desk.get(f"/api/v1/desk/applications/{case['id']}")).json()["version"]
    gone, accepted = await asyncio.gather(
        phone.post(f"/api/v1/applications/{case['id']}/withdrawal", json={}, headers=key()),
        ordered(desk, case["id"], "accept", version=version),
    )
    assert gone.status_code == 200
    assert accepted.status_code in {200, 409}
    history = [c.to_state for c in await Change.filter(application_id=case["id"]).order_by("id")]
    assert history == ["draft", "submitted", *(["accepted"] if accepted.status_code == 200 else []), "withdrawn"]


async def test_owner_backup_and_department_see_a_case_and_others_see_nothing(
    office: Office, phone: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    begun = await draft(phone)
    for who, why in ((office.owner, "owner"), (office.backup, "backup"), (office.colleague, "department")):
        async with office.desk(who) as http:
            assert [why in i["why"]["en"] for i in (await http.get("/api/v1/desk/inbox")).json()["items"]] == [True]
            assert (await http.get(f"/api/v1/desk/applications/{case['id']}")).status_code == 200
            assert (await http.get(f"/api/v1/desk/applications/{begun['id']}")).status_code == 404
    async with office.desk(office.stranger) as http:
        assert (await http.get("/api/v1/desk/inbox")).json()["items"] == []
        for id_ in (case["id"], uuid4(), "x"):
            url = f"/api/v1/desk/applications/{id_}"
            answers = [
                await http.get(url), await http.post(f"{url}/accept", json={"version": 2}, headers=key()),
                await http.post(f"{url}/unmask", json={"field": "phone", "reason": "好奇一下"}),
            ]  # fmt: skip
            assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not_found")] * 3
    reads = await db.fetch("SELECT actor FROM kit_audit WHERE action = 'case.read' ORDER BY seq")
    assert [r["actor"] for r in reads] == [f"staff:{p}" for p in (office.owner, office.backup, office.colleague)]
    assert (await phone.get(f"/api/v1/applications/{case['id']}")).json()["state"] == "submitted"


async def test_a_duty_in_another_department_opens_the_item_in_its_region_only(
    office: Office, phone: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    await Duty.create(staff_id=office.stranger, item_code=ITEM, region_code="440106000000", role="owner")
    async with office.desk(office.stranger) as http:
        assert (await http.get(f"/api/v1/desk/applications/{case['id']}")).status_code == 404
        await Duty.create(staff_id=office.stranger, item_code=ITEM, region_code=DISTRICT, role="other")
        assert (await http.get(f"/api/v1/desk/applications/{case['id']}")).status_code == 200
        assert [i["id"] for i in (await http.get("/api/v1/desk/inbox")).json()["items"]] == [case["id"]]
        await Duty.filter(staff_id=office.stranger).delete()
        assert (await http.get(f"/api/v1/desk/applications/{case['id']}")).status_code == 404


async def test_citizens_and_other_roles_do_not_reach_the_desk(office: Office, phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    assert (await phone.get("/api/v1/desk/inbox")).status_code == 403
    async with office.desk(roles="finance") as http:
        assert (await http.get(f"/api/v1/desk/applications/{case['id']}")).status_code == 403
        assert (await http.get("/api/v1/applications")).status_code == 403


async def test_every_desk_act_leaves_a_row_and_masked_values_open_only_with_a_reason(
    office: Office, anna: Citizen, phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    url = f"/api/v1/desk/applications/{case['id']}"
    shown = await desk.get(url)
    assert shown.json()["citizen"] == {
        "id": str(anna.id),
        "name_masked": "欧*晴",
        "phone_masked": "138****8000",
        "assurance": "real_name",
    }
    assert {f["code"]: (f["value"], f["masked"]) for f in shown.json()["shown_form"]} == {
        "contact": ("138****8000", True), "delivery": ("窗口自取", False), "address": ("江南大道1号", False),
    }  # fmt: skip
    for clear in ("13800138000", "欧阳晴", "440105199001011230"):
        assert clear not in shown.text
    for field, value in (
        ("phone", "13800138000"),
        ("name", "欧阳晴"),
        ("id_number", "440105199001011230"),
        ("form.contact", "13800138000"),
    ):
        opened = await desk.post(f"{url}/unmask", json={"field": field, "reason": "电话核实材料"})
        assert opened.json() == {"value": value}
    for body in ({"field": "phone"}, {"field": "phone", "reason": ""}, {"field": "password", "reason": "电话核实材料"}):
        assert (await desk.post(f"{url}/unmask", json=body)).status_code == 422
    rows = await db.fetch("SELECT actor, detail FROM kit_audit WHERE action = 'personal_data.unmasked' ORDER BY seq")
    assert len(rows) == 4
    assert all(r["actor"] == f"staff:{office.owner}" and "电话核实材料" in r["detail"] for r in rows)
    assert "13800138000" not in str([dict(r) for r in await db.fetch("SELECT * FROM kit_audit")])


async def test_a_photo_link_made_for_a_clerk_stands_in_the_log(
    desk: httpx2.AsyncClient, phone: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    shown = (await desk.get(f"/api/v1/desk/applications/{case['id']}")).json()
    photo_id = shown["materials"][0]["uploads"][0]["id"]
    row = (await db.fetch("SELECT detail FROM kit_audit WHERE action = 'case.read'"))[0]
    assert photo_id in row["detail"] and str(case["case_number"]) in row["detail"]


async def test_the_inbox_shows_the_least_working_time_first_and_pages_without_gaps(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    late, soon, fresh = await filed(phone), await filed(phone, LETTER), await filed(phone)
    await ordered(desk, late["id"], "accept")
    for case, due in (
        (late, clock.today() - timedelta(days=10)),
        (soon, clock.today()),
        (fresh, clock.today() + timedelta(days=30)),
    ):
        await Application.filter(id=case["id"]).update(desk_due=due)
    whole = (await desk.get("/api/v1/desk/inbox")).json()["items"]
    assert [i["id"] for i in whole] == [late["id"], soon["id"], fresh["id"]]
    assert [i["light"] for i in whole] == ["red", "yellow", "green"]
    assert whole[0]["working_days_left"] < 0
    paged, cursor = [], ""
    while True:
        page = (await desk.get(f"/api/v1/desk/inbox?limit=1{cursor}")).json()
        paged += [i["id"] for i in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == [i["id"] for i in whole]
    accepted = (await desk.get("/api/v1/desk/inbox?state=accepted")).json()["items"]
    assert [i["id"] for i in accepted] == [late["id"]]
    assert (await desk.get("/api/v1/desk/inbox?state=draft")).json()["items"] == []


async def test_decided_cases_leave_the_inbox_and_are_found_by_their_state(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    one, two = await filed(phone), await filed(phone)
    for case in (one, two):
        await ordered(desk, case["id"], "accept")
        await ordered(desk, case["id"], "approve", review=PASSED)
    assert (await desk.get("/api/v1/desk/inbox")).json()["items"] == []
    page = (await desk.get("/api/v1/desk/inbox?state=decided_approved&limit=1")).json()
    rest = (await desk.get(f"/api/v1/desk/inbox?state=decided_approved&limit=1&cursor={page['next_cursor']}")).json()
    assert [i["id"] for i in page["items"] + rest["items"]] == [one["id"], two["id"]]
    assert (page["items"][0]["due_at"], page["items"][0]["light"], rest["next_cursor"]) == (None, None, None)


async def test_silence_for_five_working_days_is_acceptance_from_receipt(
    phone: httpx2.AsyncClient, drain: Callable[[], Awaitable[None]]
) -> None:
    case = await filed(phone)
    row = await Application.get(id=case["id"])
    assert row.check_due is not None
    await accept_silent_cases()
    assert (await Application.get(id=case["id"])).state == "submitted"
    until_due = (row.check_due - clock.today()).days
    with clock.moved(timedelta(days=until_due)):
        await accept_silent_cases()
        assert (await Application.get(id=case["id"])).state == "submitted"  # the fifth day is still the desk's
    with clock.moved(timedelta(days=until_due + 1)):
        await accept_silent_cases()
        await accept_silent_cases()
        mine = (await phone.get(f"/api/v1/applications/{case['id']}")).json()
    assert (mine["state"], mine["clock"]["deemed"]) == ("accepted", True)
    assert mine["clock"]["started_at"] == case["submitted_at"]
    assert mine["timeline"][-1]["by"]["zh"] == "系统" and "第三十二条" in mine["timeline"][-1]["note"]
    began = clock.city_time(row.received_at).date()  # type: ignore[arg-type]
    assert date.fromisoformat(mine["clock"]["statutory_due"]) >= began + timedelta(days=60)
    assert await Change.filter(to_state="accepted").count() == 1
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'case.deemed_accepted'") == 1


async def test_a_requested_correction_stops_the_silence_and_its_answer_starts_it_anew(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    await ordered(desk, case["id"], "request_correction", items=[{"material": "photo", "reason": "看不清楚"}])
    with clock.moved(timedelta(days=60)):
        await accept_silent_cases()
        assert (await Application.get(id=case["id"])).state == "correction"
        await phone.put(
            f"/api/v1/applications/{case['id']}/materials/photo", json={"uploads": [await upload(phone, photo(4))]}
        )
        await phone.post(f"/api/v1/applications/{case['id']}/correction", json={}, headers=key())
        await accept_silent_cases()
        assert (await Application.get(id=case["id"])).state == "resubmitted"
    with clock.moved(timedelta(days=75)):
        await accept_silent_cases()
        after = await Application.get(id=case["id"])
        assert (after.state, after.deemed, after.accepted_at) == ("accepted", True, after.received_at)


async def test_a_correction_nobody_answered_may_be_closed_only_after_its_deadline(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    shown = (
        await ordered(desk, case["id"], "request_correction", items=[{"material": "photo", "reason": "看不清楚"}])
    ).json()
    assert shown["actions"] == []
    body = {"reason": "逾期未补正", "legal_basis": "行政许可法第三十二条"}
    early = await ordered(desk, case["id"], "refuse_acceptance", **body)
    assert (early.status_code, early.json()["code"]) == (409, "case_not_open")
    deadline = date.fromisoformat(shown["corrections"][0]["deadline"])
    with clock.moved(timedelta(days=(deadline - clock.today()).days + 1)):
        closed = await ordered(desk, case["id"], "refuse_acceptance", **body)
    assert (closed.status_code, closed.json()["state"]) == (200, "not_accepted")


@pytest.mark.parametrize(("present", "reason", "name"), [(["backup"], "backup", "林晓岚"), ([], "department", "")])
async def test_without_an_owner_the_backup_holds_the_case_and_else_the_department(
    office: Office, phone: httpx2.AsyncClient, present: list[str], reason: str, name: str
) -> None:
    await Duty.filter(item_code=ITEM).exclude(role__in=present or ["nobody"]).delete()
    case = await filed(phone)
    row = await Application.get(id=case["id"])
    assert (row.holder_reason, row.holder_name) == (reason, name)
    assert case["holder"] == {"department": {"zh": "GA局", "en": "GA Office"}, "name": name or None}


async def test_the_history_of_a_case_only_grows(phone: httpx2.AsyncClient) -> None:
    await filed(phone)
    for tampering in ("UPDATE applications_change SET note = 'x'", "DELETE FROM applications_change"):
        with pytest.raises(Exception, match="never changed"):
            await db.execute(tampering)


async def test_an_unknown_act_is_not_found(phone: httpx2.AsyncClient, desk: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    assert (await ordered(desk, case["id"], "delete")).status_code == 404
    assert UUID(str(case["id"]))


async def test_an_approval_that_cannot_issue_its_certificate_is_not_made(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    await ordered(desk, case["id"], "accept")
    await db.execute("UPDATE auth_department SET credit_code = '' WHERE code = 'GA'")
    refused = await ordered(desk, case["id"], "approve", review=PASSED)
    assert (refused.status_code, refused.json()["code"]) == (409, "issuer_has_no_code")
    assert (await Application.get(id=case["id"])).state == "accepted"
    assert await db.fetch_value("SELECT count(*) FROM certificates_certificate") == 0
