"""Sharing to the last fen, handing on to the treasuries, and books that prove themselves."""

import json
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kit import clock, db
from kit.config import BadConfiguration
from kit.texts import text
from payments import ledger, refunds
from payments.errors import SecondPersonNeeded, SharingRuleStands
from payments.events import DayReconciled
from payments.states import RefundState
from payments.treasury import board, books, fees, handing, sharing
from payments.treasury.lifespan import refuse_powerful_role
from payments.treasury.sharing import WHOLE, Share
from tests.payments.wire.channel import FakeWechatPay, Postman
from tests.payments.wire.conftest import Counter
from tests.payments.wire.test_refunds import LI, WANG, ask, order_state, paid, state_of

pytestmark = pytest.mark.anyio
BASIS = text("省财政厅 2026 年分成办法", "Sharing rules of the province, 2026")
ITEM = "103050101"


def share(level: str, millionths: int, account: str = "") -> Share:
    return Share(level=level, treasury=f"T-{level}", account=account, millionths=millionths)


THREE = [share("central", 500_000), share("province", 300_000), share("county", 200_000, "ZH-7")]


async def rule(*shares: Share, on: date | None = None, item: str = ITEM) -> None:
    await sharing.set_rule("JJ", item, effective_on=on or date(2026, 1, 1), shares=shares, basis=BASIS, by=WANG)


async def hand_over_all() -> list[str]:
    """Hands on everything that was booked until now."""
    return await handing.hand_over(clock.now(), by=LI)


@pytest.mark.parametrize(
    ("fen", "millionths", "expected"),
    [
        (100, (500_000, 300_000, 200_000), [50, 30, 20]),
        (1, (500_000, 300_000, 200_000), [1, 0, 0]),
        (7, (500_000, 300_000, 200_000), [4, 2, 1]),
        (10, (333_333, 333_333, 333_334), [3, 3, 4]),
        (2, (250_000, 250_000, 500_000), [0, 1, 1]),  # a tie: the lower level first
        (0, (500_000, 300_000, 200_000), [0, 0, 0]),
    ],
)
def test_what_does_not_divide_goes_to_the_largest_remainder(
    fen: int, millionths: tuple[int, ...], expected: list[int]
) -> None:
    levels = ("central", "province", "county")
    shares = [share(level, part) for level, part in zip(levels, millionths, strict=True)]
    assert sharing.split(fen, shares=shares) == expected


