"""
Bills: issued once, explained line by line, due with what the day adds, found by their payer or by payment code.

The principal and its lines never change after issue. What is due is computed for a day, never stored: the principal
or the instalment that is payable now, what late days add by the terms the bill was told, less what was waived.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from auth.citizens import phone_index
from auth.models import Citizen
from kit import audit, clock, crypto, db, events
from kit.errors import NotFound
from payments.dues.rules import in_force
from payments.errors import BillBeingPaid, BillDiffers, BillNotPayable
from payments.events import BillIssued, BillWithdrawn
from payments.models import Bill, BillLine, Words
from payments.states import PENDING, BillState, PublicBillState
from payments.surcharge import Terms, cap_fen, is_capped, overdue_days, surcharge_fen, terms_of


@dataclass(frozen=True)
class NewLine:
    name: Words
    amount_fen: int
    basis: Words
    explanation: Words


@dataclass(frozen=True)
class NewBill:
    """What a department issues. `due_on` is the last day without surcharge."""

    payment_code: str
    kind: str
    title: Words
    department: str
    income_item_code: str
    income_item_name: Words
    legal_basis: Words
    payer_name: str
    due_on: date
    lines: Sequence[NewLine]
    payer_id_number: str | None = None
    payer_phone: str | None = None
    received_on: date | None = None
    surcharge_rule: str = ""
    note: Words | None = None

    @property
    def principal_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    def digest(self) -> str:
        """The same for the same contents; keyed, because it covers personal data."""
        plain = {**self.__dict__, "lines": [line.__dict__ for line in self.lines]}
        canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str)
        return crypto.blind_index(hashlib.sha256(canonical.encode()).hexdigest(), purpose="bill.contents")


async def issue(new: NewBill, *, by: str, replaces: UUID | None = None) -> bool:
    """
    Issues a bill, `replaces` the withdrawn one it is issued instead of; False when exactly this one was issued before.

    Raises: BillDiffers when the payment code stands on a bill with other contents, NoSuchSurchargeRule.
    """
    assert new.lines, "a bill without lines explains nothing"
    assert all(line.amount_fen > 0 for line in new.lines), "every line of a bill is an amount"
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 11))", new.payment_code)
        existing = await Bill.get_or_none(payment_code=new.payment_code).only("digest")
        digest = new.digest()
        if existing is not None:
            if existing.digest != digest:
                raise BillDiffers
            return False
        bill = await _store(new, digest=digest, terms=await _told(new), replaces=replaces)
        await events.publish(BillIssued(bill=bill.id, payment_code=bill.payment_code, amount_fen=bill.principal_fen))
        await audit.record(actor=by, action="bill.issued", subject=f"bill:{bill.id}", amount_fen=bill.principal_fen)
    return True


async def _told(new: NewBill) -> Terms | None:
    """The terms that hold when the decision is received, or else issued: later versions do not reach this bill."""
    return await in_force(new.surcharge_rule, on=new.received_on or clock.today()) if new.surcharge_rule else None


async def _store(new: NewBill, *, digest: str, terms: Terms | None, replaces: UUID | None) -> Bill:
    bill = Bill(
        payment_code=new.payment_code, kind=new.kind, title=new.title, department_id=new.department,
        income_item_code=new.income_item_code, income_item_name=new.income_item_name, legal_basis=new.legal_basis,
        note=new.note, principal_fen=new.principal_fen, received_on=new.received_on, due_on=new.due_on,
        surcharge_rule=new.surcharge_rule, surcharge_terms=terms.kept() if terms else None, stays=[], replaces=replaces,
        state=BillState.UNPAID, issued_at=clock.now(), digest=digest,
        payer_id_number_index=id_number_index(new.payer_id_number) if new.payer_id_number else None,
        payer_phone_index=phone_index(new.payer_phone) if new.payer_phone else None,
    )  # fmt: skip
    bill.payer_name_sealed = crypto.seal(new.payer_name, bound_to=f"payments_bill.payer_name:{bill.id}")
    await bill.save(force_create=True)
    await BillLine.bulk_create(
        [
            BillLine(
                bill_id=bill.id, place=place, name=line.name, amount_fen=line.amount_fen, basis=line.basis,
                explanation=line.explanation,
            )
            for place, line in enumerate(new.lines, 1)
        ]
    )  # fmt: skip
    return bill


async def withdraw(bill_id: UUID, *, by: str, why: str) -> None:
    """Takes a bill back. Raises NotFound, BillNotPayable (any of it is paid), BillBeingPaid (an order is open)."""
    async with db.transaction():
        bill = await Bill.filter(id=bill_id).select_for_update().first()
        if bill is None:
            raise NotFound
        if bill.state != BillState.UNPAID or bill.paid_fen:
            raise BillNotPayable
        if bill_id in await pending_orders([bill_id]):
            raise BillBeingPaid
        bill.state, bill.version = BillState.WITHDRAWN, bill.version + 1
        await bill.save(update_fields=["state", "version"])
        await events.publish(BillWithdrawn(bill=bill.id, payment_code=bill.payment_code))
        await audit.record(actor=by, action="bill.withdrawn", subject=f"bill:{bill_id}", why=why)


@dataclass(frozen=True)
class Due:
    """
    What is to be paid on a day, in fen, and how many days late that is. `surcharge_fen` is what is left of the
    surcharge after any waiver, `grown_fen` what the late days added before it.
    """

    principal_fen: int
    surcharge_fen: int
    days: int
    capped: bool
    grown_fen: int

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.surcharge_fen


def due_on(bill: Bill, day: date) -> Due:
    """What the bill asks for on a day: of an instalment plan the one part that is payable now (penalty law art. 66)."""
    terms, days = terms_of(bill.surcharge_terms), overdue_days(bill.due_on, paid_on=day, stays=bill.stays)
    principal = bill.principal_fen - bill.waived_principal_fen
    before, waived = 0, bill.waived_surcharge_fen
    if bill.part_place is not None:  # its share of the earlier surcharge is what was left after any waiver
        principal, before, waived = bill.part_principal_fen or 0, bill.part_surcharge_fen or 0, 0
    grown = surcharge_fen(principal, days=days, terms=terms)
    if terms is not None:
        grown = max(0, min(grown, cap_fen(principal, terms=terms) - before))
    capped = is_capped(principal, days=days, terms=terms)
    return Due(principal, max(0, before + grown - waived), days, capped=capped, grown_fen=grown)


def due_at(bill: Bill, instant: datetime) -> Due:
    return due_on(bill, clock.city_time(instant).date())


async def bills_of(citizen: Citizen, *, state: str, limit: int, after: tuple[date, UUID] | None) -> list[Bill]:
    """The citizen's bills by ID number or phone, the earliest due first."""
    query = "SELECT id FROM payments_bill WHERE (payer_id_number_index = $1 OR payer_phone_index = $2)"
    values: list[object] = [citizen.id_number_index, citizen.phone_index]
    if state != "all":
        values.append(state)
        query += f" AND state = ${len(values)}"
    if after is not None:
        query += f" AND (due_on, id) > (${len(values) + 1}, ${len(values) + 2})"
        values += after
    rows = await db.fetch(f"{query} ORDER BY due_on, id LIMIT {int(limit)}", *values)
    found = {bill.id: bill for bill in await Bill.filter(id__in=[r["id"] for r in rows]).select_related("department")}
    return [found[row["id"]] for row in rows]


