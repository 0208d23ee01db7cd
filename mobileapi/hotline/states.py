"""
The life of a work order.

open → accepted → answered → confirmed; back to who shares out the work when it is in the wrong hands; reopened once by
a citizen the answer does not satisfy; closed when nobody says a word any more, or when there is nothing to answer.
"""

from enum import StrEnum

from kit.texts import Text, text


class OrderState(StrEnum):
    OPEN = "open"
    RETURNED = "returned"  # waits to be given to somebody else
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    REOPENED = "reopened"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


_S = OrderState
MOVES: dict[OrderState, frozenset[OrderState]] = {
    _S.OPEN: frozenset({_S.ACCEPTED, _S.RETURNED, _S.CLOSED}),
    _S.RETURNED: frozenset({_S.OPEN, _S.CLOSED}),
    _S.ACCEPTED: frozenset({_S.ANSWERED, _S.RETURNED, _S.CLOSED}),
    _S.ANSWERED: frozenset({_S.CONFIRMED, _S.REOPENED, _S.CLOSED}),
    _S.REOPENED: frozenset({_S.ACCEPTED, _S.RETURNED, _S.CLOSED}),
    _S.CONFIRMED: frozenset(),
    _S.CLOSED: frozenset(),
}
WAITING_FOR_US = (_S.OPEN, _S.RETURNED, _S.ACCEPTED, _S.REOPENED)
OVER = (_S.CONFIRMED, _S.CLOSED)

WORDS: dict[OrderState, Text] = {
    _S.OPEN: text("待受理", "Waiting to be taken up"),
    _S.RETURNED: text("转派中", "On its way to another office"),
    _S.ACCEPTED: text("办理中", "In progress"),
    _S.ANSWERED: text("已答复", "Answered"),
    _S.REOPENED: text("重新办理", "Taken up again"),
    _S.CONFIRMED: text("已确认满意", "Settled"),
    _S.CLOSED: text("已办结", "Closed"),
}

# What a row of the history says; the last three leave the state as it is.
HAPPENED: dict[str, Text] = {
    _S.OPEN: text("登记工单", "Recorded"),
    _S.RETURNED: text("退回重新派单", "Given back to be shared out anew"),
    _S.ACCEPTED: text("受理", "Taken up"),
    _S.ANSWERED: text("答复", "Answered"),
    _S.REOPENED: text("不满意，重新办理", "Not satisfied, taken up again"),
    _S.CONFIRMED: text("确认办结", "Confirmed"),
    _S.CLOSED: text("办结", "Closed"),
    "handed_over": text("更换经办人", "Another person is responsible"),
    "offered": text("请同事接办", "A colleague is asked to take it over"),
    "declined": text("同事未接办", "The colleague did not take it"),
}