@given(st.integers(0, 10**13), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_shares_add_up_to_the_last_fen_and_none_is_a_fen_off(fen: int, weights: list[int]) -> None:
    parts = [max(1, weight * WHOLE // sum(weights)) for weight in weights]
    parts[parts.index(max(parts))] += WHOLE - sum(parts)
    shares = [share(sharing.LEVELS[place % 4], part) for place, part in enumerate(parts)]
    given_out = sharing.split(fen, shares=shares)
    assert sum(given_out) == fen
    for got, part in zip(given_out, parts, strict=True):
        assert abs(got * WHOLE - fen * part) < WHOLE, "less than a fen from the exact share"


async def test_the_rule_of_the_day_shares_and_an_items_own_comes_first(counter: Counter) -> None:
    await rule(share("county", WHOLE), item="", on=date(2026, 1, 1))
    await rule(*THREE, on=date(2026, 3, 1))
    await rule(share("city", WHOLE), on=date(2026, 6, 1))

    async def levels(item: str, day: date) -> list[str] | None:
        found = await sharing.rule_for("JJ", item, day=day)
        return [one["level"] for one in found["shares"]] if found else None

    assert await levels(ITEM, date(2025, 12, 31)) is None
    assert await levels(ITEM, date(2026, 2, 28)) == ["county"]
    assert await levels(ITEM, date(2026, 3, 1)) == ["central", "province", "county"]
    assert await levels(ITEM, date(2026, 6, 1)) == ["city"]
    assert await levels("999", date(2026, 6, 1)) == ["county"]
    with pytest.raises(SharingRuleStands):
        await rule(share("province", WHOLE), on=date(2026, 6, 1))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("UPDATE treasury_sharing_rule SET effective_on = effective_on")
    assert len(await board.rules()) == 3


async def test_what_was_collected_is_handed_on_once_and_net(counter: Counter, post: Postman) -> None:
    await paid(counter, post, await counter.bill(fen=10001))
    assert await hand_over_all() == [f"income:JJ:{ITEM}"], "nobody shares it yet, so it stays"
    assert await ledger.balance(f"income:JJ:{ITEM}") == -10001
    await rule(*THREE)
    until = clock.now()
    for _ in range(2):
        assert await handing.hand_over(until, by=LI) == []
    assert await ledger.balances() == {
        "channel:wechat": 10001, f"income:JJ:{ITEM}": 0, f"treasury:central:T-central::{ITEM}": -5001,
        f"treasury:county:T-county:ZH-7:{ITEM}": -2000, f"treasury:province:T-province::{ITEM}": -3000,
    }  # fmt: skip
    (handed,) = await board.handed_over()
    assert (handed.amount_fen, sum(one.amount_fen for one in handed.shares)) == (10001, 10001)
    with pytest.raises(SharingRuleStands):
        await rule(share("city", WHOLE), on=clock.today() - timedelta(days=3))


async def test_what_was_handed_on_comes_back_by_the_treasury_in_the_same_shares(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    await rule(*THREE)
    payment = await paid(counter, post, await counter.bill(fen=10001))
    early = await ask(payment, 1)
    await hand_over_all()
    refund = await ask(payment, 10000)
    assert await refunds.approve(early, by=LI) is RefundState.HANDED_OVER, "asked before, decided after"
    assert await refunds.approve(refund, by=LI) is RefundState.HANDED_OVER
    await refunds.complete(refund, voucher="TF-1", done=True, by=LI)
    await refunds.complete(early, voucher="TF-2", done=False, by=LI)
    assert (await state_of(refund), await state_of(early), fake.refunded) == ("succeeded", "closed", {})
    assert await order_state(payment) == "paid"
    assert await ledger.balances() == {
        "channel:wechat": 10001, f"income:JJ:{ITEM}": 0, "returned:treasury": -10000, "suspense:refunding": 0,
        f"treasury:central:T-central::{ITEM}": -1, f"treasury:county:T-county:ZH-7:{ITEM}": 0,
        f"treasury:province:T-province::{ITEM}": 0,
    }  # fmt: skip


async def test_fees_are_booked_apart_and_again_only_what_changed(counter: Counter) -> None:
    async def reconciled(millis: int) -> None:
        await db.execute(
            "INSERT INTO payments_reconciliation_run (id, channel, day, state, attempt, started_at, matched, totals) "
            "VALUES (gen_random_uuid(), 'wechat', '2026-11-20', 'balanced', 1, now(), 0, $1::jsonb) "
            "ON CONFLICT (channel, day) DO UPDATE SET totals = excluded.totals",
            json.dumps({"fees": millis}),
        )
        async with db.transaction():
            await fees.book(DayReconciled("wechat", "2026-11-20", "balanced", 0))

    for fen, entries in ((120, 1), (120, 1), (100, 2)):
        await reconciled(fen)
        assert await ledger.balances() == {"fee:wechat": fen, "fee_payable:wechat": -fen}
        assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry") == entries


async def test_sealed_days_are_proven_byte_for_byte_and_a_changed_fen_is_found(counter: Counter, post: Postman) -> None:
    await paid(counter, post, await counter.bill())
    assert await books.seal_days() == [], "today is not over"
    with clock.moved(timedelta(days=2)):
        await paid(counter, post, await counter.bill(code="44010526000000000018"))
        sealed = await books.seal_days()
        assert len(sealed) == 2
        assert await books.seal_days() == []
        proof = await books.watch()
        assert (proof.holds, proof.days) == (True, 2)
        seals = await db.fetch("SELECT day, digest FROM treasury_book_seal ORDER BY day")
        first = await books.computed(seals[0]["day"], previous=books.FIRST)
        assert first.digest == seals[0]["digest"]
        assert (first.entries, first.balances) == (1, {"channel:wechat": 20000, f"income:JJ:{ITEM}": -20000})
        await tamper("UPDATE payments_posting SET amount_fen = amount_fen + sign(amount_fen)::int WHERE entry_id = "
                     "(SELECT id FROM payments_ledger_entry ORDER BY at LIMIT 1)")  # fmt: skip
        assert await ledger.unbalanced_entries() == 0, "whoever does it keeps the sum"
        found = await books.watch()
        assert (found.holds, found.first_wrong) == (False, seals[0]["day"])
        assert await db.fetch_value("SELECT reference FROM payments_exception WHERE kind = 'books_drift'") == str(
            seals[0]["day"]
        )


async def tamper(statement: str) -> None:
    """As the owner of the database could."""
    for able in ("DISABLE", "ENABLE"):
        await db.execute(f"ALTER TABLE payments_posting {able} TRIGGER ALL")
        if able == "DISABLE":
            await db.execute(statement)


async def test_balances_and_movements_are_known_for_any_past_moment(counter: Counter, post: Postman) -> None:
    payment = await paid(counter, post, await counter.bill(fen=3000))
    between = clock.now()
    with clock.moved(timedelta(hours=1)):
        refund = await ask(payment, 1000)
        await refunds.approve(refund, by=LI)
        await refunds.advance(refund)
        past, now = await board.trial_balance(between), await board.trial_balance(None)
        told = await board.statement("channel:wechat", since=None, until=None, limit=1, after=None)
        rest = await board.statement(
            "channel:wechat", since=None, until=None, limit=9, after=(told.items[0].at, told.items[0].id)
        )

    def by_name(found: Any) -> dict[str, int]:
        return {account.account: account.balance_fen for account in found.accounts}

    assert by_name(past) == {"channel:wechat": 3000, f"income:JJ:{ITEM}": -3000}
    assert by_name(now) == {"channel:wechat": 2000, f"income:JJ:{ITEM}": -2000, "suspense:refunding": 0}
    assert (past.balanced, now.balanced, now.debit_fen) == (True, True, now.credit_fen)
    moved = [(m.kind, m.amount_fen, m.balance_fen) for m in [*told.items, *rest.items]]
    assert moved == [("payment", 3000, 3000), ("refund", -1000, 2000)]
    assert (told.opening_fen, told.closing_fen, told.next_cursor is None) == (0, 2000, False)


async def test_nobody_is_served_over_a_role_that_could_change_the_books(database: str) -> None:
    with pytest.raises(BadConfiguration, match="--app-role"):
        await refuse_powerful_role()


@pytest.mark.parametrize("days", [(0, 1), (1, 0)])
async def test_days_handed_on_later_or_out_of_order_are_handed_on_once(
    counter: Counter, post: Postman, days: tuple[int, int]
) -> None:
    await rule(*THREE)
    await paid(counter, post, await counter.bill(fen=10001))
    today = clock.today()
    with clock.moved(timedelta(days=5)):
        for late in days:
            assert await handing.hand_over(books.span_of(today + timedelta(days=late))[1], by=LI) == []
    assert await ledger.balance(f"income:JJ:{ITEM}") == 0
    assert [one.amount_fen for one in await board.handed_over()] == [10001]


async def test_what_was_refunded_since_is_not_handed_on(counter: Counter, post: Postman) -> None:
    await rule(*THREE)
    payment = await paid(counter, post, await counter.bill(fen=10001))
    until = clock.now()
    await refunds.approve(await ask(payment, 10000), by=LI)
    await handing.hand_over(until, by=LI)
    assert [one.amount_fen for one in await board.handed_over()] == [1]
    assert await ledger.balance(f"income:JJ:{ITEM}") == 0


async def test_who_sets_the_shares_does_not_hand_money_on_by_them(counter: Counter, post: Postman) -> None:
    await rule(*THREE)
    await paid(counter, post, await counter.bill(fen=10001))
    with pytest.raises(SecondPersonNeeded):
        await handing.hand_over(clock.now(), by=WANG)
    assert (await board.handed_over(), await ledger.balance(f"income:JJ:{ITEM}")) == ([], -10001)


@pytest.mark.parametrize("wrong", [0, -1, 0.5, 1e30, "1000000", True, None])
def test_a_share_is_a_whole_number_of_millionths(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        Share(level="city", treasury="T", millionths=wrong)
