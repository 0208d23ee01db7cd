"""Windows over HTTP: the cashier's shift, what is taken in it, and what finance says of cheques and deposits."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from kit.cursors import end_of, place_in
from kit.errors import FieldError, InvalidRequest
from kit.texts import text
from kit.web import Call, get, post
from payments import receipts, refunds
from payments.counter import deposits, shifts, takings
from payments.counter.access import seen_receipt, seen_shift, seen_shifts, seen_taking
from payments.counter.errors import CounterStepDone
from payments.counter.models import Deposit, Taking
from payments.counter.schemas import (
    ChequeNews,
    CountShift,
    DepositNews,
    EnterDeposit,
    OpenShift,
    PayOut,
    ReverseTaking,
    ShiftDetail,
    ShiftPage,
    ShiftQuery,
    TakeMoney,
    TakingView,
)
from payments.counter.states import Means, TakingState
from payments.counter.takings import Handed
from payments.counter.views import shift_detailed, shift_shown, takings_shown
from payments.models import Payment
from payments.schemas import Nothing
from payments.states import RefundReason


async def list_shifts(call: Call, query: ShiftQuery) -> ShiftPage:
    """A cashier's shifts, a department's, or all; the latest first."""
    after = place_in("shifts", query.cursor, datetime, UUID)
    found = await seen_shifts(call.actor, state=query.state, limit=query.limit + 1, after=after)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = end_of("shifts", page[-1].opened_at, page[-1].id) if more else None
    return ShiftPage(items=[await shift_shown(s, reader=call.actor.id) for s in page], next_cursor=cursor)


async def open_shift(call: Call, body: OpenShift) -> ShiftDetail:
    """Opens a shift with a float in the drawer."""
    return await _shown(call, await shifts.open_shift(call.actor.id, window=body.window, float_fen=body.float_fen))


async def read_shift(call: Call) -> ShiftDetail:
    """A shift with everything that was taken in it and brought to the bank."""
    return await _shown(call, call.path_id("id"))


async def _shown(call: Call, shift: UUID) -> ShiftDetail:
    return await shift_detailed(await seen_shift(call.actor, shift), reader=call.actor.id)


async def take_money(call: Call, body: TakeMoney) -> TakingView:
    """Takes money for bills in one's own open shift; receipts are issued at once, except for a cheque."""
    shift = await seen_shift(call.actor, call.path_id("id"))
    _need(body.means == "cash" or (body.bank.strip() and body.reference.strip()), "reference")
    handed = Handed(
        tuple(dict.fromkeys(body.bills)), Means(body.means), body.amount_fen, body.tendered_fen, body.bank,
        body.reference,
    )  # fmt: skip
    taking = await takings.take(shift.id, handed, by=call.actor.id)
    return (await takings_shown([await Taking.get(id=taking)]))[0]


async def count_shift(call: Call, body: CountShift) -> ShiftDetail:
    """Ends one's own shift with what was counted."""
    shift = await seen_shift(call.actor, call.path_id("id"))
    await shifts.count(shift.id, counted_fen=body.counted_fen, note=body.note, by=call.actor.id)
    return await _shown(call, shift.id)


async def confirm_shift(call: Call, body: Nothing) -> ShiftDetail:  # noqa: ARG001 - an empty object is expected
    """A second person has counted the drawer too."""
    shift = await seen_shift(call.actor, call.path_id("id"))
    await shifts.confirm(shift.id, by=call.actor.id)
    return await _shown(call, shift.id)


async def enter_deposit(call: Call, body: EnterDeposit) -> ShiftDetail:
    """What was brought to the bank, or the bank's credit for card slips."""
    shift = await seen_shift(call.actor, call.path_id("id"))
    await deposits.enter(
        shift.id, means=Means(body.means), amount_fen=body.amount_fen, slip=body.slip, on=body.deposited_on,
        by=call.actor.id,
    )  # fmt: skip
    return await _shown(call, shift.id)


async def pay_out(call: Call, body: PayOut) -> ShiftDetail:
    """Gives cash back for a refund two people decided."""
    shift = await seen_shift(call.actor, call.path_id("id"))
    await deposits.pay_out(shift.id, refund_id=body.refund, voucher=body.voucher, by=call.actor.id)
    return await _shown(call, shift.id)


