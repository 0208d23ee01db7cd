"""How dues, amendments and a department's bills are shown. Reads only."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from auth.models import StaffMember
from kit import clock
from kit.texts import Text
from payments.bills import due_at, masked_payer
from payments.dues.amendments import reason_of, refusal_of
from payments.dues.effects import terms_from
from payments.dues.explaining import steps
from payments.dues.models import Amendment, PlanPart
from payments.dues.schemas import (
    AmendmentDesk,
    AmendmentView,
    DeskBill,
    DuesView,
    PartView,
    StepView,
    TermsShape,
)
from payments.dues.states import KIND_WORDS, OPEN, STATE_WORDS, AmendmentKind, AmendmentState
from payments.models import Bill
from payments.states import BillState
from payments.views import bill_shown

ASKABLE = ("instalments", "deferral", "waiver")


async def dues_shown(bill: Bill, *, reader: UUID, desk: bool) -> DuesView:
    """How the amount came about; for the payer with their own applications, for a desk with all."""
    found = await Amendment.filter(bill_id=bill.id).order_by("-asked_at")
    seen = found if desk else [one for one in found if one.citizen == reader or one.state == AmendmentState.APPROVED]
    prefix = "/api/v1/desk/bills" if desk else "/api/v1/bills"
    open_stay = next((stay[0] for stay in bill.stays if stay[1] is None), None)
    return DuesView(
        built=[StepView(**step.__dict__) for step in await steps(bill, day=clock.today())],
        plan=await _plan(bill), amendments=[amendment_shown(one, reader=reader, desk=desk) for one in seen],
        can_ask=_can_ask(bill, found), first_due_on=bill.first_due_on,
        stayed_since=date.fromisoformat(open_stay) if open_stay else None,
        notice_url=f"{prefix}/{bill.id}/notice.pdf",
    )  # fmt: skip


def _can_ask(bill: Bill, amendments: Sequence[Amendment]) -> list[str]:
    if bill.state != BillState.UNPAID or bill.part_place is not None or any(a.state in OPEN for a in amendments):
        return []
    return list(ASKABLE)


async def _plan(bill: Bill) -> list[PartView]:
    shown = []
    for part in await PlanPart.filter(bill_id=bill.id).order_by("place"):
        now = part.place == bill.part_place
        amount = part.paid_fen or (
            due_at(bill, clock.now()).total_fen if now else part.principal_fen + part.surcharge_fen
        )
        shown.append(
            PartView(
                place=part.place, amount_fen=amount, due_on=part.due_on, paid_at=part.paid_at,
                state="paid" if part.paid_at else "now" if now else "later",
            )
        )  # fmt: skip
    return shown


def amendment_shown(one: Amendment, *, reader: UUID, desk: bool) -> AmendmentView:
    """To somebody else than whoever asked, at no desk: that it is so, not why it was asked for."""
    return AmendmentView(**_amendment(one, reader=reader, open_words=desk or one.citizen == reader))


def _amendment(one: Amendment, *, reader: UUID, open_words: bool) -> dict[str, Any]:
    kind, state = AmendmentKind(one.kind), AmendmentState(one.state)
    mine = one.citizen == reader if one.citizen else one.proposed_by == reader
    return {
        "id": one.id, "bill": one.bill_id, "kind": kind, "kind_text": KIND_WORDS[kind], "state": state,  # type: ignore[attr-defined]
        "state_text": STATE_WORDS[state], "asked_at": one.asked_at, "by_payer": one.citizen is not None,
        "reason": reason_of(one) if open_words else "", "wish": _terms(one.wish),
        "terms": _terms(one.terms) if one.terms is not None else None, "basis": one.basis,
        "proposed_at": one.proposed_at, "decided_at": one.decided_at,
        "refusal": refusal_of(one) if open_words else None, "can_take_back": mine and state in OPEN,
    }  # fmt: skip


def _terms(kept: dict[str, Any]) -> TermsShape:
    return TermsShape(**terms_from(kept).__dict__)


async def amendments_shown(found: Sequence[Amendment], *, reader: UUID) -> list[AmendmentDesk]:
    """`found` with their bills fetched, as the department's desk sees them."""
    staff = {one.proposed_by for one in found if one.proposed_by}
    names = dict(await StaffMember.filter(id__in=staff).values_list("id", "name")) if staff else {}
    return [
        AmendmentDesk(
            **_amendment(one, reader=reader, open_words=True), payment_code=one.bill.payment_code,
            title=Text.model_validate(one.bill.title), payer_masked=masked_payer(one.bill),
            due_now_fen=due_at(one.bill, clock.now()).total_fen,
            proposed_by=str(names.get(one.proposed_by, "")) or None, mine=one.proposed_by == reader,
        )
        for one in found
    ]  # fmt: skip


async def desk_bill_shown(bill: Bill, *, reader: UUID, may_decide: bool) -> DeskBill:
    detail = await bill_shown(bill)
    newer = await Bill.get_or_none(replaces=bill.id).only("id")
    return DeskBill(
        **detail.__dict__, dues=await dues_shown(bill, reader=reader, desk=True), issued_at=bill.issued_at,
        paid_fen=bill.paid_fen, replaces=bill.replaces, replaced_by=newer.id if newer else None, may_decide=may_decide,
    )  # fmt: skip
