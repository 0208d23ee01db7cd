"""A document that staff judge, with photographs of it: held while it waits, shown to its desk, let go when decided."""

import pytest
from pydantic import SecretStr

from auth.attestation.models import NameClaim
from auth.models import Citizen
from kit import config, db
from mobileapi.settings import OfficeSettings
from tests.auth.privacy.conftest import Doors
from tests.materials import pictures
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
PASSPORT = {"name": "Emily Carter", "id_number": "E12345678", "document": "passport"}
REGISTER = {"attestation_secret_id": "asked-about-no-passport", "attestation_secret_key": SecretStr("x")}
USES = "SELECT count(*) FROM materials_use WHERE used_by = $1"


@pytest.fixture(autouse=True)
def _a_register_that_knows_no_passports(doors: Doors) -> None:
    config.install(config.current(OfficeSettings).model_copy(update=REGISTER))


async def arrived(phone: str = "13800138000") -> Citizen:
    """Somebody without a real name."""
    return await verified_citizen(phone=phone, assurance="phone")


async def test_photographs_are_shown_beside_the_claim_until_it_is_decided(doors: Doors) -> None:
    phone, desk = await doors.citizen(await arrived()), await doors.staff(doors.data_desk)
    sent = await phone.post("/api/v1/uploads", files={"file": ("p.jpg", pictures.encoded(pictures.page()))})
    photo = sent.json()["id"]
    answer = await phone.post("/api/v1/me/real-name", json=PASSPORT | {"uploads": [photo, photo]})
    assert answer.json()["claim"]["state"] == "waiting"
    claim = await NameClaim.get()
    opened = (await desk.get(f"/api/v1/desk/name-claims/{claim.id}")).json()
    assert ([p["id"] for p in opened["papers"]], opened["photos"], opened["id_number"]) == ([photo], 1, "E12345678")
    assert (await desk.get(opened["papers"][0]["url"])).headers["content-type"] == "image/jpeg"
    looks = (await phone.get("/api/v1/me/lookups")).json()["items"]
    assert [look["what"]["zh"] for look in looks] == ["查看证件申请"]
    body = {"accept": False, "reason": "照片不清"}
    refused = await desk.post(f"/api/v1/desk/name-claims/{claim.id}/decision", json=body)
    assert (refused.json()["state"], refused.json()["papers"]) == ("refused", [])
    assert await db.fetch_value(USES, f"name_claim:{claim.id}") == 0


async def test_somebody_elses_photograph_proves_nothing(doors: Doors) -> None:
    phone, stranger = await doors.citizen(await arrived()), await doors.citizen(await arrived("13800138001"))
    sent = await stranger.post("/api/v1/uploads", files={"file": ("p.jpg", pictures.encoded(pictures.page()))})
    refused = await phone.post("/api/v1/me/real-name", json=PASSPORT | {"uploads": [sent.json()["id"]]})
    assert refused.status_code == 422
    assert await NameClaim.all().count() == 0
