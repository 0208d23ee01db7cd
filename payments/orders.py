"""Orders: one attempt to pay bills. `move` is the only writer of an order's state; a bill has one live order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from auth.models import Citizen
from kit import clock, db, events, ids
from kit.config import current
from kit.errors import NotFound
from kit.log import logger
from payments.bills import due_at, pending_orders
from payments.config import PaymentSettings
from payments.errors import BillAlreadyPaid, BillNotPayable, MoveRefused
from payments.events import OrderClosed, OrderMoved
from payments.models import Bill, Order, OrderBill, Receipt
from payments.states import HOLDING, MOVES, PENDING, BillState, OrderState

log = logger("payments")
COUNTER = "counter"  # the channel of what is taken at windows (payments/counter): nobody outside is asked
FIRST_CHECK = timedelta(minutes=1)
LEAST_LIFE = timedelta(minutes=2)  # the channel takes no order that ends within a minute


async def move(order: UUID, *, come_from: OrderState, to: OrderState, who: str, why: str, **columns: Any) -> None:
    """
    Moves an order along an edge of the graph, notes who, when and why, and tells it; `columns` are set with it.

    Called in the transaction that holds the order's lock. Raises MoveRefused, then nothing is written.
    """
    if to not in MOVES[come_from]:
        log.warning("move_refused", order=str(order), come_from=str(come_from), to=str(to))
        raise MoveRefused
    if to not in PENDING:
        columns["next_check_at"] = None
    extra = "".join(f", {name} = ${number}" for number, name in enumerate(columns, 7))
    moved = await db.execute(
        f"WITH moved AS (UPDATE payments_order SET state = $3{extra} WHERE id = $1 AND state = $2 RETURNING id) "  # noqa: S608 - column names of our own
        "INSERT INTO payments_order_change (id, order_id, at, from_state, to_state, who, why) "
        "SELECT gen_random_uuid(), id, $4, $2, $3, $5, $6 FROM moved",
        order, str(come_from), str(to), clock.now(), who[:80], why[:120], *columns.values(),
    )  # fmt: skip
    if moved != 1:
        raise MoveRefused
    await events.publish(OrderMoved(order=order, come_from=str(come_from), to=str(to), who=who[:80]))
    if come_from in HOLDING and to not in HOLDING:
        await db.execute("UPDATE payments_order_bill SET holding = false WHERE order_id = $1", order)
    elif come_from not in HOLDING and to in HOLDING:
        await db.execute("UPDATE payments_order_bill SET holding = true WHERE order_id = $1", order)


async def locked(order: UUID) -> Record:
    """The order's row, locked for this transaction. Bills are locked before it. Raises NotFound."""
    rows = await db.fetch("SELECT * FROM payments_order WHERE id = $1 FOR UPDATE", order)
    if not rows:
        raise NotFound
    return rows[0]


async def finish_closed(order: UUID, *, who: str, why: str) -> None:
    """Closes an order the channel has closed or never knew; nothing happens to one that is no longer pending."""
    async with db.transaction():
        row = await locked(order)
        state = OrderState(row["state"])
        if state not in PENDING:
            return
        await move(order, come_from=state, to=OrderState.CLOSED, who=who, why=why)
        await events.publish(OrderClosed(order=order, citizen=row["citizen_id"]))


@dataclass(frozen=True)
class Wish:
    """What a citizen wants to pay, and how."""

    citizen: Citizen
    bill_ids: Sequence[UUID]
    channel: str
    scene: str
    open_id: str
    on_behalf_of: UUID | None = None  # whose bills they are, when they are paid under a mandate

    @property
    def citizen_id(self) -> UUID:
        return self.citizen.id


@dataclass(frozen=True)
class AtWindow:
    """Money on the counter: no channel is asked. `citizen_id`: the payer's account, when they have one."""

    citizen_id: UUID | None
    channel: str = COUNTER
    scene: str = "window"
    open_id: str = ""


async def locked_payable(bill_ids: Sequence[UUID]) -> list[Bill]:
    """The bills, locked in one order. Raises NotFound, BillAlreadyPaid, BillNotPayable."""
    bills = await Bill.filter(id__in=bill_ids).order_by("id").select_for_update()
    if len(bills) != len(set(bill_ids)):
        raise NotFound
    for bill in bills:
        if bill.state == BillState.PAID:
            raise await already_paid(bill.id)
        if bill.state != BillState.UNPAID:
            raise BillNotPayable(extra={"bill": str(bill.id)})
    return bills


async def already_paid(bill: UUID) -> BillAlreadyPaid:
    """The refusal that names the receipt; only those whose bill it is can open it."""
    receipt = await Receipt.filter(bill_id=bill, status="issued").order_by("-issued_at").first().only("id")
    return BillAlreadyPaid(extra={"bill": str(bill), "receipt": str(receipt.id) if receipt else None})


def asks_what_is_due(order: Order, bills: Sequence[Bill]) -> bool:
    """Whether the order asks for what its bills ask for now: a waiver, a stay or another day changes the amount."""
    wanted = set()
    for bill in bills:
        due = due_at(bill, clock.now())
        wanted.add((bill.id, bill.version, due.principal_fen, due.surcharge_fen))
    return wanted == {
        (part.bill_id, part.bill_version, part.principal_fen, part.surcharge_fen)
        for part in order.parts  # type: ignore[attr-defined]
    }


async def in_the_way(bills: Sequence[Bill]) -> list[Order]:
    """Pending orders that hold any of these bills."""
    pending = await pending_orders([bill.id for bill in bills])
    return await Order.filter(id__in={order for order, _ in pending.values()}).prefetch_related("parts")


async def hold(wish: Wish | AtWindow, *, bills: Sequence[Bill]) -> UUID:
    """Writes the order that pays `bills` at today's amount. The bills are locked by the caller."""
    now = clock.now()
    dues = [(bill, due_at(bill, now)) for bill in bills]
    order = Order(
        number=_number(now), channel=wish.channel, scene=wish.scene, state=OrderState.CREATED,
        amount_fen=sum(due.total_fen for _, due in dues), citizen_id=wish.citizen_id, open_id=wish.open_id,
        description=_description(bills), created_at=now, expires_at=_expiry(bills, now=now),
        next_check_at=now + FIRST_CHECK,
    )  # fmt: skip
    await order.save(force_create=True)
    await OrderBill.bulk_create(
        [
            OrderBill(
                order_id=order.id, bill_id=bill.id, principal_fen=due.principal_fen, surcharge_fen=due.surcharge_fen,
                bill_version=bill.version,
            )
            for bill, due in dues
        ]
    )  # fmt: skip
    return order.id


def _number(now: datetime) -> str:
    """The number the channel knows the order by: the city's day, then 79 random bits nobody can count up."""
    return f"HH{clock.city_time(now):%Y%m%d}{ids.readable_code(16)}"


def _description(bills: Sequence[Bill]) -> str:
    first = bills[0].title["zh"] or ""
    return (first if len(bills) == 1 else f"{first[:100]}等{len(bills)}项")[:120]


def _expiry(bills: Sequence[Bill], *, now: datetime) -> datetime:
    """
    When the offer ends: after the order's life, or at midnight when tomorrow's amount is another one. Close to
    midnight the offer stands two minutes longer, so that nobody is turned away.
    """
    end = now + timedelta(minutes=current(PaymentSettings).order_life_minutes)
    today = clock.city_time(now)
    midnight = (today + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if any(due_at(bill, now).total_fen != due_at(bill, midnight).total_fen for bill in bills):
        end = min(end, max(midnight, now + LEAST_LIFE))
    return end
