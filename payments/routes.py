"""Paying: bills, orders, receipts; the doors the channels knock on are in callbacks.py."""

from datetime import date
from uuid import UUID

from starlette.responses import Response

from auth.acting.standing import NO_ITEM, standing_for
from auth.citizens import citizen, open_id_of
from auth.devices import device_of
from auth.step_up import require_own_device
from kit import events
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.web import Call, get, post
from payments import bills, checkout, receipts, standing
from payments.access import own_bill, own_order, own_receipt, owner_beside, seen_run
from payments.callbacks import OUTSIDE as CALLBACKS
from payments.channels import NAMES, offered
from payments.closing.errors import DayClosed
from payments.errors import ChannelNotOffered, DayNotBegun, NoAccountThere, ReceiptNotNumbered
from payments.events import ReceiptAskedFor
from payments.models import Bill
from payments.orders import Wish
from payments.reconciliation import board, reconcile
from payments.reconciliation.resolve import CLOSED, NOT_BEGUN
from payments.schemas import (
    BillDetail,
    BillPage,
    BillQuery,
    ChannelPage,
    ChannelView,
    LookedUpBill,
    LookupQuery,
    Nothing,
    OpenOrder,
    OrderView,
    OwnerView,
    ReceiptView,
    RunDay,
    RunDetail,
    RunPage,
    RunQuery,
)
from payments.views import bill_shown, bills_shown, looked_up, order_shown, receipt_shown

LOOKUPS_PER_MINUTE = 30


async def list_bills(call: Call, query: BillQuery) -> BillPage:
    """The citizen's bills, the earliest due first."""
    person = await citizen(await _payer(call, query.on_behalf_of))
    after = place_in("bills", query.cursor, date, UUID)
    found = await bills.bills_of(person, state=query.state, limit=query.limit + 1, after=after)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = end_of("bills", page[-1].due_on, page[-1].id) if more else None
    return BillPage(items=await bills_shown(page), next_cursor=cursor)


async def _payer(call: Call, on_behalf_of: UUID | None) -> UUID:
    """Whose bills are asked for. Raises NotFound when the caller may not pay for them."""
    if on_behalf_of is None or on_behalf_of == call.actor.id:
        return call.actor.id
    return (await standing_for(call.actor, on_behalf_of, doing="pay", item=NO_ITEM)).id


async def look_up_bill(call: Call, query: LookupQuery) -> LookedUpBill:  # noqa: ARG001 - as handlers are called
    """What is owed under a payment code, for whoever holds it: no lines, no reasons, the name masked."""
    bill = await Bill.get_or_none(payment_code=query.payment_code).select_related("department")
    if bill is None:
        raise NotFound
    return await looked_up(bill)


async def read_bill(call: Call) -> BillDetail:
    """One bill, every line of its amount explained."""
    bill = await own_bill(call.actor, call.path_id("id"))
    return (await bill_shown(bill)).model_copy(update={"on_behalf_of": await _owner(call, bill)})


async def _owner(call: Call, bill: Bill) -> OwnerView | None:
    """Whose bill it is, when it is not the caller's own."""
    owner = await owner_beside(call.actor, bill)
    if owner is None:
        return None
    return OwnerView(id=owner, name=(await standing_for(call.actor, owner, doing="pay", item=NO_ITEM)).name)


async def list_channels(call: Call) -> ChannelPage:  # noqa: ARG001 - the same for everybody
    """The ways to pay this office offers."""
    shown = [ChannelView(channel=name, name=NAMES[name], scenes=["miniapp", "qr"]) for name in offered()]
    return ChannelPage(items=shown, next_cursor=None)


async def open_order(call: Call, body: OpenOrder) -> OrderView:
    """Opens an order over bills. Who holds a bill's id, by its payment code, may pay it for somebody else."""
    await require_own_device(call.actor, mark=device_of(call).mark)
    person = await citizen(call.actor.id)
    payer = await _payer(call, body.on_behalf_of)
    if body.channel not in offered():
        raise ChannelNotOffered
    open_id = ""
    if body.scene == "miniapp":
        open_id = await open_id_of(person.id, platform=body.channel) or ""
        if not open_id:
            raise NoAccountThere
    wish = Wish(
        person,
        tuple(dict.fromkeys(body.bills)),
        body.channel,
        body.scene,
        open_id,
        payer if payer != person.id else None,
    )
    return await order_shown(await checkout.open_order(wish))


