"""How an amount came about, line by line: for the payer's page and for the notice. Every sum is exact."""

from dataclasses import dataclass
from datetime import date

from kit import db
from kit.money import yuan_text
from kit.texts import Text, text
from payments.bills import due_on
from payments.models import Bill, BillLine
from payments.states import BillState
from payments.surcharge import explanation, terms_of

SURCHARGE = text("加处罚款", "Daily surcharge")
WAIVED = text("减免", "Waived")


@dataclass(frozen=True)
class Step:
    """One line of the sum. The lines of a bill add up to what is due."""

    name: Text
    amount_fen: int
    explanation: Text
    basis: Text | None = None


async def steps(bill: Bill, *, day: date) -> list[Step]:
    """The lines that add up to what `bill` asks for on `day`, or to what was paid of it."""
    if bill.part_place is not None:
        return [await _instalment(bill), *_surcharge(bill, day=day)]
    found = [_line(line) for line in await BillLine.filter(bill_id=bill.id).order_by("place")]
    if bill.waived_principal_fen:
        found.append(Step(WAIVED, -bill.waived_principal_fen, text("经批准减免", "Waived by decision")))
    if bill.state == BillState.WAIVED:
        return found
    return found + (_surcharge_paid(bill) if bill.state == BillState.PAID else _surcharge(bill, day=day))


def _surcharge_paid(bill: Bill) -> list[Step]:
    """What was paid beyond the principal, whatever would be counted today."""
    fen = bill.paid_fen - (bill.principal_fen - bill.waived_principal_fen)
    return [Step(SURCHARGE, fen, text("计算至缴款之日", "Counted up to the day of payment"))] if fen else []


def _line(line: BillLine) -> Step:
    return Step(
        Text.model_validate(line.name), line.amount_fen, Text.model_validate(line.explanation),
        Text.model_validate(line.basis),
    )  # fmt: skip


async def _instalment(bill: Bill) -> Step:
    many = await db.fetch_value("SELECT count(*) FROM dues_plan_part WHERE bill_id = $1", bill.id)
    fen = bill.part_principal_fen or 0
    said = text(
        f"经批准分 {many} 期缴纳，本期应缴本金 {yuan_text(fen)} 元",
        f"Payable in {many} parts by decision: {yuan_text(fen)} yuan of the principal now",
    )
    return Step(_of_plan(bill.part_place or 0, many), fen, said)


def _of_plan(place: int, many: int) -> Text:
    return text(f"第 {place} 期（共 {many} 期）", f"Instalment {place} of {many}")


def _surcharge(bill: Bill, *, day: date) -> list[Step]:
    """What late days added, and what of it was waived."""
    terms, due, before = terms_of(bill.surcharge_terms), due_on(bill, day), bill.part_surcharge_fen or 0
    found = []
    if before:
        said = text("分期前已产生的加处罚款分摊到本期", "This part's share of what had grown before the plan")
        found.append(Step(SURCHARGE, before, said))
    if terms is not None and due.days:
        said = explanation(due.principal_fen, days=due.days, terms=terms)
        found.append(Step(SURCHARGE, due.grown_fen, said, terms.basis))
    waived = before + due.grown_fen - due.surcharge_fen
    if waived:
        found.append(Step(WAIVED, -waived, text("经批准减免加处罚款", "Surcharge waived by decision")))
    return found
