"""What happened to money, in the past tense."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class BillIssued:
    bill: UUID
    payment_code: str
    amount_fen: int


@dataclass(frozen=True)
class BillPaid:
    bill: UUID
    payment_code: str
    order: UUID
    citizen: UUID
    amount_fen: int
    paid_at: datetime


@dataclass(frozen=True)
class BillWithdrawn:
    bill: UUID
    payment_code: str


@dataclass(frozen=True)
class OrderClosed:
    order: UUID
    citizen: UUID


@dataclass(frozen=True)
class SurplusRefunded:
    order: UUID
    citizen: UUID
    amount_fen: int


@dataclass(frozen=True)
class DayReconciled:
    channel: str
    day: str
    state: str
    differences: int
