"""
Alipay's bills: the business details (trade) and the details of the account (signcustomer), read as a stream.

A ZIP whose member names and texts are GBK: details, and a summary told by 汇总 in its name. Details begin with comments
and a header, are told apart by name because columns were added over the years, and end with a mark and totals, all of
them comments. Values carry tabs so that spreadsheets leave long numbers alone, and are not quoted.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar

from payments.channels.base import StatementRefused
from payments.channels.bill import FUND, TRADE, UNREADABLE
from payments.channels.packed import Archive

CHARSET = "gb18030"  # holds GBK
SUMMARY_MARK = "汇总"
SUMMARY_CAP = 4 * 1024 * 1024
LONGEST_LINE = 16 * 1024
ACCOUNT = re.compile(r"#账号[：:]\s*\[(\d{16,24})\]", re.ASCII)
END = re.compile(r"#-+(业务|账务)明细列表结束-+")
TOTAL = re.compile(r"#(交易|退款|收入|支出)合计[：:]\s*(\d+)笔[，,]\D*?(-?\d+(?:\.\d+)?)元")
TIME = re.compile(r"\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
PAYMENT, REFUND = "交易", "退款"

TRADE_NEEDS = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "订单金额（元）", "商家实收（元）",
    "退款批次号/请求号", "服务费（元）",
)  # fmt: skip
FUND_NEEDS = (
    "账务流水号", "业务流水号", "商户订单号", "商品名称", "发生时间", "收入金额（+元）", "支出金额（-元）",
    "账户余额（元）", "业务类型", "备注",
)  # fmt: skip
WHAT = {
    "在线支付": "payment", "交易": "payment", "交易付款": "payment",
    "交易退款": "refund", "退款": "refund",
    "收费": "fee", "服务费": "fee", "交易服务费": "fee",
    "退费": "fee_back", "服务费退回": "fee_back", "退还服务费": "fee_back",
}  # fmt: skip


class _Bill(ABC):
    """The frame of both. `merchant` and `app` are ours: the file names the account once, and the app nowhere."""

    columns: tuple[str, ...]
    needs: ClassVar[tuple[str, ...]]
    delimiter, ends, fee_decimals = "\t", "", 2

    def __init__(self, *, merchant: str, app: str) -> None:
        self.summary: Mapping[str, str] = {}
        self.rows = self.size = 0
        self.sha1 = ""
        self._merchant, self._app = merchant, app
        self._account = ""
        self._at: dict[str, int] = {}  # column → place
        self._width = 0
        self._ended = False
        self._totals: dict[str, tuple[str, str]] = {}

    def read(self, content: bytes) -> Iterator[bytes]:
        """
        Raises StatementRefused when the archive is damaged, the header is another one, the file ends before its mark,
        or its two members contradict each other.
        """
        self.size, self.sha1 = len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest()
        archive = Archive(content)
        for block in _whole_lines(archive.chunks(self._details_of(archive))):
            yield "".join(filter(None, map(self._line, _texts(block)))).encode()
        if not self._ended:
            raise StatementRefused("truncated")
        self.summary = self._said()
        for name in archive.names:
            if SUMMARY_MARK in name:
                self._hold_against(archive.whole(name, cap=SUMMARY_CAP).decode(CHARSET, "replace"))

    def _details_of(self, archive: Archive) -> str:
        """The member with the header of details, wherever it stands in the archive. Raises StatementRefused."""
        first = self.needs[0].encode(CHARSET)
        for name in archive.names:
            if SUMMARY_MARK not in name and first in next(archive.chunks(name), b""):
                return name
        raise StatementRefused("header")

    def _line(self, line: str) -> str:
        if line.startswith("#"):
            self._comment(line)
            return ""
        if not line.strip():
            return ""
        if self._ended:
            raise StatementRefused("after_summary")
        if not self._at:
            self._take_header(line)
            return ""
        self.rows += 1
        return self._row(line) or self._set_aside(line)

    def _comment(self, line: str) -> None:
        if found := ACCOUNT.match(line):
            self._account = found[1]
        elif END.match(line):
            self._ended = True
        elif found := TOTAL.match(line):
            self._totals[found[1]] = (found[2], found[3].removeprefix("-"))

    def _take_header(self, line: str) -> None:
        names = [name.strip() for name in line.replace("\t", "").split(",")]
        if len(set(names)) != len(names) or not set(self.needs) <= set(names):
            raise StatementRefused("header")
        self._at, self._width = {name: place for place, name in enumerate(names)}, len(names)

    def _row(self, line: str) -> str | None:
        values = line.replace("\t", "").split(",")
        if len(values) != self._width:
            values = self._mended(values)
        if not values or "\0" in line or "\ufffd" in line:
            return None
        told = self._told({name: values[self._at[name]].strip() for name in self.needs})
        if told is None or not TIME.fullmatch(told["at"]):
            return None
        return _copied([told.get(name, "") for name in self.columns])

    def _mended(self, values: list[str]) -> list[str]:
        """Commas in the name of goods, or in the note at the end: times stand right behind the name."""
        name, more = self._at["商品名称"], len(values) - self._width
        for taken in range(more + 1):
            if TIME.fullmatch(values[name + 1 + taken].strip()):
                head, goods = values[:name], ",".join(values[name : name + 1 + taken])
                rest = values[name + 1 + taken :]
                kept = self._width - name - 2
                return [*head, goods, *rest[:kept], ",".join(rest[kept:])]
        return []

    def _set_aside(self, line: str) -> str:
        values = {"at": UNREADABLE, "raw": line[:500].replace("\0", "").replace("\t", " ")}
        return _copied([values.get(name, "") for name in self.columns])

    @property
    def _owner(self) -> str:
        """Whose bill it is: our account, which the file writes with four digits behind it, or another."""
        return self._merchant if self._account[:16] == self._merchant else self._account

    @abstractmethod
    def _told(self, values: dict[str, str]) -> dict[str, str] | None:
        """What the row means, by column; None when it is not what a row must be."""

    @abstractmethod
    def _said(self) -> dict[str, str]:
        """What the file says about itself. Raises StatementRefused when it does not say it."""

    @abstractmethod
    def _hold_against(self, summary: str) -> None:
        """The summary member, where there is one, must tell the same. Raises StatementRefused."""


class TradeBill(_Bill):
    """Payments and refunds of a day. A row means success; what of the fee went back stands on the refund."""

    columns: tuple[str, ...] = TRADE
    needs = TRADE_NEEDS

    def _told(self, values: dict[str, str]) -> dict[str, str] | None:
        kind, total, settled = values["业务类型"], values["订单金额（元）"], values["商家实收（元）"]
        fee = values["服务费（元）"] or "0.00"
        if not (MONEY.fullmatch(total) and MONEY.fullmatch(settled) and MONEY.fullmatch(fee)):
            return None
        is_refund = kind == REFUND
        if kind not in {PAYMENT, REFUND} or any(
            money.startswith("-") != is_refund for money in _moving(total, settled)
        ):
            return None
        if is_refund and not values["退款批次号/请求号"]:
            return None
        told = {
            "at": values["完成时间"], "app": self._app, "merchant": self._owner, "currency": "CNY",
            "transaction_id": values["支付宝交易号"], "number": values["商户订单号"], "state": "SUCCESS",
            "fee": _turned(_two(fee)), "total": "0.00", "settled": "0.00", "applied": "0.00", "refunded": "0.00",
        }  # fmt: skip
        if not is_refund:
            return told | {"total": _two(total), "settled": _two(settled)}
        return told | {
            "refund_number": values["退款批次号/请求号"], "refund_state": "SUCCESS",
            "applied": _two(total).removeprefix("-"), "refunded": _two(settled).removeprefix("-"),
        }  # fmt: skip

    def _said(self) -> dict[str, str]:
        if not {PAYMENT, REFUND} <= set(self._totals):
            raise StatementRefused("truncated")
        (paid, settled), (back, refunded) = self._totals[PAYMENT], self._totals[REFUND]
        return {"count": str(int(paid) + int(back)), "settled": settled, "refunded": refunded}

    def _hold_against(self, summary: str) -> None:
        rows = [[value.strip() for value in line.replace("\t", "").split(",")] for line in summary.splitlines()]
        header = next((row for row in rows if "交易订单总笔数" in row), [])
        last = next((row for row in rows if row[0] == "合计" and len(row) == len(header)), [])
        if not last:
            raise StatementRefused("summary")
        said = dict(zip(header, last, strict=True))
        if (said["交易订单总笔数"], said.get("退款订单总笔数")) != (self._totals[PAYMENT][0], self._totals[REFUND][0]):
            raise StatementRefused("totals")
        if MONEY.fullmatch(said.get("服务费（元）", "")):
            self.summary = {**self.summary, "fees": _turned(said["服务费（元）"])}


class FundBill(_Bill):
    """Every movement of the account in a day, with the balance after it."""

    columns: tuple[str, ...] = FUND
    needs = FUND_NEEDS

    def _told(self, values: dict[str, str]) -> dict[str, str] | None:
        came, went = values["收入金额（+元）"] or "0.00", values["支出金额（-元）"] or "0.00"
        if not (MONEY.fullmatch(came) and MONEY.fullmatch(went)) or came.startswith("-"):
            return None
        moved = _moving(came, went)
        if len(moved) != 1:
            return None
        amount = _two(moved[0])
        if moved[0] == went:
            amount = "-" + amount.removeprefix("-")
        return {
            "at": values["发生时间"], "business": values["业务流水号"], "flow": values["账务流水号"], "amount": amount,
            "what": WHAT.get(values["业务类型"], "other"), "balance": values["账户余额（元）"],
            "number": values["商户订单号"],
        }  # fmt: skip

    def _said(self) -> dict[str, str]:
        if self._owner != self._merchant:
            raise StatementRefused("merchant")
        if not {"收入", "支出"} <= set(self._totals):
            raise StatementRefused("truncated")
        (ins, income), (outs, expense) = self._totals["收入"], self._totals["支出"]
        return {
            "count": str(int(ins) + int(outs)), "income_count": ins, "income": income, "expense_count": outs,
            "expense": expense,
        }  # fmt: skip

    def _hold_against(self, summary: str) -> None:
        """It counts by kind of business and says nothing the details do not add up to."""


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """No byte of a character of GBK is a line feed, so lines are told apart before they are read."""
    rest = b""
    for chunk in chunks:
        head, cut, tail = chunk.rpartition(b"\n")
        if cut:
            yield rest + head
            rest = tail
        else:
            rest += chunk
        if len(rest) > LONGEST_LINE:
            raise StatementRefused("line_too_long")
    if rest:
        yield rest


def _texts(block: bytes) -> list[str]:
    """The lines as text; in one that is not GBK the broken places stay visible."""
    try:
        return block.decode(CHARSET).replace("\r", "").split("\n")
    except UnicodeDecodeError:
        return [line.decode(CHARSET, "replace").replace("\r", "") for line in block.split(b"\n")]


def _copied(values: list[str]) -> str:
    return "\t".join(values).replace("\\", "\\\\") + "\n"


def _moving(*amounts: str) -> list[str]:
    """The amounts that are not nothing."""
    return [amount for amount in amounts if amount.strip("-0.")]


def _two(amount: str) -> str:
    """With two decimals."""
    yuan, _, cents = amount.partition(".")
    return f"{yuan}.{cents:0<2}"


def _turned(amount: str) -> str:
    """The other sign; nothing stays nothing."""
    if not amount.strip("-0."):
        return amount.removeprefix("-")
    return amount[1:] if amount.startswith("-") else f"-{amount}"
