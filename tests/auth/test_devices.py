"""Where one is signed in: the list, ending one from afar, and being told of a new one."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth import sessions
from auth.devices import network_of
from auth.events import SignedInOnNewDevice
from auth.models import Session
from kit import clock, db, events
from tests.auth.conftest import Clerk, Phone

pytestmark = pytest.mark.anyio
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.50"


def bearer(told: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {told['access_token']}"}


async def tapped(handset: Phone, device: str, agent: str = IPHONE) -> dict[str, Any]:
    codes = await handset.codes()
    headers = {"x-device-id": device, "user-agent": agent}
    told: dict[str, Any] = (
        await handset.door.post("/api/v1/auth/one-tap", json={"platform": "wechat"} | codes, headers=headers)
    ).json()
    return told


async def listed(door: httpx2.AsyncClient, told: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await door.get("/api/v1/me/devices", headers=bearer(told), params=query)).json()
    return answer


async def test_a_person_sees_where_they_are_signed_in_and_which_is_this_device(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    handset: Phone = phone("13800000071")
    await tapped(handset, "old phone")
    here = await tapped(handset, "new phone", "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36")
    items = (await listed(door, here))["items"]
    assert [(i["name"], i["way"], i["network"], i["current"]) for i in items] == [
        ("Windows · Chrome", "wechat", "203.0.113.*", True),
        ("iPhone · WeChat", "wechat", "203.0.113.*", False),
    ]
    assert "203.0.113.5" not in str(await db.fetch("SELECT to_jsonb(s)::text FROM auth_session s"))


async def test_a_device_ended_from_afar_is_refused_and_leaves_the_list(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000072")
    lost, here = await tapped(handset, "lost"), await tapped(handset, "here")
    there = next(i for i in (await listed(door, here))["items"] if not i["current"])
    assert (await door.delete(f"/api/v1/me/devices/{there['id']}", headers=bearer(here))).status_code == 204
    assert (await door.get("/api/v1/me", headers=bearer(lost))).status_code == 401
    refreshed = await door.post(
        "/api/v1/auth/refresh", json={"refresh_token": lost["refresh_token"]}, headers={"x-device-id": "lost"}
    )
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "refresh_refused")
    assert [i["current"] for i in (await listed(door, here))["items"]] == [True]
    again = await door.delete(f"/api/v1/me/devices/{there['id']}", headers=bearer(here))
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'session.device_ended'") == 1


async def test_somebody_elses_device_looks_as_if_it_were_not_there(phone: Any, door: httpx2.AsyncClient) -> None:
    mine, theirs = await tapped(phone("13800000073"), "mine"), await tapped(phone("13800000074"), "theirs")
    session = next(i["id"] for i in (await listed(door, theirs))["items"])
    answers = [
        await door.delete(f"/api/v1/me/devices/{named}", headers=bearer(mine)) for named in (session, uuid4(), "x")
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert bodies[0] == bodies[1] == bodies[2]
    assert (await door.get("/api/v1/me", headers=bearer(theirs))).status_code == 200


async def test_staff_see_and_end_their_own_devices(clerk: Clerk, door: httpx2.AsyncClient) -> None:
    desk = await sessions.open_session(kind="staff", person=clerk.member.id, device="desk")
    afar = await sessions.open_session(kind="staff", person=clerk.member.id, device="afar")
    told = {"access_token": token_of(clerk, desk.session.id)}
    assert {i["id"] for i in (await listed(door, told))["items"]} == {str(desk.session.id), str(afar.session.id)}
    await door.delete(f"/api/v1/me/devices/{afar.session.id}", headers=bearer(told))
    assert [s.id for s in await sessions.open_of(kind="staff", person=clerk.member.id)] == [desk.session.id]


def token_of(clerk: Clerk, session: UUID) -> str:
    from auth.tokens import access_token

    return access_token(person=clerk.member.id, kind="staff", roles=frozenset({"clerk"}), session=session).text


async def test_a_session_left_unused_for_too_long_is_no_device_any_more(clerk: Clerk) -> None:
    await sessions.open_session(kind="staff", person=clerk.member.id, device="desk")
    with clock.moved(timedelta(minutes=31)):
        assert await sessions.open_of(kind="staff", person=clerk.member.id) == []


async def test_the_list_comes_in_pages(phone: Any, door: httpx2.AsyncClient) -> None:
    handset: Phone = phone("13800000075")
    for n in range(3):
        here = await tapped(handset, f"phone {n}")
    first = await listed(door, here, limit=2)
    await sessions.end_session(UUID(first["items"][1]["id"]), reason="device_ended", actor="test")
    rest = await listed(door, here, limit=2, cursor=first["next_cursor"])
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert len({i["id"] for i in first["items"] + rest["items"]}) == 3


async def test_being_seen_is_noted_to_the_minute_and_once(phone: Any, door: httpx2.AsyncClient) -> None:
    here = await tapped(phone("13800000076"), "here")
    for _ in range(5):
        await listed(door, here)
    assert await sessions.write_seen() == 1
    assert await sessions.write_seen() == 0
    seen_at = (await Session.get()).seen_at
    assert seen_at is not None
    assert (seen_at.second, seen_at.microsecond) == (0, 0)
    assert clock.now() - seen_at < timedelta(minutes=1)


async def test_a_first_sign_in_on_a_device_is_told_and_a_second_is_not(phone: Any, drain: Any) -> None:
    seen: list[SignedInOnNewDevice] = []
    events.subscribe(SignedInOnNewDevice, told_to(seen))
    handset: Phone = phone("13800000077")
    joined = await tapped(handset, "first")
    for device in ("first", "second", "second", "first"):
        await tapped(handset, device)
    await drain()
    assert [(str(e.person), e.kind, e.way, e.agent) for e in seen] == [
        (joined["citizen"]["id"], "citizen", "wechat", "iPhone · WeChat")
    ]


def told_to(seen: list[SignedInOnNewDevice]) -> Any:
    async def note(event: SignedInOnNewDevice) -> None:
        seen.append(event)

    return note


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.*"), ("10.1.2.3", "10.1.2.*"), ("2001:db8:7:1::5", "2001:db8:7::*"),
        ("2001:db8::5", "2001:db8::*"), ("::1", "::*"), ("::ffff:203.0.113.9", "203.0.113.*"), ("", ""), ("unix", ""),
    ],
)  # fmt: skip
def test_of_an_address_only_its_network_is_kept(address: str, network: str) -> None:
    assert network_of(address) == network
