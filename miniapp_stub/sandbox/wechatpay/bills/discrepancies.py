"""Discrepancies of WeChat Pay's trade bill, told in its columns."""

from decimal import Decimal
from functools import partial

from miniapp_stub.sandbox import retelling
from miniapp_stub.sandbox.retelling import CENT, DiscrepancyRefused, Names, Retelling
from miniapp_stub.sandbox.wechatpay.bills.files import MALFORMED
from miniapp_stub.sandbox.wechatpay.bills.rows import Row, fee_text, is_refund

__all__ = ["CLASSES", "DiscrepancyRefused", "retell"]

WHOLE_FILE = ("truncated", "hash_mismatch")
NAMES = Names(
    at="交易时间",
    number="商户订单号",
    transaction="微信订单号",
    refund_number="商户退款单号",
    is_refund=is_refund,
)


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
        "微信退款单号": telling.digits("503000", length=29),
        "商户退款单号": f"RF{telling.digits('', length=20)}",
    }
    row |= {"退款金额": money, "申请退款金额": money, "退款类型": "ORIGINAL", "退款状态": "SUCCESS"}
    row |= {"手续费": f"-{row['手续费']}", "退款申请时间": row["交易时间"], "退款成功时间": row["交易时间"]}
    telling.add(row)
    telling.note("orphan_refund", row, amount=money)


def _stranger(telling: Retelling, name: str) -> Row:
    """A payment row of an order that exists nowhere, modelled on a true one."""
    return telling.stranger(name) | {
        "微信订单号": telling.digits("420000", length=28),
        "商户订单号": f"XX{telling.digits('', length=20)}",
        "用户标识": f"o{telling.digits('', length=27)}",
    }


CLASSES: dict[str, retelling.Way] = {
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

retell = partial(retelling.retell, names=NAMES, classes=CLASSES, whole_file=WHOLE_FILE)
