"""The graphs of orders, bills and refunds, as data. What is not listed here is refused."""

from enum import StrEnum


class OrderState(StrEnum):
    """An attempt to pay, as we know it."""

    CREATED = "created"  # committed here, the channel not yet asked
    UNKNOWN = "unknown"  # the channel was asked and its answer was lost
    AWAITING_PAYER = "awaiting_payer"
    CONFIRMING = "confirming"  # the payer says it is paid, the channel has not said so yet
    CLOSING = "closing"  # we asked the channel to close; it may still turn out paid
    PAID = "paid"
    DISPUTED = "disputed"  # money came, but not the money we asked for; finance decides
    CLOSED = "closed"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class PublicOrderState(StrEnum):
    """The same for the payer."""

    OPENED = "opened"
    AWAITING_PAYER = "awaiting_payer"
    CONFIRMING = "confirming"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


S, P = OrderState, PublicOrderState

PUBLIC: dict[OrderState, PublicOrderState] = {
    S.CREATED: P.OPENED,
    S.UNKNOWN: P.OPENED,
    S.AWAITING_PAYER: P.AWAITING_PAYER,
    S.CONFIRMING: P.CONFIRMING,
    S.CLOSING: P.CONFIRMING,
    S.PAID: P.PAID,
    S.DISPUTED: P.CONFIRMING,
    S.CLOSED: P.CLOSED,
    S.REFUNDING: P.REFUNDING,
    S.REFUNDED: P.REFUNDED,
}

# Whatever state it finds: the money settles the bills, is looked at, or goes back because the bill needs it no more.
MONEY_CAME = (S.PAID, S.DISPUTED, S.REFUNDING)

MOVES: dict[OrderState, frozenset[OrderState]] = {
    S.CREATED: frozenset({S.AWAITING_PAYER, S.UNKNOWN, S.CONFIRMING, S.CLOSING, S.CLOSED, *MONEY_CAME}),
    S.UNKNOWN: frozenset({S.AWAITING_PAYER, S.CONFIRMING, S.CLOSING, S.CLOSED, *MONEY_CAME}),
    S.AWAITING_PAYER: frozenset({S.CONFIRMING, S.CLOSING, S.CLOSED, *MONEY_CAME}),
    S.CONFIRMING: frozenset({S.AWAITING_PAYER, S.CLOSING, S.CLOSED, *MONEY_CAME}),
    S.CLOSING: frozenset({S.CLOSED, *MONEY_CAME}),
    S.PAID: frozenset({S.REFUNDING}),
    S.DISPUTED: frozenset({S.PAID, S.REFUNDING}),
    S.CLOSED: frozenset({S.REFUNDING}),  # money that comes after all goes back
    S.REFUNDING: frozenset({S.REFUNDED, S.PAID}),  # back to paid when the refund comes to nothing
    S.REFUNDED: frozenset(),
}

# An order in one of these states holds its bills: no other may be opened for them (partial unique index).
HOLDING = frozenset({S.CREATED, S.UNKNOWN, S.AWAITING_PAYER, S.CONFIRMING, S.CLOSING, S.PAID, S.DISPUTED})
PENDING = frozenset({S.CREATED, S.UNKNOWN, S.AWAITING_PAYER, S.CONFIRMING, S.CLOSING})


