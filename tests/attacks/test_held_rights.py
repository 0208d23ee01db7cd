"""A role or duty that is taken away between check and write: the write fails. On PostgreSQL, two hundred rounds each."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from auth import sessions
from auth.accounts import routes as accounts
from auth.callers import hold
from auth.models import Citizen, Duty, StaffMember
from auth.tokens import access_token, authenticator
from kit import audit, config, db
from kit.web import install_authenticator, install_rights_keeper
from mobileapi.applications import routes as applications
from mobileapi.applications.models import Application, Change
from mobileapi.materials import routes as materials
from mobileapi.materials.developing import open_darkrooms
from mobileapi.settings import OfficeSettings
from payments import routes as payments
from payments.models import ReconciliationRun
from tests.applications.office import DISTRICT, Office, filed, key, open_office
from tests.materials.app import application, client
from tests.materials.people import verified_citizen
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio
ROUNDS = 200


@dataclass
class Desk:
    """A member of staff with a real token, and the application they call."""

    staff: UUID
    roles: list[str]
    http: httpx2.AsyncClient

    async def restore(self) -> None:
        await StaffMember.filter(id=self.staff).update(roles=self.roles, disabled_at=None)
        sessions.forget_states()


@pytest.fixture
async def office(database: str, settings: OfficeSettings) -> AsyncIterator[Office]:
    config.install(settings.model_copy(update={"limit_person_per_minute": 1_000_000, "wechatpay_mch_id": "1900000109"}))  # fmt: skip  # hundreds of rounds by one
    async with open_darkrooms(1):
        opened = await open_office()
        opened.app = application([*materials.ROUTES, *applications.ROUTES, *payments.ROUTES, *accounts.ROUTES])
        install_authenticator(authenticator)
        install_rights_keeper(hold)
        yield opened


@asynccontextmanager
async def signed_in(office: Office, staff: UUID, *roles: str) -> AsyncIterator[Desk]:
    await StaffMember.filter(id=staff).update(roles=list(roles))
    opened = await sessions.open_session(kind="staff", person=staff, device="desk")
    token = access_token(person=staff, kind="staff", roles=frozenset(roles), session=opened.session.id).text
    async with client(office.app, token) as http:
        yield Desk(staff, list(roles), http)


@asynccontextmanager
async def citizen_signed_in(office: Office, person: Citizen) -> AsyncIterator[httpx2.AsyncClient]:
    opened = await sessions.open_session(kind="citizen", person=person.id, device="phone")
    token = access_token(person=person.id, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id)
    async with client(office.app, token.text) as http:
        yield http


async def until_somebody_waits(connection: "asyncpg.Connection[Any]") -> None:
    """Until a statement of another connection waits for a lock; the answer is the database's own."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # fmt: skip
    async with asyncio.timeout(WAIT_S):
        while not await connection.fetchval(waiting):
            await asyncio.sleep(0)


async def taken_away_in_between(
    desk: Desk, act: Callable[[], Awaitable[httpx2.Response]], *, database: str, how: str, refused: set[int]
) -> None:
    """
    Each round: the loss of the right is under way and not yet committed when the caller is checked, and committed
    before they write.
    """
    connection = await asyncpg.connect(database)
    watcher = await asyncpg.connect(database)
    try:
        for _ in range(ROUNDS):
            await desk.restore()
            async with asyncio.TaskGroup() as group:
                change = connection.transaction()
                await change.start()
                await connection.execute(how, desk.staff)
                answer: asyncio.Task[httpx2.Response] = group.create_task(act())  # type: ignore[arg-type]
                await until_somebody_waits(watcher)
                await change.commit()
            assert answer.result().status_code in refused, answer.result().text
    finally:
        await connection.close()
        await watcher.close()


NO_ROLE = "UPDATE auth_staff_member SET roles = '[\"auditor\"]' WHERE id = $1"
DISABLED = "UPDATE auth_staff_member SET disabled_at = now() WHERE id = $1"


async def test_a_case_is_not_decided_by_a_clerk_who_lost_the_role_meanwhile(office: Office, database: str) -> None:
    async with citizen_signed_in(office, await verified_citizen()) as phone:
        case = await filed(phone)
    before = await Application.get(id=case["id"])
    url = f"/api/v1/desk/applications/{case['id']}/accept"
    async with signed_in(office, office.owner, "clerk") as desk:
        for how, refused in ((NO_ROLE, {403}), (DISABLED, {401})):
            await taken_away_in_between(
                desk, lambda: desk.http.post(url, json={"version": before.version}, headers=key()),
                database=database, how=how, refused=refused,
            )  # fmt: skip
        after = await Application.get(id=case["id"])
        assert (after.state, after.version) == (before.state, before.version)
        assert await Change.filter(to_state="accepted").count() == 0
        assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'case.accept'") == 0
        await desk.restore()
        accepted = await desk.http.post(url, json={"version": before.version}, headers=key())
        assert accepted.status_code == 200, "nothing else was in the way"


