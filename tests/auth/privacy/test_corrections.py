"""Corrections: asked with words and papers, judged by the data desk within 15 working days, followed by the person."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from auth import realname
from auth.attestation import faces
from auth.attestation.models import FaceCheck
from auth.models import Citizen, Session
from auth.privacy.models import CorrectionRequest
from auth.realname import Claimed
from kit import clock, db, workdays
from kit.web import Actor
from tests.applications.office import key
from tests.auth.privacy.conftest import Doors
from tests.materials import pictures
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
WISH = {"field": "name", "wanted": "欧阳清", "why": "名字录错了"}
Drain = Callable[[], Awaitable[None]]


async def asked(phone: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await phone.post("/api/v1/me/corrections", json=WISH | changes, headers=key())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decided(desk: httpx2.AsyncClient, id_: str, **body: Any) -> httpx2.Response:
    return await desk.post(f"/api/v1/desk/corrections/{id_}/decision", json=body, headers=key())


async def test_the_desk_has_fifteen_working_days_and_sees_what_is_kept_now(doors: Doors) -> None:
    person = await verified_citizen()
    phone, desk = await doors.citizen(person), await doors.staff(doors.data_desk)
    photo = await phone.post("/api/v1/uploads", files={"file": ("p.jpg", pictures.encoded(pictures.page()))})
    made = await asked(phone, uploads=[photo.json()["id"]])
    due = (await workdays.calendar()).add_workdays(clock.today(), 15)
    assert (made["state"], made["due_on"]) == ("asked", due.isoformat())
    rows = (await desk.get("/api/v1/desk/corrections")).json()["items"]
    assert [(r["id"], r["citizen_masked"], r["overdue"]) for r in rows] == [(made["id"], "欧*晴", False)]
    shown = (await desk.get(f"/api/v1/desk/corrections/{made['id']}")).json()
    assert (shown["wanted"], shown["why"], shown["present"]) == ("欧阳清", "名字录错了", "欧阳晴")
    assert (await desk.get(shown["papers"][0]["url"])).headers["content-type"] == "image/jpeg"
    read = await db.fetch("SELECT actor FROM kit_audit WHERE action = 'correction.read'")
    assert [row["actor"] for row in read] == [f"staff:{doors.data_desk}"]
    looks = (await phone.get("/api/v1/me/lookups")).json()["items"]
    assert [look["what"]["zh"] for look in looks] == ["查看更正申请"]


async def test_an_approved_name_is_verified_again_not_written_in(doors: Doors, drain: Drain) -> None:
    person = await verified_citizen()
    phone, desk = await doors.citizen(person), await doors.staff(doors.data_desk)
    made = await asked(phone)
    answer = await decided(desk, made["id"], approve=True, reason="已核对户口簿")
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    now = await Citizen.get(id=person.id)
    assert (now.name_sealed, now.id_number_index, now.assurance) == (None, None, "phone")
    mine = (await phone.get("/api/v1/me/corrections")).json()["items"][0]
    assert (mine["state"], mine["reason"]) == ("approved", "已核对户口簿")
    await drain()
    told = await db.fetch("SELECT link FROM notify_notice WHERE kind = 'privacy.correction'")
    assert [row["link"] for row in told] == ["sub/account/verify"]
    profile = (await phone.get("/api/v1/me")).json()
    assert (profile["assurance"], profile["name_masked"]) == ("phone", None)


async def test_a_face_that_was_shown_for_a_corrected_name_counts_no_more(doors: Doors) -> None:
    """Whoever verifies another name in the same session shows another face."""
    person = await verified_citizen()
    phone, desk = await doors.citizen(person), await doors.staff(doors.data_desk)
    session = await Session.filter(person=person.id).order_by("-created_at").first()
    assert session is not None
    now = clock.now()
    await FaceCheck.create(
        citizen=person.id, session=session.id, state="passed", created_at=now, expires_at=now, decided_at=now,
        reference_sealed=b"",
    )  # fmt: skip
    me = Actor(person.id, "citizen", frozenset({"citizen"}), session=str(session.id))
    assert await faces.level_of(me) == "face"
    assert (await decided(desk, (await asked(phone))["id"], approve=True, reason="已核对户口簿")).status_code == 200
    another = Claimed("李志强", "440105197903259314")
    await realname.record(await Citizen.get(id=person.id), another, by=realname.BY_REGISTER, actor=me.name)
    assert await faces.level_of(me) == "real_name"


async def test_a_refusal_says_why_and_changes_nothing(doors: Doors) -> None:
    person = await verified_citizen()
    phone, desk = await doors.citizen(person), await doors.staff(doors.data_desk)
    made = await asked(phone)
    assert (await decided(desk, made["id"], approve=False, reason="与户籍一致")).json()["state"] == "refused"
    assert (await decided(desk, made["id"], approve=False, reason="与户籍一致")).status_code == 200, "the same again"
    other = await decided(desk, made["id"], approve=True, reason="改主意了")
    assert (other.status_code, other.json()["code"]) == (409, "correction_decided")
    assert (await Citizen.get(id=person.id)).assurance == "real_name"
    assert (await decided(desk, made["id"], approve=True, reason="")).status_code == 422


async def test_other_departments_and_other_people_find_nothing(doors: Doors) -> None:
    phone = await doors.citizen(await verified_citizen())
    made = await asked(phone)
    clerk = await doors.staff(doors.owner)
    other = await doors.citizen(await verified_citizen("旁观乙", id_number="440105197001011234", phone="19922220000"))
    assert (await clerk.get("/api/v1/desk/corrections")).json()["items"] == []
    assert (await clerk.get(f"/api/v1/desk/corrections/{made['id']}")).status_code == 404
    assert (await decided(clerk, made["id"], approve=True, reason="不归我管")).status_code == 404
    assert (await other.delete(f"/api/v1/me/corrections/{made['id']}")).status_code == 404
    assert (await CorrectionRequest.get(id=made["id"])).state == "asked"


async def test_one_correction_of_a_field_at_a_time_and_it_can_be_taken_back(doors: Doors) -> None:
    phone = await doors.citizen(await verified_citizen())
    made = await asked(phone)
    twice = await phone.post("/api/v1/me/corrections", json=WISH, headers=key())
    assert (twice.status_code, twice.json()["code"]) == (409, "correction_waiting")
    for _ in range(2):
        assert (await phone.delete(f"/api/v1/me/corrections/{made['id']}")).json()["state"] == "withdrawn"
    assert (await asked(phone))["state"] == "asked"
