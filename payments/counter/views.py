"""How shifts, takings and deposits are shown. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from kit import db
from kit.texts import Text
from payments.counter import deposits, shifts
from payments.counter.models import Deposit, Shift, Taking
from payments.counter.schemas import DepositView, PaidReceipt, ShiftDetail, ShiftView, TakingView
from payments.counter.states import Means
from payments.models import OrderBill, Receipt

SUMS = """
SELECT means, state, sum(amount_fen)::bigint AS fen FROM counter_taking WHERE shift_id = $1 GROUP BY means, state
"""


async def shift_shown(shift: Shift, *, reader: UUID) -> ShiftView:
    """`shift` with its cashier and department fetched."""
    sums = {(row["means"], row["state"]): row["fen"] for row in await db.fetch(SUMS, shift.id)}
    expected = shift.expected_fen if shift.expected_fen is not None else await shifts.cash_in_drawer(shift)
    return ShiftView(
        id=shift.id, cashier=shift.cashier.name, department=Text.model_validate(shift.department.name),
        window=shift.window, state=shift.state, float_fen=shift.float_fen, opened_at=shift.opened_at,
        counted_at=shift.counted_at, confirmed_at=shift.confirmed_at,
        taken={means: sums.get((means, "taken"), 0) for means in Means},
        clearing_fen=sums.get(("cheque", "clearing"), 0),
        expected_fen=expected, counted_fen=shift.counted_fen, difference_note=shift.difference_note,
        to_deposit={means: await deposits.left_fen(shift.id, means=means) for means in (Means.CASH, Means.POS)},
        mine=shift.cashier.id == reader,
    )  # fmt: skip


async def shift_detailed(shift: Shift, *, reader: UUID) -> ShiftDetail:
    brief = await shift_shown(shift, reader=reader)
    takings = await Taking.filter(shift_id=shift.id).order_by("-taken_at")
    return ShiftDetail(
        **brief.model_dump(), takings=await takings_shown(takings),
        deposits=[
            DepositView.model_validate(deposit)
            for deposit in await Deposit.filter(shift_id=shift.id).order_by("-entered_at")
        ],
    )  # fmt: skip


async def takings_shown(takings: Sequence[Taking]) -> list[TakingView]:
    orders = [taking.order_id for taking in takings]  # type: ignore[attr-defined]
    titles: defaultdict[UUID, list[Text]] = defaultdict(list)
    for part in await OrderBill.filter(order_id__in=orders).select_related("bill").order_by("bill_id"):
        titles[part.order_id].append(Text.model_validate(part.bill.title))  # type: ignore[attr-defined]
    receipts: defaultdict[UUID, list[Receipt]] = defaultdict(list)
    for receipt in await Receipt.filter(order_id__in=orders, status="issued").select_related("bill").order_by("number"):
        receipts[receipt.order_id].append(receipt)  # type: ignore[attr-defined]
    return [_taking(t, titles=titles[t.order_id], receipts=receipts[t.order_id]) for t in takings]  # type: ignore[attr-defined]


def _taking(taking: Taking, *, titles: list[Text], receipts: list[Receipt]) -> TakingView:
    change = None if taking.tendered_fen is None else taking.tendered_fen - taking.amount_fen
    shift = taking.shift_id  # type: ignore[attr-defined]
    return TakingView(
        id=taking.id, order=taking.order_id, means=taking.means, state=taking.state, amount_fen=taking.amount_fen,  # type: ignore[attr-defined]
        tendered_fen=taking.tendered_fen, change_fen=change, bank=taking.bank, reference=taking.reference,
        taken_at=taking.taken_at, bounce_reason=taking.bounce_reason, titles=titles,
        receipts=[
            PaidReceipt(
                id=receipt.id, number=receipt.number, title=Text.model_validate(receipt.bill.title),
                amount_fen=receipt.amount_fen, pdf_url=f"/api/v1/counter/shifts/{shift}/receipts/{receipt.id}.pdf",
            )
            for receipt in receipts
        ],
    )  # fmt: skip
