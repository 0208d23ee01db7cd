"""A Tuesday at eleven in a department with planted rows, and one beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx2
import pytest

from auth.models import Citizen, StaffMember
from chat.models import Conversation, ConversationChange, Inquiry, Message, Presence, Rating, Wait
from kit import clock, db
from mobileapi.applications.models import Application
from mobileapi.insight import board, routes
from mobileapi.ratings.models import Rectification
from tests.chat.office import ITEM, REGION, hire, move_in
from tests.materials.app import application, client

NOW = datetime(2026, 11, 24, 11, tzinfo=ZoneInfo("Asia/Shanghai"))
NAME = {"zh": "补领身份证", "en": "Replace an ID card"}


def at(time: str, *, days: int = 0) -> datetime:
    return datetime.combine(NOW.date(), datetime.strptime(time, "%H:%M:%S").time(), NOW.tzinfo) + timedelta(days=days)


@dataclass
class Hall:
    owner: StaffMember
    backup: StaffMember
    chief: StaffMember
    stranger: StaffMember
    citizen: Citizen

    def screen(self, who: StaffMember, role: str = "supervisor") -> httpx2.AsyncClient:
        board.forget()
        return client(application(routes.ROUTES), f"staff:{who.id}:{role}")

    async def talk(
        self, opened: datetime, *, taken_s: int | None = None, answered_s: int | None = None,
        clerk: StaffMember | None = None, **fields: Any,
    ) -> Conversation:  # fmt: skip
        """A conversation that is over, unless `fields` say otherwise."""
        state = {"state": "closed", "closed_at": opened + timedelta(hours=1), **fields}
        made = await Conversation.create(
            citizen_id=(await move_in()).id, item_code=ITEM, item_name=NAME, region_code=REGION, reason_code="test",
            created_at=opened, last_seq=1, **{"department_code": "GA", **state},
        )  # fmt: skip
        who = clerk or self.owner
        if taken_s is not None:
            moved = opened + timedelta(seconds=taken_s)
            await ConversationChange.create(
                conversation_id=made.id, at=moved, actor="office", to_state="assigned", clerk=who.id, reason_code="test"
            )
        if answered_s is not None:
            await Message.create(
                conversation_id=made.id, seq=1, sender_role="clerk", sender=who.id, sender_name=who.name,
                client_id=str(uuid4()), kind="text", body={"text": "您好"}, at=opened + timedelta(seconds=answered_s),
            )  # fmt: skip
        return made

    async def inquiry(self, opened: datetime, *, due: datetime) -> None:
        async with db.transaction():  # the database wants both, or neither
            made = await self.talk(opened, state="inquiry", inquiry_due_at=due, closed_at=None)
            await Inquiry.create(conversation_id=made.id, department_code="GA", opened_at=opened, due_at=due)

    async def rate(self, talk: Conversation, level: int, *, when: datetime) -> None:
        await Rating.create(conversation_id=talk.id, clerk=self.owner.id, level=level, at=when)

    async def left(self, talk: Conversation, when: datetime) -> None:
        await Wait.create(
            conversation_id=talk.id, department_code="GA", item_code=ITEM, place=1, clerks=1,
            entered_at=talk.created_at, left_at=when, outcome="left",
        )  # fmt: skip

    async def sit(self, who: StaffMember, status: str = "online") -> None:
        await Presence.create(staff_id=who.id, status=status, capacity=5, seen_at=NOW)

    async def case(self, number: str, *, due: datetime, accepted: datetime, department: str = "GA") -> UUID:
        made = await Application.create(
            citizen_id=self.citizen.id, item_code=ITEM, item_version=1, item_name=NAME, department_code=department,
            region_code=REGION, region_path=[REGION], state="accepted", answers={}, case_number=number,
            holder_staff=self.owner.id, created_at=accepted, saved_at=accepted, submitted_at=accepted,
            received_at=accepted, accepted_at=accepted, promised_due=due.date(), statutory_due=due.date(),
            desk_due=due.date(),
        )  # fmt: skip
        return made.id

    async def bad(self, *, due: datetime, department: str = "GA") -> None:
        await Rectification.create(
            kind="application", about=uuid4(), citizen=self.citizen.id, item_code=ITEM, department_code=department,
            region_code=REGION, state="open", opened_at=NOW, contact_due=due.date(), due=due.date(),
        )  # fmt: skip


@pytest.fixture
async def hall(database: str) -> Hall:
    clock.move(NOW - clock.now())
    return Hall(
        owner=await hire("owner", role="owner"), backup=await hire("backup", role="backup"),
        chief=await hire("chief", roles=("supervisor",)),
        stranger=await hire("stranger", department="RS", roles=("supervisor",)), citizen=await move_in(),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    board.forget()
    yield
    board.forget()