async def reverse_taking(call: Call, body: ReverseTaking) -> ShiftDetail:
    """The cashier asks for a taking to be given back; two others of finance and the counter do it, never one alone."""
    shift = await seen_shift(call.actor, call.path_id("id"))
    taking = await Taking.get_or_none(id=body.taking, shift_id=shift.id)
    if taking is None or taking.state != TakingState.TAKEN:
        raise CounterStepDone
    payment = await Payment.get(order_id=taking.order_id)  # type: ignore[attr-defined]
    await refunds.request(
        payment.id, amount_fen=taking.amount_fen, lines=[], reason=RefundReason.MISTAKEN, note=body.why,
        by=call.actor.name,
    )  # fmt: skip
    return await _shown(call, shift.id)


async def note_cheque(call: Call, body: ChequeNews) -> TakingView:
    """What the bank says of a cheque, noted by another person than took it."""
    taking = await seen_taking(call.actor, call.path_id("id"))
    _need(body.honoured or body.why.strip(), "why")
    if body.honoured:
        await takings.cheque_honoured(taking.id, by=call.actor.id)
    else:
        await takings.cheque_bounced(taking.id, why=body.why.strip(), by=call.actor.id)
    return (await takings_shown([await Taking.get(id=taking.id)]))[0]


async def decide_deposit(call: Call, body: DepositNews) -> ShiftDetail:
    """Finance has seen a deposit on the bank's statement, or not."""
    deposit = await Deposit.get_or_none(id=call.path_id("id"))
    shift = await seen_shift(call.actor, deposit.shift_id if deposit else UUID(int=0))  # type: ignore[attr-defined]
    _need(body.seen or body.why.strip(), "why")
    await deposits.decide(call.path_id("id"), seen=body.seen, why=body.why.strip(), by=call.actor.id)
    return await _shown(call, shift.id)


async def read_receipt_pdf(call: Call) -> Response:
    """The receipt, to be printed for whoever paid at the window."""
    receipt = await seen_receipt(call.actor, call.path_id("id"), call.path_id("receipt"))
    name = f"receipt-{receipt.code}-{receipt.number}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(await receipts.pdf(receipt), media_type="application/pdf", headers=headers)


def _need(given: object, name: str) -> None:
    if not given:
        missing = text("请填写这一项", "This is needed")
        raise InvalidRequest(errors=[FieldError(field=name, code="missing", detail=missing)])


CASHIER, OTHERS = {"clerk"}, {"supervisor": "department", "finance": "all"}
SEES = {"clerk": "desk", "supervisor": "department", "finance": "all", "auditor": "all"}

ROUTES = [
    get("/counter/shifts", list_shifts, roles=set(SEES), reach=SEES),
    post("/counter/shifts", open_shift, roles=CASHIER, reach="desk", status=201, idempotent=True),
    get("/counter/shifts/{id}", read_shift, roles=set(SEES), reach=SEES),
    post("/counter/shifts/{id}/takings", take_money, cost=5, roles=CASHIER, reach="desk", status=201, idempotent=True),
    post("/counter/shifts/{id}/count", count_shift, roles=CASHIER, reach="desk", idempotent=True),
    post("/counter/shifts/{id}/confirmation", confirm_shift, roles=set(OTHERS), reach=OTHERS, idempotent=True),
    post("/counter/shifts/{id}/deposits", enter_deposit, roles=CASHIER, reach="desk", idempotent=True),
    post("/counter/shifts/{id}/payouts", pay_out, roles=CASHIER, reach="desk", idempotent=True),
    post("/counter/shifts/{id}/reversals", reverse_taking, roles=CASHIER, reach="desk", idempotent=True),
    get(
        "/counter/shifts/{id}/receipts/{receipt}.pdf", read_receipt_pdf, cost=5, roles=CASHIER, reach="desk",
        media="application/pdf", examples={"receipt": "0192f0c1-2b7a-7c3e-9d51-6f0a8e4b1c22"},
    ),
    post("/counter/takings/{id}/cheque", note_cheque, roles={"finance"}, reach="all", idempotent=True),
    post("/counter/deposits/{id}/decision", decide_deposit, roles={"finance"}, reach="all", idempotent=True),
]  # fmt: skip
