"""
Conflict                409
├── BillNotPayable          paid, withdrawn, or not yet to be paid
│   └── BillAlreadyPaid         names its receipt
├── BillBeingPaid           another order for it is open
├── BillsOfDifferentKinds   bills that cannot be paid in one order
├── MoveRefused             the state graph has no such edge
├── NoAccountThere          the citizen is not known to the channel's platform
├── PaymentRefused          the channel refuses the payment
├── DayNotBegun             a day still to come cannot be reconciled
└── BillDiffers             the same payment code was issued with other contents
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
Conflict                409
└── NoticeNotSettled        authentic, kept, and not settled: the channel shall repeat it
"""

from kit.errors import Conflict, NotSignedIn, Unavailable, Unreadable
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


class NoAccountThere(Conflict):
    code = "no_account_there"
    title = text(
        "请先用微信登录小程序，再在小程序内支付", "Sign in through the platform first to pay in the mini program"
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
