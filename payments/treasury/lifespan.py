"""What the books need while the office is open: their jobs known to the worker, and a role that cannot change them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit import db
from kit.config import BadConfiguration, current
from payments.config import PaymentSettings
from payments.treasury import jobs

assert jobs, "imported so that the worker knows the jobs"

CHANGES = """
SELECT table_name FROM unnest(ARRAY['payments_ledger_entry', 'payments_posting', 'treasury_book_seal']) AS table_name
WHERE has_table_privilege(table_name, 'UPDATE') OR has_table_privilege(table_name, 'DELETE')
  OR has_table_privilege(table_name, 'TRUNCATE') ORDER BY 1
"""


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """In production nobody is served over a role that could change the books. Raises BadConfiguration."""
    if serving and not current(PaymentSettings).demo:
        await refuse_powerful_role()
    yield


async def refuse_powerful_role() -> None:
    """Raises BadConfiguration when the database's role we run as may change or remove what was booked."""
    found = await db.fetch(CHANGES)
    if found:
        raise BadConfiguration(
            f"the database role the program runs as may change {found[0][0]}; run `handheld migrate --app-role NAME` "
            "as the owner and let HANDHELD_DATABASE_URL name that role"
        )