class BillState(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    WITHDRAWN = "withdrawn"
    WAIVED = "waived"  # nothing is left to pay, and nothing was paid


class PublicBillState(StrEnum):
    UNPAID = "unpaid"
    PAYING = "paying"  # unpaid, with a pending order
    PAID = "paid"
    WITHDRAWN = "withdrawn"
    WAIVED = "waived"


BILL_MOVES: dict[BillState, frozenset[BillState]] = {
    BillState.UNPAID: frozenset({BillState.PAID, BillState.WITHDRAWN, BillState.WAIVED}),
    BillState.PAID: frozenset(),
    BillState.WITHDRAWN: frozenset(),
    BillState.WAIVED: frozenset(),
}


class RefundState(StrEnum):
    ASKED = "asked"  # waits for a second person
    REFUSED = "refused"
    REQUESTED = "requested"  # decided here, the channel not yet asked or its answer lost
    PROCESSING = "processing"  # accepted by the channel; accepted is not refunded
    HANDED_OVER = "handed_over"  # decided here, paid out by the treasury or at a counter, which tell us when it is done
    SUCCEEDED = "succeeded"
    ABNORMAL = "abnormal"  # the payer's account cannot take it: people must act
    CLOSED = "closed"


R = RefundState
REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    R.ASKED: frozenset({R.REQUESTED, R.HANDED_OVER, R.REFUSED}),
    R.REFUSED: frozenset(),
    R.REQUESTED: frozenset({R.PROCESSING, R.SUCCEEDED, R.ABNORMAL, R.CLOSED}),
    R.PROCESSING: frozenset({R.SUCCEEDED, R.ABNORMAL, R.CLOSED}),
    R.HANDED_OVER: frozenset({R.SUCCEEDED, R.CLOSED}),
    R.ABNORMAL: frozenset({R.PROCESSING, R.SUCCEEDED, R.CLOSED}),
    R.SUCCEEDED: frozenset(),
    R.CLOSED: frozenset(),
}
REFUND_UNDER_WAY = frozenset({R.REQUESTED, R.PROCESSING, R.HANDED_OVER})
REFUND_WITHOUT_EFFECT = frozenset({R.REFUSED, R.CLOSED})  # what it asked for may be asked for again


class RefundRoute(StrEnum):
    CHANNEL = "channel"  # the way it came
    TREASURY = "treasury"  # 国库退付: it was handed on already, or the channel takes it back no more
    COUNTER = "counter"  # paid at a window, given back at one


class RefundReason(StrEnum):
    SURPLUS = "surplus"  # by rule, needs nobody
    MISTAKEN = "mistaken"
    OVERPAID = "overpaid"
    PAID_TWICE = "paid_twice"
    REVOKED = "revoked"  # the decision was set aside or changed
    RELIEF = "relief"
    CASE_ENDED = "case_ended"  # the case whose fee it is was refused or withdrawn
    DISPUTED = "disputed"  # money other than asked for


class NoticeState(StrEnum):
    STORED = "stored"  # kept, not yet believed
    SETTLED = "settled"
    ORPHAN = "orphan"  # names an order we do not have (yet); the channel will repeat it
    REFUSED = "refused"  # authentic, but not ours or not right: see the exception


class ExceptionKind(StrEnum):
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    FOREIGN_MERCHANT = "foreign_merchant"
    BILL_CHANGED = "bill_changed"
    UNKNOWN_ORDER = "unknown_order"
    UNREADABLE_NOTICE = "unreadable_notice"
    UNRESOLVED = "unresolved"  # asked for 24 hours without an answer
    REFUND_STUCK = "refund_stuck"
    BOOKS_DRIFT = "books_drift"


class RunState(StrEnum):
    RUNNING = "running"
    BALANCED = "balanced"
    PROVISIONAL = "provisional"  # no trade so far, of a day that is not over and has no bill
    DIFFERENCES = "differences"
    FAILED = "failed"


class DifferenceClass(StrEnum):
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT = "amount"
    STATE = "state"
    DUPLICATE = "duplicate"
    FEE = "fee"
    REFUND_MISSING = "refund_missing"
    REFUND_AMOUNT = "refund_amount"
    CROSS_DAY = "cross_day"
    MALFORMED = "malformed"
    MERCHANT = "merchant"
    CURRENCY = "currency"
    REFUND_ORPHAN = "refund_orphan"  # of a payment nobody here knows
    FUND_MISSING = "fund_missing"  # in the trade bill, and no money moved
    FUND_UNKNOWN = "fund_unknown"  # money moved, and the trade bill does not say why
    FUND_AMOUNT = "fund_amount"
    FUND_BALANCE = "fund_balance"  # the account's balance is not what its movements make it


class DifferenceState(StrEnum):
    OPEN = "open"
    HEALED = "healed"
    EXPLAINED = "explained"
    RESOLVED = "resolved"  # by what two people agreed to do
