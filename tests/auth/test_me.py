import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx2
import pytest

from auth import duties, realname
from auth.citizens import masked_name, open_id_number, open_id_of, open_name, open_phone, require_assurance
from auth.documents import check_character
from auth.documents import is_citizen_number as is_valid
from auth.errors import AssuranceTooLow, RealNameUnavailable
from auth.models import Citizen
from kit import clock, config, crypto, db
from kit.crypto import CannotUnseal
from kit.texts import text
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Clerk, Phone

pytestmark = pytest.mark.anyio

NAME, NUMBER = "欧阳晴", "11010519491231002X"
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("digits", "check"), [("11010519491231002", "X"), ("44030819990110151", "2"), ("33010219900307123", "0")]
)
def test_the_check_character_of_gb_11643(digits: str, check: str) -> None:
    assert check_character(digits) == check
    assert is_valid(digits + check, today=TODAY)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # its check character would be X
        "11010120000230001X",  # 30 February
        "31010519491231002X",  # the check of another division
        "11010518991231002X", "1101051949123100", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "", "X" * 18,
        "11010520990101001" + check_character("11010520990101001"),  # not born yet
        "01010519491231002" + check_character("01010519491231002"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_exist_is_not_valid(number: str) -> None:
    assert not is_valid(number, today=TODAY)


@pytest.fixture
async def bearer(phone: Any) -> dict[str, str]:
    handset: Phone = phone("13800000060")
    for number in (NUMBER, "440308199901101512"):
        await handset.sandbox.control_async("/registry", {"name": NAME, "id_number": number})
    return {"authorization": f"Bearer {(await handset.tap()).json()['access_token']}"}


async def verified(door: httpx2.AsyncClient, bearer: dict[str, str], **changes: str) -> httpx2.Response:
    return await door.post("/api/v1/me/real-name", headers=bearer, json={"name": NAME, "id_number": NUMBER} | changes)


async def test_name_and_number_make_a_real_name(door: httpx2.AsyncClient, bearer: dict[str, str]) -> None:
    response = await verified(door, bearer, id_number=NUMBER.lower())
    assert response.status_code == 200
    assert (response.json()["assurance"], response.json()["name_masked"]) == ("real_name", "欧*晴")
    person = await Citizen.get()
    assert (open_name(person), open_id_number(person), open_phone(person)) == (NAME, NUMBER, "13800000060")
    assert (await verified(door, bearer)).json() == response.json()
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'citizen.real_name_verified'") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_number": "110105194912310021"}, "id_number_invalid"), ({"id_number": "11010120000230001X"}, "id_number_invalid"),
        ({"id_number": "123"}, "invalid_request"), ({"name": "<b>"}, "invalid_request"), ({"name": "王"}, "invalid_request"),
        ({"name": "王\u202e伟"}, "invalid_request"), ({"assurance": "face"}, "invalid_request"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_without_repeating_it(
    door: httpx2.AsyncClient, bearer: dict[str, str], changes: dict[str, str], code: str
) -> None:
    response = await verified(door, bearer, **changes)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert all(value not in response.text for value in changes.values())
    person = await Citizen.get()
    assert (person.assurance, person.name_sealed, person.id_number_index) == ("phone", None, None)


async def test_one_number_is_one_account(phone: Any, door: httpx2.AsyncClient, bearer: dict[str, str]) -> None:
    await verified(door, bearer)
    other = {"authorization": f"Bearer {(await phone('13800000061').tap()).json()['access_token']}"}
    response = await verified(door, other)
    assert (response.status_code, response.json()["code"]) == (409, "real_name_held_elsewhere")
    assert await Citizen.filter(assurance="real_name").count() == 1


async def test_ten_accounts_racing_for_one_number_leave_one_owner(phone: Any, door: httpx2.AsyncClient) -> None:
    bearers = [
        {"authorization": f"Bearer {(await phone(f'1390000000{n}').tap()).json()['access_token']}"} for n in range(10)
    ]
    answers = await asyncio.gather(*(verified(door, b) for b in bearers))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert await Citizen.filter(assurance="real_name").count() == 1


async def test_a_verified_account_does_not_become_somebody_else(
    door: httpx2.AsyncClient, bearer: dict[str, str]
) -> None:
    await verified(door, bearer)
    response = await verified(door, bearer, id_number="440308199901101512")
    assert (response.status_code, response.json()["code"]) == (409, "already_verified")
    assert open_id_number(await Citizen.get()) == NUMBER


async def test_production_without_a_checking_office_refuses(door: httpx2.AsyncClient, bearer: dict[str, str]) -> None:
    now = config.current(OfficeSettings)
    demo_key = now.data_dir / "token-key.json"
    assert demo_key.exists()
    person = await Citizen.get()
    config._installed[:] = [now.model_copy(update={"env": "production", "attestation_secret_id": ""})]
    with pytest.raises(RealNameUnavailable):
        await realname.verify(person, realname.Claimed(NAME, NUMBER))
    assert (await Citizen.get()).assurance == "phone"


async def test_personal_data_is_not_readable_in_the_rows_nor_moved_to_another(
    door: httpx2.AsyncClient, bearer: dict[str, str], phone: Any
) -> None:
    await verified(door, bearer)
    rows = await db.fetch("SELECT to_jsonb(t)::text || encode(name_sealed, 'escape') AS row FROM auth_citizen t")
    assert all(secret not in rows[0]["row"] for secret in (NAME, NUMBER, "13800000060"))
    victim = await Citizen.get()
    thief = Citizen(id=UUID(int=7), name_sealed=victim.name_sealed)
    with pytest.raises(CannotUnseal):
        open_name(thief)


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(("name", "masked"), [("王伟", "王*"), ("欧阳晴", "欧*晴"), ("买买提·艾力", "买****力")])
def test_a_masked_name_keeps_the_first_and_the_last(name: str, masked: str) -> None:
    person = Citizen(id=UUID(int=1))
    person.name_sealed = crypto.seal(name, bound_to=f"auth_citizen.name:{person.id}")
    assert masked_name(person) == masked


async def test_preferences_are_kept(door: httpx2.AsyncClient, bearer: dict[str, str]) -> None:
    changed = await door.patch("/api/v1/me", headers=bearer, json={"elder_mode": True, "locale": "en"})
    assert (changed.json()["elder_mode"], changed.json()["locale"]) == (True, "en")
    assert (await door.get("/api/v1/me", headers=bearer)).json() == changed.json()
    for body in ({"locale": "fr"}, {"assurance": "face"}, {"phone": "13900000000"}, {"elder_mode": "maybe"}):
        assert (await door.patch("/api/v1/me", headers=bearer, json=body)).status_code == 422
    assert (await door.get("/api/v1/me", headers=bearer)).json() == changed.json()


async def test_without_a_token_there_is_no_profile(door: httpx2.AsyncClient) -> None:
    response = await door.get("/api/v1/me")
    assert (response.status_code, response.json()["code"]) == (401, "token_missing")
    assert response.headers["www-authenticate"] == "Bearer"
    for given in ("Bearer x.y.z", "Basic eDp5", "bearer"):
        assert (await door.get("/api/v1/me", headers={"authorization": given})).status_code == 401
    assert (await door.get("/api/v1/me?access_token=x")).status_code == 401


async def test_staff_do_not_use_the_citizens_doors(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    from auth import sessions, tokens

    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device="d")
    token = tokens.access_token(
        person=clerk.member.id, kind="staff", roles=frozenset({"clerk"}), session=opened.session.id
    )
    bearer = {"authorization": f"Bearer {token.text}"}
    assert (await door.patch("/api/v1/me", headers=bearer, json={})).status_code == 403
    assert (await verified(door, bearer)).status_code == 403


async def test_staff_see_their_duties_with_the_names_of_the_items(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    from auth import sessions, tokens
    from auth.models import Duty

    await Duty.create(staff=clerk.member, item_code="000109101001", region_code="440105000000", role="owner")

    async def names(codes: Any) -> Any:
        return {code: text("居民身份证遗失补领") for code in codes}

    duties.install_item_names(names)
    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device="d")
    token = tokens.access_token(
        person=clerk.member.id, kind="staff", roles=frozenset({"clerk"}), session=opened.session.id
    )
    told = (await door.get("/api/v1/me", headers={"authorization": f"Bearer {token.text}"})).json()
    assert told["duties"] == [
        {
            "item": "000109101001", "item_name": {"zh": "居民身份证遗失补领", "en": None}, "region": "440105000000",
            "role": "owner",
        }
    ]  # fmt: skip


async def test_our_public_keys_are_published(door: httpx2.AsyncClient) -> None:
    (key,) = (await door.get("/.well-known/jwks.json")).json()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")
    assert "d" not in key


async def test_the_ladder_of_assurance_is_climbed_not_jumped(phone: Any) -> None:
    handset: Phone = phone("13800000062")
    await handset.tap()
    person = await Citizen.get()
    require_assurance(person, "platform")
    require_assurance(person, "phone")
    for needed in ("real_name", "face"):
        with pytest.raises(AssuranceTooLow) as refusal:
            require_assurance(person, needed)
        assert refusal.value.extra == {"required": needed}
    assert await open_id_of(person.id, platform="wechat") == handset.openid
    assert await open_id_of(person.id, platform="alipay") is None
    assert clock.now() >= person.created_at
