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
    """A citizen waits beyond the answer timer, and nobody else could be asked; supervisors should know."""

    conversation: UUID
    clerk: UUID
    escalation: int


@dataclass(frozen=True)
class InquiryDueSoon:
    """Half of an inquiry's time, or more, is over."""

    conversation: UUID
    department: str | None
    due_at: datetime


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
