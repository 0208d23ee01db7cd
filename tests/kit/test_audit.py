import pytest
from asyncpg import InsufficientPrivilegeError

from kit import audit, db

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_acts_of_one_transaction_are_numbered_in_order() -> None:
    async with db.transaction():
        await audit.record(actor="system", action="one", subject="thing:1")
        await audit.record(actor="system", action="two", subject="thing:1", amount_fen=5)
    rows = await db.fetch("SELECT seq, action FROM kit_audit ORDER BY seq")
    assert [(r["seq"], r["action"]) for r in rows] == [(1, "one"), (2, "two")]
    assert await audit.verify() == (2, None)


async def test_an_act_that_is_rolled_back_leaves_no_row() -> None:
    with pytest.raises(LookupError):
        async with db.transaction():
            await audit.record(actor="system", action="never", subject="thing:1")
            raise LookupError
    assert await db.fetch_value("SELECT count(*) FROM kit_audit") == 0


async def test_an_act_after_one_that_was_rolled_back_has_its_row() -> None:
    """A socket's task lives through many transactions: one that fails must not swallow the acts of the next."""
    with pytest.raises(LookupError):
        async with db.transaction():
            await audit.record(actor="system", action="never", subject="thing:1")
            raise LookupError
    await audit.record(actor="system", action="after", subject="thing:1")
    assert [row["action"] for row in await db.fetch("SELECT action FROM kit_audit")] == ["after"]


async def test_a_row_cannot_be_changed_or_removed() -> None:
    await audit.record(actor="system", action="one", subject="thing:1")
    for statement in ("UPDATE kit_audit SET action = 'x'", "DELETE FROM kit_audit", "TRUNCATE kit_audit"):
        with pytest.raises(InsufficientPrivilegeError):
            await db.execute(statement)
    assert await audit.verify() == (1, None)


@pytest.mark.parametrize(
    ("tampering", "place"),
    [
        ("UPDATE kit_audit SET action = 'forged' WHERE seq = 2", 2),
        ("DELETE FROM kit_audit WHERE seq = 2", 2),
        ("DELETE FROM kit_audit WHERE seq = 3", 3),
    ],
)
async def test_tampering_behind_the_guards_is_found_and_located(tampering: str, place: int) -> None:
    for action in ("one", "two", "three"):
        await audit.record(actor="system", action=action, subject="thing:1")
    async with db.transaction():
        await db.execute("ALTER TABLE kit_audit DISABLE TRIGGER ALL")
        await db.execute(tampering)
        await db.execute("ALTER TABLE kit_audit ENABLE TRIGGER ALL")
    _, broken = await audit.verify()
    assert broken is not None
    assert broken.seq == place
