"""What happened to money, in the past tense."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class BillIssued:
    bill: UUID
    payment_code: str
    amount_fen: int


@dataclass(frozen=True)
class BillPaid:
    """`citizen`: who opened the order; nobody we know, for some at a window."""

    bill: UUID
    payment_code: str
    order: UUID
    citizen: UUID | None
    amount_fen: int
    paid_at: datetime


@dataclass(frozen=True)
class BillWithdrawn:
    bill: UUID
    payment_code: str


@dataclass(frozen=True)
class BillPartPaid:
    """An instalment; the last one is told as BillPaid."""

    bill: UUID
    order: UUID
    citizen: UUID | None
    place: int
    amount_fen: int
    next_due_on: date


@dataclass(frozen=True)
class BillWaived:
    """Nothing is left to pay of it."""

    bill: UUID
    payment_code: str


@dataclass(frozen=True)
class AmendmentDecided:
    """`citizen`: who asked for it. `outcome`: approved, refused."""

    amendment: UUID
    bill: UUID
    citizen: UUID
    kind: str
    outcome: str


@dataclass(frozen=True)
class AmendmentProposed:
    """A second person of the bill's department has to decide."""

    amendment: UUID
    bill: UUID
    department: str
    kind: str
    proposed_by: UUID


@dataclass(frozen=True)
class BillFallsDue:
    """`citizen`: one whose bill it is. `occasion`: issued, soon, today, overdue."""

    bill: UUID
    citizen: UUID
    occasion: str
    due_on: date
    amount_fen: int


@dataclass(frozen=True)
class ReceiptTakenBack:
    """`red` takes `receipt` back because `amount_fen` was refunded; `remainder` proves what remains paid."""

    receipt: UUID
    red: UUID
    remainder: UUID | None
    amount_fen: int


@dataclass(frozen=True)
class ReceiptAskedFor:
    """`citizen` wants to be told of the receipt once more."""

    receipt: UUID
    citizen: UUID
    number: str


@dataclass(frozen=True)
class OrderMoved:
    """An order took an edge of its graph (payments/states.py)."""

    order: UUID
    come_from: str
    to: str
    who: str


@dataclass(frozen=True)
class OrderClosed:
    order: UUID
    citizen: UUID | None


@dataclass(frozen=True)
class SurplusRefunded:
    order: UUID
    citizen: UUID
    amount_fen: int


@dataclass(frozen=True)
class RefundMoved:
    """A refund took an edge its payer is told of; `citizen` is who opened the order, if it was not at a window."""

    refund: UUID
    number: str
    order: UUID
    citizen: UUID | None
    bill: UUID | None
    amount_fen: int
    state: str
    route: str
    expected_by: date | None


@dataclass(frozen=True)
class DayReconciled:
    channel: str
    day: str
    state: str
    differences: int


@dataclass(frozen=True)
class DayClosedForGood:
    day: str
    close: UUID
    number: int  # of this day's closes


@dataclass(frozen=True)
class DayReopened:
    day: str
    close: UUID


@dataclass(frozen=True)
class DifferencesWait:
    """Some of the work on differences is overdue, or waits for a second person since before `day`."""

    day: str
    overdue: int
    to_approve: int
