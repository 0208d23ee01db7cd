"""Who may see which shift: its cashier, supervisors of its department, finance and auditors. Others find nothing."""

from uuid import UUID

from auth.callers import who_is
from auth.rights import Columns, Thing, Values, condition, may
from kit import db
from kit.errors import NotFound
from kit.web import Actor
from payments.counter.models import Shift, Taking
from payments.models import Receipt

COLUMNS = Columns(
    holders=("s.cashier_id",), department="s.department_id", lies_in=lambda region: f"{region} = ''"
)  # a shift lies where its department is


async def seen_shift(actor: Actor, shift: UUID) -> Shift:
    """Raises NotFound."""
    found = await Shift.get_or_none(id=shift).select_related("cashier", "department")
    if found is None:
        raise NotFound
    thing = Thing("till", holders=frozenset({found.cashier.id}), department=found.department.code)
    if not may(await who_is(actor), thing):
        raise NotFound
    return found


async def seen_taking(actor: Actor, taking: UUID) -> Taking:
    """Raises NotFound."""
    found = await Taking.get_or_none(id=taking)
    if found is None:
        raise NotFound
    await seen_shift(actor, found.shift_id)  # type: ignore[attr-defined]
    return found


async def seen_receipt(actor: Actor, shift: UUID, receipt: UUID) -> Receipt:
    """A receipt of what was taken in the shift. Raises NotFound."""
    await seen_shift(actor, shift)
    found = await Receipt.get_or_none(id=receipt).select_related("bill", "order")
    if found is None or not await Taking.exists(shift_id=shift, order_id=found.order.id):
        raise NotFound
    return found


async def seen_shifts(actor: Actor, *, state: str, limit: int, after: tuple[object, UUID] | None) -> list[Shift]:
    """The shifts the caller may see, the latest opened first."""
    values = Values()
    wanted = [condition(await who_is(actor), "till", COLUMNS, values=values)]
    if state != "all":
        wanted.append(f"s.state = {values.add(state)}")
    if after is not None:
        wanted.append(f"(s.opened_at, s.id) < ({values.add(after[0])}, {values.add(after[1])})")
    rows = await db.fetch(
        f"SELECT s.id FROM counter_shift s WHERE {' AND '.join(wanted)} "  # noqa: S608 - conditions of our own
        f"ORDER BY s.opened_at DESC, s.id DESC LIMIT {int(limit)}",
        *values.given,
    )
    found = {
        s.id: s for s in await Shift.filter(id__in=[r["id"] for r in rows]).select_related("cashier", "department")
    }
    return [found[row["id"]] for row in rows]
