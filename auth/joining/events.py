"""What happened to the ways in to an account, and between accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class IdentityUnbound:
    citizen: UUID
    platform: str


@dataclass(frozen=True)
class PhoneMoveAsked:
    """Somebody proved to hold this account's number; its devices are asked."""

    move: UUID
    citizen: UUID
    taker: UUID


@dataclass(frozen=True)
class PhoneMoved:
    """The number of `citizen` is now the taker's; it may be taken back until `undo_until`."""

    move: UUID
    citizen: UUID
    taker: UUID
    undo_until: datetime


@dataclass(frozen=True)
class PhoneMoveEnded:
    """Denied, or undone: the number is, or is again, of `citizen`."""

    move: UUID
    citizen: UUID
    taker: UUID
    how: str


@dataclass(frozen=True)
class LastFourGuessed:
    """Somebody who has the account's number did not know the last four characters of its document."""

    citizen: UUID


@dataclass(frozen=True)
class AccountsMerged:
    kept: UUID
    merged: UUID
    things: int
