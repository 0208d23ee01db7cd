"""Refunds: done within the call, once per `out_request_no`, within the limits of the platform."""

from sqlite3 import Row

from miniapp_stub.sandbox.alipay.errors import TradeRefusal
from miniapp_stub.sandbox.alipay.trade import account, notices, parameters
from miniapp_stub.sandbox.alipay.trade.account import Movement
from miniapp_stub.sandbox.alipay.trade.trades import (
    REFUNDABLE_FOR_S,
    Answer,
    Asked,
    find,
    logon_id,
    named,
    ok,
    refunded_fen,
    yuan,
)
from miniapp_stub.sandbox.clock import bill_time
from miniapp_stub.sandbox.world import World

MODE_SETTING = "refund_mode"
OUTCOMES = ("SUCCESS", "CLOSED")


def ask(world: World, asked: Asked) -> Answer:
    """`alipay.trade.refund`: `fund_change` says whether this very call moved money, `refund_fee` what all have so far.

    While refunds are on hold (a bank takes its time) the answer is `N`, and the query has no `refund_status` yet. One
    that failed is tried again under its own number.
    """
    content = parameters.content(asked)
    trade = named(world, content)
    amount = parameters.fen(content, "refund_amount")
    number = _request_no(content, trade=trade, amount=amount)
    known = find_refund(world, trade["out_trade_no"], number)
    if known is not None and (known["status"] != "CLOSED" or known["refund_fen"] != amount):
        return _repeated(world, trade, known=known, amount=amount)
    _check_limits(world, trade, amount=amount)
    reason = parameters.text(content, "refund_reason", most=256, required=False)
    with world.store.transaction():
        _insert(world, trade, number=number, amount=amount, reason=reason)
        if world.store.setting(MODE_SETTING, "auto") != "hold":
            settle(world, trade["out_trade_no"], number, outcome="SUCCESS")
    refund = find_refund(world, trade["out_trade_no"], number)
    assert refund is not None
    return _answer(world, trade, refund=refund, moved=refund["status"] == "SUCCESS")