async def read_order(call: Call) -> OrderView:
    """One order; its state is the channel's word, never the payer's."""
    order = await own_order(call.actor, call.path_id("id"))
    return await order_shown(order.id)


async def confirm_order(call: Call, body: Nothing) -> OrderView:  # noqa: ARG001 - an empty object is expected
    """The payer came back: the channel is asked at once."""
    order = await own_order(call.actor, call.path_id("id"))
    await standing.confirm(order.id, who=call.actor.name)
    return await order_shown(order.id)


async def close_order(call: Call, body: Nothing) -> OrderView:  # noqa: ARG001 - an empty object is expected
    """Gives the order up; if the channel calls it paid, it is settled instead."""
    order = await own_order(call.actor, call.path_id("id"))
    await standing.close(order.id, who=call.actor.name, why="the payer gave it up")
    return await order_shown(order.id)


async def read_receipt(call: Call) -> ReceiptView:
    return await receipt_shown(await own_receipt(call.actor, call.path_id("id")))


async def read_receipt_pdf(call: Call) -> Response:
    """The receipt as PDF/A."""
    receipt = await own_receipt(call.actor, call.path_id("id"))
    name = f"receipt-{receipt.code}-{receipt.number}.pdf"
    return Response(
        await receipts.pdf(receipt),
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="{name}"'},
    )


async def resend_receipt(call: Call, body: Nothing) -> None:  # noqa: ARG001 - an empty object is expected
    """Sends the receipt to the caller's messages once more."""
    receipt = await own_receipt(call.actor, call.path_id("id"))
    if receipt.number is None:
        raise ReceiptNotNumbered
    number = f"{receipt.code}-{receipt.number}"
    await events.publish(ReceiptAskedFor(receipt=receipt.id, citizen=call.actor.id, number=number))


async def list_runs(call: Call, query: RunQuery) -> RunPage:  # noqa: ARG001 - finance sees every day
    """Reconciliation runs, the latest day first."""
    after = place_in("runs", query.cursor, date, str)
    found = await board.runs(channel=query.channel, day=query.day, limit=query.limit + 1, after=after)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = end_of("runs", page[-1].day, page[-1].channel) if more else None
    return RunPage(items=await board.runs_shown(page), next_cursor=cursor)


async def read_run(call: Call) -> RunDetail:
    """One day with every difference, its class, age and what to do."""
    run = await seen_run(call.actor, call.path_id("id"))
    return await board.run_shown(run.id)


async def run_day(call: Call, body: RunDay) -> RunDetail:
    """Runs or re-runs one day now."""
    outcome = await reconcile(body.channel, body.day, by=call.actor.name)
    if outcome.failure == NOT_BEGUN:
        raise DayNotBegun
    if outcome.failure == CLOSED:
        raise DayClosed
    if outcome.run is None:
        raise NotFound
    return await board.run_shown(outcome.run)


ROUTES = [
    get("/bills", list_bills, roles={"citizen"}, reach="own"),
    get("/bills/lookup", look_up_bill, a_minute=LOOKUPS_PER_MINUTE, public=True, reach="holder"),
    get("/bills/{id}", read_bill, roles={"citizen"}, reach="own"),
    get("/payment-channels", list_channels, public=True),
    post("/orders", open_order, cost=5, roles={"citizen"}, reach="own", status=201, idempotent=True),
    get("/orders/{id}", read_order, cost=2, roles={"citizen"}, reach="own"),
    post("/orders/{id}/confirmation", confirm_order, cost=5, roles={"citizen"}, reach="own"),
    post("/orders/{id}/close", close_order, cost=5, roles={"citizen"}, reach="own"),
    get("/receipts/{id}.pdf", read_receipt_pdf, cost=5, roles={"citizen"}, reach="own", media="application/pdf"),
    post("/receipts/{id}/notice", resend_receipt, cost=5, roles={"citizen"}, reach="own", status=204, idempotent=True),
    get("/receipts/{id}", read_receipt, roles={"citizen"}, reach="own"),
    get("/reconciliations", list_runs, roles={"finance", "auditor"}, reach="all"),
    get("/reconciliations/{id}", read_run, roles={"finance", "auditor"}, reach="all"),
    post("/reconciliations", run_day, cost=20, roles={"finance"}, reach="all", idempotent=True),
]
OUTSIDE = CALLBACKS
