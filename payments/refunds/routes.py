"""Refunds over HTTP: finance asks, somebody else of finance decides, everybody of finance and audit sees."""

from datetime import datetime
from uuid import UUID

from kit.cursors import end_of, place_in
from kit.web import Call, get, post
from payments import refunds
from payments.access import own_bill, seen_refund
from payments.refunds import LineWish, board, own
from payments.refunds.schemas import (
    AskRefund,
    CompleteRefund,
    OwnRefunds,
    Refundable,
    RefundDetail,
    RefundPage,
    RefundQuery,
    RefuseRefund,
)
from payments.schemas import Nothing
from payments.states import RefundReason


async def list_refunds(call: Call, query: RefundQuery) -> RefundPage:  # noqa: ARG001 - finance sees every refund
    """Refunds, the latest asked for first."""
    after = place_in("refunds", query.cursor, datetime, UUID)
    found = await board.refunds(kind=query.state, limit=query.limit + 1, after=after)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = end_of("refunds", page[-1]["requested_at"], page[-1]["id"]) if more else None
    return RefundPage(items=await board.shown(page), next_cursor=cursor)


async def read_refund(call: Call) -> RefundDetail:
    """One refund: what of which bill, who asked and agreed, every edge it went along."""
    return await board.detail(await seen_refund(call.actor, call.path_id("id")))


async def read_refundable(call: Call) -> Refundable:
    """What of an order's money can still be asked for, and which way it would go."""
    return await board.refundable(call.path_id("order"))


async def ask_refund(call: Call, body: AskRefund) -> RefundDetail:
    """Asks for money to go back. It goes the way it came, whatever else the request names; somebody else decides."""
    payment = await board.payment_of(body.order)
    lines = [LineWish(line.bill, line.amount_fen, line.line) for line in body.lines]
    refund = await refunds.request(
        payment["id"], amount_fen=body.amount_fen, lines=lines, reason=RefundReason(body.reason), note=body.note,
        by=call.actor.name,
    )  # fmt: skip
    return await board.detail(refund)


async def approve_refund(call: Call, body: Nothing) -> RefundDetail:  # noqa: ARG001 - an empty object is expected
    """Agrees to what somebody else asked for; above the limit two others have to."""
    refund = await seen_refund(call.actor, call.path_id("id"))
    await refunds.approve(refund, by=call.actor.name)
    return await board.detail(refund)


async def refuse_refund(call: Call, body: RefuseRefund) -> RefundDetail:
    """Does not agree, and says why."""
    refund = await seen_refund(call.actor, call.path_id("id"))
    await refunds.refuse(refund, why=body.why, by=call.actor.name)
    return await board.detail(refund)


async def complete_refund(call: Call, body: CompleteRefund) -> RefundDetail:
    """The treasury or the counter paid it out, or sent it back."""
    refund = await seen_refund(call.actor, call.path_id("id"))
    await refunds.complete(refund, voucher=body.voucher, done=body.done, by=call.actor.name)
    return await board.detail(refund)


async def list_own_refunds(call: Call) -> OwnRefunds:
    """Money of a bill on its way back to who paid it."""
    bill = await own_bill(call.actor, call.path_id("id"))
    return OwnRefunds(items=await own.of_bill(bill.id))


SEES, DOES = {"finance", "auditor"}, {"finance"}
AN_ORDER = {"order": "0196f0d2-6f6e-7c1a-9a53-2f1f4a0c9b11"}

ROUTES = [
    get("/bills/{id}/refunds", list_own_refunds, roles={"citizen"}, reach="own"),
    get("/refunds", list_refunds, roles=SEES, reach="all"),
    get("/refunds/possible/{order}", read_refundable, roles=DOES, reach="all", examples=AN_ORDER),
    get("/refunds/{id}", read_refund, roles=SEES, reach="all"),
    post("/refunds", ask_refund, cost=5, roles=DOES, reach="all", status=201, idempotent=True),
    post("/refunds/{id}/approval", approve_refund, cost=5, roles=DOES, reach="all", idempotent=True),
    post("/refunds/{id}/refusal", refuse_refund, cost=5, roles=DOES, reach="all", idempotent=True),
    post("/refunds/{id}/completion", complete_refund, cost=5, roles=DOES, reach="all", idempotent=True),
]
