"""An office with a supervisor's line, a conversation that has ended and a case that is decided."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.models import Citizen, StaffMember
from auth.staffing.models import Head
from chat import ratings as talk_ratings
from chat import routes as chat_routes
from chat.events import BadRatingGiven
from chat.models import Conversation
from kit import clock, events
from mobileapi.applications.models import Application
from mobileapi.notify import occasions
from mobileapi.ratings import rectifications, routes, rules
from mobileapi.ratings.events import RectificationConfirmed
from tests.applications.office import DISTRICT, ITEM, STREET, Office, open_office
from tests.materials.app import application, client
from tests.materials.people import verified_citizen


@dataclass
class Counter:
    """`owner` is the clerk who is rated; chief, deputy and director may put it right."""

    office: Office
    chief: UUID
    deputy: UUID
    stranger: UUID
    anna: Citizen

    def staff(self, person: UUID, roles: str = "supervisor") -> httpx2.AsyncClient:
        return client(self.office.app, f"staff:{person}:{roles}")

    def phone(self, person: UUID | None = None) -> httpx2.AsyncClient:
        return client(self.office.app, f"citizen:{person or self.anna.id}")

    async def ended_talk(self, *, clerk: UUID | None = None) -> str:
        made = await Conversation.create(
            citizen_id=self.anna.id, item_code=ITEM, item_name={"zh": "补领身份证"}, department_code="GA",
            region_code=STREET, state="closed", clerk_id=clerk or self.office.owner, reason_code="closed",
            created_at=clock.now(), closed_at=clock.now(),
        )  # fmt: skip
        return str(made.id)

    async def decided_case(self, *, state: str = "approved") -> str:
        number, now = f"HZ{uuid4().int % 10**14:014}", clock.now()
        decided = state in {"approved", "refused", "not_accepted"}
        made = await Application.create(
            citizen_id=self.anna.id, item_code=ITEM, item_version=1, item_name={"zh": "补领身份证"},
            department_code="GA", region_code=STREET, region_path=[STREET, DISTRICT], state=state, answers={},
            case_number=number, holder_staff=self.office.owner, created_at=now, saved_at=now, submitted_at=now,
            received_at=now, accepted_at=now, promised_due=clock.today(), statutory_due=clock.today(),
            decided_at=now if decided else None, decision={"outcome": state} if decided else None,
        )  # fmt: skip
        return str(made.id)


async def supervisor(name: str, department: str) -> UUID:
    person = await StaffMember.create(
        id=uuid4(), username=name, name=name, department_id=department, roles=["supervisor"], created_at=clock.now()
    )
    return person.id


@pytest.fixture
async def counter(database: str) -> AsyncIterator[Counter]:
    opened = await open_office()
    opened.app = application([*routes.ROUTES, *chat_routes.ROUTES])
    talk_ratings.install(rules.judge)
    events.subscribe(BadRatingGiven, rectifications.conversation_rated_badly)
    events.subscribe(RectificationConfirmed, occasions.rectification_confirmed)
    chief, deputy = await supervisor("chief", "GA"), await supervisor("deputy", "GA")
    await Head.create(kind="department", code="GA", staff_id=chief)
    yield Counter(opened, chief, deputy, await supervisor("stranger", "RS"), await verified_citizen())
    talk_ratings._judges.clear()
