"""A difference to work on and a signed statement, for the access matrix: both are the office's, and finance's alone."""

from uuid import UUID, uuid4

import asyncpg

from kit import db
from tests.attacks.things import BODIES, NOUNS, PARTS, World
from tests.flows.town import Town

DAY = "2020-01-01"  # before there was anything else in the books
BODIES |= {
    "POST /differences/{id}/proposal": {"action": "explain", "note": "access matrix"},
    "POST /differences/{id}/approval": {"proposal": str(UUID(int=0)), "approve": False, "note": "access matrix"},
    "POST /days/{day}/reopening": {"reason": "access matrix"},
    "POST /days/{day}/reopening-approval": {"approve": False},
}
PARTS["day"] = DAY

ENTRY = """
INSERT INTO payments_ledger_entry (id, at, kind, reference)
VALUES (gen_random_uuid(), '2020-01-01T04:00:00Z', 'payment', 'access matrix') RETURNING id"""
POSTINGS = """
INSERT INTO payments_posting (id, entry_id, account, amount_fen)
VALUES (gen_random_uuid(), $1, 'channel:counter', 1), (gen_random_uuid(), $1, 'income:GA:103050101', -1)"""


async def finances(made: World, town: Town) -> None:
    """An exception that waits for somebody; a day long past with a fen in it, closed and signed."""
    finance, raw = made.people["finance"], await asyncpg.connect(**db.credentials(made.database_url))
    try:
        exception = uuid4()
        await raw.execute(
            "INSERT INTO payments_exception (id, kind, channel, reference, detail, opened_at) "
            "VALUES ($1, 'unresolved', 'wechat', $2, '{}', now())",
            exception, f"MATRIX{exception.hex[:8]}",
        )  # fmt: skip
        if not await raw.fetchval("SELECT 1 FROM payments_ledger_entry WHERE reference = 'access matrix'"):
            async with raw.transaction():
                entry = await raw.fetchval(ENTRY)
                await raw.execute(POSTINGS, entry)
    finally:
        await raw.close()
    day = await finance.ask("GET", f"/days/{DAY}")
    if day["state"] != "closed":
        day = await finance.ask("POST", f"/days/{DAY}/close", json={})
    made.put("differences", str(exception), "finance", "auditor")
    made.put("statements", day["papers"][0]["id"], "finance", "auditor")


NOUNS |= {"differences": finances, "statements": finances}
