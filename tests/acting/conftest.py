"""An office with a mother, her grown-up child, a stranger, and clerks who examine mandates."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware

from auth import sessions
from auth.acting import routes as acting
from auth.models import Citizen, Department, PlatformIdentity
from auth.tokens import access_token, authenticator
from chat import routes as chat
from kit import clock, config, outbound
from kit.edge import Edge
from kit.web import install_authenticator
from mobileapi import wiring
from mobileapi.applications import routes as applications
from mobileapi.certificates import routes as certificates
from mobileapi.materials import routes as materials
from mobileapi.materials.developing import open_darkrooms
from mobileapi.settings import OfficeSettings
from payments import routes as payments
from tests.applications.office import DISTRICT, Office, clerk, open_office
from tests.materials.people import verified_citizen
from tests.sandbox_server import SandboxServer, start_sandbox

MOTHER = ("王秀英", "440105195503121228", "13800000001")
CHILD = ("李明", "44010519880612962X", "13800000002")
STRANGER = ("赵四", "440105197903259314", "13800000003")
DEVICE = "a phone"
MARK = hashlib.sha256(DEVICE.encode()).hexdigest()[:32]


def checked(first: str) -> str:
    from auth.documents import check_character

    return first[:17] + check_character(first[:17])


@dataclass
class People:
    mother: Citizen
    child: Citizen
    stranger: Citizen


@dataclass
class Town:
    """Doors of the office as they are served, signed in as one wishes."""

    app: Starlette
    office: Office
    examiner: UUID
    people: People

    async def citizen(self, person: Citizen) -> httpx2.AsyncClient:
        opened = await sessions.open_session(kind="citizen", person=person.id, device=MARK)
        token = access_token(
            person=person.id, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id
        ).text
        return self._client(token)

    async def staff(self, member: UUID, role: str = "clerk") -> httpx2.AsyncClient:
        opened = await sessions.open_session(kind="staff", person=member, device=MARK, source="test")
        token = access_token(person=member, kind="staff", roles=frozenset({role}), session=opened.session.id).text
        return self._client(token)

    def _client(self, token: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app), base_url="http://office.test",
            headers={"authorization": f"Bearer {token}", "x-device-id": DEVICE},
        )  # fmt: skip


async def signs_in(person: Citizen) -> Citizen:
    """Somebody who has the app: an identity of a platform leads to the account."""
    await PlatformIdentity.create(
        id=uuid4(),
        platform="wechat",
        app_id="wx",
        open_id=f"o{person.id}",
        citizen_id=person.id,
        created_at=clock.now(),
    )
    return person


async def citizen_of(told: tuple[str, str, str]) -> Citizen:
    name, number, phone = told
    return await signs_in(await verified_citizen(name, id_number=checked(number), phone=phone))


@pytest.fixture
async def town(database: str, settings: OfficeSettings) -> AsyncIterator[Town]:
    async with open_darkrooms(1):
        office = await open_office()
        wiring.connect()
        await Department.create(
            code="ZWFW", name={"zh": "政务服务局", "en": "Services"}, region_code=DISTRICT, credit_code=""
        )
        examiner = await clerk("审核员", "ZWFW")
        install_authenticator(authenticator)
        rooms = (materials, applications, certificates, payments, chat, acting)
        routes = [spec.route("/api/v1") for room in rooms for spec in room.ROUTES]
        people = People(*[await citizen_of(told) for told in (MOTHER, CHILD, STRANGER)])
        yield Town(Starlette(routes=routes, middleware=[Middleware(Edge)]), office, examiner, people)


@pytest.fixture(scope="session")
def registry_process(tmp_path_factory: pytest.TempPathFactory) -> "object":
    with start_sandbox(tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture
async def registry(registry_process: SandboxServer, town: Town) -> AsyncIterator[SandboxServer]:
    """The sandbox's company registry, with our settings pointing at it."""
    registry_process.calm()
    issued = registry_process.credentials
    config.install(
        config.current(OfficeSettings).model_copy(
            update={
                "registry_url": issued["HANDHELD_REGISTRY_URL"],
                "registry_app_id": issued["HANDHELD_REGISTRY_APP_ID"],
                "registry_secret": SecretStr(issued["HANDHELD_REGISTRY_SECRET"]),
            }
        )
    )
    client = outbound.Outbound([registry_process.url])
    outbound.install(client)
    yield registry_process
    await client.close()


def today_plus(days: int) -> str:
    from datetime import timedelta

    return str(clock.today() + timedelta(days=days))
