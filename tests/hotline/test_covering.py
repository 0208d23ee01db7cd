"""Orders of somebody who is away: in other hands at once, in one hand at every moment, and back afterwards."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from auth.models import Citizen, StaffMember
from auth.staff import disable
from auth.staffing import jobs, leaves
from auth.staffing.leaves import Days
from auth.staffing.models import Handover
from kit import clock
from mobileapi.hotline.models import WorkOrder
from tests.hotline.conftest import Desk, acted, opened

pytestmark = pytest.mark.anyio
assert jobs, "imported so that the worker knows the jobs"
DAY = timedelta(days=1)
Drain = Callable[[], Awaitable[None]]


async def stands(order: UUID) -> tuple[UUID | None, str]:
    row = await WorkOrder.get(id=order)
    return row.holder_staff, row.holder_reason


async def away(desk: Desk, staff: UUID) -> None:
    await leaves.arrange(desk.chief_actor(), staff, kind="sick", days=Days(clock.today(), clock.today()))


async def test_leave_moves_the_order_to_the_backup_and_the_end_brings_it_back(
    desk: Desk, anna: Citizen, drain: Drain
) -> None:
    order = await opened(desk, anna)
    await away(desk, desk.office.owner)
    await drain()
    assert await stands(order.id) == (desk.office.backup, "cover")
    with clock.moved(DAY):
        await drain()
    assert await stands(order.id) == (desk.office.owner, "returned")
    assert [h.outcome for h in await Handover.filter(kind="order")] == ["returned"]


async def test_a_cover_in_the_middle_of_it_keeps_it(desk: Desk, anna: Citizen, drain: Drain) -> None:
    order = await opened(desk, anna)
    await away(desk, desk.office.owner)
    await drain()
    async with desk.staff(desk.office.backup) as backup:
        await acted(backup, order.id, "accept")
    with clock.moved(DAY):
        await drain()
    assert await stands(order.id) == (desk.office.backup, "cover")


async def test_who_is_away_is_not_asked_to_take_anything_over(desk: Desk, anna: Citizen, drain: Drain) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner:
        await acted(owner, order.id, "offer", words="请接办", to_staff=str(desk.office.colleague))
        await away(desk, desk.office.colleague)
        await drain()
        refused = await acted(owner, order.id, "offer", words="再请一次", to_staff=str(desk.office.colleague))
    row = await WorkOrder.get(id=order.id)
    assert (row.offered_to, row.holder_staff) == (None, desk.office.owner)
    assert refused.json()["code"] == "not_for_them"


async def test_who_leaves_for_good_leaves_no_order_behind(desk: Desk, anna: Citizen, drain: Drain) -> None:
    order = await opened(desk, anna)
    await disable(await StaffMember.get(id=desk.office.owner), actor="staff:admin")
    await drain()
    assert await stands(order.id) == (desk.office.backup, "cover")
