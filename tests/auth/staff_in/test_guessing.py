"""Guessing: waits that grow, for known and unknown alike, and a door that stays open to the owner."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher

from auth.credentials import hashing
from auth.models import Session, StaffMember
from kit import clock, config, db
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Clerk
from tests.auth.staff_in.conftest import API, Desk, code_of, set_to

pytestmark = pytest.mark.anyio
Try = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
def from_source(door: httpx2.AsyncClient, settings: OfficeSettings) -> Try:
    """A try from one of many addresses, each told by a proxy the office trusts."""
    set_to(trusted_proxies="203.0.113.5", staff_sign_ins_per_minute=100_000)

    async def one(source: str, username: str = "ga.chen", password: str = "wrong", **more: Any) -> httpx2.Response:
        headers = {"x-forwarded-for": source, "user-agent": "guesser"}
        body = {"username": username, "password": password} | more
        return await door.post(f"{API}/auth/staff/sign-in", json=body, headers=headers)

    return one


async def test_a_thousand_tries_from_fifty_sources_wait_longer_and_longer_and_lock_nobody_out(
    from_source: Try, clerk: Clerk
) -> None:
    home = "198.51.100.7"
    otp = code_of(clerk.secrets.totp_secret)
    assert (await from_source(home, password=clerk.secrets.password, otp=otp)).status_code == 200
    answers = [await from_source(f"192.0.2.{n % 50}") for n in range(1000)]
    judged = [a for a in answers if a.status_code == 401]
    waits = [a.json()["retry_after_s"] for a in answers if a.status_code == 429]
    assert len(judged) + len(waits) == 1000
    assert len(judged) < 60
    assert max(waits) <= 15 * 60
    assert await Session.all().count() == 1
    with clock.moved(timedelta(seconds=30)):  # the owner, from the usual place, in the middle of it
        otp = code_of(clerk.secrets.totp_secret)
        assert (await from_source(home, password=clerk.secrets.password, otp=otp)).status_code == 200
    with clock.moved(timedelta(minutes=2)):  # and from a place they never were, as soon as the short wait is over
        otp = code_of(clerk.secrets.totp_secret)
        assert (await from_source("198.51.100.99", password=clerk.secrets.password, otp=otp)).status_code == 200


async def test_one_source_waits_up_to_a_quarter_of_an_hour_and_no_longer(from_source: Try, clerk: Clerk) -> None:
    waits, moved = [], timedelta()
    for _ in range(16):
        with clock.stopped(), clock.moved(moved):
            answer = await from_source("192.0.2.1")
            while answer.status_code == 401:
                answer = await from_source("192.0.2.1")
            waits.append(answer.json()["retry_after_s"])
            moved += timedelta(seconds=waits[-1])
    assert waits == sorted(waits)
    assert waits[0] <= 2
    assert waits[-1] == 15 * 60


async def test_known_and_unknown_answer_alike_at_every_step(from_source: Try, clerk: Clerk) -> None:
    """Body, status and headers, over a row of failures that ends in waiting."""
    ignored = {"x-request-id", "date"}
    with clock.stopped():
        for n in range(8):
            known = await from_source("192.0.2.1", username="ga.chen", password=f"guess-{n}")
            unknown = await from_source("192.0.2.2", username="ga.nobody", password=f"guess-{n}")
            assert known.status_code == unknown.status_code
            assert {k: v for k, v in known.json().items() if k != "request_id"} == {
                k: v for k, v in unknown.json().items() if k != "request_id"
            }
            headers = [{k: v for k, v in a.headers.items() if k not in ignored} for a in (known, unknown)]
            assert headers[0] == headers[1]


@pytest.mark.parametrize("account", ["known", "unknown", "disabled", "without a password"])
async def test_the_same_work_is_done_whoever_is_guessed_at(
    from_source: Try, clerk: Clerk, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One argon2 comparison of the same cost and one row of audit, whether there is such an account or not."""
    if account == "disabled":
        await StaffMember.all().update(disabled_at=clock.now())
    if account == "without a password":
        await StaffMember.all().update(password_hash="")
    compared: list[str] = []
    verify = PasswordHasher.verify

    def noted(hasher: PasswordHasher, hash_: str, password: str) -> Any:
        compared.append(hash_)
        return verify(hasher, hash_, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    name = "ga.nobody" if account == "unknown" else "ga.chen"
    assert (await from_source("192.0.2.1", username=name)).status_code == 401
    assert len(compared) == 1
    assert compared[0].split("$")[:4] == hashing.NOBODY.split("$")[:4]  # kind, version, memory, time and lanes
    rows = await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'staff.sign_in_refused'")
    assert rows == 1


async def test_a_right_password_with_a_wrong_code_waits_too(desk: Desk, clerk: Clerk) -> None:
    config.install(config.current(OfficeSettings).model_copy(update={"staff_sign_ins_per_minute": 1000}))
    answers = [await desk.sign_in("ga.chen", clerk.secrets.password, otp="000000") for _ in range(5)]
    assert [a.status_code for a in answers] == [401, 401, 401, 429, 429]
    assert await Session.all().count() == 0
