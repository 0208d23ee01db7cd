"""Every day, every channel: what they say they took against what we booked."""

from payments.reconciliation.resolve import Outcome, reconcile

run_day = reconcile  # the command line's word for it

__all__ = ["Outcome", "reconcile", "run_day"]
