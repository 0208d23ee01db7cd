"""The small office with its hotline: an owner, a backup, a colleague, a chief, and another office beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.applications import Starlette

from auth.models import Citizen, StaffMember
from auth.staffing.models import Head
from chat.models import Conversation
from kit import clock
from kit.web import Actor
from mobileapi import wiring
from mobileapi.hotline import routes
from mobileapi.hotline.models import WorkOrder
from mobileapi.hotline.orders import open_order
from tests.applications.office import DISTRICT, ITEM, Office, open_office
from tests.materials.app import application, client
from tests.materials.people import verified_citizen


@dataclass
class Desk:
    """Who answers, and how they ask."""

    app: Starlette
    office: Office
    chief: UUID

    def citizen(self, person: UUID) -> httpx2.AsyncClient:
        return client(self.app, f"citizen:{person}")

    def staff(self, staff: UUID, roles: str = "clerk") -> httpx2.AsyncClient:
        return client(self.app, f"staff:{staff}:{roles}")

    def clerk(self, staff: UUID | None = None) -> Actor:
        return Actor(staff or self.office.owner, "staff", frozenset({"clerk"}))

    def chief_actor(self) -> Actor:
        return Actor(self.chief, "staff", frozenset({"supervisor"}))


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    wiring.connect()
    office = await open_office()
    chief = await StaffMember.create(
        username="chief", name="周主管", department_id="GA", roles=["supervisor"], created_at=clock.now()
    )
    await Head.create(kind="department", code="GA", staff_id=chief.id)
    yield Desk(application(routes.ROUTES), office, chief.id)


@pytest.fixture
async def anna(desk: Desk) -> Citizen:
    return await verified_citizen()


async def talk_with(anna: Citizen, clerk: UUID, *, item: str | None = ITEM) -> Conversation:
    """A conversation the clerk has in hand."""
    now = clock.now()
    return await Conversation.create(
        id=uuid4(), citizen_id=anna.id, item_code=item, department_code="GA", department_name={"zh": "GA局"},
        region_code=DISTRICT, state="assigned", clerk_id=clerk, answer_due_at=now, reason_code="owner_on_duty",
        created_at=now,
    )  # fmt: skip


async def opened(desk: Desk, anna: Citizen, **more: object) -> WorkOrder:
    """Opened by the owner out of a conversation with the citizen."""
    talk = await talk_with(anna, desk.office.owner)
    wish: dict[str, object] = {"kind": "help", "words": "楼下路灯坏了，晚上看不清路", "conversation": talk.id}
    return await open_order(desk.clerk(), **(wish | more))  # type: ignore[arg-type]


def key(value: str | None = None) -> dict[str, str]:
    return {"idempotency-key": value or str(uuid4())}


async def acted(http: httpx2.AsyncClient, order: object, action: str, **body: object) -> httpx2.Response:
    """The desk's act, on the version it sees now unless one is given."""
    url = f"/api/v1/desk/work-orders/{order}"
    if "version" not in body:
        body["version"] = (await http.get(url)).json().get("version", 1)
    return await http.post(f"{url}/{action}", json=body, headers=key())
