"""The whole way of a case, over HTTP: from an empty draft to the certificate in the hand."""

import io
import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from pypdf import PdfReader

from auth.models import Citizen
from kit import audit, clock, db
from mobileapi.applications.numbers import holds
from tests.applications.office import ITEM, PASSED, STREET, Office, draft, filed, key, ordered, photo, upload

pytestmark = pytest.mark.anyio


async def test_from_draft_to_certificate(
    office: Office,
    anna: Citizen,
    phone: httpx2.AsyncClient,
    desk: httpx2.AsyncClient,
    drain: Callable[[], Awaitable[None]],
) -> None:
    case = await filed(phone)
    assert (case["state"], case["holder"]) == (
        "submitted",
        {"department": {"zh": "GA局", "en": "GA Office"}, "name": "陈立群"},
    )
    number = str(case["case_number"])
    assert re.fullmatch(r"HZ[0-9]{8}00001[0-9A-Z]", number) and holds(number)
    inbox = (await desk.get("/api/v1/desk/inbox")).json()["items"]
    assert [(i["case_number"], i["why"]["en"], i["citizen_masked"]) for i in inbox] == [
        (number, "You are the owner of this item", "欧*晴")
    ]
    shown = (await desk.get(f"/api/v1/desk/applications/{case['id']}")).json()
    assert [a["action"] for a in shown["actions"]] == ["accept", "request_correction", "refuse_acceptance"]
    picture = shown["materials"][0]["uploads"][0]
    assert (await desk.get(picture["url"])).headers["content-type"] == "image/jpeg"
    accepted = (await ordered(desk, case["id"], "accept", note="材料齐全")).json()
    assert (accepted["state"], accepted["clock"]["light"]) == ("accepted", "green")
    assert accepted["clock"]["working_days_left"] == 15
    decided = await ordered(desk, case["id"], "approve", review=PASSED)
    assert (decided.status_code, decided.json()["state"]) == (200, "decided_approved")
    await drain()
    mine = (await phone.get(f"/api/v1/applications/{case['id']}")).json()
    assert [(t["from"], t["to"], t["by"]["zh"], t["note"]) for t in mine["timeline"]] == [
        (None, "draft", "申请人", None), ("draft", "submitted", "申请人", None),
        ("submitted", "accepted", "GA局 陈立群", "材料齐全"), ("accepted", "decided_approved", "GA局 陈立群", None),
    ]  # fmt: skip
    assert (mine["actions"], mine["materials"][0]["state"], mine["decision"]["outcome"]) == ([], "accepted", "approved")
    pdf = await phone.get(mine["certificate"]["url"])
    assert "居民身份证" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    verify = mine["certificate"]["verify_url"].removeprefix("http://127.0.0.1:8000")
    checked = (await phone.get(verify, headers={"accept": "application/json"})).json()
    assert (checked["valid"], checked["number"]) == (True, mine["certificate"]["number"])
    rows, broken = await audit.verify()
    assert broken is None
    acts = [
        r["action"]
        for r in await db.fetch(
            "SELECT action FROM kit_audit WHERE subject = $1 ORDER BY seq", f"application:{case['id']}"
        )
    ]
    assert [a for a in acts if a != "case.read"] == ["case.submitted", "case.accept", "case.approve"]
    assert acts.count("case.read") == rows - len(await db.fetch("SELECT 1 FROM kit_audit WHERE action <> 'case.read'"))


async def test_everything_that_is_missing_is_named_at_once_and_nothing_is_filed(phone: httpx2.AsyncClient) -> None:
    case = (await phone.post("/api/v1/applications", json={"item": ITEM, "region": STREET})).json()
    url = f"/api/v1/applications/{case['id']}"
    await phone.patch(
        url, json={"version": 1, "form": {"contact": "138", "lost_on": "昨天", "guardian": "440105199001011231"}}
    )
    answer = await phone.post(f"{url}/submission", json={}, headers={**key(), "accept-language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (422, "application_incomplete")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("answers.lost_how", "missing"), ("form.contact", "invalid"), ("form.lost_on", "invalid"),
        ("form.guardian", "invalid"), ("form.delivery", "missing"), ("materials.photo", "missing"), ("consent", "missing"),
    ]  # fmt: skip
    assert answer.json()["errors"][5]["detail"] == "Please photograph: photo"
    now = (await phone.get(url)).json()
    assert (now["state"], now["case_number"]) == ("draft", None)
    assert [(m["field"], m["code"]) for m in now["missing"]] == [
        (e["field"], e["code"]) for e in answer.json()["errors"][:-1]
    ]
    assert await db.fetch_value("SELECT count(*) FROM procrastinate_jobs") == 0
    assert await db.fetch_value("SELECT count(*) FROM applications_day_counter") == 0


async def test_a_photo_nobody_can_read_stands_in_the_way(phone: httpx2.AsyncClient) -> None:
    from tests.materials import pictures

    case = await draft(phone)
    url = f"/api/v1/applications/{case['id']}"
    dark = await upload(phone, pictures.encoded(pictures.dark()))
    put = (await phone.put(f"{url}/materials/photo", json={"uploads": [dark]})).json()
    assert put["missing"] == [
        {"field": "materials.photo", "code": "unusable", "detail": "照片不清晰，请重拍：数字相片"}
    ]
    assert put["materials"][0]["uploads"][0]["quality"] == {"usable": False, "problems": ["dark"]}
    refused = await phone.post(f"{url}/submission", json={"consent": True}, headers=key())
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("materials.photo", "unusable")]


