"""
What of which bill and line goes back. Pure: the rows come in, the parts go out, or the reason why not.

A line's money is known as long as the whole bill was paid at once; of one instalment only the bill is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from payments.errors import RefundExceedsPaid, RefundNeedsLines

SURCHARGE = "surcharge"


@dataclass(frozen=True)
class LineWish:
    """So much of a bill; `line`: the place of its line, `surcharge`, or empty for the bill as a whole."""

    bill: UUID
    amount_fen: int
    line: str = ""


@dataclass(frozen=True)
class Paid:
    """What a payment paid of a bill, and what of it went back or is on its way."""

    amount_fen: int
    back_fen: int
    lines: Mapping[str, int]  # of each line and the surcharge, what it was
    lines_back: Mapping[str, int]

    @property
    def left_fen(self) -> int:
        return self.amount_fen - self.back_fen


def parts_of(paid: Mapping[UUID, Paid], *, amount_fen: int | None, lines: Sequence[LineWish]) -> list[LineWish]:
    """
    The parts of a refund of `amount_fen`, or of all that is left.

    Raises: RefundExceedsPaid, RefundNeedsLines when it is not clear which bill a part belongs to.
    """
    left = sum(bill.left_fen for bill in paid.values())
    if lines:
        return _named(paid, amount_fen=amount_fen, lines=lines)
    wanted = left if amount_fen is None else amount_fen
    if wanted > left or left == 0:
        raise RefundExceedsPaid(extra={"left_fen": left})
    if wanted == left:
        return [LineWish(bill, found.left_fen) for bill, found in paid.items() if found.left_fen]
    if len(paid) > 1:
        raise RefundNeedsLines
    return [LineWish(next(iter(paid)), wanted)]


def _named(paid: Mapping[UUID, Paid], *, amount_fen: int | None, lines: Sequence[LineWish]) -> list[LineWish]:
    total = sum(line.amount_fen for line in lines)
    twice = len({(line.bill, line.line) for line in lines}) != len(lines)
    if twice or any(line.bill not in paid for line in lines) or (amount_fen is not None and amount_fen != total):
        raise RefundNeedsLines
    for bill in {line.bill for line in lines}:
        found, mine = paid[bill], [line for line in lines if line.bill == bill]
        if sum(line.amount_fen for line in mine) > found.left_fen:
            raise RefundExceedsPaid(extra={"left_fen": found.left_fen})
        for line in mine:
            if line.line and line.line not in found.lines:
                raise RefundNeedsLines
            if line.line and line.amount_fen > found.lines[line.line] - found.lines_back.get(line.line, 0):
                raise RefundExceedsPaid(extra={"left_fen": found.lines[line.line]})
    return list(lines)
