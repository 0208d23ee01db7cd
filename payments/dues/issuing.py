"""Bills a department issues over the API: one at a time, from its fee table or by a decision, or many out of a file."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from tortoise.exceptions import IntegrityError

from kit import clock, db, workdays
from kit.errors import Unreadable
from kit.imports import ImportReport
from kit.web import Actor
from payments.bills import NewBill, NewLine, issue
from payments.dues import fees
from payments.dues.errors import ReplacesNothing, TermsNotPossible
from payments.imports import LARGEST_FEN, import_bills
from payments.models import Bill, Words
from payments.raising import free_code
from payments.states import BillState
from payments.surcharge import due_date


@dataclass(frozen=True)
class FeeWish:
    """So many pieces of a fee of the department's table."""

    code: str
    quantity: int


@dataclass(frozen=True)
class Wish:
    """A bill to issue. Without `payment_code` it is given one; without `due_on` the law's fifteen days count."""

    department: str
    kind: str
    title: Words
    income_item_code: str
    income_item_name: Words
    legal_basis: Words
    payer_name: str
    payer_id_number: str | None
    payer_phone: str | None
    lines: Sequence[NewLine | FeeWish]
    payment_code: str | None = None
    received_on: date | None = None
    due_on: date | None = None
    surcharge_rule: str = ""
    note: Words | None = None
    replaces: UUID | None = None


async def issue_one(actor: Actor, wish: Wish) -> UUID:
    """
    Issues the bill; its id.

    Raises: BillDiffers, NoSuchFee, NoSuchSurchargeRule, ReplacesNothing, TermsNotPossible (no day to pay by, one
    before the receipt, or more in all than any bill is of), Unavailable.
    """
    async with db.transaction():
        received = wish.received_on or clock.today()
        due = wish.due_on or due_date(received, calendar=await workdays.calendar())
        if due < received or received > clock.today():
            raise TermsNotPossible
        await _refuse_unreplaceable(wish)
        new = NewBill(
            payment_code=wish.payment_code or await free_code(wish.department), kind=wish.kind, title=wish.title,
            department=wish.department, income_item_code=wish.income_item_code, income_item_name=wish.income_item_name,
            legal_basis=wish.legal_basis, payer_name=wish.payer_name, payer_id_number=wish.payer_id_number,
            payer_phone=wish.payer_phone, due_on=due, received_on=received, surcharge_rule=wish.surcharge_rule,
            note=wish.note, lines=[await _line(wish.department, line, on=received) for line in wish.lines],
        )  # fmt: skip
        if new.principal_fen > LARGEST_FEN:
            raise TermsNotPossible
        try:
            await issue(new, by=actor.name, replaces=wish.replaces)
        except IntegrityError:
            raise ReplacesNothing from None
        return (await Bill.get(payment_code=new.payment_code).only("id")).id


async def _line(department: str, line: NewLine | FeeWish, *, on: date) -> NewLine:
    if isinstance(line, NewLine):
        return line
    return (await fees.line_of(department, line.code, quantity=line.quantity, on=on))[0]


async def _refuse_unreplaceable(wish: Wish) -> None:
    if wish.replaces is None:
        return
    old = await Bill.filter(id=wish.replaces, department_id=wish.department).select_for_update().first()
    if old is None or old.state != BillState.WITHDRAWN or await Bill.exists(replaces=wish.replaces):
        raise ReplacesNothing


async def import_file(
    actor: Actor, content: bytes, *, department: str, dry_run: bool, keep_going: bool
) -> ImportReport:
    """
    Issues the bills of a CSV file of the department, UTF-8 or, as spreadsheet programs here write it, GB 18030. Every
    row at fault is named with its line.

    Raises: Unreadable when it is neither.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _written(Path(folder, "bills.csv"), content)
        return await import_bills(path, dry_run=dry_run, keep_going=keep_going, by=actor.name, only=department)


def _written(path: Path, content: bytes) -> Path:
    path.write_text(_text(content), "utf-8")
    return path


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in found:
            return found
    raise Unreadable
