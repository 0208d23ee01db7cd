"""Where the fee of a case stands, as data."""

from enum import StrEnum

from kit.texts import Text, text


class FeeState(StrEnum):
    OWED = "owed"  # the decision waits for it
    PAID = "paid"
    WAIVED = "waived"  # by decision, or its bill was taken back
    ENDED = "ended"  # the case ended before it was paid
    RETURNING = "returning"  # the case was not granted: a refund was asked for by itself


_S = FeeState
FEE_MOVES: dict[FeeState, frozenset[FeeState]] = {
    _S.OWED: frozenset({_S.PAID, _S.WAIVED, _S.ENDED}),
    _S.PAID: frozenset({_S.RETURNING}),
    _S.WAIVED: frozenset(),
    _S.ENDED: frozenset(),
    _S.RETURNING: frozenset(),
}
SETTLED = frozenset({_S.PAID, _S.WAIVED})

WORDS: dict[FeeState, Text] = {
    _S.OWED: text("待缴费，缴费后办理", "To be paid before the decision"),
    _S.PAID: text("已缴费", "Paid"),
    _S.WAIVED: text("免缴", "Waived"),
    _S.ENDED: text("办件已终止，无需缴费", "The case has ended, nothing is owed"),
    _S.RETURNING: text("退费办理中", "The money is being returned"),
}
