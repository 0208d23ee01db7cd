"""
Amendments of bills: asked for, proposed with terms by one person of the bill's department, decided by another.

The bill is locked before its amendment. While an order is open the bill stays as it is: what is being paid is what was
asked for.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from kit import audit, clock, crypto, db, events, workdays
from kit.ids import new_id
from kit.web import Actor
from payments import bills
from payments.bills import pending_orders
from payments.dues.effects import Effect, Terms, effect, stay_ended, terms_from
from payments.dues.errors import AmendmentDecided, AmendmentOpen, BillChangedMeanwhile, ProposedAnew
from payments.dues.models import Amendment, PlanPart
from payments.dues.states import AMENDMENT_MOVES, OPEN, AmendmentKind, AmendmentState
from payments.errors import BillBeingPaid, BillNotPayable, SecondPersonNeeded
from payments.events import AmendmentDecided as Decided
from payments.events import AmendmentProposed, BillWaived
from payments.models import Bill
from payments.states import BillState

S = AmendmentState


@dataclass(frozen=True)
class Proposal:
    """What is proposed of a bill, why, and on what legal ground."""

    kind: AmendmentKind
    terms: Terms
    basis: str


async def ask(actor: Actor, bill: UUID, *, kind: AmendmentKind, wish: Terms, reason: str) -> Amendment:
    """
    The payer's application. Raises NotFound, BillNotPayable, AmendmentOpen, TermsNotPossible.

    The wish is looked at now, so that nobody waits for what cannot be.
    """
    async with db.transaction():
        row = await _unpaid(bill)
        _ = effect(row, kind, wish, today=clock.today(), calendar=await workdays.calendar())
        made = _made(row, kind=kind, state=S.ASKED, by=actor.name, reason=reason)
        made.wish, made.citizen = wish.kept(kind), actor.id
        await _keep(made)
        await audit.record(
            actor=actor.name, action="amendment.asked", subject=f"amendment:{made.id}", bill=str(bill), kind=kind
        )
    return made


async def propose(actor: Actor, bill: UUID, *, proposal: Proposal, reason: str) -> Amendment:
    """
    A clerk's own proposal, without anybody's application. Raises NotFound, BillNotPayable, AmendmentOpen,
    TermsNotPossible.
    """
    async with db.transaction():
        row = await _unpaid(bill)
        made = _made(row, kind=proposal.kind, state=S.PROPOSED, by=actor.name, reason=reason)
        await _note_proposal(actor, row, made, proposal)
        await _keep(made)
        await _told_proposed(actor, row, made)
    return made


async def examine(actor: Actor, amendment: UUID, *, terms: Terms, basis: str) -> Amendment:
    """
    Puts terms to an application, or puts them anew. Raises NotFound, AmendmentDecided, BillNotPayable,
    TermsNotPossible.
    """
    async with db.transaction():
        found = await _locked(amendment)
        row = await _unpaid(found.bill_id)  # type: ignore[attr-defined]
        if found.state not in OPEN:
            raise AmendmentDecided
        await _note_proposal(actor, row, found, Proposal(AmendmentKind(found.kind), terms, basis))
        found.state = S.PROPOSED
        await found.save()
        await _told_proposed(actor, row, found)
    return found


async def _note_proposal(actor: Actor, bill: Bill, amendment: Amendment, proposal: Proposal) -> None:
    _ = effect(bill, proposal.kind, proposal.terms, today=clock.today(), calendar=await workdays.calendar())
    amendment.terms, amendment.basis = proposal.terms.kept(proposal.kind), proposal.basis
    amendment.proposed_by, amendment.proposed_at = actor.id, clock.now()
    amendment.bill_version = bill.version


async def _told_proposed(actor: Actor, bill: Bill, amendment: Amendment) -> None:
    await events.publish(
        AmendmentProposed(
            amendment=amendment.id, bill=bill.id, department=bill.department_id, kind=amendment.kind,
            proposed_by=actor.id,
        )
    )  # fmt: skip
    await audit.record(
        actor=actor.name, action="amendment.proposed", subject=f"amendment:{amendment.id}", bill=str(bill.id),
        kind=amendment.kind, terms=amendment.terms,
    )  # fmt: skip


async def approve(actor: Actor, amendment: UUID, *, proposed_at: datetime) -> Amendment:
    """
    The second person's yes to the proposal of that instant: the bill changes now.

    Raises: NotFound, AmendmentDecided, SecondPersonNeeded, ProposedAnew, BillNotPayable, BillBeingPaid,
    BillChangedMeanwhile, TermsNotPossible.
    """
    async with db.transaction():
        found = await _locked(amendment)
        _refuse_move(found, S.APPROVED)
        if found.proposed_by == actor.id:
            raise SecondPersonNeeded
        if found.proposed_at != proposed_at:
            raise ProposedAnew
        bill = await _unpaid(found.bill_id)  # type: ignore[attr-defined]
        if bill.version != found.bill_version:
            raise BillChangedMeanwhile
        if await pending_orders([bill.id]):
            raise BillBeingPaid
        await _carry_out(actor, bill, found)
        await _decide(actor, found, S.APPROVED)
    return found


async def _carry_out(actor: Actor, bill: Bill, amendment: Amendment) -> None:
    kind = AmendmentKind(amendment.kind)
    if kind is AmendmentKind.WITHDRAWAL:
        return await bills.withdraw(bill.id, by=actor.name, why=f"amendment:{amendment.id}")
    terms, calendar = terms_from(amendment.terms or {}), await workdays.calendar()
    made = effect(bill, kind, terms, today=clock.today(), calendar=calendar)
    await _change(bill, made)
    await PlanPart.bulk_create(
        [
            PlanPart(
                bill_id=bill.id, amendment_id=amendment.id, place=part.place, principal_fen=part.principal_fen,
                surcharge_fen=part.surcharge_fen, due_on=part.due_on,
            )
            for part in made.parts
        ]
    )  # fmt: skip
    if bill.state == BillState.WAIVED:
        await events.publish(BillWaived(bill=bill.id, payment_code=bill.payment_code))
    return None


async def _change(bill: Bill, made: Effect) -> None:
    for name, value in made.columns.items():
        setattr(bill, name, value)
    bill.version += 1
    await bill.save(update_fields=[*made.columns, "version"])


async def refuse(actor: Actor, amendment: UUID, *, why: str) -> Amendment:
    """One person may refuse, with the reason; the payer is told. Raises NotFound, AmendmentDecided."""
    async with db.transaction():
        found = await _locked(amendment)
        _refuse_move(found, S.REFUSED)
        found.decision_sealed = crypto.seal(why, bound_to=f"dues_amendment.decision:{found.id}")
        await _decide(actor, found, S.REFUSED)
    return found


async def _decide(actor: Actor, amendment: Amendment, state: AmendmentState) -> None:
    amendment.state, amendment.decided_by, amendment.decided_at = state, actor.id, clock.now()
    await amendment.save()
    await audit.record(
        actor=actor.name, action=f"amendment.{state}", subject=f"amendment:{amendment.id}",
        bill=str(amendment.bill_id), kind=amendment.kind, terms=amendment.terms,  # type: ignore[attr-defined]
    )  # fmt: skip
    if amendment.citizen is not None:
        await events.publish(
            Decided(
                amendment=amendment.id, bill=amendment.bill_id, citizen=amendment.citizen,  # type: ignore[attr-defined]
                kind=amendment.kind, outcome=str(state),
            )
        )  # fmt: skip


async def take_back(actor: Actor, amendment: UUID) -> Amendment:
    """Whoever asked for it, or proposed it unasked, thinks better of it. Raises NotFound, AmendmentDecided."""
    async with db.transaction():
        found = await _locked(amendment)
        _refuse_move(found, S.TAKEN_BACK)
        found.state = S.TAKEN_BACK
        await found.save()
        await audit.record(
            actor=actor.name, action="amendment.taken_back", subject=f"amendment:{found.id}", kind=found.kind
        )
    return found


async def end_stay(actor: Actor, bill: UUID, *, last_day: date) -> Bill:
    """
    The review or lawsuit is over: days count again after `last_day`. Raises NotFound, BillNotPayable, BillBeingPaid,
    TermsNotPossible.
    """
    async with db.transaction():
        row = await _unpaid(bill)
        if await pending_orders([bill]):
            raise BillBeingPaid
        await _change(row, stay_ended(row, last_day))
        await audit.record(
            actor=actor.name, action="bill.stay_ended", subject=f"bill:{bill}", last_day=last_day.isoformat()
        )
    return row


def reason_of(amendment: Amendment) -> str:
    """Why it was asked for, in the clear."""
    return crypto.unseal(amendment.reason_sealed, bound_to=f"dues_amendment.reason:{amendment.id}")


def refusal_of(amendment: Amendment) -> str | None:
    """Why it was refused, in the clear."""
    if amendment.decision_sealed is None:
        return None
    return crypto.unseal(amendment.decision_sealed, bound_to=f"dues_amendment.decision:{amendment.id}")


def _made(bill: Bill, *, kind: AmendmentKind, state: AmendmentState, by: str, reason: str) -> Amendment:
    id_ = new_id()
    sealed = crypto.seal(reason, bound_to=f"dues_amendment.reason:{id_}")
    return Amendment(
        id=id_, bill_id=bill.id, kind=kind, state=state, asked_by=by, asked_at=clock.now(), reason_sealed=sealed
    )


async def _keep(amendment: Amendment) -> None:
    """Raises AmendmentOpen when the bill has an open one (a unique index decides)."""
    waiting: dict[str, Any] = {"bill_id": amendment.bill_id, "state__in": [str(s) for s in OPEN]}  # type: ignore[attr-defined]
    if await Amendment.exists(**waiting):
        raise AmendmentOpen
    try:
        await amendment.save(force_create=True)
    except IntegrityError:
        raise AmendmentOpen from None


async def _unpaid(bill: UUID) -> Bill:
    """The bill's row, locked. Raises BillNotPayable."""
    found = await Bill.filter(id=bill).select_for_update().first()
    if found is None or found.state != BillState.UNPAID:
        raise BillNotPayable
    return found


async def _locked(amendment: UUID) -> Amendment:
    """Bill before amendment: the one order in which rows are locked."""
    found = await Amendment.get(id=amendment)
    await Bill.filter(id=found.bill_id).select_for_update().first()  # type: ignore[attr-defined]
    locked = await Amendment.filter(id=amendment).select_for_update().first()
    assert locked is not None, "amendments are never deleted"
    return locked


def _refuse_move(amendment: Amendment, to: AmendmentState) -> None:
    if to not in AMENDMENT_MOVES[AmendmentState(amendment.state)]:
        raise AmendmentDecided
