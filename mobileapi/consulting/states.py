"""The life of something made out of a conversation, as data."""

from enum import StrEnum


class OutcomeState(StrEnum):
    PROPOSED = "proposed"  # a second person looks at it first
    MADE = "made"
    DECLINED = "declined"
    UNDONE = "undone"  # its bill was withdrawn: it may be made again


_S = OutcomeState
BEGINNINGS = frozenset({_S.PROPOSED, _S.MADE})
MOVES: dict[OutcomeState, frozenset[OutcomeState]] = {
    _S.PROPOSED: frozenset({_S.MADE, _S.DECLINED}),
    _S.MADE: frozenset({_S.UNDONE}),
    _S.DECLINED: frozenset(),
    _S.UNDONE: frozenset(),
}
