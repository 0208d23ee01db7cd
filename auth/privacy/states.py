"""The lives of an export, of a correction and of a closure."""

from enum import StrEnum


class ExportState(StrEnum):
    ASKED = "asked"
    READY = "ready"
    ENDED = "ended"  # its file is gone


class CorrectionState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ClosureState(StrEnum):
    COOLING = "cooling"  # may be taken back
    CANCELLED = "cancelled"
    DONE = "done"


E, C, X = ExportState, CorrectionState, ClosureState
EXPORT_MOVES: dict[ExportState, frozenset[ExportState]] = {
    E.ASKED: frozenset({E.READY, E.ENDED}),
    E.READY: frozenset({E.ENDED}),
    E.ENDED: frozenset(),
}
CORRECTION_MOVES: dict[CorrectionState, frozenset[CorrectionState]] = {
    C.ASKED: frozenset({C.APPROVED, C.REFUSED, C.WITHDRAWN}),
    C.APPROVED: frozenset(),
    C.REFUSED: frozenset(),
    C.WITHDRAWN: frozenset(),
}
CLOSURE_MOVES: dict[ClosureState, frozenset[ClosureState]] = {
    X.COOLING: frozenset({X.CANCELLED, X.DONE}),
    X.CANCELLED: frozenset(),
    X.DONE: frozenset(),
}
