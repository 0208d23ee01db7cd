"""Lists of work orders: a citizen's own, the newest first; a desk's, the least working time left first."""

from datetime import date, datetime
from uuid import UUID

from auth.callers import who_is
from auth.rights import Values
from kit import db
from kit.cursors import end_of, place_in
from kit.web import Actor
from mobileapi.hotline.access import seen_by
from mobileapi.hotline.models import WorkOrder
from mobileapi.hotline.states import OVER, WAITING_FOR_US, OrderState

MINE = """
SELECT id, opened_at FROM hotline_order o WHERE o.citizen_id = $1
  AND ($2::timestamptz IS NULL OR (o.opened_at, o.id) < ($2, $3::uuid))
ORDER BY o.opened_at DESC, o.id DESC LIMIT $4
"""
# Due days are whole days of the office, so their order is the order of the working time that is left.
DESK = """
SELECT o.id, o.due_on, o.opened_at FROM hotline_order o
WHERE o.state = ANY ($1::text[]) AND ($2::text IS NULL OR o.kind = $2) AND {seen} AND {scope}
  AND ($3::date IS NULL OR (o.due_on, o.opened_at, o.id) > ($3, $4::timestamptz, $5::uuid))
ORDER BY o.due_on, o.opened_at, o.id LIMIT $6
"""


async def of_citizen(citizen: UUID, *, limit: int, cursor: str | None) -> tuple[list[WorkOrder], str | None]:
    at, last = place_in("work_orders", cursor, datetime, UUID) or (None, None)
    rows = await db.fetch(MINE, citizen, at, last, limit + 1)
    page = rows[:limit]
    more = end_of("work_orders", page[-1]["opened_at"], page[-1]["id"]) if len(rows) > limit else None
    return await _in_order([row["id"] for row in page]), more


async def of_desk(
    actor: Actor, *, scope: str, state: OrderState | None, kind: str | None, over: bool, limit: int, cursor: str | None
) -> tuple[list[WorkOrder], str | None]:
    """`mine`: in hand, or asked to take over; `department`: everything the rules let this person see."""
    who = await who_is(actor)
    waiting = (*OVER, OrderState.ANSWERED) if over else WAITING_FOR_US
    states = [state] if state is not None else list(waiting)
    due, opened, last = place_in("desk_orders", cursor, date, datetime, UUID) or (None, None, None)
    values = Values([[str(s) for s in states], kind, due, opened, last, limit + 1])
    me = values.add(who.id)
    mine = f"({me} = ANY (ARRAY[o.holder_staff, o.offered_to]))"
    seen = seen_by(who, values)
    sql = DESK.format(seen=seen, scope=mine if scope == "mine" else f"{me}::uuid IS NOT NULL")
    rows = await db.fetch(sql, *values.given)
    page = rows[:limit]
    more = len(rows) > limit
    return await _in_order([row["id"] for row in page]), end_of(
        "desk_orders", page[-1]["due_on"], page[-1]["opened_at"], page[-1]["id"]
    ) if more else None


async def _in_order(ids: list[UUID]) -> list[WorkOrder]:
    found = {order.id: order for order in await WorkOrder.filter(id__in=ids)}
    return [found[id_] for id_ in ids]
