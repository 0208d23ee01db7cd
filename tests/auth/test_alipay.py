"""Alipay as a way in: one tap over the sandbox, what is refused, and one person on two platforms."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from auth import lifespan, platforms
from auth.events import IdentityBound
from auth.jobs import purge_old_sessions
from auth.models import Citizen, PhoneSeal, PlatformIdentity, Session
from kit import clock, config, db, events
from kit.config import BadConfiguration
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Phone, citizens
from tests.auth.test_one_tap import refused
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
ONE_TAP = "/api/v1/auth/one-tap"
Body = dict[str, str]


async def sent(door: httpx2.AsyncClient, body: Body) -> httpx2.Response:
    return await door.post(ONE_TAP, json={"platform": "alipay"} | body)


def with_settings(**changes: Any) -> None:
    config.install(config.current(OfficeSettings).model_copy(update=changes))


async def test_one_tap_makes_an_account_and_the_person_returns_to_it(alipay_phone: Any) -> None:
    handset: Phone = alipay_phone("13800000101")
    first = (await handset.tap()).json()
    assert first["is_new"] is True
    assert (first["citizen"]["phone_masked"], first["citizen"]["assurance"]) == ("138****0101", "phone")
    identity = await PlatformIdentity.get()
    issued = handset.sandbox.credentials["HANDHELD_ALIPAY_APP_ID"]
    assert (identity.platform, identity.app_id, identity.open_id) == ("alipay", issued, handset.openid)
    for with_phone in (True, False):
        again = (await handset.tap(with_phone=with_phone)).json()
        assert (again["is_new"], again["citizen"]) == (False, first["citizen"])
    assert await citizens() == 1


async def test_a_login_code_and_a_sealed_number_work_once(alipay_phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = alipay_phone("13800000102")
    codes, fresh, third = await handset.codes(), await handset.codes(), await handset.codes()
    assert (await sent(door, codes)).status_code == 200
    again = await sent(door, fresh | {"login_code": codes["login_code"]})
    assert (again.status_code, again.json()["code"]) == (401, "login_code_invalid")
    again = await sent(door, third | {"phone_code": codes["phone_code"]})
    assert (again.status_code, again.json()["code"]) == (401, "phone_code_invalid")
    assert (await Session.all().count(), await PhoneSeal.all().count()) == (1, 1)


async def test_swapped_codes_are_refused(alipay_phone: Any, door: httpx2.AsyncClient) -> None:
    codes = await alipay_phone("13800000103").codes()
    swapped = {"login_code": codes["phone_code"], "phone_code": codes["login_code"]}
    await refused(await sent(door, swapped), 401, "login_code_invalid")
    await refused(await sent(door, codes | {"phone_code": codes["login_code"]}), 401, "phone_code_invalid")


async def test_codes_older_than_five_minutes_are_refused(
    alipay_phone: Any, door: httpx2.AsyncClient, alipay: SandboxServer
) -> None:
    handset: Phone = alipay_phone("13800000104")
    old = await handset.codes()
    await alipay.control_async("/clock", {"offset_s": 301})
    await refused(await sent(door, old), 401, "login_code_invalid")
    await alipay.control_async("/clock", {"offset_s": 0})
    for apart in (timedelta(seconds=302), timedelta(seconds=-310)):
        fresh = await handset.codes()
        with clock.moved(apart):
            await refused(await sent(door, fresh | {"phone_code": old["phone_code"]}), 401, "phone_code_invalid")
    assert await PhoneSeal.all().count() == 0
    assert (await handset.tap()).status_code == 200


async def test_codes_of_another_app_or_another_platform_are_refused(
    alipay_phone: Any, phone: Any, door: httpx2.AsyncClient
) -> None:
    handset: Phone = alipay_phone("13800000105")
    foreign, wechat = await handset.codes(appid="2021999999999999"), await phone("13800000105").codes()
    for other in (foreign, wechat):
        own = await handset.codes()
        await refused(await sent(door, own | {"login_code": other["login_code"]}), 401, "login_code_invalid")
        await refused(await sent(door, own | {"phone_code": other["phone_code"]}), 401, "phone_code_invalid")
    other = await door.post(ONE_TAP, json={"platform": "wechat"} | await handset.codes())
    await refused(other, 401, "login_code_invalid")


@pytest.mark.parametrize("field", ["openid", "open_id", "user_id", "phone", "mobile"])
async def test_an_identity_in_the_body_is_refused(alipay_phone: Any, field: str) -> None:
    await refused(await alipay_phone("13800000106").tap(**{field: "13900000000"}), 422, "invalid_request")


def changed(**changes: Any) -> Callable[[str], str]:
    return lambda text: json.dumps(json.loads(text) | changes)


@pytest.mark.parametrize(
    "spoil",
    [
        changed(sign="eA=="), changed(sign=""), changed(sign=None), changed(sign="行"), changed(sign_type="RSA"),
        changed(response=""), changed(response=None), changed(response={"mobile": "13900000000"}),
        changed(response='{"code":"10000","msg":"Success","mobile":"13900000000"}'),
        changed(response="igATcyTqqgv1AFpBiHJyVf94zn4d80DWhHrnUhty+8QLcUOlYjxvP9Xk+YXblbTSoe2bGplnUECoaQrDECEzOw=="),
        lambda text: text[:-1], lambda text: f"[{text}]", lambda text: "[" * 4000, lambda _: '"x"', lambda _: "null",
    ],
)  # fmt: skip
async def test_a_sealed_number_that_alipay_did_not_sign_is_refused(
    alipay_phone: Any, door: httpx2.AsyncClient, spoil: Callable[[str], str]
) -> None:
    codes = await alipay_phone("13800000107").codes()
    await refused(await sent(door, codes | {"phone_code": spoil(codes["phone_code"])}), 401, "phone_code_invalid")
    assert await PhoneSeal.all().count() == 0


async def test_fifty_identities_with_one_sealed_number_leave_one_owner(
    alipay_phone: Any, door: httpx2.AsyncClient
) -> None:
    sealed = (await alipay_phone("13800000110").codes())["phone_code"]
    logins = [(await alipay_phone(f"1370000{n:04d}").codes())["login_code"] for n in range(50)]
    told = await asyncio.gather(*(sent(door, {"login_code": code, "phone_code": sealed}) for code in logins))
    assert sorted(r.status_code for r in told) == [200] + [401] * 49
    assert {r.json().get("code") for r in told if r.status_code != 200} == {"phone_code_invalid"}
    assert (await citizens(), await PlatformIdentity.all().count(), await PhoneSeal.all().count()) == (1, 1, 1)


async def test_fifty_taps_of_one_person_at_once_make_one_account(alipay_phone: Any) -> None:
    handset: Phone = alipay_phone("13800000111")
    told = await asyncio.gather(*(handset.tap() for _ in range(50)))
    assert [r.status_code for r in told] == [200] * 50
    assert len({r.json()["citizen"]["id"] for r in told}) == 1
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 1)


async def test_a_number_without_a_moment_stays_with_who_brought_it_first(
    alipay_phone: Any, door: httpx2.AsyncClient
) -> None:
    owner, other = alipay_phone("13800000112"), alipay_phone("13800000113")
    for _ in range(2):  # the same text each time: the person must be able to come back with it
        assert (await sent(door, await owner.codes(bare=True))).status_code == 200
    stolen = (await owner.codes(bare=True))["phone_code"]
    response = await sent(door, await other.codes() | {"phone_code": stolen})
    assert (response.status_code, response.json()["code"]) == (401, "phone_code_invalid")
    assert (await citizens(), await PhoneSeal.all().count()) == (1, 1)


async def test_texts_with_a_moment_are_forgotten_after_a_day_and_the_others_kept(alipay_phone: Any, door: Any) -> None:
    handset: Phone = alipay_phone("13800000114")
    await handset.tap()
    await sent(door, await handset.codes(bare=True))
    await purge_old_sessions()
    assert await PhoneSeal.all().count() == 2
    with clock.moved(timedelta(hours=25)):
        await purge_old_sessions()
    assert [s.dated for s in await PhoneSeal.all()] == [False]


async def test_neither_number_nor_sealed_text_is_logged_or_readable_in_the_rows(
    alipay_phone: Any, door: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    handset: Phone = alipay_phone("13812345679")
    codes = await handset.codes()
    assert (await sent(door, codes)).status_code == 200
    printed = "".join(capsys.readouterr())
    assert ONE_TAP in printed
    sealed = json.loads(codes["phone_code"])["response"]
    for secret in ("13812345679", handset.openid, sealed, codes["login_code"]):
        assert secret not in printed
    for table in ("auth_citizen", "auth_phone_seal", "auth_session", "kit_audit"):
        rows = await db.fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} t")
        assert rows != []
        assert all("13812345679" not in r["row"] and sealed not in r["row"] for r in rows)
        assert all(handset.openid not in r["row"] for r in rows)


async def bound_events() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT subject, detail FROM kit_audit WHERE action = 'citizen.identity_bound'")
    return [(r["subject"], ",".join(json.loads(r["detail"])["platforms"])) for r in rows]


async def test_one_phone_on_both_platforms_leads_to_one_account_and_its_devices_are_told(
    phone: Any, alipay_phone: Any, drain: Any
) -> None:
    heard: list[IdentityBound] = []

    async def hear(event: IdentityBound) -> None:
        heard.append(event)

    events.subscribe(IdentityBound, hear)
    first = (await phone("13800000120").tap()).json()["citizen"]
    second = (await alipay_phone("13800000120").tap()).json()
    await drain()
    assert (second["is_new"], second["citizen"]) == (False, first)
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 2)
    assert await bound_events() == [(f"citizen:{first['id']}", "alipay")]
    assert [(str(e.citizen), e.platform) for e in heard] == [(first["id"], "alipay")]
    assert (await alipay_phone("13800000120").tap(with_phone=False)).json()["citizen"] == first
    assert len(await bound_events()) == 1


async def test_fifty_taps_on_two_platforms_at_once_make_one_account(phone: Any, alipay_phone: Any) -> None:
    handsets = [phone("13800000121"), alipay_phone("13800000121")]
    told = await asyncio.gather(*(handsets[n % 2].tap() for n in range(50)))
    assert [r.status_code for r in told] == [200] * 50
    assert len({r.json()["citizen"]["id"] for r in told}) == 1
    assert (await citizens(), await PlatformIdentity.all().count()) == (1, 2)
    assert len(await bound_events()) == 1


async def test_who_came_without_a_phone_first_joins_the_account_of_the_phone(
    phone: Any, alipay_phone: Any, door: httpx2.AsyncClient
) -> None:
    handset: Phone = alipay_phone("13800000122")
    bare = (await handset.tap(with_phone=False)).json()
    known = (await phone("13800000122").tap()).json()["citizen"]
    joined = (await handset.tap()).json()
    assert (joined["is_new"], joined["citizen"]) == (False, known)
    assert await PlatformIdentity.filter(citizen_id=known["id"]).count() == 2
    closed = await Citizen.get(id=bare["citizen"]["id"])
    assert closed.disabled_at is not None
    old = await door.get("/api/v1/me", headers={"authorization": f"Bearer {bare['access_token']}"})
    new = await door.get("/api/v1/me", headers={"authorization": f"Bearer {joined['access_token']}"})
    assert (old.status_code, new.status_code) == (401, 200)
    assert await bound_events() == [(f"citizen:{known['id']}", "alipay")]


async def elsewhere(response: httpx2.Response, owner: str, *, identities: int) -> None:
    """Refused without saying whose it is; noted on the owner's account; nothing moved."""
    assert (response.status_code, response.json()["code"]) == (409, "account_bound_elsewhere")
    assert owner not in response.text
    rows = await db.fetch("SELECT subject FROM kit_audit WHERE action = 'citizen.binding_refused'")
    assert [r["subject"] for r in rows] == [f"citizen:{owner}"]
    assert await PlatformIdentity.all().count() == identities


