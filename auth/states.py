"""
The life of a scan: a ticket shown as a QR code on one device, judged on a phone.

Every state is entered once. Time is not a writer: a ticket whose time is over is `expired` whatever its row says last.
"""

from datetime import datetime
from enum import StrEnum


class ScanPurpose(StrEnum):
    SIGN_IN = "sign_in"
    BIND = "bind"


class ScanState(StrEnum):
    NEW = "new"
    SCANNED = "scanned"
    CONFIRMED = "confirmed"
    CONSUMED = "consumed"
    REFUSED = "refused"
    EXPIRED = "expired"


MOVES: dict[ScanState, frozenset[ScanState]] = {
    ScanState.NEW: frozenset({ScanState.SCANNED, ScanState.EXPIRED}),
    ScanState.SCANNED: frozenset({ScanState.CONFIRMED, ScanState.REFUSED, ScanState.EXPIRED}),
    # Refused after all when the phone that confirmed is signed out before the asking device comes for its tokens.
    ScanState.CONFIRMED: frozenset({ScanState.CONSUMED, ScanState.REFUSED, ScanState.EXPIRED}),
    ScanState.CONSUMED: frozenset(),
    ScanState.REFUSED: frozenset(),
    ScanState.EXPIRED: frozenset(),
}


def state_at(written: str, *, expires_at: datetime, now: datetime) -> ScanState:
    """What a ticket is at an instant, given the state written in its row."""
    state = ScanState(written)
    over = now >= expires_at and ScanState.EXPIRED in MOVES[state]
    return ScanState.EXPIRED if over else state
