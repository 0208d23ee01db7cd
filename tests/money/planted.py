"""
Faults planted on purpose, to show that the trials find them. What MONEY_PLANT names, with commas between, is in the
processes of a trial, and nowhere else.
"""

import os
from collections.abc import Callable
from dataclasses import replace

from kit import db
from payments import ledger, notices, settlement
from payments.channels.base import PaymentFact, RefundAsk, RefundFact
from payments.channels.wechatpay import WechatPay


def booked_twice() -> None:
    """A notice about money that a query brought before is booked once more, and in balance."""

    async def again(fact: PaymentFact, *, learned_by: str) -> settlement.Outcome:
        outcome = await settlement.settle(fact, learned_by=learned_by)
        if outcome is settlement.Outcome.KNOWN:
            postings = [(ledger.channel_account(fact.channel), fact.amount_fen), (ledger.SURPLUS, -fact.amount_fen)]
            await ledger.post("payment", f"again:{fact.number}", postings=postings)
        return outcome

    notices.settle = again  # type: ignore[attr-defined]


def numbered_anew() -> None:
    """A refund whose answer was lost is asked for under another number."""
    refund = WechatPay.refund

    async def anew(self: WechatPay, ask: RefundAsk) -> RefundFact:
        tries = await db.fetch_value("SELECT checks FROM payments_refund WHERE number = $1", ask.refund_number)
        if tries < 2:
            return await refund(self, ask)
        fact = await refund(self, replace(ask, refund_number=f"{ask.refund_number}A"))
        return replace(fact, refund_number=ask.refund_number)

    WechatPay.refund = anew  # type: ignore[method-assign]


PLANTS: dict[str, Callable[[], None]] = {"booked-twice": booked_twice, "numbered-anew": numbered_anew}


def plant() -> None:
    """Spoils this process as MONEY_PLANT wishes; without it nothing is touched."""
    for wish in filter(None, os.environ.get("MONEY_PLANT", "").split(",")):
        PLANTS[wish]()
