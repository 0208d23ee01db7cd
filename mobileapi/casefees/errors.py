"""
Conflict                409
├── FeeOutstanding      the decision waits for the fee
└── NoFeeToCharge       the guide charges nothing, or not before the decision
"""

from kit.errors import Conflict
from kit.texts import text


class FeeOutstanding(Conflict):
    code = "fee_outstanding"
    title = text(
        "该办件的费用尚未缴清，缴清或获准减免后方可作出准予决定", "The fee is not settled; it is paid or waived first"
    )


class NoFeeToCharge(Conflict):
    code = "no_fee_to_charge"
    title = text("该办件没有应在决定前缴纳的费用", "This case has no fee to be paid before the decision")
