"""Discrepancies on request: the bill told differently from the truth, each change noted for whoever checks the checker.

Names are the office's point of view: `missing_here` is in the bill and unknown to the office, `missing_there` is known
to the office and absent from the bill.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from miniapp_stub.sandbox.wechatpay.bills.files import MALFORMED
from miniapp_stub.sandbox.wechatpay.bills.rows import Row, fee_text, is_refund

CENT = Decimal("0.01")
WHOLE_FILE = ("truncated", "hash_mismatch")


class DiscrepancyRefused(ValueError):
    """Unknown class, a count below zero, or fewer rows than asked to be changed."""


@dataclass
class Retelling:
    """The bill being changed. Each row carries one discrepancy at most, so classes stay distinguishable."""

    rows: list[Row]
    dice: random.Random
    truth: list[Row]
    carried: list[Row] = field(default_factory=list)
    injected: list[dict[str, Any]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def pick(self, name: str, *, refund: bool, latest: bool = False) -> Row:
        """An untouched payment or refund row, by chance or the latest."""
        free = [row for row in self.rows if id(row) not in self.touched and is_refund(row) == refund]
        if not free:
            raise DiscrepancyRefused(f"not enough {'refunds' if refund else 'payments'} that day for {name}")
        row = max(free, key=lambda one: one["交易时间"]) if latest else self.dice.choice(free)
        self.touched.add(id(row))
        return row

    def note(self, name: str, row: Row, **change: Any) -> None:
        numbers = {"out_trade_no": row["商户订单号"], "transaction_id": row["微信订单号"]}
        if is_refund(row):
            numbers["out_refund_no"] = row["商户退款单号"]
        self.injected.append({"class": name} | numbers | change)

    def change(self, name: str, row: Row, *, column: str, value: str) -> None:
        self.note(name, row, column=column, was=row[column], now=value)
        row[column] = value

    def remove(self, row: Row) -> None:
        self.rows[:] = [one for one in self.rows if one is not row]

    def add(self, row: Row) -> None:
        self.touched.add(id(row))
        self.rows.append(row)


def retell(rows: list[Row], *, discrepancies: dict[str, int], seed: int) -> Retelling:
    """Apply the asked number of each class to a day's rows, reproducibly by seed.

    Raises DiscrepancyRefused before anything is kept.
    """
    dice = random.Random(seed)  # noqa: S311 - reproducible on purpose
    telling = Retelling([dict(row) for row in rows], dice, truth=rows)
    for name, count in discrepancies.items():
        if name not in CLASSES and name not in WHOLE_FILE:
            raise DiscrepancyRefused(f"unknown class {name}; classes are {', '.join([*CLASSES, *WHOLE_FILE])}")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise DiscrepancyRefused(f"the count of {name} must be a whole number, zero or more")
    for name, apply in CLASSES.items():
        for _ in range(discrepancies.get(name, 0)):
            apply(telling)
    telling.injected += [{"class": name} for name in WHOLE_FILE if discrepancies.get(name)]
    telling.rows.sort(key=lambda row: row["交易时间"])
    return telling


def _cross_midnight(telling: Retelling) -> None:
    """The day's latest payment slips into the next day's bill, some seconds after midnight."""
    row = telling.pick("cross_midnight", refund=False, latest=True)
    telling.remove(row)
    telling.carried.append(row)
    telling.note("cross_midnight", row, paid_at=row["交易时间"])


def _missing_there(telling: Retelling) -> None:
    row = telling.pick("missing_there", refund=False)
    telling.remove(row)
    telling.note("missing_there", row, amount=row["订单金额"])


def _missing_here(telling: Retelling) -> None:
    row = _stranger(telling, "missing_here")
    telling.add(row)
    telling.note("missing_here", row, amount=row["订单金额"])


def _duplicate(telling: Retelling) -> None:
    row = telling.pick("duplicate", refund=False)
    telling.add(dict(row))
    telling.note("duplicate", row)


def _amount(telling: Retelling) -> None:
    row = telling.pick("amount", refund=False)
    more = CENT * telling.dice.randint(1, 99)
    row["应结订单金额"] = str(Decimal(row["应结订单金额"]) + more)
    telling.change("amount", row, column="订单金额", value=str(Decimal(row["订单金额"]) + more))


def _status(telling: Retelling) -> None:
    telling.change("status", telling.pick("status", refund=False), column="交易状态", value="REVOKED")


def _fee(telling: Retelling) -> None:
    row = telling.pick("fee", refund=False)
    fen = int(Decimal(row["手续费"]) * 100)
    telling.change("fee", row, column="手续费", value=fee_text(fen + telling.dice.randint(1, 9)))


def _merchant(telling: Retelling) -> None:
    row = telling.pick("merchant", refund=False)
    other = "1600000000" if row["商户号"] != "1600000000" else "1600000001"
    telling.change("merchant", row, column="商户号", value=other)


def _currency(telling: Retelling) -> None:
    telling.change("currency", telling.pick("currency", refund=False), column="货币种类", value="HKD")


def _malformed_row(telling: Retelling) -> None:
    row = telling.pick("malformed_row", refund=False)
    row[MALFORMED] = "yes"
    telling.note("malformed_row", row)


def _refund_missing(telling: Retelling) -> None:
    row = telling.pick("refund_missing", refund=True)
    telling.remove(row)
    telling.note("refund_missing", row, amount=row["申请退款金额"])


def _refund_amount(telling: Retelling) -> None:
    row = telling.pick("refund_amount", refund=True)
    more = CENT * telling.dice.randint(1, 99)
    row["退款金额"] = str(Decimal(row["退款金额"]) + more)
    telling.change("refund_amount", row, column="申请退款金额", value=str(Decimal(row["申请退款金额"]) + more))


def _orphan_refund(telling: Retelling) -> None:
    """A refund of a payment nobody knows."""
    row = _stranger(telling, "orphan_refund")
    money = row["订单金额"]
    row |= {"交易状态": "REFUND", "应结订单金额": "0.00", "代金券金额": "0.00", "订单金额": "0.00"}
    row |= {
        "微信退款单号": _digits(telling, "503000", length=29),
        "商户退款单号": f"RF{_digits(telling, '', length=20)}",
    }
    row |= {"退款金额": money, "申请退款金额": money, "退款类型": "ORIGINAL", "退款状态": "SUCCESS"}
    row |= {"手续费": f"-{row['手续费']}", "退款申请时间": row["交易时间"], "退款成功时间": row["交易时间"]}
    telling.add(row)
    telling.note("orphan_refund", row, amount=money)


def _stranger(telling: Retelling, name: str) -> Row:
    """A payment row of an order that exists nowhere, modelled on a true one."""
    payments = [row for row in telling.truth if not is_refund(row)]
    if not payments:
        raise DiscrepancyRefused(f"{name} needs at least one payment that day as its model")
    return telling.dice.choice(payments) | {
        "微信订单号": _digits(telling, "420000", length=28),
        "商户订单号": f"XX{_digits(telling, '', length=20)}",
        "用户标识": f"o{_digits(telling, '', length=27)}",
    }


def _digits(telling: Retelling, prefix: str, *, length: int) -> str:
    return prefix + "".join(telling.dice.choice("0123456789") for _ in range(length - len(prefix)))


CLASSES: dict[str, Callable[[Retelling], None]] = {
    "cross_midnight": _cross_midnight,
    "missing_there": _missing_there,
    "amount": _amount,
    "status": _status,
    "fee": _fee,
    "merchant": _merchant,
    "currency": _currency,
    "malformed_row": _malformed_row,
    "duplicate": _duplicate,
    "refund_missing": _refund_missing,
    "refund_amount": _refund_amount,
    "missing_here": _missing_here,
    "orphan_refund": _orphan_refund,
}
"""Class → how it is told; applied in this order, whatever the order of the request."""
