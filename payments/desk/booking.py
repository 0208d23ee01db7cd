"""
What an agreed action books: counter-postings of today, computed from what was found and never typed in.

`gap` is what the channel has more than our books, in fen. Into suspense goes any gap; recovered is only what is
missing. What a channel charged is booked with the day, apart from public money (treasury/fees.py); corrected to what
was agreed, we owe the channel that much less.
"""

from asyncpg import Record

from payments import ledger
from payments.desk.errors import NothingToBook
from payments.desk.states import Action

UNMATCHED = "suspense:unmatched"
Postings = list[tuple[str, int]]


def recoverable(channel: str) -> str:
    """What a channel owes us."""
    return f"recoverable:{channel}"


def fees(channel: str) -> str:
    """What a channel charges for its work."""
    return f"fee:{channel}"


def fees_payable(channel: str) -> str:
    """What we owe a channel for its work."""
    return f"fee_payable:{channel}"


def gap(matter: Record) -> int:
    """Fen the channel has more than we booked. Of refunds: what we booked as given back and the channel did not."""
    more = (matter["theirs_fen"] or 0) - (matter["ours_fen"] or 0)
    return -more if matter["kind"].startswith("refund") else more


def postings_for(action: Action, matter: Record) -> Postings:
    """(account, fen), summing to zero. Raises NothingToBook."""
    fen = gap(matter)
    channel = matter["channel"]
    if fen == 0 or (action is Action.RECOVER and fen > 0):
        raise NothingToBook
    if action is Action.FEE:
        return [(fees_payable(channel), fen), (fees(channel), -fen)]
    other = UNMATCHED if action is Action.SUSPENSE else recoverable(channel)
    return [(ledger.channel_account(channel), fen), (other, -fen)]
