"""Rows of both bills as text: payments by their time, refunds by the time they were done, movements as they came."""

from datetime import date
from sqlite3 import Row as Record

from miniapp_stub.sandbox.alipay.trade.account import INCOME, KINDS, movements
from miniapp_stub.sandbox.alipay.trade.trades import logon_id, yuan
from miniapp_stub.sandbox.clock import bill_time, day_bounds
from miniapp_stub.sandbox.retelling import Row
from miniapp_stub.sandbox.world import World

TRADE_COLUMNS = (
    *("支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称", "操作员"),
    *("终端号", "对方账户", "订单金额（元）", "商家实收（元）", "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）"),
    *(
        "商家优惠（元）",
        "券核销金额（元）",
        "券名称",
        "商家红包消费金额（元）",
        "卡消费金额（元）",
        "退款批次号/请求号",
    ),
    *("服务费（元）", "分润（元）", "备注"),
)
FUND_COLUMNS = (
    *(
        "账务流水号",
        "业务流水号",
        "商户订单号",
        "商品名称",
        "发生时间",
        "对方账号",
        "收入金额（+元）",
        "支出金额（-元）",
    ),
    *("账户余额（元）", "交易渠道", "业务类型", "备注"),
)
PAYMENT, REFUND = "交易", "退款"
_NOTHING = dict.fromkeys(
    ("支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）", "商家优惠（元）", "券核销金额（元）",
     "商家红包消费金额（元）", "卡消费金额（元）", "分润（元）"),
    "0.00",
)  # fmt: skip


def is_refund(row: Row) -> bool:
    return row["业务类型"] == REFUND


def trade_rows(world: World, day: date) -> list[Row]:
    """The day's payments and done refunds in order of time; there is no status, a row is a success."""
    start, end = day_bounds(day)
    payments = world.store.all("SELECT * FROM alipay_trades WHERE paid_at >= ? AND paid_at < ?", start, end)
    refunds = world.store.all(
        "SELECT r.*, t.trade_no, t.subject, t.openid FROM alipay_refunds r JOIN alipay_trades t USING (out_trade_no)"
        " WHERE r.status = 'SUCCESS' AND r.done_at >= ? AND r.done_at < ?",
        start,
        end,
    )
    rows = [_payment(world, record) for record in payments] + [_refund(world, record) for record in refunds]
    return sorted(rows, key=lambda row: row["完成时间"])


def fund_rows(world: World, day: date) -> list[Row]:
    start, end = day_bounds(day)
    return [_movement(record) for record in movements(world, start=start, end=end)]


def _payment(world: World, trade: Record) -> Row:
    return _row(world, trade) | {
        "业务类型": PAYMENT,
        "创建时间": bill_time(trade["begun_at"]),
        "完成时间": bill_time(trade["paid_at"]),
        "订单金额（元）": yuan(trade["total_fen"]),
        "商家实收（元）": yuan(trade["total_fen"]),
        "支付宝优惠（元）": yuan(trade["coupon_fen"]),
        "服务费（元）": yuan(-trade["fee_fen"]),
    }


def _refund(world: World, refund: Record) -> Row:
    """Money of a refund is negative, and so what came back of the fee is positive."""
    return _row(world, refund) | {
        "业务类型": REFUND,
        "创建时间": bill_time(refund["created_at"]),
        "完成时间": bill_time(refund["done_at"]),
        "订单金额（元）": yuan(-refund["refund_fen"]),
        "商家实收（元）": yuan(-refund["refund_fen"]),
        "支付宝优惠（元）": yuan(refund["payer_fen"] - refund["refund_fen"]),
        "退款批次号/请求号": refund["out_request_no"],
        "服务费（元）": yuan(refund["fee_back_fen"]),
        "备注": refund["reason"],
    }


def _row(world: World, record: Record) -> Row:
    return (
        dict.fromkeys(TRADE_COLUMNS, "")
        | _NOTHING
        | {
            "支付宝交易号": record["trade_no"],
            "商户订单号": record["out_trade_no"],
            "商品名称": record["subject"],
            "对方账户": logon_id(world, record["openid"]),
        }
    )


def _movement(record: Record) -> Row:
    name, direction = KINDS[record["kind"]]
    amount, income = yuan(record["amount_fen"]), direction == INCOME
    texts = [
        record["flow_no"], record["trade_no"], record["out_trade_no"], record["subject"], bill_time(record["at"]),
        record["other_side"], amount if income else "0.00", "0.00" if income else f"-{amount}",
        yuan(record["balance_fen"]), "支付宝", name, record["remark"],
    ]  # fmt: skip
    return dict(zip(FUND_COLUMNS, texts, strict=True))
