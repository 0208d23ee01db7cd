"""
The fee gate: a case whose guide asks for its fee before the decision waits for it (administrative licence law arts. 58,
59: as published, paid in full to the treasury).

Accepted → its bill is raised. Paid or waived → it may be granted. Refused or withdrawn → what is unpaid is taken back,
what is paid is asked back by itself. Everything here may happen twice and counts once.
"""

from uuid import UUID

from auth.citizens import citizen, open_id_number, open_name, open_phone
from kit import audit, clock, db
from kit.errors import NotFound
from kit.texts import text
from mobileapi.applications.events import (
    ApplicationAccepted,
    ApplicationDecided,
    ApplicationNotAccepted,
    ApplicationWithdrawn,
)
from mobileapi.applications.models import Application
from mobileapi.applications.states import CaseState
from mobileapi.applications.submissions import citizen_id
from mobileapi.casefees.errors import FeeOutstanding, NoFeeToCharge
from mobileapi.casefees.models import CaseFee
from mobileapi.casefees.states import FEE_MOVES, SETTLED, FeeState
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import guide_of_version
from payments import bills, refunds
from payments.errors import BillNotPayable
from payments.events import BillPaid, BillWaived, BillWithdrawn
from payments.raising import Charge, IncomeItem, Payer, raise_bill
from payments.states import RefundReason

BY = "system:case"


def waits_for_fee(guide: Guide) -> bool:
    """Whether the guide asks for its fee before the decision."""
    return guide.fee.charged and guide.fee.amount_fen > 0 and guide.fee.due == "before_decision"


async def is_gated(case: Application) -> bool:
    """Whether the decision on this case waits for its fee, and the fee can be raised now."""
    return case.state == CaseState.ACCEPTED and waits_for_fee(await guide_of_version(case.item_code, case.item_version))


async def settled_or_refuse(case: Application, guide: Guide) -> None:
    """Asked before a case is granted. Raises FeeOutstanding."""
    if not waits_for_fee(guide):
        return
    fee = await CaseFee.filter(application=case.id).select_for_update().first()
    if fee is None or fee.state not in SETTLED:
        raise FeeOutstanding


async def raise_fee(application: UUID, *, by: str) -> CaseFee:
    """
    The bill of the case's fee, once, whoever asks for it. Raises NoFeeToCharge.

    The case is locked first: raised at the same moment twice, it is raised once.
    """
    async with db.transaction():
        case = await Application.filter(id=application).select_for_update().first()
        if case is None:
            raise NotFound
        there = await CaseFee.get_or_none(application=application)
        if there is not None:
            return there
        guide = await guide_of_version(case.item_code, case.item_version)
        if not waits_for_fee(guide) or case.state != CaseState.ACCEPTED:
            raise NoFeeToCharge
        bill = await raise_bill(_charge(case, guide), await _payer(citizen_id(case)), by=by)
        now = clock.now()
        made = CaseFee(
            application=application, bill=bill, amount_fen=guide.fee.amount_fen, state=FeeState.OWED, raised_at=now,
            moved_at=now,
        )  # fmt: skip
        await made.save(force_create=True)
        await audit.record(
            actor=by, action="case.fee_raised", subject=f"application:{application}", bill=str(bill),
            amount_fen=made.amount_fen,
        )  # fmt: skip
    return made


def _charge(case: Application, guide: Guide) -> Charge:
    title = text(f"{guide.name.zh}收费", f"Fee: {guide.name.en or guide.name.zh}")
    of_case = text(f"办件 {case.case_number}", f"Case {case.case_number}")
    item = IncomeItem(case.item_code, title, guide.fee.basis)
    return Charge(case.department_code, "case_fee", title, item, guide.fee.amount_fen, of_case)


async def _payer(account: UUID) -> Payer:
    """In the clear, for the bill alone."""
    person = await citizen(account)
    return Payer(open_name(person) or "—", open_id_number(person), open_phone(person))


async def accepted(event: ApplicationAccepted) -> None:
    """Of a case that waits for its fee the bill is raised."""
    if await is_gated(await Application.get(id=event.application)):
        await raise_fee(event.application, by=BY)


async def bill_paid(event: BillPaid) -> None:
    """A fee is paid. Has the case ended meanwhile, it goes back."""
    async with db.transaction():
        fee = await CaseFee.filter(bill=event.bill).select_for_update().first()
        if fee is None:
            return
        await _move(fee, FeeState.PAID)
        case = await Application.get(id=fee.application)
        if case.state in {CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.NOT_ACCEPTED}:
            await _return(fee)


async def bill_waived(event: BillWaived | BillWithdrawn) -> None:
    """Nothing is owed any more: by a waiver, or because the bill was taken back."""
    async with db.transaction():
        fee = await CaseFee.filter(bill=event.bill).select_for_update().first()
        if fee is not None:
            await _move(fee, FeeState.WAIVED)


async def ended(event: ApplicationDecided | ApplicationNotAccepted | ApplicationWithdrawn) -> None:
    """
    A case that was not granted owes no fee: its bill is taken back, or the money asked back.

    While the bill is being paid neither can be; the event is told again until one of both is.
    """
    if isinstance(event, ApplicationDecided) and event.outcome == "approved":
        return
    async with db.transaction():
        fee = await CaseFee.filter(application=event.application).select_for_update().first()
        if fee is None:
            return
        if fee.state == FeeState.OWED:
            try:
                await bills.withdraw(fee.bill, by=BY, why="case ended")
            except BillNotPayable:  # paid, and its event is on the way: bill_paid asks it back
                return
            await _move(fee, FeeState.ENDED)
        elif fee.state == FeeState.PAID:
            await _return(fee)


async def _return(fee: CaseFee) -> None:
    """Asks the money back; a person of finance decides (F5: applied, reviewed, executed)."""
    await refunds.ask_for_bill(fee.bill, reason=RefundReason.CASE_ENDED, by=BY)
    await _move(fee, FeeState.RETURNING)


async def _move(fee: CaseFee, to: FeeState) -> None:
    """Along an edge of the graph; told again, nothing happens."""
    if to not in FEE_MOVES[FeeState(fee.state)]:
        return
    fee.state, fee.moved_at = to, clock.now()
    await fee.save(update_fields=["state", "moved_at"])
    await audit.record(actor=BY, action=f"case.fee_{to}", subject=f"application:{fee.application}", bill=str(fee.bill))
