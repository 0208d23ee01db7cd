"""The books against a model: sequences of entries, counter-entries and forbidden things, and not one fen of drift."""

import os
import random
from collections import Counter as Sums
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import clock, db
from kit.ids import new_id
from payments import ledger
from payments.treasury import books

pytestmark = pytest.mark.anyio
SLOW = os.environ.get("SLOW") == "1"
SEQUENCES, OPERATIONS = (2000, 100_000) if SLOW else (40, 1000)
ACCOUNTS = ("channel", "income", "suspense", "treasury", "fee", "returned")
MOST = 10**12

Step = tuple[str, Any]
legs = st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.integers(-MOST, MOST)), min_size=1, max_size=4)
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("post"), legs),
    st.tuples(st.just("counter"), st.integers(0, 49)),
    st.tuples(st.just("again"), st.integers(0, 49)),
    st.tuples(st.just("crooked"), legs),
    st.tuples(st.just("edit"), st.integers(1, MOST)),
    st.tuples(st.just("remember"), st.none()),
)


class Model:
    """What the books must say, kept in a dictionary; accounts of its own, for the books only ever grow."""

    def __init__(self) -> None:
        self.mark = str(new_id())
        self.sums: Sums[str] = Sums()
        self.entries: list[tuple[str, list[tuple[str, int]]]] = []
        self.countered: set[int] = set()
        self.moments: list[tuple[datetime, dict[str, int]]] = []

    def account(self, name: str) -> str:
        return f"{name}:{self.mark}"

    def take(self, reference: str, postings: list[tuple[str, int]]) -> None:
        self.entries.append((reference, postings))
        for account, fen in postings:
            self.sums[account] += fen

    async def post(self, wished: list[tuple[str, int]]) -> None:
        total = sum(fen for _, fen in wished)
        postings = [(self.account(name), fen) for name, fen in [*wished, ("balance", -total)]]
        reference = str(new_id())
        async with db.transaction():
            await ledger.post("test", reference, postings=postings)
        self.take(reference, postings)

    async def counter(self, place: int) -> None:
        """The opposite of an entry, once."""
        if place >= len(self.entries) or place in self.countered:
            return
        reference, postings = self.entries[place]
        async with db.transaction():
            await ledger.counter("undo", reference, of=("test", reference))
        self.countered.add(place)
        for account, fen in postings:
            self.sums[account] -= fen

    async def again(self, place: int) -> None:
        """What is booked is not booked twice."""
        if place >= len(self.entries):
            return
        reference, postings = self.entries[place]
        with pytest.raises(asyncpg.UniqueViolationError):
            async with db.transaction():
                await ledger.post("test", reference, postings=postings)

    async def crooked(self, wished: list[tuple[str, int]]) -> None:
        """An entry whose last posting is a fen short, written behind the verb's back."""
        total, entry = sum(fen for _, fen in wished), new_id()
        with pytest.raises(asyncpg.CheckViolationError):
            async with db.transaction():
                await db.execute(
                    "INSERT INTO payments_ledger_entry (id, at, kind, reference) VALUES ($1, $2, 'test', $3)",
                    entry, clock.now(), str(entry),
                )  # fmt: skip
                for name, fen in [*wished, ("balance", 1 - total)]:
                    await db.execute(
                        "INSERT INTO payments_posting (id, entry_id, account, amount_fen) VALUES ($1, $2, $3, $4)",
                        new_id(), entry, self.account(name), fen,
                    )  # fmt: skip

    async def edit(self, fen: int) -> None:
        if not self.entries:
            return
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(
                "UPDATE payments_posting SET amount_fen = amount_fen + $1 WHERE account LIKE '%' || $2", fen, self.mark
            )

    async def remember(self, _: None) -> None:
        self.moments.append((clock.now(), self.told()))

    def told(self) -> dict[str, int]:
        return dict(self.sums)

    async def agrees(self) -> None:
        """Each account, now and at every moment that was remembered."""
        for at, expected in [*self.moments, (None, self.told())]:
            for account in self.sums:
                assert await ledger.balance(account, at=at) == expected.get(account, 0)
        assert sum(self.sums.values()) == 0

    async def is_all_there_is(self) -> None:
        """The same by the balances of all accounts at once, and by the trial balance."""
        for at, expected in [*self.moments, (None, self.told())]:
            assert await ledger.balances(at) == expected
        assert {account.name: account.balance_fen for account in await books.trial_balance()} == self.told()


@settings(
    max_examples=SEQUENCES, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(sequence=st.lists(steps, max_size=50))
async def test_any_sequence_leaves_the_books_as_the_model_has_them(database: str, sequence: list[Step]) -> None:
    model = Model()
    for what, value in sequence:
        await getattr(model, what)(value)
    await model.agrees()
    if not SLOW:
        assert await ledger.unbalanced_entries() == 0


async def test_a_great_many_random_entries_drift_by_no_fen(database: str) -> None:
    dice, model = random.Random(20261121), Model()
    for number in range(OPERATIONS):
        if number % 10 == 9:
            await model.counter(dice.randrange(len(model.entries)))
        else:
            many = dice.randrange(1, 4)
            await model.post([(dice.choice(ACCOUNTS), dice.randrange(-MOST, MOST)) for _ in range(many)])
        if number == OPERATIONS // 2:
            await model.remember(None)
    await model.agrees()
    await model.is_all_there_is()
    assert await ledger.unbalanced_entries() == 0
    assert await db.fetch_value("SELECT sum(amount_fen)::bigint FROM payments_posting") == 0
