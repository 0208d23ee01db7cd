"""The life of a claim that staff judge, and of a face check. Each is decided once."""

from enum import StrEnum


class ClaimState(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class FaceState(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


CLAIM_MOVES: dict[ClaimState, frozenset[ClaimState]] = {
    ClaimState.WAITING: frozenset({ClaimState.ACCEPTED, ClaimState.REFUSED}),
    ClaimState.ACCEPTED: frozenset(),
    ClaimState.REFUSED: frozenset(),
}
FACE_MOVES: dict[FaceState, frozenset[FaceState]] = {
    FaceState.OPEN: frozenset({FaceState.PASSED, FaceState.FAILED}),
    FaceState.PASSED: frozenset(),
    FaceState.FAILED: frozenset(),
}
