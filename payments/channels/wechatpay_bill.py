"""
WeChat Pay's bills, trade (type ALL) and fund flow (basic account), read as a stream.

UTF-8 with byte-order mark, CRLF; a header row; data rows whose every value begins with a backtick, separated by commas
and never quoted; then a summary header and one summary row. Values are told apart by the two characters `,`` after
the first backtick is dropped, because a product name may hold a comma.

A million rows go through here a day. Where a block of the trade bill holds nothing but plain rows, it is handed on as
it came: the backtick is COPY's delimiter, and the commas stay at the ends of the values.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from operator import itemgetter

from payments.channels.base import StatementRefused
from payments.channels.bill import FUND, UNREADABLE, are_times
from payments.channels.packed import uncompressed

HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
).encode()
SUMMARY_HEADER = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额".encode()
COLUMNS = (
    "at", "app", "merchant", "sub_merchant", "device", "transaction_id", "number", "payer", "trade_type",
    "state", "bank", "currency", "settled", "coupon", "channel_refund_id", "refund_number", "refunded",
    "coupon_refunded", "refund_type", "refund_state", "raw", "attach", "fee", "rate", "total", "applied", "rate_note",
)  # fmt: skip
SUMMARY = ("count", "settled", "refunded", "coupon_refunded", "fees", "total", "applied")

FUND_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
    "业务凭证号"
).encode()
FUND_SUMMARY_HEADER = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额".encode()
FUND_SUMMARY = ("count", "income_count", "income", "expense_count", "expense")
WHAT = {"交易": "payment", "退款": "refund", "扣除交易手续费": "fee", "退回交易手续费": "fee_back"}
SIGN = {"收入": "", "支出": "-"}

SEPARATOR = b",`"
TIME = slice(12, 20)  # of a row: a backtick, the day, a blank
BOM = b"\xef\xbb\xbf"
LONGEST_LINE = 16 * 1024


class _Bill(ABC):
    """The frame both bills share. A line between the rows that is none is a row that cannot be read."""

    header: bytes
    summary_header: bytes
    summary_names: tuple[str, ...]
    columns: tuple[str, ...]
    delimiter: str
    ends: str
    fee_decimals = 5

    def __init__(self) -> None:
        self.summary: Mapping[str, str] = {}
        self.rows = self.size = 0
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._seen = b""  # header, summary header, summary: what of the frame has been passed

    @property
    def sha1(self) -> str:
        return self._digest.hexdigest()

    def read(self, content: bytes) -> Iterator[bytes]:
        """
        Raises StatementRefused when the file is damaged or too large, header or summary are not as agreed, or it ends
        before its summary.
        """
        for whole in _whole_lines(self._proven(uncompressed(content))):
            lines = self._after_header(whole) if not self._seen else whole
            yield self._plain(lines) or b"".join(map(self._line, lines.removesuffix(b"\r\n").split(b"\r\n")))
        if not self.summary:
            raise StatementRefused("truncated")

    def _proven(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._digest.update(chunk)
            self.size += len(chunk)
            yield chunk

    def _after_header(self, block: bytes) -> bytes:
        first, _, rest = block.partition(b"\r\n")
        if first.removeprefix(BOM) != self.header:
            raise StatementRefused("header")
        self._seen = b"header"
        return rest

    def _line(self, line: bytes) -> bytes:
        if self._seen == b"header" and line != self.summary_header:
            self.rows += 1
            return self._row(line) or self._set_aside(line)
        if self._seen == b"header":
            self._seen = b"summary header"
        elif self._seen == b"summary header":
            self.summary, self._seen = _summary(line, self.summary_names), b"summary"
        elif line.strip():
            raise StatementRefused("after_summary")
        return b""

    def _set_aside(self, line: bytes) -> bytes:
        values = {"at": UNREADABLE.encode(), "raw": line[:500].decode("utf-8", "replace").encode()}
        return self._copied([values.get(name, b"") for name in self.columns])

    def _plain(self, lines: bytes) -> bytes | None:
        """All lines in few steps; None when any of them needs a closer look."""
        del lines
        return None

    @abstractmethod
    def _row(self, line: bytes) -> bytes | None:
        """One line for COPY; None when it is no row."""

    @abstractmethod
    def _copied(self, values: list[bytes]) -> bytes: ...


class TradeBill(_Bill):
    """`closely`: every line by itself, after a block that seemed plain was not."""

    header, summary_header, summary_names = HEADER, SUMMARY_HEADER, SUMMARY
    columns: tuple[str, ...] = ("lead", *COLUMNS)
    delimiter, ends = "`", ","

    def __init__(self, *, closely: bool = False) -> None:
        super().__init__()
        self._closely = closely

    def _plain(self, lines: bytes) -> bytes | None:
        count = lines.count(b"\n")
        if self._closely or self._seen != b"header" or lines[:1] != b"`" or lines.count(b"\r\n`") != count - 1:
            return None
        if lines.count(b"\r") != count or lines.count(b"`") != count * len(COLUMNS) or b"\\" in lines or b"\0" in lines:
            return None
        if not _is_text(lines) or not are_times({line[TIME] for line in lines.removesuffix(b"\r\n").split(b"\r\n")}):
            return None
        self.rows += count
        return lines

    def _row(self, line: bytes) -> bytes | None:
        values = line[1:].split(SEPARATOR)
        if line[:1] != b"`" or len(values) != len(COLUMNS) or not _is_text(line) or b"\0" in line:
            return None
        if not are_times([line[TIME]]):
            return None
        if line.count(b"`") == len(COLUMNS) and b"\\" not in line and b"\r" not in line and b"\n" not in line:
            return line + b"\r\n"
        return self._copied([b"", *values])

    def _copied(self, values: list[bytes]) -> bytes:
        return b",`".join(map(_escaped, values)).removeprefix(b",") + b"\r\n"


class FundBill(_Bill):
    header, summary_header, summary_names = FUND_HEADER, FUND_SUMMARY_HEADER, FUND_SUMMARY
    columns: tuple[str, ...] = FUND
    delimiter, ends = "\t", ""
    _picked = itemgetter(0, 1, 2, 3, 5, 6, 7, 10)

    def _row(self, line: bytes) -> bytes | None:
        values = line[1:].split(SEPARATOR)
        if line[:1] != b"`" or len(values) != 11 or not _is_text(line) or b"\0" in line:
            return None
        at, business, flow, name, direction, amount, balance, voucher = self._picked(values)
        sign = SIGN.get(direction.decode())
        if sign is None:
            return None
        what = WHAT.get(name.decode(), "other").encode()
        return self._copied([at, business, flow, what, sign.encode() + amount, balance, voucher, b""])

    def _copied(self, values: list[bytes]) -> bytes:
        return b"\t".join(map(_escaped, values)) + b"\r\n"


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        block = rest + chunk
        cut = block.rfind(b"\r\n") + 2 if b"\r\n" in block else 0
        rest = block[cut:]
        if len(rest) > LONGEST_LINE:
            raise StatementRefused("line_too_long")
        if cut:
            yield block[:cut]
    if rest:
        yield rest


def _escaped(value: bytes) -> bytes:
    r"""For COPY's text format, where the backslash, ends of lines and the delimiter mean something."""
    for raw, said in ((b"\\", b"\\\\"), (b"`", b"\\`"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r")):
        value = value.replace(raw, said)
    return value


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _summary(line: bytes, names: tuple[str, ...]) -> dict[str, str]:
    values = line[1:].decode("utf-8", "replace").split(",`") if line.startswith(b"`") else []
    if len(values) != len(names):
        raise StatementRefused("truncated")
    return dict(zip(names, values, strict=True))
