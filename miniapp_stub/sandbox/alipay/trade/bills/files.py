"""Archives to the byte: a ZIP with names and texts in GBK, a detail and a summary, values closed by tabulators."""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from miniapp_stub.sandbox.alipay.trade.bills.rows import FUND_COLUMNS, TRADE_COLUMNS, is_refund
from miniapp_stub.sandbox.retelling import Row

MALFORMED = "malformed"
"""A row with this key is printed without its second half."""
TRADE_TABS = frozenset((0, 1, 2, 6, 7, 8, 9, 10, 19, 21))
FUND_TABS = frozenset((0, 1, 2, 3, 5))
"""Columns whose values end with a tabulator, which keeps spreadsheets from cutting digits."""
FOREIGN_SELLER = "2088000000000001"
SUMMARY_COLUMNS = (
    *(
        "门店编号",
        "门店名称",
        "交易订单总笔数",
        "退款订单总笔数",
        "订单金额（元）",
        "商家实收（元）",
        "支付宝优惠（元）",
    ),
    *("商家优惠（元）", "卡消费金额（元）", "服务费（元）", "分润（元）", "实收净额（元）"),
)
SUMMED = SUMMARY_COLUMNS[4:-1]


@dataclass(frozen=True)
class Frame:
    """Whose bill, of which day, and what is wrong with it as a whole."""

    seller_id: str
    day: date
    flaws: frozenset[str] = frozenset()

    @property
    def account(self) -> str:
        return f"{FOREIGN_SELLER if 'merchant' in self.flaws else self.seller_id}0156"

    def opening(self, title: str, listed: str) -> list[str]:
        first, after = (f"{one:%Y年%m月%d日} 00:00:00" for one in (self.day, self.day + timedelta(days=1)))
        return [
            f"#支付宝{title}查询",
            f"#账号：[{self.account}]",
            f"#起始日期：[{first}]   终止日期：[{after}]",
            f"#{'-' * 41}{listed}列表{'-' * 40}",
        ]

    def closing(self, listed: str) -> str:
        return f"#{'-' * 41}{listed}列表结束{'-' * 36}"

    @property
    def exported(self) -> str:
        """A bill is made once, early the next morning."""
        return f"#导出时间：[{self.day + timedelta(days=1):%Y年%m月%d日} 06:27:10]"

    def name(self, word: str) -> str:
        return f"{self.account}_{self.day:%Y%m%d}_{word}.csv"


def trade_archive(rows: list[Row], *, frame: Frame) -> bytes | None:
    """The bill of the business; None when there is no row to show."""
    if not rows:
        return None
    detail = _detail(frame, rows)
    if "truncated" in frame.flaws:
        detail = _cut(detail, rows=len(rows))
    members = {frame.name("业务明细"): detail, frame.name("业务明细(汇总)"): _summary(frame, rows)}
    return _packed(members, frame=frame)


def fund_archive(rows: list[Row], *, frame: Frame) -> bytes | None:
    """The bill of the balance account; None when nothing moved."""
    if not rows:
        return None
    income = [row["收入金额（+元）"] for row in rows if Decimal(row["收入金额（+元）"])]
    expense = [row["支出金额（-元）"] for row in rows if Decimal(row["支出金额（-元）"])]
    lines = [
        *frame.opening("账务明细", "账务明细"),
        ",".join(FUND_COLUMNS),
        *(_line(row, FUND_COLUMNS, tabs=FUND_TABS) for row in rows),
        frame.closing("账务明细"),
        f"#支出合计：{len(expense)}笔，共{_sum(expense)}元",
        f"#收入合计：{len(income)}笔，共{_sum(income)}元",
        frame.exported,
    ]
    detail = _cut(lines, rows=len(rows)) if "truncated" in frame.flaws else lines
    totals = [
        *frame.opening("账务汇总", "账务汇总"),
        "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）",
        f"合计,{len(income)},{_sum(income)},{len(expense)},{_sum(expense)},{_sum([*income, *expense])}",
        frame.closing("账务汇总"),
        frame.exported,
    ]
    return _packed({frame.name("账务明细"): detail, frame.name("账务明细(汇总)"): totals}, frame=frame)


def _detail(frame: Frame, rows: list[Row]) -> list[str]:
    paid, back = ([row for row in rows if is_refund(row) == kind] for kind in (False, True))
    header = ",".join(TRADE_COLUMNS)
    return [
        *frame.opening("业务明细", "业务明细"),
        header.replace("（元）", "（港元）") if "currency" in frame.flaws else header,
        *(_line(row, TRADE_COLUMNS, tabs=TRADE_TABS) for row in rows),
        frame.closing("业务明细"),
        f"#交易合计：{len(paid)}笔，商家实收共{_got(paid)}元，商家优惠共{_given(paid)}元",
        f"#退款合计：{len(back)}笔，商家实收退款共{_got(back)}元，商家优惠退款共{_given(back)}元",
        frame.exported,
    ]


def _summary(frame: Frame, rows: list[Row]) -> list[str]:
    """Per shop and in all; without shops both lines say the same. Sums go over all rows, each with its sign."""
    refunds = sum(is_refund(row) for row in rows)
    sums = [_total(rows, column) for column in SUMMED]
    net = Decimal(_total(rows, "商家实收（元）")) + Decimal(_total(rows, "服务费（元）"))
    figures = [str(len(rows) - refunds), str(refunds), *sums, str(net)]
    return [
        *frame.opening("业务汇总", "业务汇总"),
        ",".join(SUMMARY_COLUMNS),
        ",".join(["\t", "\t", *figures]),
        ",".join(["合计", "", *figures]),
        frame.closing("业务汇总"),
        frame.exported,
    ]


def _line(row: Row, columns: Iterable[str], *, tabs: frozenset[int]) -> str:
    """No quoting: a name with a comma stays as it is."""
    values = [row[column] + ("\t" if place in tabs else "") for place, column in enumerate(columns)]
    return ",".join(values[: len(values) // 2] if MALFORMED in row else values)


def _total(rows: list[Row], column: str) -> str:
    return _sum(row[column] for row in rows)


def _got(rows: list[Row]) -> str:
    return _total(rows, "商家实收（元）")


def _given(rows: list[Row]) -> str:
    return _total(rows, "商家优惠（元）")


def _sum(texts: Iterable[str]) -> str:
    return str(sum(map(Decimal, texts), Decimal("0.00")))


def _cut(lines: list[str], *, rows: int) -> list[str]:
    """A file that breaks off in the middle of its last row: no end, no totals."""
    kept = lines[: 5 + rows]
    return [*kept[:-1], kept[-1][: len(kept[-1]) // 2]]


class _Member(zipfile.ZipInfo):
    """A member whose name is written in GBK and not marked as UTF-8, as the platform does."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name zipfile asks for
        return self.filename.encode("gbk"), self.flag_bits


def _packed(members: dict[str, list[str]], *, frame: Frame) -> bytes:
    after = frame.day + timedelta(days=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, lines in members.items():
            member = _Member(name, date_time=(after.year, after.month, after.day, 6, 27, 10))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, "".join(f"{line}\r\n" for line in lines).encode("gbk", "replace"))
    content = buffer.getvalue()
    return _damaged(content) if "hash_mismatch" in frame.flaws else content


def _damaged(content: bytes) -> bytes:
    """The archive's own check sum of its first member no longer fits, before the member and in the directory."""
    spoilt = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = content.index(mark) + place
        spoilt[at : at + 4] = bytes(byte ^ 0xFF for byte in spoilt[at : at + 4])
    return bytes(spoilt)