def belongs_to(bill: Bill, citizen: Citizen) -> bool:
    return (bill.payer_id_number_index is not None and bill.payer_id_number_index == citizen.id_number_index) or (
        bill.payer_phone_index is not None and bill.payer_phone_index == citizen.phone_index
    )


async def pending_orders(bill_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """Of each bill the pending order's id and internal state, if any."""
    rows = await db.fetch(
        "SELECT p.bill_id, o.id, o.state FROM payments_order_bill p JOIN payments_order o ON o.id = p.order_id "
        "WHERE p.bill_id = ANY($1) AND p.holding AND o.state = ANY($2)",
        list(bill_ids), [str(s) for s in PENDING],
    )  # fmt: skip
    return {row["bill_id"]: (row["id"], row["state"]) for row in rows}


def public_state(bill: Bill, *, pending: bool) -> PublicBillState:
    if bill.state == BillState.UNPAID and pending:
        return PublicBillState.PAYING
    return PublicBillState(bill.state)


def masked_payer(bill: Bill) -> str:
    """The payer's name with all but the first and, from three characters on, the last hidden."""
    name = open_payer(bill)
    return name[0] + "*" if len(name) <= 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def open_payer(bill: Bill) -> str:
    """The payer's name in the clear."""
    return crypto.unseal(bill.payer_name_sealed, bound_to=f"payments_bill.payer_name:{bill.id}")


def id_number_index(id_number: str) -> str:
    """The blind index under which citizens' verified ID numbers are kept."""
    return crypto.blind_index(id_number.upper(), purpose="citizen.id_number")
