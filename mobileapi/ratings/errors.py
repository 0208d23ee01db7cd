"""
Conflict                409
├── CaseAlreadyRated        a case is rated once
├── NotDecidedYet           only a decided case is rated
├── RatingTooLate           the days for rating are over
├── RectificationMoved      somebody else acted, or the state does not allow it
├── SamePerson              who answered or contested does not decide on it as well
├── NobodyCalled            who rated has not been called yet
└── ResultAlreadyRated      the result of a rectification is rated once
InvalidRequest          422
└── UnknownReason           not a reason that is offered with this level
"""

from kit.errors import Conflict, InvalidRequest
from kit.texts import text


class CaseAlreadyRated(Conflict):
    code = "case_already_rated"
    title = text("您已评价过本次办件", "You have rated this case already")


class NotDecidedYet(Conflict):
    code = "not_decided_yet"
    title = text("办结后才能评价", "A case is rated once it is decided")


class RatingTooLate(Conflict):
    code = "rating_too_late"
    title = text("评价期限已过", "The time for rating is over")


class RectificationMoved(Conflict):
    code = "rectification_moved"
    title = text("该整改已被他人处理，请刷新", "Somebody else acted on this rectification; please reload")


class SamePerson(Conflict):
    code = "same_person"
    title = text("答复与确认须由两人分别完成", "One person answers, another one confirms")


class NobodyCalled(Conflict):
    code = "nobody_called"
    title = text("请先联系评价人并登记", "Please call the person who rated first, and note it")


class ResultAlreadyRated(Conflict):
    code = "result_already_rated"
    title = text("您已评价过整改结果", "You have rated this result already")


class UnknownReason(InvalidRequest):
    code = "unknown_reason"
    title = text("没有这个评价理由", "This reason is not offered with this level")
