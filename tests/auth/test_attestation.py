"""Names by the register, documents by staff, faces by their office: never by what the phone says."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth import reading
from auth.attestation import office
from auth.attestation.models import FaceCheck, NameClaim, RealNameRecord
from auth.citizens import open_id_number
from auth.documents import check_character
from auth.models import Citizen, Department, Region, Session
from auth.privacy import consents
from auth.privacy.notices import present
from auth.sessions import open_session
from auth.staff import add_staff
from auth.tokens import access_token
from kit import clock, config, db
from kit.web import Actor
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Clerk, Phone

pytestmark = pytest.mark.anyio
DISTRICT, NEXT_DOOR = "440105000000", "440106000000"
NAME, NUMBER = "欧阳晴", "11010519491231002X"
PERMIT = "81000019900307123" + check_character("81000019900307123")
CARD = "91156219900307123" + check_character("91156219900307123")


class Asker:
    def __init__(self, handset: Phone, token: str) -> None:
        self.handset, self.door, self.bearer = handset, handset.door, {"authorization": f"Bearer {token}"}

    async def post(self, path: str, **body: Any) -> httpx2.Response:
        return await self.door.post(f"/api/v1{path}", json=body, headers=self.bearer)

    async def level(self) -> str:
        return str((await self.door.get("/api/v1/me", headers=self.bearer)).json()["assurance"])

    async def shows_face(self, token: str, *, passes: bool = True) -> None:
        await self.handset.sandbox.control_async("/faces", {"token": token, "passes": passes})


async def arrived(handset: Phone) -> Asker:
    return Asker(handset, (await handset.tap()).json()["access_token"])


@pytest.fixture
async def asker(phone: Any) -> Asker:
    handset: Phone = phone("13500000001")
    for number in (NUMBER, PERMIT, CARD):
        await handset.sandbox.control_async("/registry", {"name": NAME, "id_number": number})
    return await arrived(handset)


async def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("number", "document"), [(NUMBER, "resident_id"), (PERMIT, "hmt_residence"), (CARD, "foreign_residence")]
)
async def test_the_register_verifies_residents_compatriots_and_foreigners(
    asker: Asker, number: str, document: str
) -> None:
    answer = await asker.post("/me/real-name", name=NAME, id_number=number, document=document)
    assert (answer.status_code, answer.json()["assurance"], answer.json()["claim"]) == (200, "real_name", None)
    assert (open_id_number(await Citizen.get()), (await RealNameRecord.get()).by) == (number, "register")


async def test_another_name_and_an_unknown_number_are_told_apart_and_change_nothing(asker: Asker) -> None:
    other = await asker.post("/me/real-name", name="张三", id_number=NUMBER)
    unknown = await asker.post("/me/real-name", name=NAME, id_number="440106190102039877")
    wrong_kind = await asker.post("/me/real-name", name=NAME, id_number=NUMBER, document="hmt_residence")
    assert [await problem(a) for a in (other, unknown, wrong_kind)] == [
        (422, "name_disagrees"), (409, "name_not_on_file"), (422, "id_number_invalid"),
    ]  # fmt: skip
    assert all(NUMBER not in a.text for a in (other, wrong_kind))
    assert ((await Citizen.get()).assurance, await RealNameRecord.all().count()) == ("phone", 0)


@pytest.mark.parametrize("kind", ["http_500", "drop"])
async def test_a_register_that_does_not_answer_is_told_as_such(asker: Asker, kind: str) -> None:
    await asker.handset.sandbox.control_async("/faults", {"where": "name", "kind": kind, "rate": 1.0})
    assert await problem(await asker.post("/me/real-name", name=NAME, id_number=NUMBER)) == (
        503,
        "real_name_unavailable",
    )
    assert (await Citizen.get()).assurance == "phone"


async def test_names_are_not_guessed_at_the_registers_cost(asker: Asker) -> None:
    answers = [await asker.post("/me/real-name", name=f"张{n}三", id_number=NUMBER) for n in "一二四五六七"]
    assert [a.status_code for a in answers] == [422] * 5 + [429]


# Documents that staff judge


@pytest.fixture
def name_desk(asker: Asker, clerk: Clerk) -> Clerk:
    """A clerk whose department judges names."""
    config.install(config.current(OfficeSettings).model_copy(update={"name_departments": "RS, GA"}))
    return clerk


async def staff_bearer(member: UUID, role: str = "clerk") -> dict[str, str]:
    async with db.transaction():
        opened = await open_session(kind="staff", person=member, device="d")
    token = access_token(person=member, kind="staff", roles=frozenset({role}), session=opened.session.id)
    return {"authorization": f"Bearer {token.text}"}


async def colleague(username: str, *, region: str, department: str, role: str = "clerk") -> dict[str, str]:
    """Another member of staff, whose department may be new."""
    if not await Department.exists(code=department):
        await Department.create(code=department, name={"zh": department}, region_code=region)
    made = await add_staff(username, name="某某", roles=[role], department=department)
    return await staff_bearer(made.staff_id, role)


PASSPORT = {"name": "Emily Carter", "id_number": "e12345678", "document": "passport"}
CLAIMS = "/api/v1/desk/name-claims"


async def test_a_passport_waits_for_staff_and_is_accepted_once(asker: Asker, name_desk: Clerk) -> None:
    claimed = (await asker.post("/me/real-name", **PASSPORT)).json()
    assert (claimed["assurance"], claimed["claim"]["state"]) == ("phone", "waiting")
    assert (await asker.post("/me/real-name", **PASSPORT)).status_code == 200
    assert await NameClaim.all().count() == 1
    assert await problem(await asker.post("/me/real-name", **PASSPORT | {"id_number": "E99999999"})) == (
        409,
        "name_claim_waiting",
    )
    bearer = await staff_bearer(name_desk.member.id)
    (row,) = (await asker.door.get(CLAIMS, headers=bearer)).json()["items"]
    path = f"{CLAIMS}/{row['id']}/decision"
    answers = await asyncio.gather(*(asker.door.post(path, json={"accept": True}, headers=bearer) for _ in range(5)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 4
    assert await asker.level() == "real_name"
    assert (await RealNameRecord.get()).by == f"staff:{name_desk.member.id}"


async def test_a_number_is_masked_in_the_list_and_clear_for_who_opens_what_waits(
    asker: Asker, name_desk: Clerk
) -> None:
    await asker.post("/me/real-name", **PASSPORT)
    bearer = await staff_bearer(name_desk.member.id)
    listed = await asker.door.get(CLAIMS, headers=bearer)
    (row,) = listed.json()["items"]
    told = (row["name_masked"], row["number_masked"], row["photos"], listed.json()["yours"])
    assert told == ("E**** C*****", "E******78", 0, True)
    assert "E12345678" not in listed.text and "Emily" not in listed.text
    reads = "SELECT actor, detail->>'purpose' AS why FROM kit_audit WHERE action = 'name_claim.read'"
    assert await db.fetch(reads) == []
    opened = (await asker.door.get(f"{CLAIMS}/{row['id']}", headers=bearer)).json()
    assert (opened["name"], opened["id_number"]) == ("Emily Carter", "E12345678")
    assert [tuple(r.values()) for r in await db.fetch(reads)] == [(f"staff:{name_desk.member.id}", "verification")]
    decided = await asker.door.post(f"{CLAIMS}/{row['id']}/decision", json={"accept": True}, headers=bearer)
    after = await asker.door.get(f"{CLAIMS}/{row['id']}", headers=bearer)
    for answer in (decided, after):
        assert (answer.json()["name"], answer.json()["id_number"], answer.json()["state"]) == (None, None, "accepted")
        assert "E12345678" not in answer.text
    assert [r["id"] for r in (await asker.door.get(f"{CLAIMS}?state=accepted", headers=bearer)).json()["items"]] == [
        row["id"]
    ]
    assert (await asker.door.get(CLAIMS, headers=bearer)).json()["items"] == []


async def test_only_the_desks_department_in_its_region_gets_at_a_claim(asker: Asker, name_desk: Clerk) -> None:
    for code, above in (("440100000000", None), (DISTRICT, "440100000000"), (NEXT_DOOR, "440100000000")):
        await Region.create(code=code, name={"zh": code}, level="district", parent_code=above)
    await asker.post("/me/real-name", **PASSPORT, region=DISTRICT)
    (id_,) = await NameClaim.all().values_list("id", flat=True)
    judges = [
        await staff_bearer(name_desk.member.id),
        await colleague("ga.s", department="GA", region="", role="supervisor"),
    ]
    for bearer in judges:
        assert [r["id"] for r in (await asker.door.get(CLAIMS, headers=bearer)).json()["items"]] == [str(id_)]
    others = [
        await colleague("tax.a", region=DISTRICT, department="TAX"),
        await colleague("rs.a", region=NEXT_DOOR, department="RS"),
    ]
    for bearer in others:
        assert (await asker.door.get(CLAIMS, headers=bearer)).json()["items"] == []
        asked = [
            await asker.door.get(f"{CLAIMS}/{id_}", headers=bearer),
            await asker.door.post(f"{CLAIMS}/{id_}/decision", json={"accept": True}, headers=bearer),
        ]
        assert [await problem(a) for a in asked] == [(404, "not_found")] * 2
    yours = [(await asker.door.get(CLAIMS, headers=bearer)).json()["yours"] for bearer in others]
    assert yours == [False, True]
    assert (await NameClaim.get()).state == "waiting"
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action LIKE 'name_claim.read'") == 0
    finance = await colleague("ga.f", region="", department="GA", role="finance")
    assert (await asker.door.get(CLAIMS, headers=finance)).status_code == 403


async def test_claims_are_not_carried_away_by_the_dozen(asker: Asker, name_desk: Clerk) -> None:
    config.install(config.current(OfficeSettings).model_copy(update={"people_read_per_hour": 2}))
    await asker.post("/me/real-name", **PASSPORT)
    mine = await NameClaim.get()
    bearer = await staff_bearer(name_desk.member.id)
    for _ in range(2):
        await reading.let_read(Actor(name_desk.member.id, "staff", frozenset({"clerk"})), uuid4())
    refused = await asker.door.get(f"{CLAIMS}/{mine.id}", headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_people_read")
    assert "E12345678" not in refused.text
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'name_claim.read'") == 0


async def test_an_unknown_place_is_refused_and_nothing_is_claimed(asker: Asker) -> None:
    refused = await asker.post("/me/real-name", **PASSPORT, region="999999000000")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "region")
    assert await NameClaim.all().count() == 0


async def test_a_refusal_needs_a_reason_and_the_old_foreigners_card_goes_to_staff(
    asker: Asker, name_desk: Clerk
) -> None:
    card = {"name": "Emily Carter", "id_number": "USA110090030712", "document": "foreign_residence"}
    claim = (await asker.post("/me/real-name", **card)).json()["claim"]
    assert claim["state"] == "waiting"
    bearer, id_ = await staff_bearer(name_desk.member.id), (await NameClaim.get()).id
    path = f"/api/v1/desk/name-claims/{id_}/decision"
    assert (await asker.door.post(path, json={"accept": False}, headers=bearer)).status_code == 422
    refused = await asker.door.post(path, json={"accept": False, "reason": "照片不清"}, headers=bearer)
    assert refused.json()["state"] == "refused"
    told = (await asker.door.get("/api/v1/me/real-name", headers=asker.bearer)).json()["claim"]
    assert (told["state"], told["reason"], await asker.level()) == ("refused", "照片不清", "phone")


async def test_citizens_see_no_claims_and_missing_ones_are_not_there(asker: Asker, name_desk: Clerk) -> None:
    assert (await asker.door.get("/api/v1/desk/name-claims", headers=asker.bearer)).status_code == 403
    bearer = await staff_bearer(name_desk.member.id)
    assert (await asker.door.get(f"/api/v1/desk/name-claims/{uuid4()}", headers=bearer)).status_code == 404


# Faces


async def verified(asker: Asker) -> Asker:
    assert (await asker.post("/me/real-name", name=NAME, id_number=NUMBER)).status_code == 200
    for person in await Citizen.all():
        actor = Actor(person.id, "citizen", frozenset({"citizen"}))
        await consents.say(actor, "face", given=True, version=present().version)
    return asker


async def test_a_face_is_not_checked_without_the_persons_own_consent(asker: Asker) -> None:
    await asker.post("/me/real-name", name=NAME, id_number=NUMBER)
    refused = await asker.post("/me/face")
    assert (refused.status_code, refused.json()["code"], refused.json()["purpose"]) == (403, "consent_needed", "face")
    assert await FaceCheck.all().count() == 0


async def test_a_face_counts_once_its_office_says_so_and_in_this_session_alone(asker: Asker) -> None:
    await verified(asker)
    opened = (await asker.post("/me/face")).json()
    assert opened["client"]["url"].endswith(opened["client"]["biz_token"])
    path = f"/me/face/{opened['session']}"
    assert await problem(await asker.post(path)) == (409, "face_not_done")
    assert await problem(await asker.post(path, passed=True)) == (409, "face_not_done")  # the client's word
    await asker.shows_face(opened["client"]["biz_token"])
    done = await asker.post(path)
    assert (done.status_code, done.json()["assurance"], await asker.level()) == (200, "face", "face")
    assert (await asker.post(path)).json()["assurance"] == "face"
    assert (await Citizen.get()).assurance == "real_name"
    assert await (await arrived(asker.handset)).level() == "real_name"


async def test_another_face_and_another_session_do_not_pass(asker: Asker) -> None:
    await verified(asker)
    opened = (await asker.post("/me/face")).json()
    await asker.shows_face(opened["client"]["biz_token"], passes=False)
    other = await arrived(asker.handset)
    assert await problem(await other.post(f"/me/face/{opened['session']}")) == (404, "not_found")
    for _ in range(2):
        assert await problem(await asker.post(f"/me/face/{opened['session']}")) == (403, "face_failed")
    assert await asker.level() == "real_name"
    assert await FaceCheck.filter(state="failed").count() == 1


async def test_without_a_name_there_is_no_face_and_a_late_check_is_gone(asker: Asker) -> None:
    refused = await asker.post("/me/face")
    assert (await problem(refused), refused.json()["required"]) == ((403, "assurance_too_low"), "real_name")
    await verified(asker)
    opened = (await asker.post("/me/face")).json()
    await asker.shows_face(opened["client"]["biz_token"])
    await FaceCheck.all().update(expires_at=clock.now() - timedelta(seconds=1))
    assert await problem(await asker.post(f"/me/face/{opened['session']}")) == (404, "not_found")


async def test_a_check_opened_for_another_person_is_no_pass(asker: Asker) -> None:
    """The office's answer names whom it checked: another name or number is a failure, not a pass."""
    await verified(asker)
    opened = (await asker.post("/me/face")).json()
    await asker.shows_face(opened["client"]["biz_token"])
    person = await Citizen.get()
    assert open_id_number(person) == NUMBER
    for name, number in (("李志强", NUMBER), (NAME, PERMIT)):
        assert await office().face_result(opened["client"]["biz_token"], name=name, number=number) == "failed"


