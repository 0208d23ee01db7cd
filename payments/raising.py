"""
Bills raised at a desk, one at a time: the fee of a case, or an amount under an income item the department collects.

Imported bills bring their payment codes along. One raised here is given a code of 20 digits: the division of the
department's region, the day, and eight digits nobody can guess.
"""

import secrets
from dataclasses import dataclass, replace
from uuid import UUID

from auth.models import Department
from kit import clock, db, workdays
from kit.errors import Unavailable
from kit.texts import Text
from payments import codes
from payments.bills import NewBill, NewLine, issue
from payments.models import Bill
from payments.surcharge import due_date

MOST_FEN = 5_000_000  # fifty thousand yuan: what is more comes from the department's own books


@dataclass(frozen=True)
class IncomeItem:
    """An income item a department collects under, with the basis it stands on."""

    code: str
    name: Text
    legal_basis: Text


@dataclass(frozen=True)
class Charge:
    """What is asked of a payer: one line, with the sentence that explains it."""

    department: str
    kind: str
    title: Text
    income_item: IncomeItem
    amount_fen: int
    explanation: Text


@dataclass(frozen=True)
class Payer:
    """In the clear, for the moment of issuing."""

    name: str
    id_number: str | None
    phone: str | None


COLLECTED = """
SELECT DISTINCT ON (income_item_code) income_item_code AS code, income_item_name AS name, legal_basis
FROM payments_bill WHERE department_id = $1 ORDER BY income_item_code, issued_at DESC
"""


async def income_items_of(department: str) -> list[IncomeItem]:
    """What the department has collected under so far; empty of one that issues no bills."""
    rows = await db.fetch(COLLECTED, department)
    return [
        IncomeItem(r["code"], Text.model_validate_json(r["name"]), Text.model_validate_json(r["legal_basis"]))
        for r in rows
    ]


async def raise_bill(charge: Charge, payer: Payer, *, by: str) -> UUID:
    """
    Issues the bill, received today by its payer; its id.

    Raises: Unavailable when payment codes of this region look otherwise.
    """
    assert 0 < charge.amount_fen <= MOST_FEN, "the shape saw to it"
    today, calendar = clock.today(), await workdays.calendar()
    line = NewLine(
        name=charge.title.model_dump(), amount_fen=charge.amount_fen,
        basis=charge.income_item.legal_basis.model_dump(), explanation=charge.explanation.model_dump(),
    )  # fmt: skip
    new = NewBill(
        payment_code="", kind=charge.kind, title=charge.title.model_dump(), department=charge.department,
        income_item_code=charge.income_item.code, income_item_name=charge.income_item.name.model_dump(),
        legal_basis=charge.income_item.legal_basis.model_dump(), payer_name=payer.name,
        payer_id_number=payer.id_number, payer_phone=None if payer.id_number else payer.phone,
        received_on=today, due_on=due_date(today, calendar=calendar), lines=[line],
    )  # fmt: skip
    async with db.transaction():
        code = await free_code(charge.department)
        assert await issue(replace(new, payment_code=code), by=by), "the code was free a moment ago"
        return (await Bill.get(payment_code=code).only("id")).id


async def free_code(department: str) -> str:
    """A payment code nobody has. Raises Unavailable when codes of this region look otherwise."""
    region = (await Department.get(code=department)).region_code[:6].ljust(6, "0")
    for _ in range(20):
        code = codes.completed(f"{region}{clock.today():%y%m%d}{secrets.randbelow(10**8):08d}")
        if codes.is_code(code) and not await Bill.exists(payment_code=code):
            return code
    raise Unavailable
