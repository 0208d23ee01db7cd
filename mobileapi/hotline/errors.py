"""
HouseError
├── InvalidRequest
│   ├── NotForThem            422  it cannot be given to this person or office
│   └── ReasonNeeded          422  this act is told with its reason, or its words
└── Conflict
    ├── OrderChanged          409  somebody acted in between; the answer tells the version
    ├── OrderNotOpen          409  the order is in no state for this
    ├── OrderInOtherHands     409  somebody else answers for it
    ├── OrderGoesRound        409  they had it before
    ├── TransfersUsedUp       409  handed on too often: a supervisor decides
    └── ReopenedBefore        409  an order is reopened once
"""

from kit.errors import Conflict, FieldError, InvalidRequest
from kit.texts import text


class NotForThem(InvalidRequest):
    code = "not_for_them"
    title = text("不能交给此人或此部门办理", "It cannot be given to this person or office")

    def __init__(self, field: str = "to_staff") -> None:
        super().__init__(errors=[FieldError(field=field, code=self.code, detail=self.title)])


class ReasonNeeded(InvalidRequest):
    code = "reason_needed"
    title = text("请写明内容", "Please say why, or what")

    def __init__(self, field: str) -> None:
        super().__init__(errors=[FieldError(field=field, code=self.code, detail=self.title)])


class OrderChanged(Conflict):
    code = "order_changed"
    title = text("工单状态已变化，请刷新后再处理", "The order has changed meanwhile, please reload")

    def __init__(self, version: int) -> None:
        super().__init__(extra={"version": version})


class OrderNotOpen(Conflict):
    code = "order_not_open"
    title = text("工单当前状态不能进行此操作", "The order is in no state for this")


class OrderInOtherHands(Conflict):
    code = "order_in_other_hands"
    title = text("该工单由他人经办", "Somebody else answers for this order")


class OrderGoesRound(Conflict):
    code = "order_goes_round"
    title = text("对方已经办过此工单，不能再转回", "They had this order before; it does not go round")


class TransfersUsedUp(Conflict):
    code = "transfers_used_up"
    title = text("转办次数已用完，请退回由主管指派", "Handed on too often; give it back for a supervisor to decide")


class ReopenedBefore(Conflict):
    code = "reopened_before"
    title = text("已重新办理过一次，仍不满意可拨打 12345", "It was taken up again once; you can still call 12345")
