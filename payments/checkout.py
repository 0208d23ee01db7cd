"""
Opening an order: the rows are committed before the channel is asked, and its answer is recorded after.

One live order a bill. The same citizen asking for the same gets the same order; the payer of the bill, or who opened
the order in the way, has it closed at the channel first; anybody else waits.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from auth.acting import deeds
from auth.acting.deeds import Done, both
from auth.acting.standing import NO_ITEM
from auth.citizens import citizen
from auth.roles import CITIZEN_ROLES
from kit import audit, clock, db
from kit.config import current
from kit.errors import NotFound
from kit.log import logger
from kit.texts import Text
from kit.web import Actor
from payments import orders, standing
from payments.bills import belongs_to
from payments.channels import channel as channel_named
from payments.channels.base import ChannelRefused, ChannelUnknown, OutOfOrder, PrepayAsk
from payments.config import PaymentSettings
from payments.errors import BillBeingPaid, ChannelUnreachable, PaymentRefused
from payments.models import Bill, Order
from payments.orders import LEAST_LIFE, Wish
from payments.states import PENDING, BillState, OrderState

log = logger("payments")
PREPAY_LIFE = timedelta(minutes=100)  # the channel promises two hours


async def open_order(wish: Wish) -> UUID:
    """
    The order that pays what the citizen wishes, prepared at the channel.

    Raises: NotFound, BillAlreadyPaid, BillNotPayable, BillBeingPaid, PaymentRefused, ChannelUnreachable.
    """
    for _ in range(3):
        order, in_the_way = await _held(wish)
        if order is not None:
            await _prepare(order)
            return order
        for other in in_the_way:
            await standing.close(other, who=f"citizen:{wish.citizen.id}", why="another order was opened")
    raise BillBeingPaid


async def _held(wish: Wish) -> tuple[UUID | None, list[UUID]]:
    """The fresh or fitting order, or the orders that must be closed first."""
    try:
        async with db.transaction():
            bills = await orders.locked_payable(wish.bill_ids)
            others = await orders.in_the_way(bills)
            fitting = next((other for other in others if _fits(other, wish, bills=bills)), None)
            if fitting is not None:
                return fitting.id, []
            if any(other.channel == orders.COUNTER for other in others):
                raise BillBeingPaid  # a cheque at a window, until the bank has spoken
            if others:
                await _refuse_strangers(wish, bills=bills, others=others)
                return None, [other.id for other in others]
            order = await orders.hold(wish, bills=bills)
            await audit.record(
                actor=f"citizen:{wish.citizen.id}", action="order.opened", subject=f"order:{order}",
                bills=[str(bill.id) for bill in bills], **await _for_whom(wish, bills=bills, order=order),
            )  # fmt: skip
            return order, []
    except (UniqueViolationError, IntegrityError):
        raise BillBeingPaid from None  # somebody was faster between look and insert


def _fits(order: Order, wish: Wish, *, bills: Sequence[Bill]) -> bool:
    """Whether a pending order is what is wished for at the amount of now, with time enough left to pay it."""
    return (
        order.citizen_id == wish.citizen.id  # type: ignore[attr-defined]
        and (order.channel, order.scene, order.open_id) == (wish.channel, wish.scene, wish.open_id)
        and orders.asks_what_is_due(order, bills)
        and order.state != OrderState.CLOSING
        and order.expires_at - clock.now() >= LEAST_LIFE
    )


async def _for_whom(wish: Wish, *, bills: Sequence[Bill], order: UUID) -> dict[str, str]:
    """
    Notes that the bills of somebody else are paid under a mandate, which is held until the order stands.

    Raises: NotFound when it stands no longer, or one of the bills is not theirs.
    """
    if wish.on_behalf_of is None:
        return {}
    payer = await citizen(wish.on_behalf_of)
    if not all(belongs_to(bill, payer) for bill in bills):
        raise NotFound
    actor = Actor(wish.citizen.id, "citizen", CITIZEN_ROLES)
    done = Done("order.opened", f"order:{order}", Text.model_validate(bills[0].title))
    await deeds.note(actor, payer.id, done, doing="pay", item=NO_ITEM)
    return both(actor, payer.id)


async def _refuse_strangers(wish: Wish, *, bills: Sequence[Bill], others: Sequence[Order]) -> None:
    """Who may close the order in the way: who opened it, and whose bill it is, or who may pay for them."""
    opened_by_me = all(other.citizen_id == wish.citizen.id for other in others)  # type: ignore[attr-defined]
    payer = await citizen(wish.on_behalf_of) if wish.on_behalf_of else wish.citizen
    if not opened_by_me and not all(belongs_to(bill, payer) for bill in bills):
        raise BillBeingPaid


async def _prepare(order_id: UUID) -> None:
    """Asks the channel to prepare the order unless it lately did; the same number and parameters every time."""
    order = await Order.get(id=order_id)
    if order.state not in PENDING or (order.prepay and _is_fresh(order.prepay)):
        return
    ask = PrepayAsk(
        number=order.number, description=order.description, amount_fen=order.amount_fen, scene=order.scene,
        open_id=order.open_id, expires_at=order.expires_at, notify_url=notify_url(order.channel),
    )  # fmt: skip
    try:
        prepay = await channel_named(order.channel).prepay(ask)
    except ChannelUnknown as error:
        if error.maybe_done:
            await _note_unknown(order_id)
        raise ChannelUnreachable(extra={"order": str(order_id)}) from error
    except OutOfOrder as error:
        await standing.confirm(order_id, who="system")
        raise await _what_became_of(order_id) from error
    except ChannelRefused as error:
        log.error("prepay_refused", order=str(order_id), channel_code=error.code)
        if order.state == OrderState.CREATED:
            await orders.finish_closed(order_id, who=f"channel:{order.channel}", why=f"refused: {error.code}")
        raise PaymentRefused from error
    await _note_prepared(order_id, prepay)


def _is_fresh(prepay: dict[str, str]) -> bool:
    return clock.now() - datetime.fromisoformat(prepay["made_at"]) < PREPAY_LIFE


def notify_url(channel: str) -> str:
    """Where the channel tells us what became of an order."""
    return current(PaymentSettings).public_url.rstrip("/") + channel_named(channel).callback_path


async def _note_unknown(order: UUID) -> None:
    async with db.transaction():
        row = await orders.locked(order)
        if row["state"] == OrderState.CREATED:
            await orders.move(
                order, come_from=OrderState.CREATED, to=OrderState.UNKNOWN, who="system", why="no answer to prepay"
            )


async def _note_prepared(order: UUID, prepay: dict[str, str]) -> None:
    """Records the channel's answer; an order that was closed or paid meanwhile stays what it is."""
    async with db.transaction():
        row = await orders.locked(order)
        state = OrderState(row["state"])
        if state in {OrderState.CREATED, OrderState.UNKNOWN}:
            await orders.move(
                order, come_from=state, to=OrderState.AWAITING_PAYER, who=f"channel:{row['channel']}", why="prepared",
                prepay=json.dumps(prepay),
            )  # fmt: skip
        elif state in PENDING:
            await db.execute("UPDATE payments_order SET prepay = $2 WHERE id = $1", order, json.dumps(prepay))


async def _what_became_of(order: UUID) -> Exception:
    """Why an order the channel has closed or calls paid cannot be prepared again."""
    bills = await Bill.filter(parts__order_id=order).only("id", "state")
    paid = next((bill.id for bill in bills if bill.state == BillState.PAID), None)
    return BillBeingPaid() if paid is None else await orders.already_paid(paid)
