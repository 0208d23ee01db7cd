"""What differences and exceptions are called, and what is suggested about each."""

from kit.texts import Text, text
from payments.desk.states import ACTIONS, actions_for
from payments.reconciliation.board import CLASSES
from payments.states import DifferenceClass, ExceptionKind

X = ExceptionKind
EXCEPTIONS: dict[str, Text] = {
    X.WRONG_AMOUNT: text("到账金额与订单不符", "Another amount came than was asked for"),
    X.WRONG_CURRENCY: text("币种不符", "Money of another currency"),
    X.FOREIGN_MERCHANT: text("其他商户的款项", "Money of another merchant"),
    X.BILL_CHANGED: text("支付期间缴款单已变更", "The bill changed while it was being paid"),
    X.UNKNOWN_ORDER: text("没有此订单", "An order we do not have"),
    X.UNREADABLE_NOTICE: text("通知无法读取", "A notice that cannot be read"),
    X.UNRESOLVED: text("渠道长时间没有结果", "Asked for a day without a result"),
    X.BOOKS_DRIFT: text("账簿不平", "The books do not add up"),
    X.REFUND_STUCK: text("退款受阻", "A refund is stuck"),
}


def class_text(kind: str) -> Text:
    """What a kind is called; a kind without words here is called by its code."""
    if kind in EXCEPTIONS:
        return EXCEPTIONS[kind]
    known = {str(c) for c in DifferenceClass}
    return CLASSES[DifferenceClass(kind)][0] if kind in known and DifferenceClass(kind) in CLASSES else text(kind)


def suggestion(kind: str) -> Text:
    """What is usually done about a kind."""
    known = {str(c) for c in DifferenceClass}
    if kind in known and DifferenceClass(kind) in CLASSES:
        return CLASSES[DifferenceClass(kind)][1]
    return ACTIONS[actions_for(kind)[0]].words
