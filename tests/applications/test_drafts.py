"""Drafts: begun once, saved under a version, never somebody else's."""

import asyncio
from uuid import uuid4

import httpx2
import pytest

from auth.models import Citizen
from kit import db
from mobileapi.applications.schemas import ApplicationList
from mobileapi.catalogue.imports import take_item
from tests.applications.office import COUNTER_ONLY, ITEM, STREET, Office, draft, filed, guide, key, photo, upload
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
BEGIN = {"item": ITEM, "region": STREET}


async def count(table: str = "applications_application") -> int:
    return int(await db.fetch_value(f"SELECT count(*) FROM {table}"))


async def test_beginning_twice_at_once_is_one_draft(phone: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(phone.post("/api/v1/applications", json=BEGIN) for _ in range(10)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert (await count(), await count("applications_change")) == (1, 1)


async def test_after_filing_the_same_item_can_be_begun_again(phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    again = (await phone.post("/api/v1/applications", json=BEGIN)).json()
    assert again["id"] != case["id"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"item": "nothing", "region": STREET}, 404, "not_found"),
        ({"item": COUNTER_ONLY, "region": STREET}, 409, "not_online"),
        ({"item": ITEM, "region": "440106000000"}, 422, "region_not_served"),
        ({"item": ITEM, "region": "000000000000"}, 422, "region_not_served"),
        ({**BEGIN, "answers": {"lost_how": "eaten"}}, 422, "invalid_request"),
        ({**BEGIN, "answers": {"colour": "red"}}, 422, "invalid_request"),
        ({**BEGIN, "state": "approved"}, 422, "invalid_request"),
        ({**BEGIN, "citizen": str(uuid4())}, 422, "invalid_request"),
        ({"item": ITEM}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_begun_leaves_nothing(phone: httpx2.AsyncClient, body, status: int, code: str) -> None:
    answer = await phone.post("/api/v1/applications", json=body)
    assert (answer.status_code, answer.json()["code"], await count()) == (status, code, 0)


async def test_an_item_that_needs_a_real_name_tells_so(office: Office) -> None:
    ben = await verified_citizen(assurance="phone", phone="13700137000")
    async with office.citizen(ben.id) as http:
        answer = await http.post("/api/v1/applications", json=BEGIN)
    assert (answer.status_code, answer.json()["code"], answer.json()["required"]) == (
        403,
        "assurance_too_low",
        "real_name",
    )
    assert await count() == 0


async def test_autosave_merges_and_a_stale_version_is_told_the_present_one(phone: httpx2.AsyncClient) -> None:
    case = (await phone.post("/api/v1/applications", json=BEGIN)).json()
    url = f"/api/v1/applications/{case['id']}"
    first = (await phone.patch(url, json={"version": 1, "form": {"address": "江南大道"}})).json()
    second = (
        await phone.patch(url, json={"version": 2, "form": {"contact": "138"}, "answers": {"lost_how": "lost"}})
    ).json()
    assert (first["version"], second["version"]) == (2, 3)
    assert (second["form"], second["answers"]) == ({"address": "江南大道", "contact": "138"}, {"lost_how": "lost"})
    stale = await phone.patch(url, json={"version": 2, "form": {"address": "别处"}})
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "draft_changed", 3)
    assert (await phone.get(url)).json()["form"]["address"] == "江南大道"
    third = (
        await phone.patch(url, json={"version": 3, "answers": {"lost_how": None}, "form": {"address": None}})
    ).json()
    assert (third["form"], third["answers"]) == ({"contact": "138"}, {})


async def test_of_many_saves_at_once_on_one_version_one_wins(phone: httpx2.AsyncClient) -> None:
    case = (await phone.post("/api/v1/applications", json=BEGIN)).json()
    url = f"/api/v1/applications/{case['id']}"
    saves = await asyncio.gather(
        *(phone.patch(url, json={"version": 1, "form": {"address": str(n)}}) for n in range(12))
    )
    assert sorted(s.status_code for s in saves) == [200] + [409] * 11
    winner = next(s.json()["form"]["address"] for s in saves if s.status_code == 200)
    assert (await phone.get(url)).json()["form"] == {"address": winner}


async def test_a_draft_keeps_the_guide_it_was_begun_with(phone: httpx2.AsyncClient) -> None:
    case = await draft(phone)
    async with db.transaction():
        await take_item(guide(review_points=["新要点"], form=[
            {"code": "new_field", "label": "新字段", "type": "text", "required": True}]))  # fmt: skip
    url = f"/api/v1/applications/{case['id']}"
    assert (await phone.get(url)).json()["item"]["version"] == 1
    done = await phone.post(f"{url}/submission", json={"consent": True}, headers=key())
    assert (done.status_code, done.json()["state"]) == (200, "submitted")
    fresh = (await phone.post("/api/v1/applications", json=BEGIN)).json()
    assert (fresh["item"]["version"], [m["field"] for m in fresh["missing"]][1]) == (2, "form.new_field")


async def test_photographs_keep_their_order_and_can_be_taken_off(phone: httpx2.AsyncClient) -> None:
    case = await draft(phone)
    url = f"/api/v1/applications/{case['id']}/materials/photo"
    one, two = await upload(phone, photo(1)), await upload(phone, photo(2))
    put = (await phone.put(url, json={"uploads": [two, one]})).json()
    assert [u["id"] for u in put["materials"][0]["uploads"]] == [two, one]
    assert {str(r["upload_id"]) for r in await db.fetch("SELECT upload_id FROM materials_use")} == {one, two}
    off = (await phone.put(url, json={"uploads": []})).json()
    assert (off["materials"][0]["state"], await count("materials_use")) == ("empty", 0)


async def test_only_own_photographs_of_materials_of_the_guide_are_taken(
    office: Office, anna: Citizen, phone: httpx2.AsyncClient
) -> None:
    case = (await phone.post("/api/v1/applications", json=BEGIN)).json()
    ben = await verified_citizen("李四", id_number="11010519491231002X", phone="13700137000")
    async with office.citizen(ben.id) as http:
        foreign = await upload(http)
    url = f"/api/v1/applications/{case['id']}/materials"
    mine = await upload(phone)
    refused = await phone.put(f"{url}/photo", json={"uploads": [mine, foreign]})
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["field"]) == (
        422,
        "no_such_upload",
        "uploads.1",
    )
    assert (await phone.put(f"{url}/diploma", json={"uploads": [mine]})).status_code == 404
    assert (await phone.put(f"{url}/photo", json={"uploads": [mine, mine]})).status_code == 422
    assert (await phone.put(f"{url}/photo", json={"uploads": [str(uuid4()) for _ in range(21)]})).status_code == 422
    assert (await count("applications_material"), await count("materials_use")) == (0, 0)


async def test_photographs_of_materials_that_do_not_apply_are_let_go_at_filing(phone: httpx2.AsyncClient) -> None:
    case = await draft(phone)
    url = f"/api/v1/applications/{case['id']}"
    await phone.put(f"{url}/materials/old_card", json={"uploads": [await upload(phone, photo(3))]})
    await phone.post(f"{url}/submission", json={"consent": True}, headers=key())
    assert [r["material_code"] for r in await db.fetch("SELECT material_code FROM applications_material")] == ["photo"]
    assert await count("materials_use") == 1


async def test_a_filed_case_is_not_edited_any_more(phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    url = f"/api/v1/applications/{case['id']}"
    saved = await phone.patch(url, json={"version": case["version"], "form": {"address": "x"}})
    attached = await phone.put(f"{url}/materials/photo", json={"uploads": []})
    assert [(a.status_code, a.json()["code"]) for a in (saved, attached)] == [(409, "case_not_open")] * 2
    assert (await phone.get(url)).json()["materials"][0]["uploads"] != []


async def test_another_persons_case_looks_absent_on_every_route(office: Office, phone: httpx2.AsyncClient) -> None:
    case = await filed(phone)
    ben = await verified_citizen("李四", id_number="11010519491231002X", phone="13700137000")
    async with office.citizen(ben.id) as http:
        for id_ in (case["id"], uuid4(), "1"):
            url = f"/api/v1/applications/{id_}"
            answers = [
                await http.get(url), await http.patch(url, json={"version": 1}), await http.get(f"{url}/receipt.pdf"),
                await http.put(f"{url}/materials/photo", json={"uploads": []}),
                await http.post(f"{url}/submission", json={"consent": True}, headers=key()),
                await http.post(f"{url}/correction", json={}, headers=key()),
                await http.post(f"{url}/withdrawal", json={}, headers=key()),
            ]  # fmt: skip
            assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not_found")] * 7
        assert (await http.get("/api/v1/applications")).json()["items"] == []
    assert (await phone.get(f"/api/v1/applications/{case['id']}")).json()["state"] == "submitted"


async def test_my_cases_come_newest_first_page_by_page_and_by_state(phone: httpx2.AsyncClient) -> None:
    first = await filed(phone)
    second = await filed(phone)
    third = await draft(phone)
    seen, cursor = [], ""
    while True:
        page = (await phone.get(f"/api/v1/applications?limit=1{cursor}")).json()
        seen += [i["id"] for i in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [third["id"], second["id"], first["id"]]
    whole = (await phone.get("/api/v1/applications")).content
    assert ApplicationList.model_validate_json(whole).model_dump_json().encode() == whole, "the bytes are its shape's"
    drafts = (await phone.get("/api/v1/applications?state=draft")).json()["items"]
    assert [(i["id"], i["item"]["department"]["name"]["zh"]) for i in drafts] == [(third["id"], "GA局")]
    assert (await phone.get("/api/v1/applications?cursor=%%%")).status_code == 422
    assert (await phone.get("/api/v1/applications?limit=1000000")).status_code == 422
