"""Mandates whose time is over: rows follow the clock, and both sides are told. Nobody waits for this to be refused."""

from datetime import timedelta
from uuid import UUID

from auth.acting.config import ActingSettings
from auth.acting.mandates import locked, move
from auth.acting.states import LIVING, MandateState
from kit import clock, db
from kit.config import current

OVER = """
SELECT id FROM acting_mandate WHERE state = ANY($1::text[])
  AND (valid_to < $2 OR (state = 'asked' AND kind <> 'representative' AND asked_at < $3)) ORDER BY id
"""


async def expire() -> int:
    """Moves what is over to `expired`; how many."""
    unanswered = clock.now() - timedelta(days=current(ActingSettings).answer_days)
    rows = await db.fetch(OVER, [state.value for state in LIVING], clock.today(), unanswered)
    return sum([await _expired(row["id"]) for row in rows])


async def _expired(id: UUID) -> bool:  # noqa: A002 - the id of the mandate
    async with db.transaction():
        mandate = await locked(id)
        if mandate.state not in LIVING:
            return False  # somebody was quicker
        await move(mandate, MandateState.EXPIRED, actor="system", note="its time is over")
    return True
