"""What happened to cases."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class ApplicationSubmitted:
    application: UUID
    citizen: UUID
    case_number: str
    item: str
    region: str
    holder_staff: UUID | None
    completed: bool  # true: the materials of a correction came in


@dataclass(frozen=True)
class ApplicationAccepted:
    application: UUID
    citizen: UUID
    case_number: str
    item: str
    deemed: bool  # by silence, not by a clerk
    promised_due: date
    statutory_due: date


@dataclass(frozen=True)
class CorrectionRequested:
    application: UUID
    citizen: UUID
    case_number: str
    item: str
    deadline: date


@dataclass(frozen=True)
class ApplicationDecided:
    application: UUID
    citizen: UUID
    case_number: str
    item: str
    outcome: str  # approved, refused
    certificate: UUID | None


@dataclass(frozen=True)
class ApplicationNotAccepted:
    application: UUID
    citizen: UUID
    case_number: str
    item: str


@dataclass(frozen=True)
class ApplicationWithdrawn:
    application: UUID
    citizen: UUID
    case_number: str
    item: str


@dataclass(frozen=True)
class HolderChanged:
    """Another clerk is responsible; `holder` is their name, empty when the whole department is."""

    application: UUID
    citizen: UUID
    case_number: str
    item: str
    holder: str
    at: datetime