async def test_what_offices_hold_themselves_is_not_asked_for(phone: httpx2.AsyncClient) -> None:
    case = await draft(phone)
    states = {m["code"]: m["state"] for m in case["materials"]}  # type: ignore[attr-defined]
    assert states == {"photo": "attached", "police_note": "empty", "household": "pre_satisfied"}


async def test_the_receipt_shows_number_item_and_materials(phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    answer = await phone.get(str(case["receipt_url"]))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    words = re.sub(r"\s", "", PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())
    for shown in (
        str(case["case_number"]),
        "居民身份证遗失补领",
        "数字相片",
        "欧*晴",
        "陈立群",
        "15个工作日",
        "行政许可法第三十二条",
    ):
        assert shown in words, shown
    begun = (await phone.post("/api/v1/applications", json={"item": ITEM, "region": STREET})).json()
    assert (await phone.get(f"/api/v1/applications/{begun['id']}/receipt.pdf")).status_code == 404


async def test_a_correction_replaces_only_what_it_names_and_comes_once(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    url = f"/api/v1/applications/{case['id']}"
    items = [{"material": "photo", "reason": "背景不是白色"}, {"field": "contact", "reason": "电话打不通"}]
    asked = await ordered(desk, case["id"], "request_correction", items=items, note="请尽快补正")
    assert (asked.status_code, asked.json()["state"]) == (200, "correction")
    mine = (await phone.get(url)).json()
    assert (mine["actions"], mine["materials"][0]["rejection"]) == (["correct", "withdraw"], {"reason": "背景不是白色"})
    assert [m["field"] for m in mine["missing"]] == ["materials.photo", "form.contact"]
    early = await phone.post(f"{url}/correction", json={}, headers=key())
    assert (early.status_code, [e["field"] for e in early.json()["errors"]]) == (
        422,
        ["materials.photo", "form.contact"],
    )
    other = await phone.put(f"{url}/materials/police_note", json={"uploads": [await upload(phone, photo(1))]})
    assert (other.status_code, other.json()["code"]) == (409, "not_asked_for")
    version = mine["version"]
    assert (await phone.patch(url, json={"version": version, "form": {"address": "x"}})).json()[
        "code"
    ] == "not_asked_for"
    assert (await phone.patch(url, json={"version": version, "answers": {"lost_how": "damaged"}})).json()[
        "code"
    ] == "not_asked_for"
    await phone.patch(url, json={"version": version, "form": {"contact": "13900139000"}})
    await phone.put(f"{url}/materials/photo", json={"uploads": [await upload(phone, photo(2))]})
    done = await phone.post(f"{url}/correction", json={}, headers=key())
    assert (done.status_code, done.json()["state"], done.json()["missing"]) == (200, "submitted", [])
    assert [i["replaced"] for i in done.json()["corrections"][0]["items"]] == [True, True]
    shown = (await desk.get(f"/api/v1/desk/applications/{case['id']}")).json()
    assert [a["action"] for a in shown["actions"]] == ["accept", "refuse_acceptance"]
    again = await ordered(desk, case["id"], "request_correction", items=items)
    assert (again.status_code, again.json()["code"]) == (409, "correction_already_requested")
    assert await db.fetch_value("SELECT count(*) FROM applications_correction") == 1
    assert (await ordered(desk, case["id"], "accept")).json()["state"] == "accepted"


@pytest.mark.parametrize(
    "items",
    [
        [], [{"material": "birth_certificate", "reason": "请补充"}], [{"field": "salary", "reason": "请补充"}],
        [{"material": "old_card", "reason": "不适用的材料"}], [{"material": "household", "reason": "共享数据"}],
        [{"material": "photo", "reason": "一次"}, {"material": "photo", "reason": "两次"}],
    ],
)  # fmt: skip
async def test_a_correction_cannot_ask_for_what_the_guide_does_not(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient, items: list[dict[str, str]]
) -> None:
    case = await filed(phone)
    refused = await ordered(desk, case["id"], "request_correction", items=items)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_in_the_guide")
    assert await db.fetch_value("SELECT count(*) FROM applications_correction") == 0
    assert (await phone.get(f"/api/v1/applications/{case['id']}")).json()["state"] == "submitted"


async def test_a_refusal_needs_reason_and_basis_and_tells_the_remedies(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    case = await filed(phone)
    await ordered(desk, case["id"], "accept")
    bare = await ordered(desk, case["id"], "refuse", reason="不符合条件")
    assert (bare.status_code, bare.json()["code"], [e["field"] for e in bare.json()["errors"]]) == (
        422,
        "reason_missing",
        ["legal_basis"],
    )
    done = await ordered(desk, case["id"], "refuse", reason="不符合条件", legal_basis="居民身份证法第十一条")
    assert done.json()["state"] == "decided_refused"
    mine = (await phone.get(f"/api/v1/applications/{case['id']}")).json()
    assert mine["decision"]["reason"] == "不符合条件" and "行政复议" in mine["decision"]["remedies"]["zh"]
    assert mine["timeline"][-1]["note"] == "理由：不符合条件；依据：居民身份证法第十一条"
    assert mine["certificate"] is None
    assert await db.fetch_value("SELECT count(*) FROM certificates_certificate") == 0


async def test_not_accepting_ends_the_case(phone: httpx2.AsyncClient, desk: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    done = await ordered(
        desk, case["id"], "refuse_acceptance", reason="不属于本机关职权", legal_basis="行政许可法第三十二条"
    )
    assert (done.json()["state"], done.json()["actions"]) == ("not_accepted", [])
    late = await ordered(desk, case["id"], "accept")
    assert (late.status_code, late.json()["code"]) == (409, "case_not_open")


@pytest.mark.parametrize(
    "review",
    [
        [],
        [{"index": 0, "result": "pass"}],
        [{"index": 0, "result": "pass"}, {"index": 1, "result": "fail"}],
        [*PASSED, {"index": 2, "result": "pass"}],
    ],
)
async def test_an_approval_needs_every_review_point_passed(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient, review: list[dict[str, object]]
) -> None:
    case = await filed(phone)
    await ordered(desk, case["id"], "accept")
    refused = await ordered(desk, case["id"], "approve", review=review)
    assert (refused.status_code, refused.json()["code"]) == (422, "review_incomplete")
    assert await db.fetch_value("SELECT count(*) FROM certificates_certificate") == 0
    assert (await phone.get(f"/api/v1/applications/{case['id']}")).json()["state"] == "accepted"


async def test_an_item_that_ends_in_an_approval_issues_no_certificate(
    phone: httpx2.AsyncClient, desk: httpx2.AsyncClient
) -> None:
    from tests.applications.office import LETTER

    case = await filed(phone, LETTER)
    await ordered(desk, case["id"], "accept")
    assert (await ordered(desk, case["id"], "approve", review=PASSED)).json()["certificate"] is None


async def test_withdrawing_ends_a_case_and_empties_a_draft(phone: httpx2.AsyncClient, desk: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    gone = await phone.post(f"/api/v1/applications/{case['id']}/withdrawal", json={"reason": "不办了"}, headers=key())
    assert (gone.json()["state"], gone.json()["timeline"][-1]["note"]) == ("withdrawn", "不办了")
    assert (await desk.get("/api/v1/desk/inbox")).json()["items"] == []
    begun = await draft(phone)
    url = f"/api/v1/applications/{begun['id']}"
    await phone.post(f"{url}/withdrawal", json={}, headers=key())
    row = (await db.fetch("SELECT answers, form_sealed FROM applications_application WHERE id = $1", begun["id"]))[0]
    assert (row["answers"], row["form_sealed"]) == ("{}", None)
    assert (
        await db.fetch_value("SELECT count(*) FROM materials_use WHERE used_by LIKE $1", f"application:{begun['id']}/%")
        == 0
    )
    listed = (await phone.get("/api/v1/applications")).json()["items"]
    assert [i["id"] for i in listed] == [case["id"]]


async def test_a_decided_case_cannot_be_withdrawn(phone: httpx2.AsyncClient, desk: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    await ordered(desk, case["id"], "accept")
    await ordered(desk, case["id"], "approve", review=PASSED)
    late = await phone.post(f"/api/v1/applications/{case['id']}/withdrawal", json={}, headers=key())
    assert (late.status_code, late.json()["code"]) == (409, "case_not_open")


async def test_the_form_is_sealed_at_rest_and_kept_answers_carry_no_numbers(phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    assert case["form"] == {"contact": "138****8000", "delivery": "counter", "address": "江南大道1号"}
    assert (await phone.get(f"/api/v1/applications/{case['id']}")).json()["form"]["contact"] == "13800138000"
    for table in ("applications_application", "applications_change", "kit_audit", "procrastinate_jobs"):
        assert "13800138000" not in str([dict(r) for r in await db.fetch(f"SELECT * FROM {table}")])
    kept = await db.fetch("SELECT body FROM kit_idempotent_call WHERE body IS NOT NULL")
    assert kept and all(b"13800138000" not in bytes(r["body"]) for r in kept)


async def test_the_clock_of_the_office_is_the_citys(phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    assert str(case["submitted_at"]).endswith("+08:00")
    assert str(case["case_number"])[2:10] == f"{clock.today():%Y%m%d}"
