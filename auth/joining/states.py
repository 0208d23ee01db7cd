"""The life of a number that moves between accounts. Time is not a writer: what nobody answered is over by itself."""

from enum import StrEnum


class MoveState(StrEnum):
    ASKED = "asked"
    MOVED = "moved"
    DENIED = "denied"
    UNDONE = "undone"


MOVES: dict[MoveState, frozenset[MoveState]] = {
    # Both accounts verified: it is moved without asking, and told.
    MoveState.ASKED: frozenset({MoveState.MOVED, MoveState.DENIED}),
    MoveState.MOVED: frozenset({MoveState.UNDONE}),
    MoveState.DENIED: frozenset(),
    MoveState.UNDONE: frozenset(),
}