async def test_a_phone_that_another_alipay_signs_in_with_is_refused_and_its_owner_told(
    alipay_phone: Any, door: httpx2.AsyncClient
) -> None:
    owner, other = alipay_phone("13800000123"), alipay_phone("13800000124")
    mine = (await owner.tap()).json()["citizen"]["id"]
    stolen = (await owner.codes())["phone_code"]  # fresh and never used, so only the account can refuse it
    login = (await other.codes())["login_code"]
    await elsewhere(await sent(door, {"login_code": login, "phone_code": stolen}), mine, identities=1)
    again = await sent(door, {"login_code": (await other.codes())["login_code"], "phone_code": stolen})
    assert (again.status_code, again.json()["code"]) == (401, "phone_code_invalid")


async def test_a_verified_person_is_not_joined_by_phone_alone(phone: Any, alipay_phone: Any) -> None:
    owner = (await phone("13800000125").tap()).json()["citizen"]["id"]
    await db.execute("UPDATE auth_citizen SET assurance = 'real_name', name_sealed = 'x', id_number_index = 'x'")
    handset: Phone = alipay_phone("13800000125")
    await elsewhere(await handset.tap(), owner, identities=1)
    bare = (await handset.tap(with_phone=False)).json()["citizen"]["id"]
    assert (await handset.tap()).json()["code"] == "account_bound_elsewhere"
    assert (await Citizen.get(id=bare)).disabled_at is None


