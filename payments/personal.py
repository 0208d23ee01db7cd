"""What paying keeps of a person. Money is kept by law; whose it was is not, once the account is closed."""

from uuid import UUID

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter
from kit import clock, crypto, db
from kit.texts import Text, text
from payments.bills import open_payer
from payments.dues.amendments import reason_of, refusal_of
from payments.dues.models import Amendment
from payments.models import Bill, Order, Payment, Receipt, Refund
from payments.states import PENDING, BillState, OrderState

BOOKS = "PIPL 13(1)(3), 47; Accounting Archives Measures 14; Fiscal Receipts Measures"
RELIEF = text("减免、延期与分期申请", "Applications for relief")
BILLS, PAID = text("缴款书", "Bills"), text("缴费与票据", "Payments and receipts")
TO_PAY = text("收缴政府收入", "To collect what is owed")
THIRTY_YEARS = text("会计档案 30 年", "Accounting archives: 30 years")
FORGOTTEN = "已注销用户"

KEPT = (
    Kept("payments_bill", BILLS, TO_PAY, BOOKS, THIRTY_YEARS, "pseudonymised"),
    Kept("payments_bill_line", BILLS, TO_PAY, BOOKS, THIRTY_YEARS, "kept"),
    Kept("dues_amendment", BILLS, TO_PAY, BOOKS, THIRTY_YEARS, "pseudonymised"),
    Kept("dues_plan_part", BILLS, TO_PAY, BOOKS, THIRTY_YEARS, "kept"),
    Kept("dues_reminder", BILLS, TO_PAY, BOOKS, THIRTY_YEARS, "kept"),
    *(
        Kept(table, PAID, TO_PAY, BOOKS, THIRTY_YEARS, at_closure)  # type: ignore[arg-type]  # a literal of the row
        for table, at_closure in (
            ("payments_order", "pseudonymised"),
            ("payments_order_bill", "kept"),
            ("payments_order_change", "kept"),
            ("payments_payment", "kept"),
            ("payments_receipt", "kept"),
            ("payments_refund", "kept"),
            ("payments_refund_part", "kept"),
            ("payments_refund_change", "kept"),
            ("counter_taking", "kept"),
        )
    ),
)


async def _bills_of(person: Citizen) -> list[Bill]:
    mine = "SELECT id FROM payments_bill WHERE payer_id_number_index = $1 OR payer_phone_index = $2"
    rows = await db.fetch(mine, person.id_number_index, person.phone_index)
    return await Bill.filter(id__in=[row["id"] for row in rows]).order_by("issued_at")


async def about(person: Citizen) -> list[Chapter]:
    bills = [
        {
            "title": b.title,
            "payment_code": b.payment_code,
            "payer": open_payer(b),
            "amount_fen": b.principal_fen,
            "due_on": str(b.due_on),
            "state": b.state,
            "paid_at": _at(b.paid_at),
        }
        for b in await _bills_of(person)
    ]
    orders = await Order.filter(citizen_id=person.id).order_by("created_at")
    return [
        Chapter("bills", BILLS, bills),
        Chapter("relief", RELIEF, await _asked(person)),
        Chapter("payments", PAID, [await _order(o) for o in orders]),
    ]


async def _asked(person: Citizen) -> list[dict[str, object]]:
    """What they applied for about bills, with their words."""
    return [
        {
            "kind": one.kind, "state": one.state, "at": _at(one.asked_at), "reason": reason_of(one),
            "refusal": refusal_of(one) or "", "decided_at": _at(one.decided_at),
        }
        for one in await Amendment.filter(citizen=person.id).order_by("asked_at")
    ]  # fmt: skip


async def _order(order: Order) -> dict[str, object]:
    payments = await Payment.filter(order_id=order.id)
    refunds = await Refund.filter(order_id=order.id)
    receipts = await Receipt.filter(order_id=order.id)
    return {
        "number": order.number,
        "title": order.description,
        "amount_fen": order.amount_fen,
        "channel": order.channel,
        "state": order.state,
        "open_id": order.open_id,
        "at": _at(order.created_at),
        "paid_at": _at(order.paid_at),
        "payments": [{"number": p.transaction_id, "amount_fen": p.amount_fen, "at": _at(p.paid_at)} for p in payments],
        "refunds": [{"number": r.number, "amount_fen": r.amount_fen, "state": r.state} for r in refunds],
        "receipts": [
            {"number": f"{r.code}{r.number}", "amount_fen": r.amount_fen, "state": r.status} for r in receipts
        ],
    }


def _at(instant: object) -> str:
    return str(clock.city_time(instant)) if instant is not None else ""  # type: ignore[arg-type]  # a datetime column


async def matters(person: Citizen) -> list[Matter]:
    pending = await Order.filter(citizen_id=person.id, state__in=[*PENDING, OrderState.DISPUTED]).count()
    returning = await Order.filter(citizen_id=person.id, state=OrderState.REFUNDING).count()
    unpaid = sum(b.state == BillState.UNPAID for b in await _bills_of(person))
    return [
        _matter("orders_pending", text("正在支付的订单", "Payments under way"), pending, blocks=True),
        _matter("refunds_pending", text("正在退回的款项", "Money on its way back"), returning, blocks=True),
        _matter(
            "bills_unpaid",
            text("未缴的缴款书：注销后仍须缴纳", "Unpaid bills: still owed afterwards"),
            unpaid,
            blocks=False,
        ),
    ]


def _matter(code: str, title: Text, count: int, *, blocks: bool) -> Matter:
    return Matter(code, title, blocks=blocks, count=count, link="sub/bill/list")


async def forget(person: Citizen) -> list[str]:
    """Names and openings go; amounts, days and numbers stay. What is unpaid is still owed and stays as it is."""
    for bill in await _bills_of(person):
        if bill.state != BillState.UNPAID:
            await _forget_payer(bill.id)
    await _forget_reasons(person)
    await db.execute("UPDATE payments_order SET open_id = '', prepay = NULL WHERE citizen_id = $1", person.id)
    return []


async def _forget_reasons(person: Citizen) -> None:
    """Why somebody asked for relief goes with them; that it was decided, and how, stays."""
    for one in await Amendment.filter(citizen=person.id):
        sealed = crypto.seal(FORGOTTEN, bound_to=f"dues_amendment.reason:{one.id}")
        await Amendment.filter(id=one.id).update(
            reason_sealed=sealed, decision_sealed=None, citizen=None, asked_by="citizen:"
        )


async def _forget_payer(bill: UUID) -> None:
    sealed = crypto.seal(FORGOTTEN, bound_to=f"payments_bill.payer_name:{bill}")
    await Bill.filter(id=bill).update(payer_name_sealed=sealed, payer_id_number_index=None, payer_phone_index=None)


async def subjects(person: Citizen) -> list[str]:
    orders = await Order.filter(citizen_id=person.id).values_list("id", flat=True)
    return [f"order:{id_}" for id_ in orders] + [f"bill:{bill.id}" for bill in await _bills_of(person)]


CONTRIBUTOR = Contributor("payments", KEPT, about, forget, matters=matters, subjects=subjects)
