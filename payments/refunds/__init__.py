"""
Refunds (退付): decided by rule or by two people, and sent the way the money came.

`asking` decides, `sending` talks to the channel, `moving` is the only writer of a refund's state, `booking` keeps its
part of the books, `breakdown` says what of which bill and line goes back.
"""

from payments.refunds.asking import approve, ask_for_bill, complete, refuse, request
from payments.refunds.breakdown import LineWish
from payments.refunds.sending import advance, due, learn, next_step, return_surplus

__all__ = [
    "LineWish",
    "advance",
    "approve",
    "ask_for_bill",
    "complete",
    "due",
    "learn",
    "next_step",
    "refuse",
    "request",
    "return_surplus",
]
