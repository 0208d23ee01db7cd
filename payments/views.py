"""How bills, orders and receipts are shown. Reads only."""

import base64
from collections.abc import Sequence
from uuid import UUID

from kit import clock, documents
from kit.texts import Text
from payments.bills import due_at, masked_payer, pending_orders, public_state
from payments.channels import channel as channel_named
from payments.models import Bill, BillLine, Order, OrderBill, Receipt
from payments.receipts import verify_url
from payments.schemas import (
    BillDetail,
    BillView,
    Confirming,
    DepartmentView,
    IncomeItemView,
    LineView,
    LookedUpBill,
    OrderBrief,
    OrderedBill,
    OrderView,
    ReceiptBrief,
    ReceiptLine,
    ReceiptView,
    SurchargeView,
)
from payments.states import PUBLIC, BillState, OrderState, PublicOrderState
from payments.surcharge import explanation, terms_of

SHOWS_CLIENT = {OrderState.AWAITING_PAYER, OrderState.CONFIRMING}


async def bills_shown(bills: Sequence[Bill]) -> list[BillView]:
    pending = await pending_orders([bill.id for bill in bills])
    receipts = {
        bill_id: receipt
        for receipt, bill_id in await Receipt.filter(
            bill_id__in=[bill.id for bill in bills], status="issued"
        ).values_list("id", "bill_id")
    }
    return [_bill(bill, order=pending.get(bill.id), receipt=receipts.get(bill.id)) for bill in bills]


def _bill(bill: Bill, *, order: tuple[UUID, str] | None, receipt: UUID | None) -> BillView:
    paid = bill.state == BillState.PAID
    due = due_at(bill, bill.paid_at if paid and bill.paid_at else clock.now())
    return BillView(
        id=bill.id, payment_code=bill.payment_code, kind=bill.kind, title=Text.model_validate(bill.title),
        department=_department(bill), state=public_state(bill, pending=order is not None),
        amount_fen=bill.paid_fen if paid else due.total_fen, principal_fen=bill.principal_fen, due_on=bill.due_on,
        overdue_days=due.days, payer_masked=masked_payer(bill),
        order=OrderBrief(id=order[0], state=PUBLIC[OrderState(order[1])]) if order else None,
        receipt=ReceiptBrief(id=receipt) if receipt else None,
    )  # fmt: skip


def _department(bill: Bill) -> DepartmentView:
    return DepartmentView(code=bill.department.code, name=Text.model_validate(bill.department.name))


async def bill_shown(bill: Bill) -> BillDetail:
    """The bill with every line of its amount explained."""
    (brief,) = await bills_shown([bill])
    lines = await BillLine.filter(bill_id=bill.id).order_by("place")
    return BillDetail(
        **{name: getattr(brief, name) for name in BillView.model_fields},
        lines=[LineView.model_validate(line) for line in lines],
        legal_basis=Text.model_validate(bill.legal_basis),
        surcharge=_surcharge(bill),
        income_item=IncomeItemView(code=bill.income_item_code, name=Text.model_validate(bill.income_item_name)),
        received_on=bill.received_on,
        note=Text.model_validate(bill.note) if bill.note else None,
    )


def _surcharge(bill: Bill) -> SurchargeView | None:
    terms = terms_of(bill.surcharge_terms)
    if terms is None:
        return None
    due = due_at(bill, bill.paid_at or clock.now())
    return SurchargeView(
        rule=terms.name, basis=terms.basis, days=due.days, amount_fen=due.surcharge_fen, capped=due.capped,
        explanation=explanation(due.principal_fen, days=due.days, terms=terms),
    )  # fmt: skip


async def looked_up(bill: Bill) -> LookedUpBill:
    pending = await pending_orders([bill.id])
    brief = _bill(bill, order=pending.get(bill.id), receipt=None)
    return LookedUpBill(**{name: getattr(brief, name) for name in LookedUpBill.model_fields})


async def order_shown(order_id: UUID) -> OrderView:
    order = await Order.get(id=order_id)
    parts = await OrderBill.filter(order_id=order_id).select_related("bill").order_by("bill_id")
    receipts = await Receipt.filter(order_id=order_id).order_by("number").values_list("id", flat=True)
    state = OrderState(order.state)
    return OrderView(
        id=order.id, state=PUBLIC[state], amount_fen=order.amount_fen, channel=order.channel, scene=order.scene,
        bills=[
            OrderedBill(
                id=part.bill.id, title=Text.model_validate(part.bill.title),
                amount_fen=part.principal_fen + part.surcharge_fen,
            )
            for part in parts
        ],
        created_at=order.created_at, expires_at=order.expires_at, client=_client(order), confirming=_confirming(order),
        paid_at=order.paid_at, receipts=[UUID(str(receipt)) for receipt in receipts],
    )  # fmt: skip


def _client(order: Order) -> dict[str, str] | None:
    if order.state not in SHOWS_CLIENT or not order.prepay or order.expires_at <= clock.now():
        return None
    given = channel_named(order.channel).client_parameters(order.prepay)
    if "code_url" in given:
        drawing = base64.b64encode(documents.qr_svg(given["code_url"]).encode()).decode()
        given["qr_svg_url"] = f"data:image/svg+xml;base64,{drawing}"
    return given


def _confirming(order: Order) -> Confirming | None:
    """Since when we wait for the channel's word, and when it is asked next."""
    if PUBLIC[OrderState(order.state)] is not PublicOrderState.CONFIRMING:
        return None
    since = order.confirming_since or order.created_at
    age = max(0, int((clock.now() - since).total_seconds()))
    return Confirming(since=since, age_s=age, next_check_at=order.next_check_at)


async def receipt_shown(receipt: Receipt) -> ReceiptView:
    """`receipt` with its bill fetched, and which receipts it has to do with."""
    red = await Receipt.get_or_none(reverses=receipt.id).only("id")
    remainder = await Receipt.get_or_none(replaces=receipt.id).only("id")
    return ReceiptView(
        id=receipt.id, code=receipt.code, number=receipt.number, check_code=receipt.check_code, bill=receipt.bill.id,
        title=Text.model_validate(receipt.bill.title), payer_masked=masked_payer(receipt.bill),
        amount_fen=receipt.amount_fen, lines=[ReceiptLine.model_validate(line) for line in receipt.lines],
        issued_at=receipt.issued_at, issuer=Text(zh=receipt.issuer), status=receipt.status,
        reverses=receipt.reverses, replaces=receipt.replaces, reversed_by=red.id if red else None,
        replaced_by=remainder.id if remainder else None, verify_url=verify_url(receipt),
        pdf_url=f"/api/v1/receipts/{receipt.id}.pdf",
    )  # fmt: skip
