"""The accounts of staff, as administrators keep them."""

import asyncio
from datetime import timedelta

import pytest

from auth.models import Session, StaffMember
from auth.staff import add_staff
from auth.workplaces.models import WorkplaceIdentity
from kit import clock, db
from tests.auth.conftest import Clerk
from tests.auth.staff_in.conftest import Desk, code_of, refused
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
NEW = {"username": "ga.wen", "name": "温静", "department": "GA", "title": "窗口民警"}


async def id_of(username: str) -> str:
    return str((await StaffMember.get(username=username)).id)


async def audited(action: str) -> int:
    return int(await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = $1", action) or 0)


async def test_administrators_find_people_by_name_number_or_user_name(admin: Desk, clerk: Clerk) -> None:
    await StaffMember.filter(username="ga.chen").update(employee_no="HZGA001")
    for words in ("chen", "陈", "HZGA001"):
        found = (await admin.told("GET", f"/staff?q={words}"))["items"]
        assert [row["username"] for row in found] == ["ga.chen"], words
    page = await admin.told("GET", "/staff?limit=1")
    assert [r["username"] for r in page["items"]] == ["ga.chen"]
    rest = await admin.told("GET", f"/staff?limit=1&cursor={page['next_cursor']}")
    assert ([r["username"] for r in rest["items"]], rest["next_cursor"]) == (["it.zhou"], None)
    assert (await admin.told("GET", "/staff?q=%25%25nobody"))["items"] == []


async def test_nobody_else_sees_or_touches_accounts(at_desk: Desk, clerk: Clerk) -> None:
    some = await id_of("ga.chen")
    calls = [("GET", "/staff"), ("POST", "/staff"), ("GET", f"/staff/{some}")] + [
        ("POST", f"/staff/{some}/{act}") for act in ("disable", "enable", "password-reset", "second-factor-reset")
    ]
    for method, path in calls:
        refused(
            await at_desk.ask(method, path, NEW if path == "/staff" and method == "POST" else None), 403, "forbidden"
        )
    assert await StaffMember.all().count() == 1


async def test_an_added_person_begins_as_a_clerk_with_a_password_for_once(admin: Desk, desk: Desk) -> None:
    made = await admin.told("POST", "/staff", NEW)
    assert (made["account"]["roles"], made["account"]["must_change"]) == (["clerk"], True)
    assert (await desk.sign_in("ga.wen", made["one_time_password"])).json()["must_first"] == "password_change"
    refused(await admin.ask("POST", "/staff", NEW), 409, "username_taken")
    refused(await admin.ask("POST", "/staff", NEW | {"roles": ["admin"]}), 422, "invalid_request")
    refused(await admin.ask("POST", "/staff", NEW | {"username": "Ga Wen"}), 422, "invalid_request")
    refused(
        await admin.ask("POST", "/staff", NEW | {"username": "ga.w2", "department": "XX"}), 422, "unknown_department"
    )


async def test_disabling_ends_sessions_at_once_and_enabling_lets_in_again(
    admin: Desk, at_desk: Desk, clerk: Clerk
) -> None:
    some = await id_of("ga.chen")
    told = await admin.told("POST", f"/staff/{some}/disable", {})
    assert (told["disabled_at"] is not None, told["sessions"]) == (True, [])
    assert (await at_desk.ask("GET", "/me")).status_code == 401
    otp = code_of(clerk.secrets.totp_secret, half_minutes=1)
    refused(await at_desk.sign_in("ga.chen", clerk.secrets.password, otp=otp), 401, "staff_sign_in_refused")
    assert (await admin.told("POST", f"/staff/{some}/enable", {}))["disabled_at"] is None
    with clock.moved(timedelta(minutes=2)):
        otp = code_of(clerk.secrets.totp_secret)
        assert (await at_desk.sign_in("ga.chen", clerk.secrets.password, otp=otp)).status_code == 200
    assert [await audited(f"staff.{act}") for act in ("disabled", "enabled")] == [1, 1]


async def test_a_reset_password_is_good_for_changing_it_and_the_member_is_told(
    admin: Desk, at_desk: Desk, clerk: Clerk
) -> None:
    made = await admin.told("POST", f"/staff/{await id_of('ga.chen')}/password-reset", {})
    assert (await at_desk.ask("GET", "/me")).status_code == 401
    refused(await at_desk.sign_in("ga.chen", clerk.secrets.password), 401, "staff_sign_in_refused")
    otp = code_of(clerk.secrets.totp_secret, half_minutes=1)
    told = (await at_desk.sign_in("ga.chen", made["one_time_password"], otp=otp)).json()
    assert told["must_first"] == "password_change"
    assert [t["en"] for t in told["told"]] == ["An administrator reset your password"]
    body = {"current": made["one_time_password"], "new": "Window-seven-7"}
    on = (await at_desk.told("POST", "/auth/staff/password", body))["signed_in"]
    assert [t["en"] for t in on["told"]] == ["An administrator reset your password"]  # told for good only now
    with clock.moved(timedelta(minutes=2)):
        otp = code_of(clerk.secrets.totp_secret)
        assert (await at_desk.sign_in("ga.chen", "Window-seven-7", otp=otp)).json()["told"] == []


async def test_a_reset_second_factor_is_enrolled_anew_and_never_shown(
    admin: Desk, at_desk: Desk, clerk: Clerk, workplaces: SandboxServer
) -> None:
    some = await id_of("ga.chen")
    told = await admin.told("PUT", f"/staff/{some}/workplaces/dingtalk", {"subject": "4801520013"})
    await WorkplaceIdentity.all().update(vouched=True)
    told = await admin.told("POST", f"/staff/{some}/second-factor-reset", {})
    assert told["second_factor"] is False
    assert clerk.secrets.totp_secret not in str(told)
    assert [w["vouched"] for w in told["workplaces"]] == [False]
    assert (await at_desk.ask("GET", "/me")).status_code == 401
    again = (await at_desk.sign_in("ga.chen", clerk.secrets.password)).json()
    assert again["must_first"] == "second_factor"
    assert [t["en"] for t in again["told"]][-1] == "An administrator reset your second factor"
    assert await audited("staff.totp_reset") == 1


@pytest.mark.parametrize("act", ["password-reset", "second-factor-reset", "enable"])
async def test_big_actions_need_a_fresh_sign_in(admin: Desk, clerk: Clerk, act: str) -> None:
    some, before = await id_of("ga.chen"), await StaffMember.get(username="ga.chen")
    with clock.moved(timedelta(minutes=6)):
        refused(await admin.ask("POST", f"/staff/{some}/{act}", {}), 403, "fresh_sign_in_required")
        refused(await admin.ask("POST", "/staff", NEW), 403, "fresh_sign_in_required")
    after = await StaffMember.get(username="ga.chen")
    assert (after.password_hash, after.totp_sealed) == (before.password_hash, before.totp_sealed)
    assert await StaffMember.all().count() == 2


async def test_nobody_does_it_to_themselves_and_one_administrator_is_left(admin: Desk, clerk: Clerk) -> None:
    own = await id_of("it.zhou")
    for act in ("disable", "password-reset", "second-factor-reset"):
        refused(await admin.ask("POST", f"/staff/{own}/{act}", {}), 409, "not_oneself")
    assert (await StaffMember.get(username="it.zhou")).disabled_at is None


async def test_two_administrators_cannot_close_each_other_at_once(admin: Desk, clerk: Clerk) -> None:
    from auth.accounts.accounts import close
    from auth.accounts.errors import LastAdministrator
    from kit.web import Actor

    await add_staff("it.second", name="二号", roles=["admin"], department="GA")
    members = [await StaffMember.get(username=name) for name in ("it.zhou", "it.second")]
    actors = [Actor(m.id, "staff", frozenset({"admin"})) for m in members]
    outcomes = await asyncio.gather(
        close(actors[0], members[1].id), close(actors[1], members[0].id), return_exceptions=True
    )
    assert sorted(type(o).__name__ for o in outcomes) == sorted([LastAdministrator.__name__, "NoneType"])
    assert await StaffMember.filter(disabled_at=None, username__startswith="it.").count() == 1


async def test_one_device_is_signed_out_and_no_other(
    admin: Desk, at_desk: Desk, phone_of_staff: Desk, clerk: Clerk
) -> None:
    otp = code_of(clerk.secrets.totp_secret, half_minutes=1)
    await phone_of_staff.sign_in("ga.chen", clerk.secrets.password, otp=otp)
    some = await id_of("ga.chen")
    living = (await admin.told("GET", f"/staff/{some}"))["sessions"]
    assert sorted((s["device_kind"], s["way"]) for s in living) == [("desktop", "password"), ("mobile", "password")]
    desktop = next(s["id"] for s in living if s["device_kind"] == "desktop")
    left = (await admin.told("DELETE", f"/staff/{some}/sessions/{desktop}"))["sessions"]
    assert [s["device_kind"] for s in left] == ["mobile"]
    assert [(await d.ask("GET", "/me")).status_code for d in (at_desk, phone_of_staff)] == [401, 200]
    refused(await admin.ask("DELETE", f"/staff/{some}/sessions/{desktop}"), 404, "not_found")
    mine = str((await Session.filter(person=await id_of("it.zhou"))).pop().id)
    refused(await admin.ask("DELETE", f"/staff/{some}/sessions/{mine}"), 404, "not_found")


async def test_an_administrator_binds_without_vouching(admin: Desk, clerk: Clerk, workplaces: SandboxServer) -> None:
    some = await id_of("ga.chen")
    told = await admin.told("PUT", f"/staff/{some}/workplaces/wecom", {"subject": "LinXiaolan"})
    assert [(w["kind"], w["subject"], w["vouched"]) for w in told["workplaces"]] == [("wecom", "linxiaolan", False)]
    other = await id_of("it.zhou")
    body = {"subject": "linXIAOLAN"}
    refused(await admin.ask("PUT", f"/staff/{other}/workplaces/wecom", body), 409, "workplace_bound_elsewhere")
    assert (await admin.told("DELETE", f"/staff/{some}/workplaces/wecom"))["workplaces"] == []


async def test_no_answer_carries_a_secret(admin: Desk, clerk: Clerk) -> None:
    member = await StaffMember.get(username="ga.chen")
    text = (await admin.ask("GET", f"/staff/{member.id}")).text + (await admin.ask("GET", "/staff")).text
    assert member.password_hash not in text
    assert not {"password_hash", "totp_sealed", "totp_secret", "phone_sealed"} & set(text.split('"'))
