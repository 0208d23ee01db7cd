"""
Work orders go from hand to hand when their holder is away, and come back. An order has one holder, or its department's
supervisors, at every moment: it changes under the order's lock, together with the row that says why.
"""

from uuid import UUID

from auth.models import StaffMember
from auth.staffing import handovers
from auth.staffing.covers import cover_for, is_there
from auth.staffing.models import Handover
from kit import audit, db
from kit.texts import text
from mobileapi.hotline.choosing import Owner, owner_for
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.orders import SYSTEM, By, give
from mobileapi.hotline.states import WAITING_FOR_US

KIND = "order"
BY_SYSTEM = By(SYSTEM.name, text("系统（离岗交接）", "The system, as somebody is away"))


async def hand_over_all(staff: UUID, *, leave: UUID | None = None, named: UUID | None = None) -> int:
    """
    Everything open the person holds goes to who covers, each order in a transaction of its own; how many.

    `leave`: the leave it returns after; None when they do not come back. Told twice, it finds nothing left.
    """
    held = await WorkOrder.filter(holder_staff=staff, state__in=WAITING_FOR_US).order_by("id")
    asked = await WorkOrder.filter(offered_to=staff, state__in=WAITING_FOR_US).order_by("id")
    for order in asked:
        await _not_asked(order.id, staff=staff)
    return sum([await hand_over(order.id, staff=staff, leave=leave, named=named) for order in held])


async def _not_asked(id: UUID, *, staff: UUID) -> None:  # noqa: A002 - the id of the order
    """Who is away takes nothing over; it stays with who asked them."""
    async with db.transaction():
        await WorkOrder.filter(id=id, offered_to=staff).update(offered_to=None)


async def hand_over(
    id: UUID,  # noqa: A002 - the id of the order
    *,
    staff: UUID,
    leave: UUID | None,
    named: UUID | None,
) -> bool:
    """One order. False when it is over, or somebody else's by now."""
    async with db.transaction():
        order = await WorkOrder.filter(id=id).select_for_update().get()
        if order.holder_staff != staff or order.state not in WAITING_FOR_US:
            return False
        to = await _cover(order, staff=staff, named=named)
        await give(order, to, by=BY_SYSTEM)
        await handovers.note(leave=leave, kind=KIND, subject=order.id, from_staff=staff, to_staff=to.staff)
        await _recorded(order, before=staff)
    return True


async def _cover(order: WorkOrder, *, staff: UUID, named: UUID | None) -> Owner:
    """Who covers, unless the order is about a person: then whoever stands above them."""
    if order.about_staff is None:
        cover = await cover_for(staff, item=order.item_code, region=order.region_code, named=named)
        if cover is not None:
            return Owner(cover.staff, cover.name, "cover")
    return await owner_for(
        order.item_code, department=order.department_code, region=order.region_code, about=order.about_staff
    )


async def take_back_all(leave: UUID, *, staff: UUID) -> int:
    """What was handed over for the leave and is still open goes back to the person; how many."""
    return sum([await take_back(lent, staff=staff) for lent in await handovers.lent(leave, KIND)])


async def take_back(lent: Handover, *, staff: UUID) -> bool:
    """One order. It stays where it is when it is over, when its holder has acted on it, or nobody is back."""
    async with db.transaction():
        order = await WorkOrder.filter(id=lent.subject).select_for_update().get()
        if order.state not in WAITING_FOR_US or order.holder_staff == staff:
            await handovers.settle(lent, "done")
            return False
        holder = order.holder_staff
        moved_on = holder != await handovers.present_holder(lent)
        if moved_on or not await is_there(staff) or await _in_the_middle(order, holder, since=lent):
            await handovers.settle(lent, "kept")
            return False
        person = await StaffMember.get(id=staff)
        await give(order, Owner(person.id, person.name, "returned"), by=BY_SYSTEM)
        await handovers.settle(lent, "returned")
        await _recorded(order, before=holder)
    return True


async def _in_the_middle(order: WorkOrder, holder: UUID | None, *, since: Handover) -> bool:
    if holder is None:
        return False
    return await OrderChange.filter(order_id=order.id, actor=f"staff:{holder}", at__gte=since.at).exists()


async def _recorded(order: WorkOrder, *, before: UUID | None) -> None:
    await audit.record(
        actor="system", action="work_order.handed_over", subject=f"work_order:{order.id}", before=before,
        to=order.holder_staff,
    )  # fmt: skip
