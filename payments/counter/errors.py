"""
Conflict                409
├── ShiftOpenAlready        a cashier has one open shift
├── ShiftNotOpen            money is taken in an open shift only
├── AmountChanged           what is due is not what was on the cashier's screen
├── SlipTakenBefore         the same card slip, cheque or deposit slip was entered before
├── CounterStepDone         it was confirmed, cleared or bounced before
├── TooFewCash              less cash than the amount was handed over, or lies in the drawer
├── NotPaidInCash           what came by card or cheque does not go back in cash
└── DepositExceedsTaken     more than the shift took by this means
"""

from kit.errors import Conflict
from kit.texts import text


class ShiftOpenAlready(Conflict):
    code = "shift_open_already"
    title = text("您还有未交班的班次", "You have an open shift already")


class ShiftNotOpen(Conflict):
    code = "shift_not_open"
    title = text("该班次已结束，不能再收款或修改", "This shift is closed; nothing can be taken or changed in it")


class AmountChanged(Conflict):
    code = "amount_changed"
    title = text("应缴金额已变化，请按最新金额收款", "The amount due has changed; please take the amount of now")


class SlipTakenBefore(Conflict):
    code = "slip_taken_before"
    title = text("该凭证号已登记过", "This slip was entered before")


class CounterStepDone(Conflict):
    code = "counter_step_done"
    title = text("这一步已经办理过，请刷新后查看", "This was done before; please look again")


class TooFewCash(Conflict):
    code = "too_few_cash"
    title = text("现金不足", "There is not enough cash")


class NotPaidInCash(Conflict):
    code = "not_paid_in_cash"
    title = text("原为刷卡或支票缴款，不能以现金退付", "What came by card or cheque does not go back in cash")


class DepositExceedsTaken(Conflict):
    code = "deposit_exceeds_taken"
    title = text("缴存金额超过该班次未缴存的收款", "More than what the shift took by this means and still holds")
