"""Signing in by DingTalk and WeCom: bound to the browser that began, once, and to nobody outside the organisation."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from auth.models import Session, StaffMember
from auth.workplaces import identities, workplace
from auth.workplaces.base import WorkplacePerson
from auth.workplaces.models import WorkplaceIdentity, WorkplaceStart
from kit import clock, db
from tests.auth.conftest import Clerk
from tests.auth.staff_in.conftest import Desk, code_of, refused, set_to
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
CHEN = {"dingtalk": "4801520013", "wecom": "LinXiaolan"}
OUTSIDER = {"dingtalk": "900001", "wecom": "WaiDanWei"}
KINDS = ["dingtalk", "wecom"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, workplaces: SandboxServer) -> str:
    return str(request.param)


async def code(workplaces: SandboxServer, kind: str, *, userid: str | None = None, scene: str = "scan") -> str:
    body = {"kind": kind, "userid": userid or CHEN[kind], "scene": scene}
    return str((await workplaces.control_async("/organisation/codes", body))["code"])


async def begun(desk: Desk, kind: str, *, to_bind: bool = False) -> dict[str, str]:
    path = f"/me/workplaces/{kind}/start" if to_bind else f"/auth/staff/workplaces/{kind}/start"
    told: dict[str, str] = await desk.told("POST", path, {})
    return {"state": told["state"], "secret": told["secret"]}


async def bound(clerk: Clerk, kind: str, *, vouched: bool = True) -> None:
    door = workplace(kind)
    person = WorkplacePerson(door.organisation, door.normal(CHEN[kind]))
    await identities.bind(clerk.member, kind, person, vouched=vouched, actor="system")


async def scanned(desk: Desk, workplaces: SandboxServer, kind: str, **who: Any) -> httpx2.Response:
    """The whole way of a browser."""
    start = await begun(desk, kind)
    answer = await desk.ask(
        "POST", f"/auth/staff/workplaces/{kind}", start | {"code": await code(workplaces, kind, **who)}
    )
    if answer.status_code == 200:
        desk.take(answer.json())
    return answer


async def test_the_sign_in_page_is_told_which_ways_there_are(desk: Desk, workplaces: SandboxServer) -> None:
    told = await desk.told("GET", "/auth/staff/ways")
    assert [w["kind"] for w in told["workplaces"]] == KINDS
    assert told["password"] == {
        "min_length": 10, "max_length": 128, "classes": 3, "passphrase_length": 20, "history": 5, "days": 90,
    }  # fmt: skip
    set_to(dingtalk_app_key="", wecom_corp_id="")
    assert (await desk.told("GET", "/auth/staff/ways"))["workplaces"] == []
    refused(await desk.ask("POST", "/auth/staff/workplaces/dingtalk/start", {}), 422, "workplace_not_offered")
    refused(await desk.ask("POST", "/auth/staff/workplaces/feishu/start", {}), 422, "workplace_not_offered")


async def test_the_address_carries_the_state_and_never_the_secret(desk: Desk, workplaces: SandboxServer) -> None:
    told = await desk.told("POST", "/auth/staff/workplaces/dingtalk/start", {})
    query = parse_qs(urlsplit(told["authorise_url"]).query)
    assert query["state"] == [told["state"]]
    assert query["scope"] == ["openid corpid"]
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/console/"]
    assert told["secret"] not in told["authorise_url"]
    assert told["expires_in"] <= 300
    kept = str([dict(r) for r in await db.fetch("SELECT to_jsonb(t)::text AS row FROM workplaces_start t")])
    assert told["secret"] not in kept
    assert told["state"] not in kept


async def test_who_is_bound_signs_in_by_a_scan(desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str) -> None:
    await bound(clerk, kind)
    told = (await scanned(desk, workplaces, kind)).json()
    assert (told["staff"]["username"], told["must_first"]) == ("ga.chen", None)
    assert (await desk.ask("GET", "/me")).status_code == 200
    rows = await db.fetch("SELECT way, second_factor FROM credentials_staff_sign_in")
    assert [(r["way"], r["second_factor"]) for r in rows] == [(kind, "workplace")]


async def test_within_dingtalk_the_code_of_the_app_is_enough(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer
) -> None:
    await bound(clerk, "dingtalk")
    body = {"code": await code(workplaces, "dingtalk", scene="app")}
    assert (await desk.told("POST", "/auth/staff/workplaces/dingtalk", body))["staff"]["username"] == "ga.chen"
    refused(await desk.ask("POST", "/auth/staff/workplaces/dingtalk", body), 401, "workplace_code_invalid")


async def test_the_code_of_a_scan_without_its_state_is_no_way_in(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await bound(clerk, kind)
    body = {"code": await code(workplaces, kind)}
    answer = await desk.ask("POST", f"/auth/staff/workplaces/{kind}", body)
    assert answer.json()["code"] == {"dingtalk": "workplace_code_invalid", "wecom": "workplace_state_invalid"}[kind]
    assert await Session.all().count() == 0


async def test_only_the_browser_that_began_can_finish(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    """Whoever sends somebody their own address, or brings another's code to it, lacks the secret."""
    await bound(clerk, kind)
    mine, theirs = await begun(desk, kind), await begun(desk, kind)
    given = await code(workplaces, kind)
    path = f"/auth/staff/workplaces/{kind}"
    for wrong in ({"state": mine["state"], "secret": theirs["secret"]}, {"state": "x" * 43, "secret": mine["secret"]}):
        refused(await desk.ask("POST", path, wrong | {"code": given}), 401, "workplace_state_invalid")
    assert await Session.all().count() == 0
    assert await WorkplaceStart.filter(used_at=None).count() == 2
    assert (await desk.ask("POST", path, mine | {"code": given})).status_code == 200  # nothing was used up


