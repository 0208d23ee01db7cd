"""
Conflict                409
├── DayNotOver              a day is closed when it is over
├── DayNotReady             something of the day is still to be done; `obstacles` names it
├── DayClosed               a closed day never changes; corrections go to today
├── DayNotClosed            only a closed day is opened again
└── ReopenNotAsked          nobody asked to open the day again
"""

from kit.errors import Conflict
from kit.texts import text


class DayNotOver(Conflict):
    code = "day_not_over"
    title = text("这一天还没有结束，不能日结", "The day is not over and cannot be closed yet")


class DayNotReady(Conflict):
    code = "day_not_ready"
    title = text("这一天还有未完成的事项，不能日结", "Something of this day is still to be done before it is closed")


class DayClosed(Conflict):
    code = "day_closed"
    title = text(
        "该日已日结，不再变动；更正请记入今日", "This day is closed and does not change; corrections go to today"
    )


class DayNotClosed(Conflict):
    code = "day_not_closed"
    title = text("该日尚未日结", "This day is not closed")


class ReopenNotAsked(Conflict):
    code = "reopen_not_asked"
    title = text("没有待批准的重开申请", "Nobody asked to open this day again")
