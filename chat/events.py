"""What happened in consultation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class ConversationOpened:
    conversation: UUID
    citizen: UUID
    item: str | None
    state: str


@dataclass(frozen=True)
class ConversationAssigned:
    conversation: UUID
    clerk: UUID


@dataclass(frozen=True)
class ConversationClosed:
    conversation: UUID
    citizen: UUID
    by: str


@dataclass(frozen=True)
class AnswerOverdue:
    """A citizen waits beyond the answer timer, for the `escalation`th time in a row. `told`: staff who should know."""

    conversation: UUID
    clerk: UUID
    escalation: int
    told: list[str]


@dataclass(frozen=True)
class InquiryDueSoon:
    """Half of an inquiry's time is over, or only its end is left (`stage`: half, soon)."""

    conversation: UUID
    department: str | None
    due_at: datetime
    owner: UUID | None
    stage: str


@dataclass(frozen=True)
class InquiryOverdue:
    """The date has passed without an answer. `rung` 1: supervisors are told, 2: the head of the department."""

    conversation: UUID
    department: str | None
    due_at: datetime
    rung: int
    told: list[str]


@dataclass(frozen=True)
class InquiryAnswered:
    """The answer is in the conversation; the citizen is told wherever they are."""

    conversation: UUID
    citizen: UUID
    seq: int


@dataclass(frozen=True)
class BadRatingGiven:
    """Level 1 or 2."""

    conversation: UUID
    clerk: UUID | None
    level: int
