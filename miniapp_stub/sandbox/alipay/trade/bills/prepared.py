"""The shelves of Alipay: the bill of the business, and that of the balance account."""

from functools import partial

from miniapp_stub.sandbox import retelling
from miniapp_stub.sandbox.alipay.trade.bills.discrepancies import WHOLE_FILE, retell
from miniapp_stub.sandbox.alipay.trade.bills.rows import fund_rows, trade_rows
from miniapp_stub.sandbox.retelling import Names, Way
from miniapp_stub.sandbox.shelves import Shelf

FUND_FLAWS = ("truncated", "hash_mismatch", "merchant")
FUND_NAMES = Names(
    at="发生时间", number="商户订单号", transaction="业务流水号", refund_number="账务流水号",
    is_refund=lambda row: row["收入金额（+元）"] == "0.00",
)  # fmt: skip
FUND_CLASSES: dict[str, Way] = retelling.fund_classes(
    amount="收入金额（+元）", flow="账务流水号", direction="支出金额（-元）", business="业务流水号"
)
"""Only income is told wrong: expenses stand in a column of their own."""

TRADE = Shelf("alipay", "trade", trade_rows, retell, WHOLE_FILE)
FUND = Shelf(
    "alipay",
    "fund",
    fund_rows,
    partial(retelling.retell, names=FUND_NAMES, classes=FUND_CLASSES, whole_file=FUND_FLAWS),
    FUND_FLAWS,
)
