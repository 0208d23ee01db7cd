"""The printable notice (缴款通知): what is due, how it came about, by when, and the code to pay it by."""

from pathlib import Path
from urllib.parse import quote

from kit import clock, documents
from kit.config import current
from kit.money import yuan_text
from payments.bills import due_on, masked_payer, open_payer
from payments.config import PaymentSettings
from payments.dues.explaining import steps
from payments.dues.models import PlanPart
from payments.models import Bill
from payments.receipts.paper import in_capital_words
from payments.states import BillState
from payments.surcharge import terms_of

TEMPLATE = Path(__file__).parent.parent.joinpath("templates", "notice.typ")


def pay_url(bill: Bill) -> str:
    """Where the code on the notice leads: the bill by its payment code, which anybody who holds the paper may pay."""
    return f"{current(PaymentSettings).public_url.rstrip('/')}/app/#/sub/bill/lookup?code={quote(bill.payment_code)}"


async def pdf(bill: Bill) -> bytes:
    """The paper (PDF/A) as of today, `bill` with its department fetched. Handed to payer and department only."""
    today, terms, url = clock.today(), terms_of(bill.surcharge_terms), pay_url(bill)
    due = due_on(bill, today)
    lines = await steps(bill, day=today)
    parts = await PlanPart.filter(bill_id=bill.id).order_by("place")
    values = {
        "title": bill.title, "payer": open_payer(bill), "payer_masked": masked_payer(bill),
        "payment_code": " ".join(bill.payment_code[n : n + 4] for n in range(0, len(bill.payment_code), 4)),
        "department": bill.department.name, "phone": bill.department.phone, "income_item": bill.income_item_code,
        "income_name": bill.income_item_name, "legal_basis": bill.legal_basis, "state": bill.state,
        "open": bill.state == BillState.UNPAID, "received_on": str(bill.received_on or ""), "due_on": str(bill.due_on),
        "lines": [
            {"name": s.name.model_dump(), "amount": yuan_text(s.amount_fen), "why": s.explanation.model_dump()}
            for s in lines
        ],
        "total": yuan_text(due.total_fen), "total_words": in_capital_words(due.total_fen), "as_of": str(today),
        "surcharge": {"name": terms.name.model_dump(), "basis": terms.basis.model_dump()} if terms else None,
        "parts": [
            {
                "place": p.place, "due_on": str(p.due_on), "paid": p.paid_at is not None,
                "amount": yuan_text(p.paid_fen or p.principal_fen + p.surcharge_fen),
            }
            for p in parts
        ],
        "url": url, "qr": documents.qr_svg(url), "demo": current(PaymentSettings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=clock.now().replace(microsecond=0))
