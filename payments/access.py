"""Who may see what of money. What is somebody else's and what is not there look alike."""

from uuid import UUID

from auth.citizens import citizen
from kit.errors import NotFound
from kit.web import Actor
from payments.bills import belongs_to
from payments.models import Bill, Order, Receipt


def _id(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise NotFound from None


async def own_bill(actor: Actor, bill: UUID | str) -> Bill:
    """A bill whose payer the citizen is, by ID number or phone. Raises NotFound."""
    found = await Bill.get_or_none(id=_id(bill)).select_related("department")
    if found is None or not belongs_to(found, await citizen(actor.id)):
        raise NotFound
    return found


async def own_order(actor: Actor, order: UUID | str) -> Order:
    """An order the citizen opened. Raises NotFound."""
    found = await Order.get_or_none(id=_id(order), citizen_id=actor.id)
    if found is None:
        raise NotFound
    return found


async def own_receipt(actor: Actor, receipt: UUID | str) -> Receipt:
    """A receipt of a bill the citizen paid, or whose payer the citizen is. Raises NotFound."""
    found = await Receipt.get_or_none(id=_id(receipt)).select_related("bill", "order")
    if found is None:
        raise NotFound
    order: Order = found.order
    if order.citizen_id != actor.id and not belongs_to(found.bill, await citizen(actor.id)):  # type: ignore[attr-defined]
        raise NotFound
    return found
