"""What happened to people's rights over their data."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class ConsentWithdrawn:
    citizen: UUID
    purpose: str


@dataclass(frozen=True)
class ExportReady:
    citizen: UUID
    export: UUID


@dataclass(frozen=True)
class CorrectionDecided:
    """`verify_again`: the name or number was taken back and waits for real-name verification."""

    citizen: UUID
    correction: UUID
    approved: bool
    verify_again: bool


@dataclass(frozen=True)
class CorrectionAsked:
    citizen: UUID
    correction: UUID
    due_on: date


@dataclass(frozen=True)
class ClosureAsked:
    citizen: UUID
    closure: UUID
    closes_at: datetime


@dataclass(frozen=True)
class AccountForgotten:
    """The account is closed and forgotten; only the opaque id is left."""

    citizen: UUID
