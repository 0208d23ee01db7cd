"""The graphs of shifts, cheques and deposits, as data."""

from enum import StrEnum


class Means(StrEnum):
    CASH = "cash"
    POS = "pos"
    CHEQUE = "cheque"


class ShiftState(StrEnum):
    OPEN = "open"
    COUNTED = "counted"  # closed and counted by the cashier, waits for a second person
    CONFIRMED = "confirmed"


SHIFT_MOVES: dict[ShiftState, frozenset[ShiftState]] = {
    ShiftState.OPEN: frozenset({ShiftState.COUNTED}),
    ShiftState.COUNTED: frozenset({ShiftState.CONFIRMED}),
    ShiftState.CONFIRMED: frozenset(),
}


class TakingState(StrEnum):
    CLEARING = "clearing"  # a cheque the bank has not honoured yet: nothing is paid
    TAKEN = "taken"
    BOUNCED = "bounced"


TAKING_MOVES: dict[TakingState, frozenset[TakingState]] = {
    TakingState.CLEARING: frozenset({TakingState.TAKEN, TakingState.BOUNCED}),
    TakingState.TAKEN: frozenset(),
    TakingState.BOUNCED: frozenset(),
}


class DepositState(StrEnum):
    ENTERED = "entered"
    CONFIRMED = "confirmed"  # finance saw it on the bank's statement
    REFUSED = "refused"


DEPOSIT_MOVES: dict[DepositState, frozenset[DepositState]] = {
    DepositState.ENTERED: frozenset({DepositState.CONFIRMED, DepositState.REFUSED}),
    DepositState.CONFIRMED: frozenset(),
    DepositState.REFUSED: frozenset(),
}
