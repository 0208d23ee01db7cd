"""
Conflict                409
├── MatterOver              the difference or exception is closed already
├── MatterProposed          another proposal waits or is being carried out
├── MatterChanged           what was proposed about is not what is there now
├── ActionNotAllowed        nothing of that kind is done about this
├── NothingToBook           there is no amount to book, or not in that direction
├── AskTheChannel           we have the order: the channel is asked, nothing is put into suspense
├── StillExpected           it may still come by itself; not before the day it is expected
├── NoDisputedMoney         no disputed payment belongs to this
├── MoneyStillHere          disputed money is given back, words alone do not close it
├── NothingProposed         no proposal waits for a decision
└── ByTheSamePerson         who proposes does not approve
"""

from kit.errors import Conflict
from kit.texts import text


class MatterOver(Conflict):
    code = "matter_over"
    title = text("该差异已结案", "This difference is closed already")


class MatterProposed(Conflict):
    code = "matter_proposed"
    title = text("该差异已有待批准或执行中的方案", "A proposal about this waits or is being carried out")


class MatterChanged(Conflict):
    code = "matter_changed"
    title = text("差异内容已变化，请重新提出方案", "The difference has changed since; please propose anew")


class ActionNotAllowed(Conflict):
    code = "action_not_allowed"
    title = text("该类差异不能这样处理", "This is not done about a difference of this kind")


class NothingToBook(Conflict):
    code = "nothing_to_book"
    title = text("没有可记账的差额，或方向不符", "There is no amount to book, or not in this direction")


class AskTheChannel(Conflict):
    code = "ask_the_channel"
    title = text("我方有该订单，请选择“查询后入账”", "We have this order: choose to settle by query")


class StillExpected(Conflict):
    code = "still_expected"
    title = text("尚在等待期内，到期后再处理", "It may still come by itself; wait for the day it is expected")


class NoDisputedMoney(Conflict):
    code = "no_disputed_money"
    title = text("没有与此对应的待处理款项", "No disputed money belongs to this")


class MoneyStillHere(Conflict):
    code = "money_still_here"
    title = text("款项尚待处理，不能仅作说明结案", "The money is still held here; words alone do not close this")


class NothingProposed(Conflict):
    code = "nothing_proposed"
    title = text("没有待批准的方案", "No proposal waits for a decision")


class ByTheSamePerson(Conflict):
    code = "by_the_same_person"
    title = text("提出人不能批准自己的方案", "Who proposes does not approve; another person has to")
