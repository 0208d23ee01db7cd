"""
Conflict                409
├── BillNotPayable          paid, withdrawn, or not yet to be paid
│   └── BillAlreadyPaid         names its receipt
├── BillBeingPaid           another order for it is open
├── MoveRefused             the state graph has no such edge
├── ChannelNotOffered       this office is not connected to the channel
├── NoAccountThere          the citizen is not known to the channel's platform
├── RefundNotPossible       nothing was paid, or nothing of it is left
│   ├── RefundExceedsPaid       more than what is left
│   └── RefundTooMany           more parts than a channel gives back
├── SharingRuleStands       that day has a rule, or was handed on by one
├── RefundDecided           it waits for nobody's word any more
├── RefundLimitReached      more than one person may ask for in a day
├── ReceiptReversed         nothing of it stands any more
├── ReceiptNotNumbered      the platform has not given its number yet
├── PaymentRefused          the channel refuses the payment
├── DayNotBegun             a day still to come cannot be reconciled
├── DayNotOver              only what is past is handed on
└── BillDiffers             the same payment code was issued with other contents
InvalidRequest          422
└── NoSuchSurchargeRule     no version of the rule holds on the day
NotFound                404
└── (bill, order, receipt, run: absent and forbidden look alike)
TooMany                 429
└── (kit) asked again too soon
Unavailable             503
└── ChannelUnreachable      no answer from the channel; the same request may be sent again
NotSignedIn             401
└── NoticeNotAuthentic      the signature of a channel's notice does not hold
Unreadable              400
└── NoticeUnreadable        signed, but not what a notice looks like
Forbidden               403
└── SecondPersonNeeded      who asked, or agreed before, does not decide
InvalidRequest          422
└── RefundNeedsLines        which bill or line it is of must be said
Conflict                409
└── NoticeNotSettled        authentic, kept, and not settled: the channel shall repeat it
"""

from kit.errors import Conflict, Forbidden, InvalidRequest, NotSignedIn, Unavailable, Unreadable
from kit.texts import text


class BillNotPayable(Conflict):
    code = "bill_not_payable"
    title = text("该缴款单当前不能缴纳", "This bill cannot be paid at present")


class BillAlreadyPaid(BillNotPayable):
    code = "bill_already_paid"
    title = text("该缴款单已经缴清", "This bill is already paid")


class BillBeingPaid(Conflict):
    code, retry = "bill_being_paid", True
    title = text("该缴款单正在支付中，请稍后再试", "This bill is being paid right now, please try again later")


class MoveRefused(Conflict):
    code = "move_refused"
    title = text("订单当前状态下不能这样做", "The order's state does not allow this")


class ReceiptReversed(Conflict):
    code = "receipt_reversed"
    title = text("该票据已全部冲红", "Nothing of this receipt stands any more")


class ReceiptNotNumbered(Conflict):
    code, retry = "receipt_not_numbered", True
    title = text("票据正在赋码，请稍后再试", "The receipt is being numbered, please try again later")


class ChannelNotOffered(Conflict):
    code = "channel_not_offered"
    title = text("本系统未开通该支付方式，请换一种方式", "This way to pay is not offered here; please use another")


class NoAccountThere(Conflict):
    code = "no_account_there"
    title = text(
        "请先在该平台的小程序登录，再在小程序内支付", "Sign in through the platform first to pay in its mini program"
    )


class DayNotBegun(Conflict):
    code = "day_not_begun"
    title = text("这一天还没有到，无法对账", "That day has not begun; there is nothing to reconcile")


class PaymentRefused(Conflict):
    code = "payment_refused"
    title = text(
        "支付渠道未接受这笔支付，请换一种方式", "The payment channel refused this payment; please use another way"
    )


class BillDiffers(Conflict):
    code = "bill_differs"
    title = text("同一缴款码已开具内容不同的缴款单", "A different bill was issued under this payment code")


class NoSuchSurchargeRule(InvalidRequest):
    code = "no_such_surcharge_rule"
    title = text("没有在该日有效的加收规则", "No such surcharge rule holds on that day")


class ChannelUnreachable(Unavailable):
    code = "channel_unreachable"
    title = text(
        "支付渠道暂时没有应答，请用同样的请求再试", "The payment channel does not answer; please send the same again"
    )


class NoticeNotAuthentic(NotSignedIn):
    code = "notice_not_authentic"
    title = text("通知签名无效", "The signature of this notice does not hold")


class NoticeUnreadable(Unreadable):
    code = "notice_unreadable"
    title = text("通知内容无法读取", "This notice cannot be read")


class NoticeNotSettled(Conflict):
    code, retry = "notice_not_settled", True
    title = text("通知已保存，尚未入账", "The notice is kept and not settled yet")


class RefundNotPossible(Conflict):
    code = "refund_not_possible"
    title = text("这笔款项没有可以退付的余额", "Nothing of this payment can be refunded")


class RefundExceedsPaid(RefundNotPossible):
    code = "refund_exceeds_paid"
    title = text("退付金额超过可退余额", "The refund is more than what is left of the payment")


class RefundTooMany(RefundNotPossible):
    code = "refund_too_many"
    title = text("同一笔支付的退付次数已达上限", "This payment was refunded in as many parts as the channel takes")


class RefundDecided(Conflict):
    code = "refund_decided"
    title = text("这笔退付已经处理，请刷新后查看", "This refund is already decided; please look again")


class RefundLimitReached(Conflict):
    code = "refund_limit_reached"
    title = text("您今天申请的退付已达限额", "You have asked for as much in refunds today as one person may")


class SecondPersonNeeded(Forbidden):
    code = "second_person_needed"
    title = text("申请人与审批人不能是同一人", "Somebody else must decide about what you asked for or agreed to")


class RefundNeedsLines(InvalidRequest):
    code = "refund_needs_lines"
    title = text(
        "请逐项写明退付哪张缴款书的哪一项", "Say of which bill and line the refund is, each once and adding up"
    )


class SharingRuleStands(Conflict):
    code = "sharing_rule_stands"
    title = text(
        "该日期已有分成规则，或该日之后的款项已经划缴",
        "A rule stands for that day, or money of later days was handed on",
    )


class DayNotOver(Conflict):
    code = "day_not_over"
    title = text("这一天还没有结束", "That day is not over yet")
