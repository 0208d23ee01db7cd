"""A copy of one's own data: complete, nobody else's, for the person alone, once a link."""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pypdf import PdfReader

from auth.models import Citizen, Session
from auth.privacy import exports
from auth.privacy.models import Export
from kit import clock, db, storage
from tests.applications.office import key
from tests.auth.privacy.conftest import Doors, Somebody, somebody
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]


async def asked(phone: httpx2.AsyncClient, drain: Drain) -> str:
    answer = await phone.post("/api/v1/me/exports", json={}, headers=key())
    assert answer.status_code == 201, answer.text
    await drain()
    return str(answer.json()["id"])


async def linked(phone: httpx2.AsyncClient, export: str) -> str:
    answer = await phone.post(f"/api/v1/me/exports/{export}/link", json={})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def opened(content: bytes) -> tuple[dict[str, Any], str, list[str]]:
    """The JSON, the words of the PDF, and the names of everything in the zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read("data.json"))
        pages = PdfReader(io.BytesIO(archive.read("data.pdf"))).pages
        return told, "".join(page.extract_text() for page in pages).replace("\n", ""), archive.namelist()


async def test_it_says_everything_of_the_seeded_inventory_and_nothing_of_anybody_else(
    doors: Doors, wei: Somebody, drain: Drain
) -> None:
    bystander = await verified_citizen("旁观乙", id_number="440105197001011234", phone="19922220000")
    other = await somebody(doors, name="银鼠明", digit=8002, other=bystander)
    phone = await doors.citizen(wei.citizen)
    await phone.put("/api/v1/me/consents/reminders", json={"given": True, "version": "2026-11-01"})
    wish = {"field": "other", "wanted": "改成甲乙丙", "why": "抄错了"}
    await phone.post("/api/v1/me/corrections", json=wish, headers=key())
    export = await asked(phone, drain)
    answer = await phone.get(await linked(phone, export))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    told, printed, names = opened(answer.content)
    said = json.dumps(told, ensure_ascii=False)
    inventory = wei.told | {"consent": "reminders", "correction": "改成甲乙丙"}
    assert {what for what, words in inventory.items() if words not in said} == set()
    plain = printed.replace(" ", "")
    unprinted = {what for what, words in inventory.items() if words.replace(" ", "") not in plain}
    assert unprinted == set()
    foreign = {what for what, words in other.told.items() if words in said or words in printed}
    assert foreign == set()
    assert "旁观者" not in said, "whom one acts for is their own data"
    assert len([n for n in names if n.startswith("files/photo-")]) >= 1
    assert len([n for n in names if n.startswith("files/certificate-")]) == 1
    assert told["format"] == "handheld-office-export/1"
    print(f"{len(inventory)} things of the inventory told, {len(other.told)} of another person not")


async def test_a_link_opens_once_for_its_person_until_it_ends(doors: Doors, wei: Somebody, drain: Drain) -> None:
    other = await verified_citizen("旁观乙", id_number="440105197001011234", phone="19922220000")
    phone, stranger = await doors.citizen(wei.citizen), await doors.citizen(other)
    export = await asked(phone, drain)
    first = await linked(phone, export)
    assert (await stranger.get(first)).status_code == 404
    assert (await stranger.post(f"/api/v1/me/exports/{export}/link", json={})).status_code == 404
    assert (
        await httpx2.AsyncClient(transport=httpx2.ASGITransport(app=doors.app), base_url="http://o").get(first)
    ).status_code == 401
    second = await linked(phone, export)
    assert (await phone.get(first)).status_code == 404, "a new link voids the former"
    assert (await phone.get(second[:-1] + ("A" if second[-1] != "A" else "B"))).status_code == 404
    assert (await phone.get(second)).status_code == 200
    assert (await phone.get(second)).status_code == 404, "it was used"
    third = await linked(phone, export)
    with clock.moved(timedelta(minutes=61)):
        phone_later = await doors.citizen(wei.citizen)
        assert (await phone_later.get(third)).status_code == 404, "it is over"
    row = await Export.get(id=export)
    assert row.fetched == 1


async def test_of_twenty_fetches_at_once_one_gets_the_file(doors: Doors, wei: Somebody, drain: Drain) -> None:
    import asyncio

    phone = await doors.citizen(wei.citizen)
    url = await linked(phone, await asked(phone, drain))
    answers = await asyncio.gather(*(phone.get(url) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [200] + [404] * 19


async def test_asking_and_linking_need_a_fresh_sign_in(doors: Doors, wei: Somebody, drain: Drain) -> None:
    phone = await doors.citizen(wei.citizen)
    export = await asked(phone, drain)
    await Session.filter(person=wei.citizen.id).update(created_at=clock.now() - timedelta(minutes=10))
    before = await Export.all().count()
    for path in ("/api/v1/me/exports", f"/api/v1/me/exports/{export}/link"):
        refused = await phone.post(path, json={}, headers=key())
        assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")
    assert await Export.all().count() == before


async def test_asking_twice_makes_one(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    made = [(await phone.post("/api/v1/me/exports", json={}, headers=key())).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    answer = await phone.post(f"/api/v1/me/exports/{made[0]}/link", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "export_not_ready")


async def test_the_file_is_sealed_in_the_store_and_gone_after_a_day(doors: Doors, wei: Somebody, drain: Drain) -> None:
    phone = await doors.citizen(wei.citizen)
    export = await asked(phone, drain)
    stored = await storage.get(f"exports/{export}")
    assert b"PK\x03\x04" not in stored
    assert wei.told["name"].encode() not in stored
    with clock.moved(timedelta(hours=25)):
        assert await exports.purge() == 1
        assert await exports.purge() == 0
    with pytest.raises(storage.FileMissing):
        await storage.get(f"exports/{export}")
    assert (await Export.get(id=export)).state == "ended"


async def test_the_person_is_told_when_it_is_ready_and_every_step_is_audited(
    doors: Doors, wei: Somebody, drain: Drain
) -> None:
    phone = await doors.citizen(wei.citizen)
    await phone.get(await linked(phone, await asked(phone, drain)))
    notices = await db.fetch("SELECT kind FROM notify_notice WHERE citizen = $1", wei.citizen.id)
    assert "privacy.export_ready" in {row["kind"] for row in notices}
    acts = await db.fetch("SELECT action FROM kit_audit WHERE action LIKE 'export.%' ORDER BY seq")
    assert [row["action"] for row in acts] == ["export.asked", "export.linked", "export.fetched"]


async def test_who_looked_tells_office_and_purpose_and_comes_in_pages(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    first = (await phone.get("/api/v1/me/lookups?limit=2")).json()
    assert len(first["items"]) == 2
    seen = list(first["items"])
    while first["next_cursor"]:
        first = (await phone.get(f"/api/v1/me/lookups?limit=2&cursor={first['next_cursor']}")).json()
        seen += first["items"]
    assert {look["office"]["zh"] for look in seen} == {"GA局"}
    assert wei.told["who looked, why"] in {look["purpose"] for look in seen}
    assert (await phone.get("/api/v1/me/lookups?cursor=abc")).status_code == 422
    other = await verified_citizen("旁观乙", id_number="440105197001011234", phone="19922220000")
    assert (await (await doors.citizen(other)).get("/api/v1/me/lookups")).json()["items"] == []
    assert await Citizen.exists(id=other.id)
