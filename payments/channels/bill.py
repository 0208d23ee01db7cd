"""
How the rows of a channel's bill are handed to reconciliation: as text for COPY, whatever the file looks like.

A reader proves the frame of its file (header, end, summary) and gives every row the same columns. What the channel's
words mean is translated in the reader; what the rows mean for our books is decided elsewhere.

Trade rows need at least the columns of `TRADE`, in any order: `at` 2026-01-02 08:00:05 in Beijing time, `merchant` and
`app` (what the file does not say, as we know it), the channel's number in `transaction_id`, ours in `number`; refunds
carry our refund number, payments nothing or `0`; `state` SUCCESS for a payment that holds; `currency` CNY; money as
yuan text with two decimals: `total` of the order, `settled` of it, `applied` and `refunded` positive on refunds and
0.00 on payments, `fee` what the channel keeps, negative where it gives back; `rate` may be empty.

Fund rows need the columns of `FUND`: `what` is payment, refund, fee, fee_back or other; `business` the channel's number
of the payment or refund, `number` ours where the file says it; `amount` positive for money coming in, negative for
money going out; `balance` after it, or empty.

What `summary` may say: count; of trade bills settled, refunded, total, applied and fees, as sums over all rows; of fund
bills income and expense, both positive.

A row that cannot be read, which includes one whose time is no time of any day, has the word `columns` in `at` and its
text in `raw`; the others' `raw` does not matter.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

TRADE = (
    "at", "app", "merchant", "transaction_id", "number", "refund_number", "state", "refund_state", "currency",
    "settled", "refunded", "total", "applied", "fee", "rate", "raw",
)  # fmt: skip
FUND = ("at", "business", "flow", "what", "amount", "balance", "number", "raw")
UNREADABLE = "columns"


class BillReader(Protocol):
    """One file being read, once. `rows`, `sha1`, `size` and `summary` hold when the last block was taken."""

    columns: tuple[str, ...]
    delimiter: str
    ends: str  # what every value but the last of a row still ends with, as it came
    fee_decimals: int  # how many the file prints where nothing is wrong
    rows: int
    size: int

    @property
    def sha1(self) -> str:
        """Of what the channel's hash covers: the uncompressed file, or the archive where it gives none."""
        ...

    @property
    def summary(self) -> Mapping[str, str]:
        """What the file says about itself, as texts; only what it says is checked."""
        ...

    def read(self, content: bytes) -> Iterator[bytes]:
        """
        Blocks in PostgreSQL's COPY text format, out of the file as it came. Memory stays flat.

        Raises: StatementRefused when the file is damaged or too large, or header, end or summary are not as agreed.
        """
        ...


_HOURS_MINUTES = frozenset(f"{n // 60:02d}:{n % 60:02d}:".encode() for n in range(24 * 60))
_SECONDS = frozenset(f"{n:02d}".encode() for n in range(60))


def are_times(texts: Collection[bytes]) -> bool:
    """Whether all are HH:MM:SS. A million are looked at a day, and most are equal to one seen before."""
    return {t[:6] for t in texts} <= _HOURS_MINUTES and {t[6:] for t in texts} <= _SECONDS
