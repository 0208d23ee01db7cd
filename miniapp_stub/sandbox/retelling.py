"""Discrepancies on request: a bill told differently from the truth, each change noted for whoever checks the checker.

Names are the office's point of view: `missing_here` is in the bill and unknown to the office, `missing_there` is known
to the office and absent from the bill. What a class does to a row is said beside the files of each channel.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

CENT = Decimal("0.01")
Row = dict[str, str]


class DiscrepancyRefused(ValueError):
    """Unknown class, a count below zero, or fewer rows than asked to be changed."""


@dataclass(frozen=True)
class Names:
    """What a channel calls the columns every class needs, and how it tells a refund's row from a payment's."""

    at: str
    number: str
    transaction: str
    refund_number: str
    is_refund: Callable[[Row], bool]


@dataclass
class Retelling:
    """The bill being changed. Each row carries one discrepancy at most, so classes stay distinguishable."""

    names: Names
    rows: list[Row]
    dice: random.Random
    truth: list[Row]
    carried: list[Row] = field(default_factory=list)
    injected: list[dict[str, Any]] = field(default_factory=list)
    free: dict[bool, list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        self.free = {kind: [row for row in self.rows if self.names.is_refund(row) == kind] for kind in (False, True)}

    def pick(self, name: str, *, refund: bool, latest: bool = False) -> Row:
        """An untouched payment or refund row, by chance or the latest."""
        free = self.free[refund]
        if not free:
            raise DiscrepancyRefused(f"not enough {'refunds' if refund else 'payments'} that day for {name}")
        if latest:
            chosen = max(range(len(free)), key=lambda place: free[place][self.names.at])
        else:
            chosen = self.dice.randrange(len(free))
        free[chosen], free[-1] = free[-1], free[chosen]
        return free.pop()

    def stranger(self, name: str) -> Row:
        """A copy of a true payment row, to be made into one of an order that exists nowhere."""
        payments = [row for row in self.truth if not self.names.is_refund(row)]
        if not payments:
            raise DiscrepancyRefused(f"{name} needs at least one payment that day as its model")
        return dict(self.dice.choice(payments))

    def note(self, name: str, row: Row, **change: Any) -> None:
        numbers = {"out_trade_no": row[self.names.number], "transaction_id": row[self.names.transaction]}
        if self.names.is_refund(row):
            numbers["out_refund_no"] = row[self.names.refund_number]
        self.injected.append({"class": name} | numbers | change)

    def change(self, name: str, row: Row, *, column: str, value: str) -> None:
        self.note(name, row, column=column, was=row[column], now=value)
        row[column] = value

    def remove(self, row: Row) -> None:
        self.rows[:] = [one for one in self.rows if one is not row]

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def digits(self, prefix: str, *, length: int) -> str:
        return prefix + "".join(self.dice.choice("0123456789") for _ in range(length - len(prefix)))


Way = Callable[[Retelling], None]
"""How one discrepancy of a class is told."""


def retell(
    rows: list[Row],
    *,
    discrepancies: dict[str, int],
    seed: int,
    names: Names,
    classes: Mapping[str, Way],
    whole_file: Sequence[str],
) -> Retelling:
    """Apply the asked number of each class to a day's rows, reproducibly by seed.

    Raises DiscrepancyRefused before anything is kept.
    """
    dice = random.Random(seed)  # noqa: S311 - reproducible on purpose
    _check(discrepancies, known=[*classes, *whole_file])
    telling = Retelling(names, [dict(row) for row in rows], dice, truth=rows)
    for name, way in classes.items():
        for _ in range(discrepancies.get(name, 0)):
            way(telling)
    telling.injected += [{"class": name} for name in whole_file if discrepancies.get(name)]
    telling.rows.sort(key=lambda row: row[names.at])
    return telling


def _check(discrepancies: dict[str, int], *, known: Sequence[str]) -> None:
    for name, count in discrepancies.items():
        if name not in known:
            raise DiscrepancyRefused(f"unknown class {name}; classes are {', '.join(known)}")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise DiscrepancyRefused(f"the count of {name} must be a whole number, zero or more")


def fund_classes(*, amount: str, flow: str, direction: str, business: str) -> dict[str, Way]:
    """What may be told wrong of a fund-flow bill: a line missing, invented, of another amount, or two that cancel out.

    `cancelling` adds to one line what it takes from another of the same direction, so that every total stays right.
    """

    def missing_there(telling: Retelling) -> None:
        row = telling.pick("missing_there", refund=False)
        telling.remove(row)
        telling.note("missing_there", row, flow=row[flow], amount=row[amount])

    def missing_here(telling: Retelling) -> None:
        row = telling.stranger("missing_here")
        row |= {flow: telling.digits("", length=len(row[flow])), business: telling.digits("", length=28)}
        telling.add(row)
        telling.note("missing_here", row, flow=row[flow], amount=row[amount])

    def other_amount(telling: Retelling) -> None:
        row = telling.pick("amount", refund=False)
        more = str(Decimal(row[amount]) + CENT * telling.dice.randint(1, 99))
        telling.change("amount", row, column=amount, value=more)

    def cancelling(telling: Retelling) -> None:
        first = telling.pick("cancelling", refund=False)
        alike = [row for row in telling.free[False] if row[direction] == first[direction]]
        if not alike:
            raise DiscrepancyRefused("not enough lines of one direction that day for cancelling")
        second = telling.dice.choice(alike)
        telling.free[False][:] = [row for row in telling.free[False] if row is not second]
        telling.change("cancelling", first, column=amount, value=str(Decimal(first[amount]) + CENT))
        telling.change("cancelling", second, column=amount, value=str(Decimal(second[amount]) - CENT))

    return {
        "missing_there": missing_there,
        "amount": other_amount,
        "cancelling": cancelling,
        "missing_here": missing_here,
    }
