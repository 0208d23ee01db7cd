import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pyotp
import pytest

from auth import staff, troubles
from auth.errors import UnknownDepartment, UnknownRole, UsernameTaken
from auth.models import Session, StaffMember
from kit import clock, config, db
from kit.errors import TooMany
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Clerk

pytestmark = pytest.mark.anyio


def code(clerk: Clerk, *, half_minutes: int = 0) -> str:
    return pyotp.TOTP(clerk.secrets.totp_secret).at(int(clock.now().timestamp()) + 30 * half_minutes)


async def signed_in(door: httpx2.AsyncClient, clerk: Clerk, **changes: Any) -> httpx2.Response:
    body = {"username": "ga.chen", "password": clerk.secrets.password, "otp": code(clerk)} | changes
    return await door.post("/api/v1/auth/staff/sign-in", json={k: v for k, v in body.items() if v is not None})


async def refused(response: httpx2.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await Session.all().count() == 0


async def test_name_password_and_code_open_a_session(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    response = await signed_in(door, clerk)
    assert response.status_code == 200
    told = response.json()
    assert told["staff"] == {
        "id": str(clerk.member.id), "username": "ga.chen", "name": "陈立群", "roles": ["clerk"],
        "department": {"code": "GA", "name": {"zh": "海珠区公安分局", "en": None}}, "title": "户政窗口民警",
    }  # fmt: skip
    me = await door.get("/api/v1/me", headers={"authorization": f"Bearer {told['access_token']}"})
    assert me.json() == told["staff"] | {"kind": "staff", "duties": []}
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'staff.signed_in'") == 1


async def test_without_the_second_factor_nobody_gets_in(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    await refused(await signed_in(door, clerk, otp=None), 401, "otp_required")
    await refused(await signed_in(door, clerk, otp="000000"), 401, "staff_sign_in_refused")


async def test_a_code_is_taken_once(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    with clock.stopped():
        otp = code(clerk)
        assert (await signed_in(door, clerk, otp=otp)).status_code == 200
        again = await signed_in(door, clerk, otp=otp)
        assert (again.status_code, again.json()["code"]) == (401, "otp_already_used")
        earlier = await signed_in(door, clerk, otp=code(clerk, half_minutes=-1))
        assert (earlier.status_code, earlier.json()["code"]) == (401, "otp_already_used")
        assert (await signed_in(door, clerk, otp=code(clerk, half_minutes=1))).status_code == 200
        assert await Session.all().count() == 2


async def test_one_code_at_ten_doors_at_once_opens_one(clerk: Clerk) -> None:
    otp = code(clerk)
    tries = [
        staff.sign_in(username="ga.chen", password=clerk.secrets.password, otp=otp, source=f"s{n}") for n in range(10)
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(o, StaffMember) for o in outcomes) == 1


async def test_a_code_from_a_minute_ago_is_too_old(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    await refused(await signed_in(door, clerk, otp=code(clerk, half_minutes=-3)), 401, "staff_sign_in_refused")
    await refused(await signed_in(door, clerk, otp=code(clerk, half_minutes=3)), 401, "staff_sign_in_refused")


async def test_wrong_and_unknown_get_the_same_answer(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    wrong = await signed_in(door, clerk, password="not-the-password")
    unknown = await signed_in(door, clerk, username="nobody", password="not-the-password")
    await refused(wrong, 401, "staff_sign_in_refused")
    await refused(unknown, 401, "staff_sign_in_refused")
    differing = {"request_id"}
    assert {k: v for k, v in wrong.json().items() if k not in differing} == {
        k: v for k, v in unknown.json().items() if k not in differing
    }
    ignored = {"x-request-id", "date", "content-length"}
    assert {k: v for k, v in wrong.headers.items() if k not in ignored} == {
        k: v for k, v in unknown.headers.items() if k not in ignored
    }


async def test_waits_grow_with_failures_for_known_and_unknown_alike(database: str) -> None:
    for name in ("ga.chen", "nobody"):
        waits = []
        moved = timedelta()
        for _ in range(8):
            with clock.moved(moved):
                await troubles.count_try(username=name, source="one")
                try:
                    await troubles.count_try(username=name, source="one")
                except TooMany as wait:
                    waits.append(wait.extra["retry_after_s"])
                    moved += timedelta(seconds=wait.extra["retry_after_s"])
        assert waits == sorted(waits)
        assert waits[-1] > 4 * waits[0]


async def test_a_thousand_tries_from_fifty_sources_leave_the_owner_a_way_in(
    door: httpx2.AsyncClient, clerk: Clerk
) -> None:
    assert (await signed_in(door, clerk)).status_code == 200  # the owner's usual place
    judged = 0
    for n in range(1000):
        try:
            await troubles.count_try(username="ga.chen", source=f"thief-{n % 50}")
            judged += 1
        except TooMany:
            pass
    assert judged < 100
    assert (await signed_in(door, clerk, otp=code(clerk, half_minutes=1))).status_code == 200
    with clock.moved(timedelta(seconds=61)):
        await troubles.count_try(username="ga.chen", source="a place the owner never was")


async def test_tries_at_once_cannot_overtake_the_counter(database: str) -> None:
    outcomes = await asyncio.gather(
        *(troubles.count_try(username="ga.chen", source="one") for _ in range(50)), return_exceptions=True
    )
    assert sum(o is None for o in outcomes) == troubles.FREE_FROM_SOURCE
    assert sum(isinstance(o, TooMany) for o in outcomes) == 50 - troubles.FREE_FROM_SOURCE


async def test_a_right_try_ends_the_waiting(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    for _ in range(2):
        await refused(await signed_in(door, clerk, password="wrong"), 401, "staff_sign_in_refused")
    assert (await signed_in(door, clerk)).status_code == 200
    assert (await signed_in(door, clerk, password="wrong")).status_code == 401


async def test_after_three_failures_the_next_try_waits(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    for _ in range(3):
        await refused(await signed_in(door, clerk, password="wrong"), 401, "staff_sign_in_refused")
    waiting = await signed_in(door, clerk)
    await refused(waiting, 429, "too_many_requests")
    assert waiting.json()["retry_after_s"] == 1


async def test_a_disabled_member_looks_like_a_wrong_password(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    await staff.disable(clerk.member, actor="system")
    await refused(await signed_in(door, clerk), 401, "staff_sign_in_refused")


async def test_a_member_without_a_password_cannot_sign_in(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    await StaffMember.all().update(password_hash="")
    for password in ("", "x", clerk.secrets.password):
        response = await signed_in(door, clerk, password=password)
        assert response.status_code in (401, 422)
    assert await Session.all().count() == 0


async def test_who_has_no_second_factor_is_let_in_to_enrol_one_and_for_nothing_else(
    door: httpx2.AsyncClient, clerk: Clerk
) -> None:
    await StaffMember.all().update(totp_sealed=None)
    response = await signed_in(door, clerk, otp=None)
    assert (response.status_code, response.json()["must_first"]) == (200, "second_factor")
    me = await door.get("/api/v1/me", headers={"authorization": f"Bearer {response.json()['access_token']}"})
    assert (me.status_code, me.json()["code"]) == (403, "second_factor_missing")


async def test_many_tries_from_one_address_are_asked_to_wait(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    config.install(config.current(OfficeSettings).model_copy(update={"staff_sign_ins_per_minute": 2}))
    for n in range(2):
        await refused(await signed_in(door, clerk, username=f"nobody{n}"), 401, "staff_sign_in_refused")
    await refused(await signed_in(door, clerk), 429, "too_many_requests")


async def test_a_new_account_names_real_roles_and_a_real_department(clerk: Clerk) -> None:
    with pytest.raises(UnknownRole):
        await staff.add_staff("x", name="x", roles=["emperor"], department="GA")
    with pytest.raises(UnknownRole):
        await staff.add_staff("x", name="x", roles=["citizen"], department="GA")
    with pytest.raises(UnknownDepartment):
        await staff.add_staff("x", name="x", roles=["clerk"], department="NOWHERE")
    with pytest.raises(UsernameTaken):
        await staff.add_staff("ga.chen", name="x", roles=["clerk"], department="GA")
    assert await StaffMember.all().count() == 1


async def test_secrets_of_staff_are_neither_logged_nor_readable_in_the_rows(
    door: httpx2.AsyncClient, clerk: Clerk, capsys: pytest.CaptureFixture[str]
) -> None:
    await signed_in(door, clerk)
    await signed_in(door, clerk, password="a-wrong-canary")
    printed = "".join(capsys.readouterr())
    assert '"event": "request"' in printed
    rows = await db.fetch("SELECT to_jsonb(t)::text AS row FROM auth_staff_member t")
    rows = [*rows, *await db.fetch("SELECT to_jsonb(t)::text AS row FROM kit_audit t")]
    for secret in (clerk.secrets.password, clerk.secrets.totp_secret, "a-wrong-canary"):
        assert secret not in printed
        assert all(secret not in r["row"] for r in rows)


@pytest.mark.parametrize("body", [{}, {"username": "x"}, {"username": "x", "password": "y", "role": "admin"}, []])
async def test_a_sign_in_that_is_none_is_refused(door: httpx2.AsyncClient, body: Any) -> None:
    assert (await door.post("/api/v1/auth/staff/sign-in", json=body)).status_code == 422
