"""One desktop and one mobile session a person, unless the office says otherwise; and how long a session may last."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from auth.credentials.devices import browser_of
from auth.models import Session
from kit import clock, db
from tests.auth.conftest import Clerk
from tests.auth.staff_in.conftest import DESKTOP, PHONE, Desk, code_of, refused, set_to

pytestmark = pytest.mark.anyio


async def again(desk: Desk, clerk: Clerk, n: int) -> dict[str, Any]:
    """Signed in once more, with the n-th code."""
    answer = await desk.sign_in(
        "ga.chen", clerk.secrets.password, otp=code_of(clerk.secrets.totp_secret, half_minutes=n)
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize(
    ("agent", "kind", "name"),
    [
        (DESKTOP, "desktop", "Windows · Chrome"),
        (PHONE, "mobile", "iPhone · Safari"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126 Mobile Safari DingTalk/7.6", "mobile", "Android · DingTalk"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Firefox/127", "desktop", "macOS · Firefox"),
        ("", "desktop", ""),
        ("x" * 5000, "desktop", ""),
    ],
)
def test_a_browser_is_known_by_what_it_says(agent: str, kind: str, name: str) -> None:
    assert (browser_of(agent).kind, browser_of(agent).name) == (kind, name)


async def test_a_second_desktop_ends_the_first_and_both_are_told(at_desk: Desk, clerk: Clerk) -> None:
    second = Desk(at_desk.http, DESKTOP.replace("Windows NT 10.0", "Macintosh; Intel Mac OS X"))
    told = await again(second, clerk, 1)
    assert [(e["device_kind"], e["device_name"]) for e in told["ended"]] == [("desktop", "Windows · Chrome")]
    assert (await second.ask("GET", "/me")).status_code == 200
    refused(await at_desk.ask("GET", "/me"), 401, "signed_in_elsewhere")
    answer = await at_desk.ask("POST", "/auth/refresh", {"refresh_token": at_desk.refresh})
    refused(answer, 401, "signed_in_elsewhere")
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'session.signed_in_elsewhere'") == 1


async def test_a_phone_and_a_desktop_live_side_by_side(at_desk: Desk, phone_of_staff: Desk, clerk: Clerk) -> None:
    assert (await again(phone_of_staff, clerk, 1))["ended"] == []
    for desk in (at_desk, phone_of_staff):
        assert (await desk.ask("GET", "/me")).status_code == 200


async def test_where_the_office_refuses_the_answer_names_the_other_device(at_desk: Desk, clerk: Clerk) -> None:
    set_to(staff_sessions="refuse")
    second = Desk(at_desk.http)
    otp = code_of(clerk.secrets.totp_secret, half_minutes=1)
    told = refused(await second.sign_in("ga.chen", clerk.secrets.password, otp=otp), 409, "signed_in_already")
    assert told["device"] == "Windows · Chrome"
    assert (await at_desk.ask("GET", "/me")).status_code == 200
    assert await Session.all().count() == 1
    await at_desk.ask("POST", "/auth/sign-out", {})
    with clock.moved(timedelta(minutes=1)):
        await again(second, clerk, 1)


async def test_a_session_nobody_came_back_to_bars_no_door(at_desk: Desk, clerk: Clerk) -> None:
    set_to(staff_sessions="refuse")
    with clock.moved(timedelta(minutes=31)):
        assert (await again(Desk(at_desk.http), clerk, 0))["ended"] == []


async def test_where_many_are_let_in_none_is_ended(at_desk: Desk, clerk: Clerk) -> None:
    set_to(staff_sessions="many")
    second = Desk(at_desk.http)
    assert (await again(second, clerk, 1))["ended"] == []
    for desk in (at_desk, second):
        assert (await desk.ask("GET", "/me")).status_code == 200


async def test_of_ten_sign_ins_at_once_one_session_is_left(at_desk: Desk, clerk: Clerk) -> None:
    set_to(staff_otp_once=False)
    desks = [Desk(at_desk.http) for _ in range(5)]
    otp = code_of(clerk.secrets.totp_secret, half_minutes=1)
    answers = await asyncio.gather(*(d.sign_in("ga.chen", clerk.secrets.password, otp=otp) for d in desks))
    assert {a.status_code for a in answers} <= {200, 429}
    assert await Session.filter(ended_at=None).count() == 1


async def test_who_is_idle_is_signed_out_and_who_works_is_not(at_desk: Desk) -> None:
    with clock.moved(timedelta(minutes=29)):
        await at_desk.told("POST", "/auth/refresh", {"refresh_token": at_desk.refresh})
    with clock.moved(timedelta(minutes=58)):
        await at_desk.told("POST", "/auth/refresh", {"refresh_token": at_desk.refresh})
    with clock.moved(timedelta(minutes=58 + 31)):
        refused(await at_desk.ask("POST", "/auth/refresh", {"refresh_token": at_desk.refresh}), 401, "refresh_refused")
        assert (await at_desk.ask("GET", "/me")).status_code == 401


async def test_no_session_outlasts_the_working_day(at_desk: Desk) -> None:
    for half_hours in range(1, 25):
        with clock.moved(timedelta(minutes=29 * half_hours)):
            answer = await at_desk.ask("POST", "/auth/refresh", {"refresh_token": at_desk.refresh})
            at_desk.take(answer.json())
        assert (answer.status_code == 200) == (29 * half_hours < 12 * 60), half_hours


async def test_the_limits_are_settings(desk: Desk, clerk: Clerk) -> None:
    set_to(staff_idle_minutes=10, staff_session_hours=1)
    await again(desk, clerk, 0)
    with clock.moved(timedelta(minutes=11)):
        refused(await desk.ask("POST", "/auth/refresh", {"refresh_token": desk.refresh}), 401, "refresh_refused")
