"""Discrepancies of Alipay's bill of the business, told in its columns.

The file has no column for status, merchant or currency: a payment that does not hold is told as another kind of
business, another merchant or currency is told of the file as a whole, and a broken hash is that of the archive.
"""

from decimal import Decimal
from functools import partial

from miniapp_stub.sandbox import retelling
from miniapp_stub.sandbox.alipay.trade.bills.files import MALFORMED
from miniapp_stub.sandbox.alipay.trade.bills.rows import REFUND, is_refund
from miniapp_stub.sandbox.retelling import CENT, Names, Retelling, Row, Way

WHOLE_FILE = ("truncated", "hash_mismatch", "merchant", "currency")
REVOKED = "交易撤销"
NAMES = Names(
    at="完成时间", number="商户订单号", transaction="支付宝交易号", refund_number="退款批次号/请求号",
    is_refund=is_refund,
)  # fmt: skip
MONEY = ("订单金额（元）", "商家实收（元）")


def _cross_midnight(telling: Retelling) -> None:
    """The day's latest payment slips into the next day's bill, some seconds after midnight."""
    row = telling.pick("cross_midnight", refund=False, latest=True)
    telling.remove(row)
    telling.carried.append(row)
    telling.note("cross_midnight", row, paid_at=row["完成时间"])


def _missing_there(telling: Retelling) -> None:
    row = telling.pick("missing_there", refund=False)
    telling.remove(row)
    telling.note("missing_there", row, amount=row["订单金额（元）"])


def _missing_here(telling: Retelling) -> None:
    row = _stranger(telling, "missing_here")
    telling.add(row)
    telling.note("missing_here", row, amount=row["订单金额（元）"])


def _duplicate(telling: Retelling) -> None:
    row = telling.pick("duplicate", refund=False)
    telling.add(dict(row))
    telling.note("duplicate", row)


def _amount(telling: Retelling) -> None:
    _more_money(telling, "amount", telling.pick("amount", refund=False), sign=1)


def _refund_amount(telling: Retelling) -> None:
    _more_money(telling, "refund_amount", telling.pick("refund_amount", refund=True), sign=-1)


def _status(telling: Retelling) -> None:
    telling.change("status", telling.pick("status", refund=False), column="业务类型", value=REVOKED)


def _fee(telling: Retelling) -> None:
    row = telling.pick("fee", refund=False)
    fee = Decimal(row["服务费（元）"]) - CENT * telling.dice.randint(1, 9)
    telling.change("fee", row, column="服务费（元）", value=str(fee))


def _malformed_row(telling: Retelling) -> None:
    row = telling.pick("malformed_row", refund=False)
    row[MALFORMED] = "yes"
    telling.note("malformed_row", row)


def _refund_missing(telling: Retelling) -> None:
    row = telling.pick("refund_missing", refund=True)
    telling.remove(row)
    telling.note("refund_missing", row, amount=row["订单金额（元）"])


def _orphan_refund(telling: Retelling) -> None:
    """A refund of a payment nobody knows."""
    row = _stranger(telling, "orphan_refund")
    row |= {name: str(-Decimal(row[name])) for name in (*MONEY, "支付宝优惠（元）", "服务费（元）")}
    row |= {"业务类型": REFUND, "退款批次号/请求号": f"RF{telling.digits('', length=20)}"}
    telling.add(row)
    telling.note("orphan_refund", row, amount=row["订单金额（元）"])


def _more_money(telling: Retelling, name: str, row: Row, *, sign: int) -> None:
    more = sign * CENT * telling.dice.randint(1, 99)
    row["商家实收（元）"] = str(Decimal(row["商家实收（元）"]) + more)
    telling.change(name, row, column="订单金额（元）", value=str(Decimal(row["订单金额（元）"]) + more))


def _stranger(telling: Retelling, name: str) -> Row:
    """A payment row of a trade that exists nowhere, modelled on a true one."""
    return telling.stranger(name) | {
        "支付宝交易号": telling.digits("20260101", length=28),
        "商户订单号": f"XX{telling.digits('', length=20)}",
    }


CLASSES: dict[str, Way] = {
    "cross_midnight": _cross_midnight,
    "missing_there": _missing_there,
    "amount": _amount,
    "status": _status,
    "fee": _fee,
    "malformed_row": _malformed_row,
    "duplicate": _duplicate,
    "refund_missing": _refund_missing,
    "refund_amount": _refund_amount,
    "missing_here": _missing_here,
    "orphan_refund": _orphan_refund,
}
"""Class → how it is told; applied in this order, whatever the order of the request."""

retell = partial(retelling.retell, names=NAMES, classes=CLASSES, whole_file=WHOLE_FILE)
