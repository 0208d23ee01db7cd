"""Red-letter receipts: all of a receipt is taken back, what remains paid gets a new one, nothing is edited."""

from uuid import UUID

import pytest
from asyncpg import InsufficientPrivilegeError
from tortoise.exceptions import OperationalError

from kit import db
from kit.errors import NotFound
from kit.ids import new_id
from payments import receipts
from payments.errors import ReceiptReversed, RefundExceedsPaid
from payments.models import Receipt
from payments.receipts.reversing import left_of
from tests.payments.wire.channel import Postman, notice, transaction
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio
BY = "staff:somebody"


async def paid(counter: Counter, post: Postman, *, fen: int = 20000) -> Receipt:
    order = await counter.order(await counter.citizen(), await counter.bill(fen=fen))
    await post.deliver(notice(transaction(order)))
    return await Receipt.get(order_id=order["id"])


def line(place: str, fen: int) -> dict[str, object]:
    return {"place": place, "name": {"zh": place, "en": None}, "amount_fen": fen}


async def test_a_full_refund_leaves_a_red_letter_receipt_alone(counter: Counter, post: Postman) -> None:
    blue, refund = await paid(counter, post), new_id()
    red = await Receipt.get(id=await receipts.reverse(blue.id, refund=refund, amount_fen=20000, by=BY))
    await blue.refresh_from_db()
    assert (blue.status, blue.amount_fen) == ("reversed", 20000)
    assert (red.status, red.amount_fen, red.reverses, red.refund) == ("red", -20000, blue.id, refund)
    assert [entry["amount_fen"] for entry in red.lines] == [-20000]
    assert red.number is not None and blue.number is not None and int(red.number) > int(blue.number)
    assert await Receipt.all().count() == 2


async def test_what_remains_paid_gets_a_receipt_of_its_own(counter: Counter, post: Postman) -> None:
    blue = await paid(counter, post)
    red = await receipts.reverse(blue.id, refund=new_id(), amount_fen=5000, by=BY)
    remainder = await Receipt.get(replaces=blue.id)
    assert (remainder.status, remainder.amount_fen) == ("issued", 15000)
    assert [entry["amount_fen"] for entry in remainder.lines] == [15000]
    again = await receipts.reverse(blue.id, refund=new_id(), amount_fen=15000, by=BY)
    assert (await Receipt.get(id=again)).reverses == remainder.id
    assert await db.fetch_value("SELECT sum(amount_fen)::bigint FROM payments_receipt") == 20000 - 20000 + 15000 - 15000
    assert red != again
    with pytest.raises(ReceiptReversed):
        await receipts.reverse(blue.id, refund=new_id(), amount_fen=1, by=BY)
    assert await Receipt.all().count() == 4


async def test_the_same_refund_reverses_once(counter: Counter, post: Postman) -> None:
    blue, refund = await paid(counter, post), new_id()
    first = await receipts.reverse(blue.id, refund=refund, amount_fen=5000, by=BY)
    assert await receipts.reverse(blue.id, refund=refund, amount_fen=5000, by=BY) == first
    assert await Receipt.all().count() == 3


async def test_more_than_stands_on_it_is_never_taken_back(counter: Counter, post: Postman) -> None:
    blue = await paid(counter, post)
    for fen in (20001, 0, -1):
        with pytest.raises(RefundExceedsPaid):
            await receipts.reverse(blue.id, refund=new_id(), amount_fen=fen, by=BY)
    with pytest.raises(NotFound):
        await receipts.reverse(UUID(int=1), refund=new_id(), amount_fen=1, by=BY)
    assert [r.status for r in await Receipt.all()] == ["issued"]


@pytest.mark.parametrize("change", ["amount_fen = 1", "lines = '[]'", "number = '0'", "issuer = 'x'"])
async def test_the_database_edits_no_receipt(counter: Counter, post: Postman, change: str) -> None:
    blue = await paid(counter, post)
    with pytest.raises((InsufficientPrivilegeError, OperationalError), match="reversed, never edited"):
        await db.execute(f"UPDATE payments_receipt SET {change} WHERE id = $1", blue.id)
    with pytest.raises((InsufficientPrivilegeError, OperationalError), match="reversed, never edited"):
        await db.execute("DELETE FROM payments_receipt")


async def test_what_is_named_goes_back_first_and_the_rest_from_the_last_line_up() -> None:
    lines = [line("1", 100), line("2", 50), line("surcharge", 30)]
    assert [e["amount_fen"] for e in left_of(lines, amount_fen=30, named={})] == [100, 50]
    assert [e["amount_fen"] for e in left_of(lines, amount_fen=40, named={})] == [100, 40]
    assert [e["amount_fen"] for e in left_of(lines, amount_fen=100, named={"1": 100})] == [50, 30]
    assert [e["amount_fen"] for e in left_of(lines, amount_fen=120, named={"1": 60, "": 60})] == [40, 20]
    assert left_of(lines, amount_fen=180, named={"2": 1}) == []
