"""What may become of a proposal; and what may be done about what, as data."""

from dataclasses import dataclass
from enum import StrEnum

from kit.texts import Text, text
from payments.states import DifferenceClass, ExceptionKind


class ProposalState(StrEnum):
    WAITING = "waiting"  # for another person
    APPROVED = "approved"  # decided, the channel not yet asked or its answer lost
    DONE = "done"
    FAILED = "failed"  # agreed to, and not possible: the channel says otherwise
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


P = ProposalState
PROPOSAL_MOVES: dict[ProposalState, frozenset[ProposalState]] = {
    P.WAITING: frozenset({P.APPROVED, P.REFUSED, P.WITHDRAWN}),
    P.APPROVED: frozenset({P.DONE, P.FAILED}),
    P.DONE: frozenset(),
    P.FAILED: frozenset(),
    P.REFUSED: frozenset(),
    P.WITHDRAWN: frozenset(),
}


class Action(StrEnum):
    EXPLAIN = "explain"
    AWAIT = "await"
    SETTLE = "settle"
    RETURN = "return"
    SUSPENSE = "suspense"
    FEE = "fee"
    RECOVER = "recover"


@dataclass(frozen=True)
class Rule:
    """`ends`: the matter is over once it is done. `waits`: until a day that has to be named."""

    title: Text
    words: Text
    ends: bool = True
    waits: bool = False


A = Action
ACTIONS: dict[Action, Rule] = {
    A.EXPLAIN: Rule(
        text("说明", "Explain"),
        text("附理由结案，不记账", "Closed with a reason; nothing is booked"),
    ),
    A.AWAIT: Rule(
        text("等待", "Await"),
        text("挂起至指定日期，到期未消失的列为逾期", "Left open until a day; overdue after it"),
        ends=False,
        waits=True,
    ),
    A.SETTLE: Rule(
        text("查询后入账", "Settle by query"),
        text(
            "向渠道查询，按查询结果走正常入账或退款通道",
            "The channel is asked; what it says goes through the door of every payment and refund",
        ),
    ),
    A.RETURN: Rule(
        text("多收退回", "Return as surplus"),
        text(
            "由待处理款转为多收款，原路退回付款人",
            "Moved from disputed to surplus and returned to the payer by the original route",
        ),
    ),
    A.SUSPENSE: Rule(
        text("挂账", "Write to suspense"),
        text("差额记入待查款项，记账日为今日", "The difference is booked to suspense, today"),
    ),
    A.FEE: Rule(
        text("手续费更正", "Correct the fee"),
        text("按协议费率更正手续费支出与应付", "Fee and payable are corrected to what was agreed"),
    ),
    A.RECOVER: Rule(
        text("向渠道追收", "Recover from the channel"),
        text("差额记为应向渠道追收款", "The difference is booked as owed to us by the channel"),
    ),
}  # fmt: skip

D, X = DifferenceClass, ExceptionKind
DEFAULT = (A.EXPLAIN, A.AWAIT)
# The first is suggested. What a later class of difference allows besides is added here, and nowhere else.
ALLOWED: dict[str, tuple[Action, ...]] = {
    D.MISSING_HERE: (A.SETTLE, A.SUSPENSE, A.AWAIT, A.EXPLAIN),
    D.MISSING_THERE: (A.AWAIT, A.RECOVER, A.EXPLAIN),
    D.AMOUNT: (A.SUSPENSE, A.RECOVER, A.EXPLAIN),
    D.STATE: (A.SETTLE, A.AWAIT, A.EXPLAIN),
    D.DUPLICATE: (A.EXPLAIN, A.AWAIT),
    D.FEE: (A.FEE, A.EXPLAIN),
    D.REFUND_MISSING: (A.SETTLE, A.AWAIT, A.RECOVER, A.EXPLAIN),
    D.REFUND_AMOUNT: (A.RECOVER, A.SUSPENSE, A.EXPLAIN),
    D.CROSS_DAY: (A.EXPLAIN, A.AWAIT),
    D.MALFORMED: (A.EXPLAIN, A.AWAIT),
    D.REFUND_ORPHAN: (A.RECOVER, A.AWAIT, A.EXPLAIN),
    D.FUND_MISSING: (A.AWAIT, A.EXPLAIN),
    D.FUND_UNKNOWN: (A.AWAIT, A.EXPLAIN),
    X.WRONG_AMOUNT: (A.RETURN, A.AWAIT, A.EXPLAIN),
    X.WRONG_CURRENCY: (A.RETURN, A.AWAIT, A.EXPLAIN),
    X.BILL_CHANGED: (A.RETURN, A.AWAIT, A.EXPLAIN),
    X.UNKNOWN_ORDER: (A.SETTLE, A.AWAIT, A.EXPLAIN),
    X.UNRESOLVED: (A.SETTLE, A.AWAIT, A.EXPLAIN),
    X.REFUND_STUCK: (A.SETTLE, A.AWAIT, A.EXPLAIN),
}


def actions_for(kind: str) -> tuple[Action, ...]:
    """What may be proposed about a kind of difference or exception, the suggested one first."""
    return ALLOWED.get(kind, DEFAULT)
