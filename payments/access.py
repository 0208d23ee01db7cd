"""Who may see what of money: auth/rights.py decides. What is somebody else's and what is not there look alike."""

from dataclasses import replace
from uuid import UUID

from auth.acting.standing import NO_ITEM, principals_of
from auth.callers import who_is
from auth.citizens import citizen
from auth.rights import Thing, may
from kit.errors import NotFound
from kit.web import Actor
from payments.bills import belongs_to
from payments.models import Bill, Order, Receipt, ReconciliationRun, Refund


def _id(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise NotFound from None


async def own_bill(actor: Actor, bill: UUID | str) -> Bill:
    """A bill whose payer the citizen is, by ID number or phone, or may pay for. Raises NotFound."""
    found = await Bill.get_or_none(id=_id(bill)).select_related("department")
    if found is None or not await _theirs(actor, "bill", payers_bill=found):
        raise NotFound
    return found


async def desk_bill(actor: Actor, bill: UUID | str) -> Bill:
    """A bill the staff member's department issued. Raises NotFound."""
    found = await Bill.get_or_none(id=_id(bill)).select_related("department")
    if found is None or not may(await who_is(actor), Thing("bill", department=found.department_id)):
        raise NotFound
    return found


async def owner_beside(actor: Actor, bill: Bill) -> UUID | None:
    """Whose bill it is among those the citizen may pay for; nobody's when it is their own."""
    if belongs_to(bill, await citizen(actor.id)):
        return None
    for payer in await principals_of(actor, doing="pay", item=NO_ITEM):
        if belongs_to(bill, await citizen(payer)):
            return payer
    return None


async def own_order(actor: Actor, order: UUID | str) -> Order:
    """An order the citizen opened. Raises NotFound."""
    found = await Order.get_or_none(id=_id(order))
    if found is None or not await _theirs(actor, "order", opened_by=found.citizen_id):  # type: ignore[attr-defined]
        raise NotFound
    return found


async def own_receipt(actor: Actor, receipt: UUID | str) -> Receipt:
    """A receipt of a bill the citizen paid, or whose payer the citizen is or may pay for. Raises NotFound."""
    found = await Receipt.get_or_none(id=_id(receipt)).select_related("bill", "order")
    if found is None:
        raise NotFound
    opened_by = found.order.citizen_id  # type: ignore[attr-defined]
    if not await _theirs(actor, "receipt", payers_bill=found.bill, opened_by=opened_by):
        raise NotFound
    return found


async def _theirs(actor: Actor, noun: str, *, payers_bill: Bill | None = None, opened_by: UUID | None = None) -> bool:
    """A bill knows its payer by ID number or phone, not by account: of those who ask, the payers are found first."""
    who = await who_is(actor)
    citizens = {opened_by} if opened_by else set()
    if payers_bill is not None:
        who = replace(who, principals=who.principals | set(await principals_of(actor, doing="pay", item=NO_ITEM)))
        citizens |= {id_ for id_ in who.principals if belongs_to(payers_bill, await citizen(id_))}
    return may(who, Thing(noun, citizens=frozenset(citizens)))


async def seen_run(actor: Actor, run: UUID) -> ReconciliationRun:
    """A day of the books, for finance and auditors. Raises NotFound."""
    found = await ReconciliationRun.get_or_none(id=run)
    if found is None or not may(await who_is(actor), Thing("reconciliation")):
        raise NotFound
    return found


async def seen_refund(actor: Actor, refund: UUID) -> UUID:
    """A refund, for finance and auditors. Raises NotFound."""
    if not await Refund.exists(id=refund) or not may(await who_is(actor), Thing("refund")):
        raise NotFound
    return refund