def query(world: World, asked: Asked) -> Answer:
    """`alipay.trade.fastpay.refund.query`; a refund nobody asked for is answered with success and nothing in it."""
    content = parameters.content(asked)
    trade = named(world, content)
    number = parameters.number(content, "out_request_no", pattern=parameters.OUT_REQUEST_NO)
    refund = find_refund(world, trade["out_trade_no"], number)
    if refund is None:
        return ok({})
    answer: Answer = {
        "out_request_no": number,
        "out_trade_no": trade["out_trade_no"],
        "refund_amount": yuan(refund["refund_fen"]),
        "refund_reason": refund["reason"],
        "total_amount": yuan(trade["total_fen"]),
        "trade_no": trade["trade_no"],
    }
    if refund["status"] == "PROCESSING":
        return ok(answer)
    if refund["status"] == "CLOSED":
        return ok(answer | {"refund_status": "REFUND_FAIL"})
    return ok(answer | {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": bill_time(refund["done_at"])})


def find_refund(world: World, out_trade_no: str, number: str) -> Row | None:
    return world.store.one(
        "SELECT * FROM alipay_refunds WHERE out_trade_no = ? AND out_request_no = ?", out_trade_no, number
    )


def held(world: World) -> list[Row]:
    """Refunds on hold, the oldest first."""
    return world.store.all("SELECT * FROM alipay_refunds WHERE status = 'PROCESSING' ORDER BY created_at")


def settle(world: World, out_trade_no: str, number: str, *, outcome: str) -> Row:
    """Give a refund its outcome; a successful one is announced.

    Raises ValueError when there is no such refund or it has its outcome.
    """
    refund, trade = find_refund(world, out_trade_no, number), find(world, out_trade_no)
    if refund is None or trade is None or outcome not in OUTCOMES:
        raise ValueError(f"no such refund, or outcome not one of {', '.join(OUTCOMES)}")
    if refund["status"] != "PROCESSING":
        raise ValueError(f"the refund is {refund['status']} already")
    with world.store.transaction():
        world.store.run(
            "UPDATE alipay_refunds SET status = ?, done_at = ? WHERE out_trade_no = ? AND out_request_no = ?",
            outcome,
            world.clock.now(),
            out_trade_no,
            number,
        )
        if outcome == "CLOSED":
            _move(world, trade, kinds=("refund_returned", "fee_again"), refund=refund)
        settled = find_refund(world, out_trade_no, number)
        assert settled is not None
        if outcome == "SUCCESS":
            notices.refunded(world, trade, refund=settled)
    return settled


def _request_no(content: dict[str, object], *, trade: Row, amount: int) -> str:
    """A full refund may go without a number, and then has the trade's; a partial one needs its own."""
    if content.get("out_request_no") in (None, ""):
        if amount != trade["total_fen"]:
            raise parameters.wrong("部分退款须传入out_request_no")
        return str(trade["out_trade_no"])
    return parameters.number(content, "out_request_no", pattern=parameters.OUT_REQUEST_NO)


def _repeated(world: World, trade: Row, *, known: Row, amount: int) -> Answer:
    if known["refund_fen"] != amount:
        raise TradeRefusal("ACQ.DISCORDANT_REPEAT_REQUEST")
    return _answer(world, trade, refund=known, moved=False)


def _check_limits(world: World, trade: Row, *, amount: int) -> None:
    if trade["paid_at"] is None:
        raise TradeRefusal("ACQ.TRADE_STATUS_ERROR")
    if world.clock.now() - trade["paid_at"] > REFUNDABLE_FOR_S:
        raise TradeRefusal("ACQ.TRADE_HAS_FINISHED")
    if sum(row["refund_fen"] for row in _counted(world, trade)) + amount > trade["total_fen"]:
        raise TradeRefusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    _, fee_back = _shares(world, trade, amount=amount)
    if amount - fee_back > account.balance_fen(world):
        raise TradeRefusal("ACQ.SELLER_BALANCE_NOT_ENOUGH")


def _insert(world: World, trade: Row, *, number: str, amount: int, reason: str) -> None:
    payer_fen, fee_back = _shares(world, trade, amount=amount)
    world.store.run(
        "INSERT OR REPLACE INTO alipay_refunds (out_trade_no, out_request_no, reason, status, refund_fen, payer_fen,"
        " fee_back_fen, created_at) VALUES (?, ?, ?, 'PROCESSING', ?, ?, ?, ?)",
        trade["out_trade_no"],
        number,
        reason,
        amount,
        payer_fen,
        fee_back,
        world.clock.now(),
    )
    refund = find_refund(world, trade["out_trade_no"], number)
    assert refund is not None
    _move(world, trade, kinds=("refund", "fee_back"), refund=refund)


def _move(world: World, trade: Row, *, kinds: tuple[str, str], refund: Row) -> None:
    """Refund and fee on the account, each on a line of its own; the remark names the refund."""
    for kind, amount in zip(kinds, (refund["refund_fen"], refund["fee_back_fen"]), strict=True):
        account.book(
            world,
            Movement(
                kind, amount, trade["trade_no"], trade["out_trade_no"], trade["subject"],
                logon_id(world, trade["openid"]), refund["out_request_no"],
            ),
        )  # fmt: skip


def _counted(world: World, trade: Row) -> list[Row]:
    """Earlier refunds of the trade that took money or may still take it."""
    return world.store.all(
        "SELECT * FROM alipay_refunds WHERE out_trade_no = ? AND status <> 'CLOSED'", trade["out_trade_no"]
    )


def _shares(world: World, trade: Row, *, amount: int) -> tuple[int, int]:
    """What the buyer gets of this refund, and what the seller gets of the fee: cumulative, so that parts add up."""
    earlier, total = _counted(world, trade), trade["total_fen"]
    so_far = sum(row["refund_fen"] for row in earlier) + amount
    payer_so_far = so_far * (total - trade["coupon_fen"]) // total
    fee_so_far = trade["fee_fen"] - account.fee_fen(total - so_far)
    return (
        payer_so_far - sum(row["payer_fen"] for row in earlier),
        fee_so_far - sum(row["fee_back_fen"] for row in earlier),
    )


def _answer(world: World, trade: Row, *, refund: Row, moved: bool) -> Answer:
    answer: Answer = {
        "buyer_logon_id": logon_id(world, trade["openid"]),
        "buyer_open_id": trade["openid"],
        "fund_change": "Y" if moved else "N",
        "out_trade_no": trade["out_trade_no"],
        "refund_fee": yuan(refunded_fen(world, trade)),
        "trade_no": trade["trade_no"],
    }
    return ok(answer | ({"gmt_refund_pay": bill_time(refund["done_at"])} if refund["done_at"] else {}))
