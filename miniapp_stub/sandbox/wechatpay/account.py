"""The merchant's basic account: every movement with the balance after it, and the fee."""

import secrets
from dataclasses import dataclass
from sqlite3 import Row

from miniapp_stub.sandbox.clock import beijing
from miniapp_stub.sandbox.world import World

FEE_PER_TEN_THOUSAND = 60
FEE_RATE_TEXT = "0.60%"

INCOME, EXPENSE = "收入", "支出"
KINDS = {
    "payment": ("交易", INCOME),
    "fee": ("扣除交易手续费", EXPENSE),
    "refund": ("退款", EXPENSE),
    "fee_back": ("退回交易手续费", INCOME),
    "refund_returned": ("退款失败退回", INCOME),
    "fee_again": ("扣除交易手续费", EXPENSE),
    "top_up": ("充值", INCOME),
    "withdrawal": ("提现", EXPENSE),
}
"""Kind of movement → 业务名称 and 业务类型 (the same words), 收支类型."""


@dataclass(frozen=True)
class Movement:
    """One line of the account: `business_no` is WeChat Pay's number, `voucher` the merchant's paper for it."""

    kind: str
    amount_fen: int
    business_no: str
    voucher: str = ""
    remark: str = ""


def fee_fen(settled_fen: int) -> int:
    """0.60 % of the settled money, rounded half up to whole fen."""
    return (settled_fen * FEE_PER_TEN_THOUSAND + 5_000) // 10_000


def balance_fen(world: World) -> int:
    row = world.store.one("SELECT balance_fen FROM flows ORDER BY id DESC LIMIT 1")
    return int(row["balance_fen"]) if row else 0


def book(world: World, movement: Movement) -> None:
    """Write a movement and the balance after it; a movement of nothing leaves no line."""
    if not movement.amount_fen:
        return
    income = KINDS[movement.kind][1] == INCOME
    now = world.clock.now()
    world.store.run(
        "INSERT INTO flows (at, business_no, flow_no, kind, amount_fen, balance_fen, remark, voucher)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        now,
        movement.business_no,
        numbered("1900", now, digits=31),
        movement.kind,
        movement.amount_fen,
        balance_fen(world) + (movement.amount_fen if income else -movement.amount_fen),
        movement.remark,
        movement.voucher,
    )


def movements(world: World, *, start: float, end: float) -> list[Row]:
    return world.store.all("SELECT * FROM flows WHERE at >= ? AND at < ? ORDER BY id", start, end)


def numbered(prefix: str, at: float, *, digits: int) -> str:
    """A platform number: prefix, Beijing day, random digits, `digits` long in all."""
    head = f"{prefix}{beijing(at):%Y%m%d}"
    return head + "".join(secrets.choice("0123456789") for _ in range(digits - len(head)))
