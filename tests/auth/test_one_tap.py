import asyncio
from typing import Any

import httpx2
import pytest

from auth import binding, platforms
from auth.binding import Tap, bind
from auth.errors import AccountBoundElsewhere
from auth.models import Citizen, PlatformIdentity, Session
from auth.platforms.base import PlatformPerson
from auth.platforms.wechat import WeChat
from kit import audit, clock, config, db
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Phone, citizens
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio


async def refused(response: httpx2.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await citizens() == 0
    assert await PlatformIdentity.all().count() == 0
    assert await Session.all().count() == 0


async def test_one_tap_makes_an_account_and_tokens(phone: Any, door: httpx2.AsyncClient) -> None:
    response = await phone("13800000001").tap()
    assert response.status_code == 200
    told = response.json()
    assert told["is_new"] is True
    assert told["token_type"] == "Bearer"
    assert told["expires_in"] == 900
    assert told["citizen"] == {
        "id": told["citizen"]["id"], "phone_masked": "138****0001", "name_masked": None, "assurance": "phone",
    }  # fmt: skip
    me = await door.get("/api/v1/me", headers={"authorization": f"Bearer {told['access_token']}"})
    assert me.json() == told["citizen"] | {"kind": "citizen", "locale": "zh-CN", "elder_mode": False}


async def test_the_same_person_returns_to_the_same_account(phone: Any) -> None:
    handset: Phone = phone("13800000002")
    first = (await handset.tap()).json()
    for with_phone in (True, False):
        again = (await handset.tap(with_phone=with_phone)).json()
        assert again["is_new"] is False
        assert again["citizen"] == first["citizen"]
    assert await citizens() == 1


async def test_without_a_phone_code_a_new_person_is_known_by_the_platform_only(phone: Any) -> None:
    handset: Phone = phone("13800000003")
    first = (await handset.tap(with_phone=False)).json()
    assert (first["citizen"]["assurance"], first["citizen"]["phone_masked"]) == ("platform", None)
    later = (await handset.tap()).json()
    assert later["citizen"] == first["citizen"] | {"assurance": "phone", "phone_masked": "138****0003"}
    assert await citizens() == 1


async def test_a_login_code_works_once(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000004")
    codes = await handset.codes()
    first = await door.post("/api/v1/auth/one-tap", json={"platform": "wechat", "login_code": codes["login_code"]})
    assert first.status_code == 200
    again = await door.post("/api/v1/auth/one-tap", json={"platform": "wechat", "login_code": codes["login_code"]})
    assert (again.status_code, again.json()["code"]) == (401, "login_code_invalid")
    assert await Session.all().count() == 1


async def test_a_phone_code_works_once(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000005")
    codes, fresh = await handset.codes(), await handset.codes()
    used = await door.post("/api/v1/auth/one-tap", json={"platform": "wechat"} | codes)
    assert used.status_code == 200
    again = {"platform": "wechat", "login_code": fresh["login_code"], "phone_code": codes["phone_code"]}
    response = await door.post("/api/v1/auth/one-tap", json=again)
    assert (response.status_code, response.json()["code"]) == (401, "phone_code_invalid")
    assert await Session.all().count() == 1


async def test_swapped_codes_are_refused(phone: Any, door: httpx2.AsyncClient) -> None:
    codes = await phone("13800000006").codes()
    swapped = {"platform": "wechat", "login_code": codes["phone_code"], "phone_code": codes["login_code"]}
    await refused(await door.post("/api/v1/auth/one-tap", json=swapped), 401, "login_code_invalid")


async def test_a_login_code_in_place_of_the_phone_code_is_refused(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000007")
    body = {"platform": "wechat"} | await handset.codes()
    body["phone_code"] = (await handset.codes())["login_code"]
    await refused(await door.post("/api/v1/auth/one-tap", json=body), 401, "phone_code_invalid")


async def test_codes_older_than_five_minutes_are_refused(
    phone: Any, door: httpx2.AsyncClient, wechat: SandboxServer
) -> None:
    codes = await phone("13800000008").codes()
    await wechat.control_async("/clock", {"offset_s": 301})
    await refused(
        await door.post("/api/v1/auth/one-tap", json={"platform": "wechat"} | codes), 401, "login_code_invalid"
    )


async def test_codes_of_another_app_are_refused(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000009")
    foreign, own = await handset.codes(appid="wx0000000000foreign"), await handset.codes()
    body = {"platform": "wechat"} | foreign
    await refused(await door.post("/api/v1/auth/one-tap", json=body), 401, "login_code_invalid")
    body["login_code"] = own["login_code"]
    await refused(await door.post("/api/v1/auth/one-tap", json=body), 401, "phone_code_invalid")


async def test_another_persons_phone_code_is_refused(phone: Any, door: httpx2.AsyncClient) -> None:
    mine, theirs = await phone("13800000010").codes(), await phone("13800000011").codes()
    body = {"platform": "wechat", "login_code": mine["login_code"], "phone_code": theirs["phone_code"]}
    await refused(await door.post("/api/v1/auth/one-tap", json=body), 401, "phone_code_invalid")


@pytest.mark.parametrize("field", ["openid", "open_id", "user_id", "phone", "citizen"])
async def test_an_identity_in_the_body_is_refused(phone: Any, field: str) -> None:
    await refused(await phone("13800000012").tap(**{field: "13900000000"}), 422, "invalid_request")


async def test_a_high_risk_login_is_refused_with_the_platforms_meaning(phone: Any) -> None:
    await refused(await phone("13800000013", high_risk=True).tap(), 403, "login_refused_by_platform")


async def test_a_platform_that_is_not_offered_says_so(phone: Any) -> None:
    await refused(await phone("13800000014").tap(platform="alipay"), 422, "platform_not_offered")


async def test_a_busy_platform_is_asked_again(phone: Any, wechat: SandboxServer) -> None:
    handset: Phone = phone("13800000015")
    await wechat.control_async("/faults", {"where": "login", "kind": "busy", "times": 2})
    assert (await handset.tap()).status_code == 200


@pytest.mark.parametrize("kind", ["busy", "drop", "http_500", "tamper"])
async def test_a_platform_that_fails_leaves_nothing_behind(phone: Any, wechat: SandboxServer, kind: str) -> None:
    handset: Phone = phone("13800000016")
    await wechat.control_async("/faults", {"where": "login", "kind": kind, "rate": 1.0})
    await refused(await handset.tap(), 503, "platform_unavailable")


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("wechat_app_secret", "wrong-secret-canary", "HANDHELD_WECHAT_APP_SECRET"),
        ("wechat_app_id", "wx-wrong", "HANDHELD_WECHAT_APP_ID"),
    ],
)
async def test_a_wrong_setting_is_named_in_the_log_and_not_told_outside(
    phone: Any, capsys: pytest.CaptureFixture[str], setting: str, value: str, named: str
) -> None:
    handset: Phone = phone("13800000017")
    now = config.current(OfficeSettings)
    other = type(getattr(now, setting))(value)
    config.install(now.model_copy(update={setting: other}))
    platforms._open.clear()
    response = await handset.tap()
    platforms._open.clear()
    await refused(response, 503, "platform_unavailable")
    printed = "".join(capsys.readouterr())
    assert named in printed
    assert named not in response.text
    assert "wrong-secret-canary" not in printed


async def test_a_token_the_platform_forgot_is_fetched_afresh_once(phone: Any, wechat: SandboxServer) -> None:
    handset: Phone = phone("13800000018")
    assert (await handset.tap()).status_code == 200
    door = platforms.platform("wechat")
    assert isinstance(door, WeChat)
    before = door._token.text
    await wechat.control_async("/clock", {"offset_s": 7300})  # its life is over there, and not yet here
    assert (await handset.tap()).status_code == 200
    assert door._token.text != before
    door._token.text = "never-issued"
    assert (await handset.tap()).status_code == 200
    assert door._token.text not in ("never-issued", before)


async def test_the_session_key_is_never_kept_logged_or_told(phone: Any, capsys: pytest.CaptureFixture[str]) -> None:
    handset: Phone = phone("13800000019")
    response = await handset.tap()
    assert "session_key" not in response.text
    printed = "".join(capsys.readouterr())
    assert "session_key" not in printed
    columns = await db.fetch(
        "SELECT column_name FROM information_schema.columns WHERE column_name LIKE '%session_key%'"
    )
    assert columns == []


async def test_personal_data_of_a_tap_is_neither_logged_nor_readable_in_the_rows(
    phone: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    handset: Phone = phone("13812345678")
    told = (await handset.tap()).json()
    printed = "".join(capsys.readouterr())
    assert '"event": "request"' in printed
    for secret in ("13812345678", handset.openid, told["access_token"], told["refresh_token"]):
        assert secret not in printed
    for table in ("auth_citizen", "auth_session", "auth_refresh_token", "kit_audit"):
        rows = await db.fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} t")
        assert all("13812345678" not in r["row"] and told["refresh_token"] not in r["row"] for r in rows)


async def test_fifty_taps_of_one_person_at_once_make_one_account(phone: Any) -> None:
    handset: Phone = phone("13800000020")
    told = await asyncio.gather(*(handset.tap() for _ in range(50)))
    assert [r.status_code for r in told] == [200] * 50
    assert len({r.json()["citizen"]["id"] for r in told}) == 1
    assert sum(r.json()["is_new"] for r in told) == 1
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 1)


def tap(open_id: str, phone: str | None, *, platform: str = "wechat") -> Tap:
    return Tap(platform, "wx-app", PlatformPerson(open_id, None), phone)


async def bound(one: Tap) -> binding.Bound:
    async with db.transaction():
        return await bind(one)


@pytest.mark.usefixtures("database")
async def test_fifty_identities_racing_for_one_phone_leave_one_owner() -> None:
    outcomes = await asyncio.gather(*(bound(tap(f"o{n}", "13800000021")) for n in range(50)), return_exceptions=True)
    winners = [o for o in outcomes if isinstance(o, binding.Bound)]
    assert len(winners) == 1
    assert sum(isinstance(o, AccountBoundElsewhere) for o in outcomes) == 49
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 1)


@pytest.mark.usefixtures("database")
async def test_one_identity_bound_to_two_phones_at_once_stays_one_account() -> None:
    outcomes = await asyncio.gather(*(bound(tap("o-same", f"1380000{n % 2:04d}")) for n in range(50)))
    assert len({o.citizen.id for o in outcomes}) == 1
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 1)


