"""The books: they balance by constraint, only grow, and no fraction of a fen comes near them."""

import ast
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

import payments
from kit import clock, db
from kit.ids import new_id
from payments import ledger
from tests.payments.wire.channel import Postman, notice, transaction
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio


async def entry(*fens: int) -> None:
    """An entry written behind the verb's back."""
    async with db.transaction():
        number = new_id()
        await db.execute(
            "INSERT INTO payments_ledger_entry (id, at, kind, reference) VALUES ($1, now(), 'test', $2)",
            number,
            str(number),
        )
        for fen in fens:
            await db.execute(
                "INSERT INTO payments_posting (id, entry_id, account, amount_fen) VALUES ($1, $2, 'a', $3)",
                new_id(), number, fen,
            )  # fmt: skip


@pytest.mark.parametrize("fens", [(), (0,), (100,), (100, -99), (100, 100, -199)])
async def test_an_entry_that_does_not_balance_is_not_committed(database: str, fens: tuple[int, ...]) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await entry(*fens)
    assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry") == 0


async def test_rows_of_the_books_are_never_changed_or_joined_later(database: str) -> None:
    await entry(100, -100)
    for statement in (
        "UPDATE payments_posting SET amount_fen = amount_fen + 1",
        "DELETE FROM payments_posting",
        "TRUNCATE payments_posting",
        "UPDATE payments_ledger_entry SET at = now()",
        "DELETE FROM payments_ledger_entry",
        "TRUNCATE payments_ledger_entry CASCADE",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(
            "INSERT INTO payments_posting (id, entry_id, account, amount_fen) "
            "SELECT gen_random_uuid(), id, 'a', 0 FROM payments_ledger_entry"
        )
    assert await ledger.unbalanced_entries() == 0


async def test_a_balance_is_known_for_any_past_moment(counter: Counter, post: Postman) -> None:
    citizen, before = await counter.citizen(), clock.now()
    await post.deliver(notice(transaction(await counter.held(citizen, await counter.bill()))))
    between = clock.now()
    with clock.moved(timedelta(hours=1)):
        second = await counter.held(citizen, await counter.bill(code="44010526000000000018", fen=500))
        await post.deliver(notice(transaction(second)))
    assert await ledger.balance("channel:wechat", at=before) == 0
    assert await ledger.balance("channel:wechat", at=between) == 20000
    assert await ledger.balance("channel:wechat") == 20500
    assert await ledger.balance("income:JJ:103050101") == -20500


async def test_refunds_of_a_payment_never_exceed_it(counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    await post.deliver(notice(transaction(order)))
    insert = (
        "INSERT INTO payments_refund (id, number, payment_id, order_id, amount_fen, reason, state, requested_by, "
        "approved_by, requested_at, checks) SELECT gen_random_uuid(), $1, id, order_id, $2, 'other', 'requested', 'x', "
        "'y', now(), 0 "
        "FROM payments_payment"
    )
    await db.execute(insert, "R1", 15000)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(insert, "R2", 5001)
    await db.execute(insert, "R3", 5000)
    assert await db.fetch_value("SELECT sum(amount_fen)::bigint FROM payments_refund") == 20000


async def test_one_bill_has_one_issued_receipt_and_one_holding_order(counter: Counter, post: Postman) -> None:
    bill = await counter.bill()
    order = await counter.held(await counter.citizen(), bill)
    await post.deliver(notice(transaction(order)))
    with pytest.raises(asyncpg.UniqueViolationError):
        await db.execute(
            "INSERT INTO payments_receipt (id, code, number, check_code, verify_code, bill_id, order_id, amount_fen, "
            "lines, issuer, status, issued_at) SELECT gen_random_uuid(), code, 'x', 'x', 'x', bill_id, order_id, "
            "amount_fen, lines, issuer, status, issued_at FROM payments_receipt"
        )
    await db.execute("UPDATE payments_bill SET state = 'unpaid', paid_at = NULL WHERE id = $1", bill.id)
    with pytest.raises(IntegrityError):
        await counter.held(await counter.citizen("13800000009"), bill)


def test_no_float_comes_near_money() -> None:
    """Neither the type nor true division nor a literal with a point, except seconds of timeouts and clocks."""
    allowed = {
        "wechatpay_wire.py",
        "wechatpay.py",
        "callbacks.py",
        "line.py",
        "alipay.py",
    }  # deadlines of calls, in seconds
    for path in Path(payments.__file__).parent.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            assert not isinstance(node, ast.Div), where
            if path.name not in allowed:
                assert not (isinstance(node, ast.Name) and node.id == "float"), where
                assert not (isinstance(node, ast.Constant) and type(node.value) is float), where
