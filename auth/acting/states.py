"""
The life of a mandate: somebody may act for somebody else.

It is asked for by one side and answered by the other, or examined by a clerk when the represented cannot answer. Time
is not a writer: a mandate whose last day is over is `expired` whatever its row says last.
"""

from datetime import date
from enum import StrEnum


class MandateState(StrEnum):
    ASKED = "asked"  # the other side answers
    EXAMINING = "examining"  # a clerk judges the evidence
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"  # by the represented, by an office, or taken back before it was answered
    RESIGNED = "resigned"  # by the one who acted
    EXPIRED = "expired"


class PublicMandateState(StrEnum):
    """What the one who asked is shown: whether the represented has an account here is nobody else's business."""

    WAITING = "waiting"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    RESIGNED = "resigned"
    EXPIRED = "expired"


_S = MandateState
MOVES: dict[MandateState, frozenset[MandateState]] = {
    # A representative's claim that the former one contests goes to a clerk.
    _S.ASKED: frozenset({_S.ACTIVE, _S.REFUSED, _S.EXAMINING, _S.REVOKED, _S.EXPIRED}),
    _S.EXAMINING: frozenset({_S.ACTIVE, _S.REFUSED, _S.REVOKED, _S.EXPIRED}),
    _S.ACTIVE: frozenset({_S.REVOKED, _S.RESIGNED, _S.EXPIRED}),
    _S.REFUSED: frozenset(),
    _S.REVOKED: frozenset(),
    _S.RESIGNED: frozenset(),
    _S.EXPIRED: frozenset(),
}
LIVING = (_S.ASKED, _S.EXAMINING, _S.ACTIVE)

SHOWN_AS: dict[MandateState, PublicMandateState] = {
    _S.ASKED: PublicMandateState.WAITING,
    _S.EXAMINING: PublicMandateState.WAITING,
    _S.ACTIVE: PublicMandateState.ACTIVE,
    _S.REFUSED: PublicMandateState.REFUSED,
    _S.REVOKED: PublicMandateState.REVOKED,
    _S.RESIGNED: PublicMandateState.RESIGNED,
    _S.EXPIRED: PublicMandateState.EXPIRED,
}


def state_on(written: str, *, valid_to: date | None, day: date) -> MandateState:
    """What a mandate is on an office day, given the state written in its row and its last day."""
    state = MandateState(written)
    over = valid_to is not None and valid_to < day and _S.EXPIRED in MOVES[state]
    return _S.EXPIRED if over else state


class AppointmentState(StrEnum):
    """A village agent's appointment by a department."""

    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"


APPOINTMENT_MOVES: dict[AppointmentState, frozenset[AppointmentState]] = {
    # Renewed each year: from its end, or before it.
    AppointmentState.ACTIVE: frozenset({AppointmentState.REVOKED, AppointmentState.EXPIRED}),
    AppointmentState.REVOKED: frozenset(),
    AppointmentState.EXPIRED: frozenset({AppointmentState.ACTIVE}),
}
