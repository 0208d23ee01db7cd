"""The life of what a reply says."""

from enum import StrEnum


class RevisionState(StrEnum):
    ASKED = "asked"  # waits for another person
    LIVE = "live"
    REFUSED = "refused"
    FORMER = "former"  # a later one took its place, or the reply was withdrawn


S = RevisionState
MOVES: dict[RevisionState, set[RevisionState]] = {
    S.ASKED: {S.LIVE, S.REFUSED, S.FORMER},
    S.LIVE: {S.FORMER},
    S.REFUSED: set(),
    S.FORMER: set(),
}
