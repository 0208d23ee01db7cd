"""The shelves of WeChat Pay: the trade bill, and the fund-flow bill of the basic account."""

from datetime import date
from functools import partial

from miniapp_stub.sandbox import retelling
from miniapp_stub.sandbox.clock import day_bounds
from miniapp_stub.sandbox.retelling import Names, Row, Way
from miniapp_stub.sandbox.shelves import Shelf
from miniapp_stub.sandbox.wechatpay.account import movements
from miniapp_stub.sandbox.wechatpay.bills.discrepancies import WHOLE_FILE, retell
from miniapp_stub.sandbox.wechatpay.bills.files import fund_row
from miniapp_stub.sandbox.wechatpay.bills.rows import rows_of_day
from miniapp_stub.sandbox.world import World

FUND_NAMES = Names(
    at="记账时间", number="业务凭证号", transaction="微信支付业务单号", refund_number="资金流水单号",
    is_refund=lambda _: False,
)  # fmt: skip
FUND_CLASSES: dict[str, Way] = retelling.fund_classes(
    amount="收支金额(元)", flow="资金流水单号", direction="收支类型", business="微信支付业务单号"
)


def true_fund_rows(world: World, day: date) -> list[Row]:
    start, end = day_bounds(day)
    return [fund_row(row) for row in movements(world, start=start, end=end)]


TRADE = Shelf("wechat", "trade", rows_of_day, retell, WHOLE_FILE)
FUND = Shelf(
    "wechat",
    "fund",
    true_fund_rows,
    partial(retelling.retell, names=FUND_NAMES, classes=FUND_CLASSES, whole_file=WHOLE_FILE),
    WHOLE_FILE,
)