async def test_an_account_with_a_phone_of_its_own_does_not_slip_into_another(phone: Any, alipay_phone: Any) -> None:
    owner = (await phone("13800000126").tap()).json()["citizen"]["id"]
    handset: Phone = alipay_phone("13800000127")
    await handset.tap()
    other = (await alipay_phone("13800000126").codes())["phone_code"]
    await elsewhere(await handset.tap(phone_code=other), owner, identities=2)


@pytest.mark.parametrize("kind", ["busy", "drop", "http_500", "tamper"])
async def test_a_gateway_that_fails_leaves_nothing_behind(alipay_phone: Any, alipay: SandboxServer, kind: str) -> None:
    await alipay.control_async("/faults", {"where": "login", "kind": kind})
    await refused(await alipay_phone("13800000130").tap(), 503, "platform_unavailable")


async def test_a_forged_answer_is_refused_and_the_key_named_in_the_log(
    alipay_phone: Any, alipay: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    await alipay.control_async("/faults", {"where": "gateway", "kind": "forge"})
    await refused(await alipay_phone("13800000131").tap(), 503, "platform_unavailable")
    assert "HANDHELD_ALIPAY_PUBLIC_KEY_FILE" in "".join(capsys.readouterr())


async def test_a_busy_gateway_is_asked_again(alipay_phone: Any, alipay: SandboxServer) -> None:
    await alipay.control_async("/faults", {"where": "login", "kind": "busy", "times": 2})
    assert (await alipay_phone("13800000132").tap()).status_code == 200


@pytest.mark.parametrize(
    ("setting", "named"),
    [("alipay_app_id", "HANDHELD_ALIPAY_APP_ID"), ("alipay_private_key_file", "HANDHELD_ALIPAY_PRIVATE_KEY_FILE")],
)
async def test_a_wrong_setting_is_named_in_the_log_and_not_told_outside(
    alipay_phone: Any, capsys: pytest.CaptureFixture[str], setting: str, named: str
) -> None:
    handset: Phone = alipay_phone("13800000133")
    foreign = Path(handset.sandbox.credentials["HANDHELD_WECHATPAY_PRIVATE_KEY_FILE"])
    with_settings(**{setting: foreign if setting.endswith("file") else "2021999999999999"})
    response = await handset.tap()
    await refused(response, 503, "platform_unavailable")
    printed = "".join(capsys.readouterr())
    assert named in printed
    assert named not in response.text


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("alipay_private_key_file", None, "HANDHELD_ALIPAY_PRIVATE_KEY_FILE"),
        ("alipay_public_key_file", None, "HANDHELD_ALIPAY_PUBLIC_KEY_FILE"),
        ("alipay_public_key_file", Path("no-such-file"), "HANDHELD_ALIPAY_PUBLIC_KEY_FILE"),
        ("alipay_aes_key", SecretStr(""), "HANDHELD_ALIPAY_AES_KEY"),
        ("alipay_aes_key", SecretStr("c2hvcnQ="), "HANDHELD_ALIPAY_AES_KEY"),
    ],
)
async def test_the_office_does_not_open_with_alipay_half_set(
    alipay: SandboxServer, setting: str, value: Any, named: str
) -> None:
    async with lifespan.running(serving=True):
        pass
    with_settings(**{setting: value})
    with pytest.raises(BadConfiguration, match=named):
        async with lifespan.running(serving=True):
            pass


async def test_without_an_app_id_alipay_is_not_offered(alipay_phone: Any) -> None:
    handset: Phone = alipay_phone("13800000134")
    with_settings(alipay_app_id="")
    assert platforms.platform("wechat").name == "wechat"
    await refused(await handset.tap(), 422, "platform_not_offered")
