"""Bill files to the byte: UTF-8 with BOM, CRLF, a backtick before every value, no quoting, a summary at the end."""

from decimal import Decimal
from sqlite3 import Row as Record

from miniapp_stub.sandbox.clock import bill_time
from miniapp_stub.sandbox.wechatpay.account import INCOME, KINDS
from miniapp_stub.sandbox.wechatpay.bills.rows import (
    ALL_COLUMNS,
    REFUND_COLUMNS,
    SUCCESS_COLUMNS,
    Row,
    is_refund,
    yuan,
)

BOM = b"\xef\xbb\xbf"
MALFORMED = "malformed"
"""A row with this key is printed without its second half."""

SUMMARY_ALL = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": None,
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
"""Summary column → the column it adds up; the unused voucher column prints as `0.0`."""
SUMMARY_SUCCESS = {name: SUMMARY_ALL[name] for name in ("应结订单总金额", "手续费总金额", "订单总金额")}

FUND_COLUMNS = (
    *(
        "记账时间",
        "微信支付业务单号",
        "资金流水单号",
        "业务名称",
        "业务类型",
        "收支类型",
        "收支金额(元)",
        "账户结余(元)",
    ),
    *("资金变更提交申请人", "备注", "业务凭证号"),
)
FUND_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def trade_bill(rows: list[Row], *, bill_type: str, truncated: bool = False) -> bytes | None:
    """The trade bill of one type (`ALL`, `SUCCESS`, `REFUND`); None when there is no row to show."""
    shown = [row for row in rows if bill_type == "ALL" or is_refund(row) == (bill_type == "REFUND")]
    if not shown:
        return None
    columns = {"ALL": ALL_COLUMNS, "SUCCESS": SUCCESS_COLUMNS, "REFUND": REFUND_COLUMNS}[bill_type]
    summary = SUMMARY_SUCCESS if bill_type == "SUCCESS" else SUMMARY_ALL
    lines = [
        ",".join(columns),
        *(_data_line(row, columns) for row in shown),
        ",".join(["总交易单数", *summary]),
        _values([f"{len(shown)}.0", *(_total(shown, column) for column in summary.values())]),
    ]
    content = _file(lines)
    return _cut(content) if truncated else content


def fund_row(movement: Record) -> Row:
    """One movement as the text of a bill row."""
    name, direction = KINDS[movement["kind"]]
    texts = [
        bill_time(movement["at"]), movement["business_no"], movement["flow_no"], name, name, direction,
        yuan(movement["amount_fen"]), yuan(movement["balance_fen"]), "system", movement["remark"], movement["voucher"],
    ]  # fmt: skip
    return dict(zip(FUND_COLUMNS, texts, strict=True))


def fund_bill(rows: list[Row], *, truncated: bool = False) -> bytes | None:
    """The fund-flow bill of the basic account; None when nothing moved."""
    if not rows:
        return None
    income = [Decimal(row["收支金额(元)"]) for row in rows if row["收支类型"] == INCOME]
    expense = [Decimal(row["收支金额(元)"]) for row in rows if row["收支类型"] != INCOME]
    nothing = Decimal("0.00")
    counts = [f"{len(rows)}.0", f"{len(income)}.0", str(sum(income, nothing))]
    counts += [f"{len(expense)}.0", str(sum(expense, nothing))]
    lines = [_values(list(row.values())) for row in rows]
    content = _file([",".join(FUND_COLUMNS), *lines, FUND_SUMMARY, _values(counts)])
    return _cut(content) if truncated else content


def _data_line(row: Row, columns: list[str]) -> str:
    values = [row[column] for column in columns]
    return _values(values[: len(values) // 2] if MALFORMED in row else values)


def _values(values: list[str]) -> str:
    """No quoting: a name with a comma stays as it is, so readers split at the two characters ,` ."""
    return ",".join(f"`{value}" for value in values)


def _total(rows: list[Row], column: str | None) -> str:
    if column is None:
        return "0.0"
    return str(sum((Decimal(row[column]) for row in rows), Decimal()).quantize(Decimal("0.01")))


def _file(lines: list[str]) -> bytes:
    return BOM + "".join(f"{line}\r\n" for line in lines).encode()


def _cut(content: bytes) -> bytes:
    """A file that breaks off in the middle of its last data row: whole characters, no summary."""
    *head, _, _, _ = content.decode().split("\r\n")
    return ("\r\n".join(head[:-1]) + "\r\n" + head[-1][: len(head[-1]) // 2]).encode()
