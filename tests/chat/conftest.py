"""The office of these tests: one item, its owner, backup and supervisor, a counter that is open."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from auth.models import Citizen, StaffMember
from chat import cards, subjects
from chat.cards import Asked, Sending
from chat.subjects import CaseInfo, SubjectInfo
from kit import config
from kit.errors import NotFound
from kit.texts import text
from mobileapi.settings import OfficeSettings
from tests.chat.office import ITEM, REGION, Counter, counter, hire, move_in


@dataclass
class Roster:
    owner: StaffMember
    backup: StaffMember
    supervisor: StaffMember
    colleague: StaffMember  # of the same department, without a duty for the item
    outsider: StaffMember  # of another department


@pytest.fixture
def settings(settings: OfficeSettings) -> OfficeSettings:
    """Tests talk faster than people; the limit on frames has tests of its own."""
    made = settings.model_copy(update={"chat_frames_per_s": 1000})
    config.install(made)
    return made


@pytest.fixture
async def roster(database: str) -> Roster:
    return Roster(
        owner=await hire("owner", role="owner"),
        backup=await hire("backup", role="backup"),
        supervisor=await hire("supervisor", role="supervisor", roles=("supervisor",)),
        colleague=await hire("colleague"),
        outsider=await hire("outsider", department="RS"),
    )


@pytest.fixture
async def citizen(database: str) -> Citizen:
    return await move_in()


@pytest.fixture
def cases() -> dict[object, CaseInfo]:
    """Applications the look-up knows."""
    return {}


@pytest.fixture(autouse=True)
def catalogue(cases: dict[object, CaseInfo]) -> None:
    async def item(code: str) -> SubjectInfo | None:
        return SubjectInfo(text("补领身份证", "Replace an ID card"), "GA", REGION) if code == ITEM else None

    async def case(application: object) -> CaseInfo | None:
        return cases.get(application)

    async def card(asked: Asked, _: Sending) -> dict[str, object]:
        if asked.ref != ITEM:
            raise NotFound
        return {"card": asked.card, "ref": asked.ref, "title": {"zh": "补领身份证", "en": "Replace an ID card"}}

    subjects.install(item, cases=case)
    cards.install(card)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Counter]:
    async with counter(database) as opened:
        yield opened