async def test_a_duty_that_ends_meanwhile_ends_the_act(office: Office, database: str) -> None:
    async with citizen_signed_in(office, await verified_citizen()) as phone:
        case = await filed(phone)
    url = f"/api/v1/desk/applications/{case['id']}/unmask"
    wish = {"field": "phone", "reason": "核对联系方式"}
    await Duty.create(staff_id=office.stranger, item_code=str(case["item"]["code"]), region_code=DISTRICT, role="other")  # type: ignore[index]
    async with signed_in(office, office.stranger, "clerk") as desk:
        assert (await desk.http.post(url, json=wish)).status_code == 200, "by duty alone"
        connection, watcher = await asyncpg.connect(database), await asyncpg.connect(database)
        try:
            for _ in range(ROUNDS):
                async with asyncio.TaskGroup() as group:
                    change = connection.transaction()
                    await change.start()
                    kept = await connection.fetch("DELETE FROM auth_duty WHERE staff_id = $1 RETURNING *", desk.staff)
                    answer = group.create_task(desk.http.post(url, json=wish))
                    await until_somebody_waits(watcher)
                    await change.commit()
                assert answer.result().status_code == 404, answer.result().text
                await Duty.create(staff_id=desk.staff, item_code=kept[0]["item_code"], region_code=DISTRICT, role="other")  # fmt: skip
        finally:
            await connection.close()
            await watcher.close()
    told = await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'personal_data.unmasked'")
    assert told == 1, "the first look only"


async def test_a_day_of_the_books_is_not_run_by_somebody_who_left_finance_meanwhile(
    office: Office, database: str
) -> None:
    day = {"channel": "wechat", "day": "2026-11-20"}
    async with signed_in(office, office.colleague, "finance") as desk:
        await taken_away_in_between(
            desk, lambda: desk.http.post("/api/v1/reconciliations", json=day, headers=key()),
            database=database, how=NO_ROLE, refused={403},
        )  # fmt: skip
    assert await ReconciliationRun.all().count() == 0


async def test_an_account_is_not_closed_by_somebody_who_is_no_administrator_any_more(
    office: Office, database: str
) -> None:
    async with signed_in(office, office.colleague, "admin") as desk:
        await taken_away_in_between(
            desk, lambda: desk.http.post(f"/api/v1/staff/{office.stranger}/disable"),
            database=database, how=NO_ROLE, refused={403},
        )  # fmt: skip
    assert (await StaffMember.get(id=office.stranger)).disabled_at is None
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action LIKE 'staff.%disabled%'") == 0


async def test_of_an_act_and_the_loss_of_its_right_the_log_tells_which_came_first(office: Office) -> None:
    """Without any order imposed: whatever was let through stands in the log before the removal."""
    async with citizen_signed_in(office, await verified_citizen()) as phone:
        case = await filed(phone)
    url, chance = f"/api/v1/desk/applications/{case['id']}/unmask", random.Random(177)
    outcomes: dict[int, int] = {}
    async with signed_in(office, office.owner, "clerk") as desk:

        async def remove(after_s: float) -> None:
            await asyncio.sleep(after_s)
            async with db.transaction():
                await StaffMember.filter(id=desk.staff).update(roles=["auditor"])
                await audit.record(actor="staff:admin", action="role.removed", subject=f"staff:{desk.staff}")

        for _ in range(ROUNDS):
            await desk.restore()
            answer, _ = await asyncio.gather(
                desk.http.post(url, json={"field": "phone", "reason": "核对联系方式"}), remove(chance.random() * 0.012)
            )
            outcomes[answer.status_code] = outcomes.get(answer.status_code, 0) + 1
            last = await db.fetch("SELECT action FROM kit_audit ORDER BY seq DESC LIMIT 2")
            assert last[0]["action"] == "role.removed", "nothing is written under a role that is gone"
            assert (last[1]["action"] == "personal_data.unmasked") == (answer.status_code == 200)
    assert set(outcomes) <= {200, 401, 403, 404}
    assert outcomes.get(200, 0) > 5, outcomes
    assert ROUNDS - outcomes.get(200, 0) > 5, outcomes
