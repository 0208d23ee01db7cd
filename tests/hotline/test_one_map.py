"""One map of duties for conversations, cases and work orders: whoever it names answers for all three."""

from uuid import UUID

import pytest

from auth.models import Citizen, Duty
from auth.staffing import leaves
from auth.staffing.leaves import Days
from chat.assignment import snapshot_of
from chat.routing import as_asked
from kit import clock
from mobileapi.applications.holders import holder_for
from mobileapi.hotline.choosing import owner_for
from tests.applications.office import DISTRICT, ITEM, STREET
from tests.hotline.conftest import Desk, talk_with

pytestmark = pytest.mark.anyio


async def answering(desk: Desk, anna: Citizen) -> set[UUID | None]:
    """Who would be asked first by a conversation, a case and an order about the same matter."""
    talk = await talk_with(anna, desk.office.owner)
    snapshot = await snapshot_of(talk)
    asked = [c for c in as_asked(snapshot.candidates, snapshot) if c.role in {"owner", "backup", "supervisor"}]
    case = await holder_for(ITEM, STREET)
    order = await owner_for(ITEM, department="GA", region=STREET)
    return {asked[0].staff, case.staff, order.staff}


async def test_all_three_follow_the_map_when_duties_and_leave_change(desk: Desk, anna: Citizen) -> None:
    assert await answering(desk, anna) == {desk.office.owner}
    days = Days(clock.today(), clock.today())
    await leaves.arrange(desk.chief_actor(), desk.office.owner, kind="sick", days=days)
    assert await answering(desk, anna) == {desk.office.backup}
    await Duty.filter(role="backup").delete()
    await Duty.create(staff_id=desk.office.colleague, item_code=ITEM, region_code=DISTRICT, role="backup")
    assert await answering(desk, anna) == {desk.office.colleague}
