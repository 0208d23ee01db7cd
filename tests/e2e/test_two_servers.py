"""Two server processes on one database: keys change under traffic, and who is to be out is out everywhere within 5 s."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest
from websockets.exceptions import ConnectionClosed

from auth import sessions
from auth.models import Citizen, Department, Session, StaffMember
from auth.staff import disable
from auth.tokens import access_token
from kit import clock, db
from mobileapi.settings import OfficeSettings
from tests.chat.test_outages import redis_server
from tests.e2e.conftest import ROOT, free_port
from tests.e2e.test_serving import started
from tests.flows.town import Person, Socket, Town
from tests.patience import BUSY

pytestmark = pytest.mark.anyio
WITHIN_S = 5.0 * BUSY


@dataclass
class Pair:
    """Two servers, and a client of each."""

    towns: list[Town]
    environment: dict[str, str]

    async def keys(self, *words: str) -> str:
        """`handheld keys …` as an operator types it."""
        command = [sys.executable, "-m", "mobileapi.cli", "keys", *words]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")}
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=clean | self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        told, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()[-1000:]
        return told.decode()

    async def published(self) -> list[set[str]]:
        """The key ids each server publishes."""
        answers = [(await town.http.get("/.well-known/jwks.json")).json() for town in self.towns]
        return [{key["kid"] for key in answer["keys"]} for answer in answers]


@asynccontextmanager
async def two_servers(url: str, settings: OfficeSettings, **more: str) -> AsyncIterator[Pair]:
    processes, addresses = [], []
    try:
        for _ in range(2):
            process, address = await started(url, settings, more=more)
            processes.append(process)
            addresses.append(address)
        async with (
            httpx2.AsyncClient(base_url=addresses[0], trust_env=False, timeout=60) as one,
            httpx2.AsyncClient(base_url=addresses[1], trust_env=False, timeout=60) as two,
        ):
            towns = [Town(addresses[0], one, {}), Town(addresses[1], two, {})]
            yield Pair(towns, {"HANDHELD_DATABASE_URL": url, "HANDHELD_DATA_DIR": str(settings.data_dir)} | more)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            await asyncio.to_thread(process.wait, 15)


@dataclass
class Guest:
    """Somebody signed in, with their tokens."""

    id: UUID
    kind: str
    session: UUID
    token: str
    refresh: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", "x-device-id": "guest"}


async def signed_in(person: Citizen | StaffMember) -> Guest:
    kind = "citizen" if isinstance(person, Citizen) else "staff"
    roles = frozenset({"citizen"}) if isinstance(person, Citizen) else frozenset(person.roles)
    mark = sessions.digest_of("guest")[:32]
    async with db.transaction():
        opened = await sessions.open_session(kind=kind, person=person.id, device=mark)
    token = access_token(person=person.id, kind=kind, roles=roles, session=opened.session.id).text
    return Guest(person.id, kind, opened.session.id, token, opened.refresh_token)


async def citizen() -> Guest:
    return await signed_in(await Citizen.create(assurance="phone", created_at=clock.now()))


async def member(username: str, *roles: str) -> Guest:
    await Department.get_or_create(code="GA", defaults={"name": {"zh": "公安"}, "region_code": "440105000000"})
    made = await StaffMember.create(
        username=username, name=username, department_id="GA", roles=list(roles), created_at=clock.now()
    )
    return await signed_in(made)


@dataclass
class Traffic:
    """Calls and refreshes of one person at both servers in turn, until told to stop."""

    guest: Guest
    answers: list[int] = field(default_factory=list)
    signed_by: set[str] = field(default_factory=set)

    async def flow(self, pair: Pair, until: asyncio.Event) -> None:
        token, refresh, turn = self.guest.token, self.guest.refresh, 0
        while not until.is_set():
            town, other = pair.towns[turn % 2], pair.towns[(turn + 1) % 2]
            headers = {"x-device-id": "guest"}
            for server in (town, other, town):
                called = await server.http.get("/api/v1/me", headers=headers | {"authorization": f"Bearer {token}"})
                self.answers.append(called.status_code)
            renewed = await town.http.post("/api/v1/auth/refresh", json={"refresh_token": refresh}, headers=headers)
            self.answers.append(renewed.status_code)
            token, refresh = renewed.json()["access_token"], renewed.json()["refresh_token"]
            self.signed_by.add(kid_of(token))
            turn += 1


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_keys_rotate_under_traffic_on_two_servers_without_one_refusal(
    database: str, settings: OfficeSettings
) -> None:
    async with two_servers(database, settings) as pair:
        guests = [await citizen() for _ in range(3)]
        former = kid_of(guests[0].token)
        assert await pair.published() == [{former}, {former}]
        traffic, stop = [Traffic(guest) for guest in guests], asyncio.Event()
        async with asyncio.TaskGroup() as group, asyncio.timeout(90):
            flows = [group.create_task(one.flow(pair, stop)) for one in traffic]
            new = (await pair.keys("rotate", "--algorithm", "ES256")).split()[0]
            while not all(new in one.signed_by for one in traffic):  # both servers sign with it
                assert not any(flow.done() for flow in flows)
                await asyncio.sleep(0.05)
            counted = [len(one.answers) for one in traffic]
            while any(len(one.answers) < n + 40 for one, n in zip(traffic, counted, strict=True)):
                await asyncio.sleep(0.05)
            stop.set()
        answers = [status for one in traffic for status in one.answers]
        assert set(answers) == {200}
        assert len(answers) > 200
        assert set.union(*(one.signed_by for one in traffic)) == {former, new}
        assert await pair.published() == [{former, new}, {former, new}]
        assert new in (await pair.keys("list")).splitlines()[0]
        began = time.monotonic()
        await pair.keys("withdraw", former)
        withdrawn = time.monotonic()
        for town in pair.towns:
            await until_refused(town, guests[0])
        assert time.monotonic() - withdrawn < WITHIN_S, f"the command began {withdrawn - began:.1f} s before"
        assert await pair.published() == [{new}, {new}]


async def until_refused(town: Town, guest: Guest) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (await town.http.get("/api/v1/me", headers=guest.bearer)).status_code != 401:
            await asyncio.sleep(0.02)


async def until_closed(side: Socket) -> list[dict[str, Any]]:
    """Every frame until the server closes, which it does with 4401."""
    try:
        while True:
            await side.until("goodbye", within_s=WITHIN_S)
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        assert closed.rcvd.code == 4401
        return side.seen


async def cut_off(pair: Pair, guest: Guest, act: Callable[[], Awaitable[object]]) -> float:
    """Two sockets and two HTTP clients of the guest; how long after `act` the last of them is out."""
    who = [Person(town.http, token=guest.token) for town in pair.towns]
    async with pair.towns[0].socket(who[0]) as here, pair.towns[1].socket(who[1]) as there:
        for town in pair.towns:
            assert (await town.http.get("/api/v1/me", headers=guest.bearer)).status_code == 200
        await act()
        began = time.monotonic()
        async with asyncio.timeout(3 * WITHIN_S):
            told = await asyncio.gather(
                until_closed(here), until_closed(there), *(until_refused(town, guest) for town in pair.towns)
            )
        took = time.monotonic() - began
        for frames in told[:2]:
            assert frames is not None
            assert [f["type"] for f in frames[-1:]] == ["goodbye"]  # and no frame after it
            assert sum(f["type"] == "goodbye" for f in frames) == 1
    return took


async def ends(pair: Pair) -> dict[str, tuple[Guest, Callable[[], Awaitable[object]]]]:
    """Every way in which somebody is to be out."""
    out, everywhere, device, stolen, disabled = [await citizen() for _ in range(5)]
    finance, leaver = await member("finance", "clerk", "finance"), await member("leaver", "clerk")
    one, two = pair.towns
    other_device = await signed_in(await Citizen.get(id=device.id))

    async def reuse() -> None:
        renewed = await one.http.post(
            "/api/v1/auth/refresh", json={"refresh_token": stolen.refresh}, headers={"x-device-id": "guest"}
        )
        assert renewed.status_code == 200
        again = await two.http.post(
            "/api/v1/auth/refresh", json={"refresh_token": stolen.refresh}, headers={"x-device-id": "thief"}
        )
        assert again.status_code == 401

    async def post(guest: Guest, **body: Any) -> None:
        answer = await one.http.post("/api/v1/auth/sign-out", headers=guest.bearer, json=body)
        assert answer.status_code == 204

    async def end_from_afar() -> None:
        answer = await two.http.delete(f"/api/v1/me/devices/{device.session}", headers=other_device.bearer)
        assert answer.status_code == 204

    return {
        "sign-out": (out, lambda: post(out)),
        "sign-out everywhere": (everywhere, lambda: post(everywhere, everywhere=True)),
        "device ended from afar": (device, end_from_afar),
        "refresh token used twice": (stolen, reuse),
        "citizen disabled": (disabled, lambda: Citizen.filter(id=disabled.id).update(disabled_at=clock.now())),
        "role taken away": (finance, lambda: StaffMember.filter(id=finance.id).update(roles=["clerk"])),
        "member of staff disabled": (leaver, lambda: disabled_member(leaver)),
    }


async def disabled_member(guest: Guest) -> None:
    await disable(await StaffMember.get(id=guest.id), actor="system")


@pytest.mark.parametrize("backplane", ["postgres", "redis"])
async def test_who_is_to_be_out_is_out_on_both_servers_within_five_seconds(
    database: str, settings: OfficeSettings, backplane: str
) -> None:
    if backplane == "postgres":
        async with two_servers(database, settings) as pair:
            await all_are_cut_off(pair)
        return
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    port = free_port()
    async with redis_server(port) as redis:
        async with two_servers(database, settings, HANDHELD_REDIS_URL=f"redis://127.0.0.1:{port}") as pair:
            await all_are_cut_off(pair)
            redis.kill()
            redis.wait()
            leaver = await member("last", "clerk", "admin")
            assert await cut_off(pair, leaver, lambda: disabled_member(leaver)) < WITHIN_S
            refused = await pair.towns[1].http.get("/api/v1/staff", headers=leaver.bearer)
            assert refused.status_code == 401  # without Redis nobody is let in who should not be


async def all_are_cut_off(pair: Pair) -> None:
    told = await ends(pair)
    took = await asyncio.gather(*(cut_off(pair, guest, act) for guest, act in told.values()))
    late = {name: seconds for name, seconds in zip(told, took, strict=True) if seconds >= WITHIN_S}
    assert late == {}
    assert await Session.filter(end_reason="token_reused").count() == 1