async def test_a_start_is_good_once_and_for_five_minutes_and_for_its_own_workplace(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await bound(clerk, kind)
    path, start = f"/auth/staff/workplaces/{kind}", await begun(desk, kind)
    assert (await desk.ask("POST", path, start | {"code": await code(workplaces, kind)})).status_code == 200
    refused(
        await desk.ask("POST", path, start | {"code": await code(workplaces, kind)}), 401, "workplace_state_invalid"
    )
    old = await begun(desk, kind)
    with clock.moved(timedelta(seconds=301)):
        refused(
            await desk.ask("POST", path, old | {"code": await code(workplaces, kind)}), 401, "workplace_state_invalid"
        )
    other = "wecom" if kind == "dingtalk" else "dingtalk"
    foreign = await begun(desk, other)
    refused(
        await desk.ask("POST", path, foreign | {"code": await code(workplaces, kind)}), 401, "workplace_state_invalid"
    )


async def test_of_twenty_at_once_with_one_start_one_gets_in(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await bound(clerk, kind)
    start, codes = await begun(desk, kind), [await code(workplaces, kind) for _ in range(20)]
    tries = [desk.ask("POST", f"/auth/staff/workplaces/{kind}", start | {"code": c}) for c in codes]
    assert sorted(a.status_code for a in await asyncio.gather(*tries)) == [200] + [401] * 19
    assert await Session.all().count() == 1


async def test_a_code_is_good_once(desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str) -> None:
    await bound(clerk, kind)
    given, path = await code(workplaces, kind), f"/auth/staff/workplaces/{kind}"
    assert (await desk.ask("POST", path, await begun(desk, kind) | {"code": given})).status_code == 200
    refused(await desk.ask("POST", path, await begun(desk, kind) | {"code": given}), 401, "workplace_code_invalid")


async def test_outsiders_are_refused_and_nobody_unknown_becomes_an_account(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    refused(await scanned(desk, workplaces, kind, userid=OUTSIDER[kind]), 403, "workplace_outsider")
    refused(await scanned(desk, workplaces, kind), 403, "workplace_not_bound")
    assert await StaffMember.all().count() == 1
    assert await WorkplaceIdentity.all().count() == 0
    assert await Session.all().count() == 0


async def test_who_left_the_organisation_is_refused(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await bound(clerk, kind)
    people = {"kind": kind, "userid": CHEN[kind], "name": "陈立群"}
    await workplaces.control_async("/organisation/people", people | {"member": False})
    try:
        refused(await scanned(desk, workplaces, kind), 403, "workplace_outsider")
    finally:
        await workplaces.control_async("/organisation/people", people | {"member": True})
    assert (await scanned(desk, workplaces, kind)).status_code == 200


async def test_a_disabled_account_is_refused(desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str) -> None:
    await bound(clerk, kind)
    await StaffMember.all().update(disabled_at=clock.now())
    refused(await scanned(desk, workplaces, kind), 401, "staff_sign_in_refused")
    assert await Session.all().count() == 0


async def test_the_apps_token_is_fetched_once_and_again_when_it_is_not_accepted(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await bound(clerk, kind)
    set_to(staff_sessions="many")
    assert (await scanned(desk, workplaces, kind)).status_code == 200
    await workplaces.control_async(f"/organisation/tokens?kind={kind}", method="DELETE")
    answers = await asyncio.gather(*(scanned(desk, workplaces, kind) for _ in range(5)))
    assert {a.status_code for a in answers} == {200}


@pytest.mark.parametrize("fault", ["drop", "http_500"])
async def test_a_workplace_that_is_out_of_reach_is_said_so(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str, fault: str
) -> None:
    await bound(clerk, kind)
    await workplaces.control_async("/faults", {"where": "workplace", "kind": fault})
    refused(await scanned(desk, workplaces, kind), 503, "workplace_unavailable")
    assert await Session.all().count() == 0


async def test_what_was_not_vouched_for_needs_the_authenticator_as_well(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await bound(clerk, kind, vouched=False)
    asked = refused(await scanned(desk, workplaces, kind), 401, "otp_required")
    held = {"state": asked["state"], "secret": asked["secret"]}
    path = f"/auth/staff/workplaces/{kind}"
    refused(await desk.ask("POST", path, held | {"otp": "000000"}), 401, "staff_sign_in_refused")
    refused(await desk.ask("POST", path, {**held, "secret": "x" * 43, "otp": "000000"}), 401, "workplace_state_invalid")
    assert await Session.all().count() == 0
    told = await desk.told("POST", path, held | {"otp": code_of(clerk.secrets.totp_secret)})
    assert told["must_first"] is None
    with clock.moved(timedelta(seconds=31)):
        late = code_of(clerk.secrets.totp_secret)
        refused(await desk.ask("POST", path, held | {"otp": late}), 401, "workplace_state_invalid")


async def test_guessing_the_code_after_a_scan_waits_like_at_the_passwords_door(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer
) -> None:
    await bound(clerk, "dingtalk", vouched=False)
    asked = refused(await scanned(desk, workplaces, "dingtalk"), 401, "otp_required")
    body = {"state": asked["state"], "secret": asked["secret"], "otp": "000000"}
    answers = [await desk.ask("POST", "/auth/staff/workplaces/dingtalk", body) for _ in range(5)]
    assert [a.status_code for a in answers] == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("rule", "vouched", "status"), [("never", True, 401), ("always", False, 200), ("vouched", True, 200)]
)
async def test_whether_a_scan_counts_as_both_factors_is_a_setting(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str, rule: str, vouched: bool, status: int
) -> None:
    await bound(clerk, kind, vouched=vouched)
    set_to(workplace_second_factor=rule)
    assert (await scanned(desk, workplaces, kind)).status_code == status


async def test_a_scan_does_not_spare_the_change_of_a_password_that_is_due(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer
) -> None:
    await bound(clerk, "dingtalk")
    with clock.moved(timedelta(days=91)):
        told = (await scanned(desk, workplaces, "dingtalk")).json()
        assert told["must_first"] == "password_change"
        refused(await desk.ask("GET", "/me"), 403, "password_change_required")


async def bind_self(desk: Desk, workplaces: SandboxServer, kind: str) -> httpx2.Response:
    start = await begun(desk, kind, to_bind=True)
    return await desk.ask("POST", f"/me/workplaces/{kind}", start | {"code": await code(workplaces, kind)})


async def test_a_member_binds_after_password_and_code_and_signs_in_by_scan_alone(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await desk.sign_in("ga.chen", clerk.secrets.password, otp=code_of(clerk.secrets.totp_secret))
    told = (await bind_self(desk, workplaces, kind)).json()
    assert [(i["kind"], i["vouched"]) for i in told["items"]] == [(kind, True)]
    assert (await bind_self(desk, workplaces, kind)).status_code == 200
    assert await WorkplaceIdentity.all().count() == 1
    assert (await scanned(Desk(desk.http), workplaces, kind)).json()["must_first"] is None
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'staff.workplace_bound'") == 1


async def test_binding_needs_a_session_that_showed_a_second_factor_just_now(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer
) -> None:
    await bound(clerk, "dingtalk")
    await scanned(desk, workplaces, "dingtalk")
    refused(await desk.ask("POST", "/me/workplaces/wecom/start", {}), 403, "second_factor_not_shown")
    other = Desk(desk.http)
    await other.sign_in("ga.chen", clerk.secrets.password, otp=code_of(clerk.secrets.totp_secret))
    with clock.moved(timedelta(minutes=6)):
        refused(await other.ask("POST", "/me/workplaces/wecom/start", {}), 403, "fresh_sign_in_required")
    assert await WorkplaceStart.filter(purpose="bind").count() == 0


async def test_a_start_to_sign_in_does_not_bind_nor_the_other_way_round(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str
) -> None:
    await desk.sign_in("ga.chen", clerk.secrets.password, otp=code_of(clerk.secrets.totp_secret))
    to_sign_in, to_bind = await begun(desk, kind), await begun(desk, kind, to_bind=True)
    given = await code(workplaces, kind)
    refused(
        await desk.ask("POST", f"/me/workplaces/{kind}", to_sign_in | {"code": given}), 401, "workplace_state_invalid"
    )
    refused(
        await desk.ask("POST", f"/auth/staff/workplaces/{kind}", to_bind | {"code": given}),
        401,
        "workplace_state_invalid",
    )
    assert await WorkplaceIdentity.all().count() == 0


async def test_one_identity_is_one_account_even_at_once(clerk: Clerk, newcomer: Any, workplaces: SandboxServer) -> None:
    second = await StaffMember.get(id=newcomer.staff_id)
    person = WorkplacePerson(workplace("dingtalk").organisation, "4801520013")
    tries = [
        identities.bind(member, "dingtalk", person, vouched=True, actor="system")
        for member in (clerk.member, second) for _ in range(10)
    ]  # fmt: skip
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert await WorkplaceIdentity.all().count() == 1
    assert all(
        isinstance(o, WorkplaceIdentity) or getattr(o, "code", "") == "workplace_bound_elsewhere" for o in outcomes
    )


async def test_unbinding_ends_that_way_in(desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str) -> None:
    await bound(clerk, kind)
    await desk.sign_in("ga.chen", clerk.secrets.password, otp=code_of(clerk.secrets.totp_secret))
    assert (await desk.told("DELETE", f"/me/workplaces/{kind}"))["items"] == []
    refused(await desk.ask("DELETE", f"/me/workplaces/{kind}"), 409, "workplace_not_there")
    refused(await scanned(Desk(desk.http), workplaces, kind), 403, "workplace_not_bound")


async def test_wecom_ids_do_not_tell_cases_apart(desk: Desk, clerk: Clerk, workplaces: SandboxServer) -> None:
    door = workplace("wecom")
    person = WorkplacePerson(door.organisation, door.normal("LINXIAOLAN"))
    await identities.bind(clerk.member, "wecom", person, vouched=True, actor="system")
    assert (await scanned(desk, workplaces, "wecom")).status_code == 200


@pytest.mark.parametrize("body", [{}, {"code": "x", "otp": "123456"}, {"otp": "123456"}, {"code": "x", "state": "s" * 30}, {"code": "x", "userid": "boss"}])  # fmt: skip
async def test_a_request_that_makes_no_sense_is_refused(
    desk: Desk, workplaces: SandboxServer, body: dict[str, str]
) -> None:
    refused(await desk.ask("POST", "/auth/staff/workplaces/dingtalk", body), 422, "invalid_request")


async def test_neither_codes_nor_tokens_nor_secrets_are_logged(
    desk: Desk, clerk: Clerk, workplaces: SandboxServer, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await bound(clerk, kind)
    start, given = await begun(desk, kind), await code(workplaces, kind)
    await desk.ask("POST", f"/auth/staff/workplaces/{kind}", start | {"code": given})
    await workplaces.control_async("/faults", {"where": "workplace", "kind": "drop"})
    await desk.ask("POST", f"/auth/staff/workplaces/{kind}", await begun(desk, kind) | {"code": given})
    printed = "".join(capsys.readouterr())
    assert "workplace_unreachable" in printed
    issued = workplaces.credentials
    for secret in (given, *start.values(), issued["HANDHELD_DINGTALK_APP_SECRET"], issued["HANDHELD_WECOM_SECRET"]):
        assert secret not in printed
