"""Rows of the trade bill: every payment by its success time, every refund by its acceptance, as bill text."""

from datetime import date
from decimal import Decimal
from sqlite3 import Row as Record
from typing import Any

from miniapp_stub.sandbox.clock import bill_time, day_bounds
from miniapp_stub.sandbox.wechatpay.account import FEE_RATE_TEXT
from miniapp_stub.sandbox.world import World

Row = dict[str, str]
"""One bill row, column name → text."""

FIRST_14 = [
    *("交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识"),
    *("交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额"),
]
REFUND_NUMBERS = ["微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"]
REFUND_TIMES = ["退款申请时间", "退款成功时间"]
LAST = ["商品名称", "商户数据包", "手续费", "费率", "订单金额"]
ALL_COLUMNS = [*FIRST_14, *REFUND_NUMBERS, *LAST, "申请退款金额", "费率备注"]
SUCCESS_COLUMNS = [*FIRST_14, *LAST, "费率备注"]
REFUND_COLUMNS = [*FIRST_14, *REFUND_TIMES, *REFUND_NUMBERS, *LAST, "申请退款金额", "费率备注"]


def yuan(fen: int) -> str:
    """Integer fen as yuan text with two decimals."""
    return str(Decimal(fen).scaleb(-2).quantize(Decimal("0.01")))


def fee_text(fen: int) -> str:
    """Fees carry five decimals."""
    return str(Decimal(fen).scaleb(-2).quantize(Decimal("0.00001")))


def is_refund(row: Row) -> bool:
    return row["微信退款单号"] != "0"


def rows_of_day(world: World, day: date) -> list[Row]:
    """The day's rows in order of time, with those a discrepancy carried over from the day before."""
    start, end = day_bounds(day)
    payments = world.store.all("SELECT * FROM orders WHERE paid_at >= ? AND paid_at < ?", start, end)
    refunds = world.store.all(
        "SELECT r.*, o.openid, o.transaction_id, o.trade_type, o.description, o.attach FROM refunds r"
        " JOIN orders o USING (out_trade_no) WHERE r.created_at >= ? AND r.created_at < ?",
        start,
        end,
    )
    rows = [payment_row(world, record) for record in payments] + [refund_row(world, record) for record in refunds]
    return sorted(rows, key=lambda row: row["交易时间"])


def payment_row(world: World, order: Record) -> Row:
    settled = order["total_fen"] - order["coupon_fen"]
    return _common(world, order) | {
        "交易时间": bill_time(order["paid_at"]),
        "交易状态": "SUCCESS",
        "应结订单金额": yuan(settled),
        "代金券金额": yuan(order["coupon_fen"]),
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "退款类型": "",
        "退款状态": "",
        "退款申请时间": "",
        "退款成功时间": "",
        "手续费": fee_text(order["fee_fen"]),
        "订单金额": yuan(order["total_fen"]),
        "申请退款金额": "0.00",
    }


def refund_row(world: World, refund: Record) -> Row:
    succeeded = refund["success_at"]
    return _common(world, refund) | {
        "交易时间": bill_time(refund["created_at"]),
        "交易状态": "REFUND",
        "应结订单金额": "0.00",
        "代金券金额": "0.00",
        "微信退款单号": refund["refund_id"],
        "商户退款单号": refund["out_refund_no"],
        "退款金额": yuan(refund["payer_fen"]),
        "退款类型": "ORIGINAL",
        "退款状态": refund["status"],
        "退款申请时间": bill_time(refund["created_at"]),
        "退款成功时间": bill_time(succeeded) if succeeded is not None else "",
        "手续费": fee_text(-refund["fee_back_fen"]),
        "订单金额": "0.00",
        "申请退款金额": yuan(refund["refund_fen"]),
    }


def _common(world: World, record: Record) -> dict[str, Any]:
    return {
        "公众账号ID": world.credentials.app_id,
        "商户号": world.credentials.mch_id,
        "特约商户号": "0",
        "设备号": "",
        "微信订单号": record["transaction_id"],
        "商户订单号": record["out_trade_no"],
        "用户标识": record["openid"],
        "交易类型": record["trade_type"],
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "充值券退款金额": "0.00",
        "商品名称": record["description"],
        "商户数据包": record["attach"],
        "费率": FEE_RATE_TEXT,
        "费率备注": "",
    }
