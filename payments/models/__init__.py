"""
Bills, attempts to pay them, the money that came, and what the channels say about it.

A bill is what somebody owes; an order is one attempt to pay bills; a payment is money a channel says it took. They are
three things, so that a second attempt or a second payment never becomes a second debt.
"""

from payments.models.bills import Bill, BillLine
from payments.models.books import LedgerEntry, Posting
from payments.models.orders import Order, OrderBill, OrderChange
from payments.models.receipts import Receipt
from payments.models.refunds import Refund, RefundChange, RefundPart
from payments.models.statements import Difference, ReconciliationRun, StatementFile, StatementRow
from payments.models.takings import Notice, Payment, PaymentException
from payments.models.words import Words

__all__ = [
    "Bill",
    "BillLine",
    "Difference",
    "LedgerEntry",
    "Notice",
    "Order",
    "OrderBill",
    "OrderChange",
    "Payment",
    "PaymentException",
    "Posting",
    "Receipt",
    "ReconciliationRun",
    "Refund",
    "RefundChange",
    "RefundPart",
    "StatementFile",
    "StatementRow",
    "Words",
]