async def test_asked_by_ten_at_once_it_is_decided_once(asker: Asker) -> None:
    await verified(asker)
    opened = (await asker.post("/me/face")).json()
    await asker.shows_face(opened["client"]["biz_token"])
    answers = await asyncio.gather(*(asker.post(f"/me/face/{opened['session']}") for _ in range(10)))
    assert {a.status_code for a in answers} == {200}
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'citizen.face_passed'") == 1


async def test_a_face_or_a_code_to_the_own_number_is_a_fresh_proof(asker: Asker) -> None:
    await verified(asker)
    await Session.all().update(created_at=clock.now() - timedelta(hours=1), proved_at=None)
    assert await problem(await asker.post("/me/merge-codes")) == (403, "fresh_sign_in_required")
    opened = (await asker.post("/me/face")).json()
    early = await asker.post("/auth/step-up", face=opened["session"])
    assert (early.status_code, early.json()["because"]) == (403, "face_not_done")
    await asker.shows_face(opened["client"]["biz_token"])
    assert (await asker.post("/auth/step-up", face=opened["session"])).status_code == 200
    assert (await asker.post("/me/merge-codes")).status_code == 201
    await Session.all().update(proved_at=None)
    await FaceCheck.all().update(decided_at=clock.now() - timedelta(minutes=6))
    assert await problem(await asker.post("/auth/step-up", face=opened["session"])) == (403, "step_up_refused")
    sent = (await asker.post("/auth/sms-codes", purpose="step_up")).json()
    code = (await asker.handset.sandbox.control_async("/texts?phone=13500000001"))["texts"][0]["values"][0]
    wrong = await asker.post("/auth/step-up", flow=sent["flow"], code=f"{(int(code) + 1) % 10**6:06d}")
    assert (wrong.status_code, wrong.json()["because"]) == (403, "sms_code_wrong")
    assert (await asker.post("/auth/step-up", flow=sent["flow"], code=code)).status_code == 200
    assert await problem(await asker.post("/auth/step-up", flow=sent["flow"], code=code)) == (403, "step_up_refused")
    assert (await asker.post("/me/merge-codes")).status_code == 201
