"""
WeChat Pay's trade bill, type ALL, read as a stream.

UTF-8 with byte-order mark, CRLF; a header row; data rows whose every value begins with a backtick, separated by commas
and never quoted; then a summary header and one summary row. Values are told apart by the two characters `,`` after
the first backtick is dropped, because a product name may hold a comma.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from payments.channels.base import StatementRefused

HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
).encode()
SUMMARY_HEADER = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额".encode()
COLUMNS = (
    "line", "at", "app", "merchant", "sub_merchant", "device", "transaction_id", "number", "payer", "trade_type",
    "state", "bank", "currency", "settled", "coupon", "channel_refund_id", "refund_number", "refunded",
    "coupon_refunded", "refund_type", "refund_state", "product", "attach", "fee", "rate", "total", "applied",
    "rate_note",
)  # fmt: skip
SUMMARY = ("count", "settled", "refunded", "coupon_refunded", "fees", "total", "applied")
SEPARATOR = b",`"
FIELDS = 27
BOM = b"\xef\xbb\xbf"
LONGEST_LINE = 16 * 1024


@dataclass
class TradeBill:
    """What is known after all rows were read. `malformed`: (line, text) of rows that are none."""

    summary: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    malformed: list[tuple[int, str]] = field(default_factory=list)

    def read(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """
        Blocks in PostgreSQL's COPY text format, columns as in COLUMNS; memory stays flat.

        Raises: StatementRefused when header or summary are not as agreed, or the file ends before its summary.
        """
        number, tail = 0, b""
        for lines in _lines(chunks):
            if number and not tail and (plain := _all_copyable(lines, first=number + 1)) is not None:
                number, self.rows = number + len(lines), self.rows + len(lines)
                yield plain
                continue
            block: list[bytes] = []
            for line in lines:
                number += 1
                if line.startswith(b"`") and not tail and number > 1:
                    self._take(line, number=number, block=block)
                else:
                    tail = self._frame(line, number=number, tail=tail)
            yield b"".join(block)
        if not self.summary:
            raise StatementRefused("truncated")

    def _take(self, line: bytes, *, number: int, block: list[bytes]) -> None:
        self.rows += 1
        plain = _copyable(line)
        if plain is None:
            self.malformed.append((number, line[:500].decode("utf-8", "replace").replace("\0", "")))
        else:
            block.append(b"%d\t%b\n" % (number, plain))

    def _frame(self, line: bytes, *, number: int, tail: bytes) -> bytes:
        """Header, summary header, summary, and the nothing behind it, in this order."""
        if number == 1:
            if line.removeprefix(BOM) != HEADER:
                raise StatementRefused("header")
            return b""
        if not tail:
            if line != SUMMARY_HEADER:
                self._stray(line, number=number)
                return b""
            return b"header"
        if tail == b"header":
            self.summary = _summary(line)
            return b"done"
        if line.strip():
            raise StatementRefused("after_summary")
        return tail

    def _stray(self, line: bytes, *, number: int) -> None:
        """A line between the rows that is none: set aside like any row that cannot be read."""
        self.rows += 1
        self.malformed.append((number, line[:500].decode("utf-8", "replace").replace("\0", "")))


def _lines(chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    rest = b""
    for chunk in chunks:
        lines = (rest + chunk).split(b"\r\n")
        rest = lines.pop()
        if len(rest) > LONGEST_LINE:
            raise StatementRefused("line_too_long")
        yield lines
    if rest:
        yield [rest]


def _all_copyable(lines: list[bytes], *, first: int) -> bytes | None:
    """A block of nothing but plain rows, made in few steps; None when any line needs a closer look."""
    joined = b"".join(lines)
    if any(special in joined for special in (b"\\", b"\t", b"\n", b"\r", b"\0")):
        return None
    if any(line.count(SEPARATOR) != FIELDS - 1 or line[:1] != b"`" for line in lines):
        return None
    try:
        joined.decode()
    except UnicodeDecodeError:
        return None
    return b"".join([b"%d\t%b\n" % (n, line[1:]) for n, line in enumerate(lines, first)]).replace(SEPARATOR, b"\t")


def _copyable(line: bytes) -> bytes | None:
    """The row with tabs between its values, or None when it does not have as many as it should."""
    body = line[1:]
    if body.count(SEPARATOR) != FIELDS - 1 or b"\0" in body:
        return None
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    if b"\\" in body or b"\t" in body or b"\n" in body or b"\r" in body:
        for raw, escaped in ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r")):
            body = body.replace(raw, escaped)
    return body.replace(SEPARATOR, b"\t")


def _summary(line: bytes) -> dict[str, str]:
    values = line[1:].decode("utf-8", "replace").split(",`") if line.startswith(b"`") else []
    if len(values) != len(SUMMARY):
        raise StatementRefused("truncated")
    return dict(zip(SUMMARY, values, strict=True))
