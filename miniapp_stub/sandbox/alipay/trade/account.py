"""The seller's balance account: every movement with the balance after it, and the fee."""

import secrets
from dataclasses import dataclass
from sqlite3 import Row

from miniapp_stub.sandbox.clock import beijing
from miniapp_stub.sandbox.world import World

FEE_PER_TEN_THOUSAND = 60
INCOME, EXPENSE = "+", "-"
KINDS = {
    "payment": ("在线支付", INCOME),
    "fee": ("收费", EXPENSE),
    "refund": ("交易退款", EXPENSE),
    "fee_back": ("服务费退回", INCOME),
    "refund_returned": ("退款失败退回", INCOME),
    "fee_again": ("收费", EXPENSE),
    "top_up": ("充值", INCOME),
    "withdrawal": ("提现", EXPENSE),
}
"""Kind of movement → 业务类型, and whether the balance grows."""


@dataclass(frozen=True)
class Movement:
    """One line of the account; the numbers are empty for the seller's own money."""

    kind: str
    amount_fen: int
    trade_no: str = ""
    out_trade_no: str = ""
    subject: str = ""
    other_side: str = ""
    remark: str = ""


def fee_fen(settled_fen: int) -> int:
    """0.60 % of the settled money, rounded half up to whole fen."""
    return (settled_fen * FEE_PER_TEN_THOUSAND + 5_000) // 10_000


def balance_fen(world: World) -> int:
    row = world.store.one("SELECT balance_fen FROM alipay_flows ORDER BY id DESC LIMIT 1")
    return int(row["balance_fen"]) if row else 0


def book(world: World, movement: Movement) -> None:
    """Write a movement and the balance after it; a movement of nothing leaves no line."""
    if not movement.amount_fen:
        return
    income = KINDS[movement.kind][1] == INCOME
    world.store.run(
        "INSERT INTO alipay_flows (at, flow_no, trade_no, out_trade_no, subject, other_side, kind, amount_fen,"
        " balance_fen, remark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        world.clock.now(),
        f"{secrets.randbelow(10**15):015d}",
        movement.trade_no,
        movement.out_trade_no,
        movement.subject,
        movement.other_side,
        movement.kind,
        movement.amount_fen,
        balance_fen(world) + (movement.amount_fen if income else -movement.amount_fen),
        movement.remark,
    )


def movements(world: World, *, start: float, end: float) -> list[Row]:
    return world.store.all("SELECT * FROM alipay_flows WHERE at >= ? AND at < ? ORDER BY id", start, end)


def new_trade_no(at: float) -> str:
    """28 digits: the Beijing day, a fixed middle, chance."""
    return f"{beijing(at):%Y%m%d}2200{secrets.randbelow(10**16):016d}"
