import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from auth import sessions
from auth.errors import RefreshRefused
from auth.events import RefreshTokenReused
from auth.jobs import purge_old_sessions
from auth.models import RefreshToken, Session
from kit import clock, db, events
from tests.auth.conftest import Clerk, Phone

pytestmark = pytest.mark.anyio
DEVICE = {"x-device-id": "phone-1"}


@pytest.fixture
async def tokens(phone: Any) -> dict[str, Any]:
    """A citizen's tokens, of a device that names itself."""
    handset: Phone = phone("13800000050")
    handset.door.headers.update(DEVICE)
    told: dict[str, Any] = (await handset.tap()).json()
    return told


async def refreshed(door: httpx2.AsyncClient, token: str, **headers: str) -> httpx2.Response:
    return await door.post("/api/v1/auth/refresh", json={"refresh_token": token}, headers=headers)


async def me(door: httpx2.AsyncClient, access_token: str) -> int:
    return (await door.get("/api/v1/me", headers={"authorization": f"Bearer {access_token}"})).status_code


async def refused(response: httpx2.Response) -> None:
    assert (response.status_code, response.json()["code"]) == (401, "refresh_refused")


async def test_a_refresh_token_is_used_up_by_its_successor(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    told = (await refreshed(door, tokens["refresh_token"])).json()
    assert told["refresh_token"] != tokens["refresh_token"]
    assert set(told) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert await me(door, told["access_token"]) == 200
    assert await Session.all().count() == 1


async def test_twenty_refreshes_at_once_give_one_successor(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(refreshed(door, tokens["refresh_token"]) for _ in range(20)))
    assert [a.status_code for a in answers] == [200] * 20
    assert len({a.json()["refresh_token"] for a in answers}) == 1
    assert (await refreshed(door, answers[0].json()["refresh_token"])).status_code == 200
    assert await RefreshToken.filter(used_at=None).count() == 1


async def test_a_lost_answer_can_be_asked_for_again_for_ten_seconds(
    door: httpx2.AsyncClient, tokens: dict[str, Any]
) -> None:
    first = (await refreshed(door, tokens["refresh_token"])).json()
    with clock.moved(timedelta(seconds=9)):
        again = (await refreshed(door, tokens["refresh_token"])).json()
    assert again["refresh_token"] == first["refresh_token"]


async def test_an_old_refresh_token_met_later_ends_the_family_and_is_told(
    door: httpx2.AsyncClient, tokens: dict[str, Any], drain: Any
) -> None:
    seen: list[RefreshTokenReused] = []
    events.subscribe(RefreshTokenReused, seen_by(seen))
    successor = (await refreshed(door, tokens["refresh_token"])).json()
    assert await me(door, successor["access_token"]) == 200
    with clock.moved(timedelta(seconds=11)):
        await refused(await refreshed(door, tokens["refresh_token"]))
        await refused(await refreshed(door, successor["refresh_token"]))
    assert await me(door, successor["access_token"]) == 401
    await drain()
    assert [str(e.person) for e in seen] == [tokens["citizen"]["id"]]
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'session.token_reused'") == 1


def seen_by(seen: list[RefreshTokenReused]) -> Any:
    async def remember(event: RefreshTokenReused) -> None:
        seen.append(event)

    return remember


async def test_an_old_refresh_token_from_another_device_ends_the_family_at_once(
    door: httpx2.AsyncClient, tokens: dict[str, Any]
) -> None:
    successor = (await refreshed(door, tokens["refresh_token"])).json()
    await refused(await refreshed(door, tokens["refresh_token"], **{"x-device-id": "thief"}))
    await refused(await refreshed(door, successor["refresh_token"]))
    assert await me(door, successor["access_token"]) == 401


async def test_a_much_older_refresh_token_is_recognised_too(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    token = tokens["refresh_token"]
    for minute in range(1, 4):
        with clock.moved(timedelta(minutes=minute)):
            token = (await refreshed(door, token)).json()["refresh_token"]
    with clock.moved(timedelta(minutes=5)):
        await refused(await refreshed(door, tokens["refresh_token"]))
        await refused(await refreshed(door, token))


async def test_signing_out_ends_the_session_and_its_tokens(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    response = await door.post("/api/v1/auth/sign-out", headers=bearer)
    assert (response.status_code, response.content) == (204, b"")
    assert await me(door, tokens["access_token"]) == 401
    await refused(await refreshed(door, tokens["refresh_token"]))


async def test_signing_out_here_leaves_other_devices_signed_in_and_everywhere_does_not(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    handset: Phone = phone("13800000051")
    first, second, third = [(await handset.tap()).json() for _ in range(3)]
    await door.post("/api/v1/auth/sign-out", headers={"authorization": f"Bearer {first['access_token']}"}, json={})
    assert [await me(door, t["access_token"]) for t in (first, second, third)] == [401, 200, 200]
    bearer = {"authorization": f"Bearer {second['access_token']}"}
    await door.post("/api/v1/auth/sign-out", headers=bearer, json={"everywhere": True})
    assert [await me(door, t["access_token"]) for t in (second, third)] == [401, 401]
    await refused(await refreshed(door, third["refresh_token"]))


async def test_a_session_of_before_signing_in_is_another_one(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000052")
    first = (await handset.tap()).json()
    await door.post("/api/v1/auth/sign-out", headers={"authorization": f"Bearer {first['access_token']}"})
    second = (await handset.tap()).json()
    assert await me(door, first["access_token"]) == 401
    assert await me(door, second["access_token"]) == 200
    assert await Session.all().count() == 2


async def test_a_device_left_unused_for_thirty_days_is_signed_out(
    door: httpx2.AsyncClient, tokens: dict[str, Any]
) -> None:
    with clock.moved(timedelta(days=29)):
        token = (await refreshed(door, tokens["refresh_token"])).json()["refresh_token"]
    with clock.moved(timedelta(days=29 + 31)):
        await refused(await refreshed(door, token))


async def test_refreshing_does_not_outlive_the_session(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    token = tokens["refresh_token"]
    for days in range(20, 180, 20):
        with clock.moved(timedelta(days=days)):
            token = (await refreshed(door, token)).json()["refresh_token"]
    with clock.moved(timedelta(days=181)):
        await refused(await refreshed(door, token))


async def test_what_is_no_refresh_token_is_refused(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    assert len(tokens["access_token"]) > 200
    too_long = await refreshed(door, tokens["access_token"])
    assert (too_long.status_code, too_long.json()["code"]) == (422, "invalid_request")
    for token in ("x", "a" * 43, tokens["refresh_token"][:-1], tokens["refresh_token"].upper()):
        await refused(await refreshed(door, token))
    assert await Session.filter(ended_at=None).count() == 1


async def test_staff_are_signed_out_when_idle_and_at_the_end_of_the_day(clerk: Clerk) -> None:
    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device="d")
    with clock.moved(timedelta(minutes=29)):
        opened = await sessions.rotate(opened.refresh_token, device="d")
    with clock.moved(timedelta(minutes=29 + 31)):
        with pytest.raises(RefreshRefused):
            await sessions.rotate(opened.refresh_token, device="d")
    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device="d")
    for n in range(1, 29):
        with clock.moved(timedelta(minutes=25 * n)):
            opened = await sessions.rotate(opened.refresh_token, device="d")
    with clock.moved(timedelta(hours=12, minutes=1)):
        with pytest.raises(RefreshRefused):
            await sessions.rotate(opened.refresh_token, device="d")


async def test_a_refresh_takes_the_roles_one_has_now(clerk: Clerk, door: httpx2.AsyncClient) -> None:
    mark = sessions.digest_of("phone-1")[:32]
    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device=mark)
    await db.execute("""UPDATE auth_staff_member SET roles = '["clerk", "finance"]'""")
    told = (await refreshed(door, opened.refresh_token, **DEVICE)).json()
    answer = await door.get("/api/v1/me", headers={"authorization": f"Bearer {told['access_token']}"})
    assert answer.json()["roles"] == ["clerk", "finance"]


async def test_old_sessions_are_swept_away(door: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    await purge_old_sessions()
    assert await Session.all().count() == 1
    with clock.moved(timedelta(days=211)):
        await purge_old_sessions()
    assert (await Session.all().count(), await RefreshToken.all().count()) == (0, 0)
    await refused(await refreshed(door, tokens["refresh_token"]))


async def test_no_token_is_readable_in_the_rows(tokens: dict[str, Any], door: httpx2.AsyncClient) -> None:
    successor = (await refreshed(door, tokens["refresh_token"])).json()["refresh_token"]
    rows = await db.fetch("SELECT to_jsonb(t)::text AS row FROM auth_refresh_token t")
    assert len(rows) == 2
    assert all(token not in r["row"] for r in rows for token in (tokens["refresh_token"], successor))
