"""
Whose work order it is, and who at the desks may see it: auth/rights.py decides. Whom a complaint is about does not see
it, whatever their role; their colleagues do not either. Absent and forbidden look alike.
"""

from collections.abc import Iterable
from uuid import UUID

from auth.callers import who_is
from auth.rights import Columns, Thing, Values, Who, condition, may
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.hotline.models import WorkOrder

# Where the rows keep what the rules ask for; `o` is the order.
COLUMNS = Columns(
    citizens=("o.citizen_id",), holders=("o.holder_staff", "o.offered_to", "o.opened_by_staff"),
    department="o.department_code", item="o.item_code", lies_in=lambda region: f"o.region_path ? {region}",
    without_region="false",
)  # fmt: skip
ABOUT_A_PERSON = "work order about a person"


def may_see(who: Who, order: WorkOrder) -> bool:
    holders = (order.holder_staff, order.offered_to, order.opened_by_staff)
    return order.about_staff != who.id and may(who, _thing_of(order, holders))


def may_take_up(who: Who, order: WorkOrder) -> bool:
    """Whether one that nobody holds may become theirs: their department's or duty, not merely opened by them."""
    return order.holder_staff is None and order.about_staff != who.id and may(who, _thing_of(order, ()))


def may_direct(who: Who, order: WorkOrder) -> bool:
    """
    Whether a supervisor decides about it: one who has it in hand, or whose department or duty it is. To have opened it,
    or to be asked to take it over, gives no say over another department's work.
    """
    if "supervisor" not in who.roles or order.about_staff == who.id:
        return False
    return order.holder_staff == who.id or may(who, _thing_of(order, ()))


def _thing_of(order: WorkOrder, holders: Iterable[UUID | None]) -> Thing:
    citizen = order.citizen_id  # type: ignore[attr-defined]
    return Thing(
        ABOUT_A_PERSON if order.about_staff else "work order",
        holders=frozenset(one for one in holders if one is not None),
        citizens=frozenset({citizen} if citizen else ()), department=order.department_code, item=order.item_code,
        path=tuple(order.region_path),
    )  # fmt: skip


def seen_by(who: Who, values: Values) -> str:
    """The same as SQL over `o`."""
    me = values.add(who.id)
    return (
        f"((o.about_staff IS NULL AND {condition(who, 'work order', COLUMNS, values=values)}) OR "
        f"(o.about_staff <> {me} AND {condition(who, ABOUT_A_PERSON, COLUMNS, values=values)}))"
    )


async def own_order(actor: Actor, id: UUID, *, lock: bool = False) -> WorkOrder:  # noqa: A002 - the id of the order
    """The citizen's own. Raises NotFound."""
    return await _found(actor, id, lock=lock)


async def desk_order(actor: Actor, id: UUID, *, lock: bool = False) -> WorkOrder:  # noqa: A002 - the id of the order
    """One of the caller's desk: in hand, offered, opened by them, theirs by duty or department. Raises NotFound."""
    return await _found(actor, id, lock=lock)


async def _found(actor: Actor, id: UUID, *, lock: bool) -> WorkOrder:  # noqa: A002 - the id of the order
    query = WorkOrder.filter(id=id)
    found = await (query.select_for_update() if lock else query).first()
    if found is None or not may_see(await who_is(actor), found):
        raise NotFound
    return found
