"""What happened to the people of the office. Whoever holds work for them listens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class LeaveBegan:
    """From now on somebody else answers; `cover` is who was named, if anybody."""

    leave: UUID
    staff: UUID
    cover: UUID | None
    until: datetime


@dataclass(frozen=True)
class LeaveEnded:
    """The person is back: what is still open goes back to them."""

    leave: UUID
    staff: UUID
    cover: UUID | None


@dataclass(frozen=True)
class StaffDisabled:
    """The account was closed: what the person held goes to others, and does not come back."""

    staff: UUID


@dataclass(frozen=True)
class LeaveAsked:
    leave: UUID
    staff: UUID


@dataclass(frozen=True)
class RoleChanged:
    """`kind`: grant or remove. Sessions notice within a second by comparing roles."""

    staff: UUID
    role: str
    kind: str
