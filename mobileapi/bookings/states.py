"""The life of a booking. `booked` holds a seat, `checked_in` used it; the other two give it back or waste it."""

from enum import StrEnum

from kit.texts import Text, text


class BookingState(StrEnum):
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


_S = BookingState
MOVES: dict[BookingState, frozenset[BookingState]] = {
    _S.BOOKED: frozenset({_S.CHECKED_IN, _S.CANCELLED, _S.NO_SHOW}),
    _S.CHECKED_IN: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.NO_SHOW: frozenset(),
}

WORDS: dict[BookingState, Text] = {
    _S.BOOKED: text("已预约", "Booked"),
    _S.CHECKED_IN: text("已签到", "Checked in"),
    _S.CANCELLED: text("已取消", "Cancelled"),
    _S.NO_SHOW: text("未到场", "Missed"),
}