async def test_a_phone_bound_to_another_wechat_is_refused_and_its_owner_is_told(
    phone: Any, drain: Any, wechat: SandboxServer
) -> None:
    owner = (await phone("13800000030").tap()).json()["citizen"]["id"]
    intruder = tap("o-intruder", "13800000030")
    with pytest.raises(binding.ElsewhereOf) as refusal:
        await bound(intruder)
    await binding.tell_owner(refusal.value, platform="wechat")
    assert str(refusal.value.owner) == owner
    assert owner not in str(refusal.value.problem(language="zh", request_id="r"))
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 1)
    rows = await db.fetch("SELECT subject FROM kit_audit WHERE action = 'citizen.binding_refused'")
    assert [r["subject"] for r in rows] == [f"citizen:{owner}"]


@pytest.mark.usefixtures("database")
async def test_a_returning_person_cannot_take_a_phone_that_is_somebody_elses() -> None:
    first, second = await bound(tap("o1", "13800000031")), await bound(tap("o2", "13800000032"))
    with pytest.raises(AccountBoundElsewhere):
        await bound(tap("o1", "13800000032"))
    kept = await Citizen.get(id=first.citizen.id)
    assert kept.phone_index == first.citizen.phone_index != second.citizen.phone_index


@pytest.mark.usefixtures("database")
async def test_another_platform_joins_by_phone_until_the_account_is_verified() -> None:
    first = await bound(tap("o1", "13800000033"))
    joined = await bound(tap("2088", "13800000033", platform="alipay"))
    assert (joined.citizen.id, joined.is_new) == (first.citizen.id, False)
    await db.execute(
        "UPDATE auth_citizen SET assurance = 'real_name', name_sealed = 'x', id_number_index = 'x' WHERE id = $1",
        first.citizen.id,
    )
    with pytest.raises(AccountBoundElsewhere):
        await bound(tap("u-third", "13800000033", platform="third"))
    assert await PlatformIdentity.all().count() == 2


async def test_a_disabled_citizen_gets_no_new_session(phone: Any) -> None:
    handset: Phone = phone("13800000034")
    assert (await handset.tap()).status_code == 200
    await Citizen.all().update(disabled_at=clock.now())
    response = await handset.tap()
    assert (response.status_code, response.json()["code"]) == (403, "account_disabled")
    assert await Session.all().count() == 1


async def test_too_many_taps_from_one_address_are_asked_to_wait(phone: Any) -> None:
    config.install(config.current(OfficeSettings).model_copy(update={"one_taps_per_minute": 2}))
    handset: Phone = phone("13800000035")
    statuses = [(await handset.tap()).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    last = await handset.tap()
    assert last.json()["code"] == "too_many_requests"
    assert 1 <= last.json()["retry_after_s"] <= 60
    assert last.headers["retry-after"] == str(last.json()["retry_after_s"])


async def test_the_audit_chain_holds_after_taps(phone: Any) -> None:
    await phone("13800000036").tap()
    assert (await audit.verify())[1] is None
