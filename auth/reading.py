"""
Reading about people leaves a trace, and has a measure: a clerk needs some tens an hour, whoever carries data away needs
them all.

Looking at a list leaves one row; asking for the same list again within ten minutes, as a page that renews itself does,
is the same look. Every staff member may open so many different people an hour (`HANDHELD_PEOPLE_READ_PER_HOUR`); those
opened within the hour may be opened again. The first refusal of an hour is reported: a row in the log, and an event.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

from auth.config import AuthSettings
from auth.errors import TooManyPeopleRead
from auth.events import BulkReading
from kit import audit, clock, db, events
from kit.config import current
from kit.web import Actor

WINDOW = timedelta(hours=1)

LATELY = """
SELECT count(*) AS people, min(at) AS oldest, bool_or(citizen_id = $2) AS known
FROM auth_person_read WHERE staff_id = $1 AND at > $3
"""
OPENED = """
INSERT INTO auth_person_read (staff_id, citizen_id, at) VALUES ($1, $2, $3)
ON CONFLICT (staff_id, citizen_id) DO UPDATE SET at = $3
"""


async def let_read(actor: Actor, citizen: UUID) -> None:
    """
    Counts that a staff member opens something of this citizen. Outside of any transaction, so that a report stays.

    Raises: TooManyPeopleRead.
    """
    if actor.kind != "staff":
        return
    assert not db.transaction_is_open(), "a refusal would take its own report back"
    now, allowed = clock.now(), current(AuthSettings).people_read_per_hour
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 9))", f"reading:{actor.id}")
        seen = (await db.fetch(LATELY, actor.id, citizen, now - WINDOW))[0]
        fine = bool(seen["known"]) or seen["people"] < allowed
        if fine and not seen["known"]:
            await db.execute(OPENED, actor.id, citizen, now)
        elif not fine:
            await _report(actor, people=seen["people"], now=now)
    if not fine:
        raise TooManyPeopleRead(_seconds_left(seen["oldest"], now))


def _seconds_left(oldest: datetime, now: datetime) -> int:
    return max(1, round((oldest + WINDOW - now).total_seconds()))


async def _report(actor: Actor, *, people: int, now: datetime) -> None:
    told = "SELECT 1 FROM kit_audit WHERE actor = $1 AND action = 'reading.limited' AND at > $2 LIMIT 1"
    if await db.fetch_value(told, actor.name, now - WINDOW):
        return
    await audit.record(actor=actor.name, action="reading.limited", subject=f"staff:{actor.id}", people=people)
    await events.publish(BulkReading(staff=actor.id, people=people))


async def purge() -> int:
    """Forgets what was opened more than a day ago; how many rows."""
    return await db.execute("DELETE FROM auth_person_read WHERE at < $1", clock.now() - timedelta(days=1))


ONE_LOOK_S = 600.0
_looked: dict[tuple[UUID, str, str], float] = {}


async def note_look(actor: Actor, kind: str, *, purpose: str, **asked: str) -> None:
    """One row for a look at a list: what kind of list, why, and how it was narrowed; never what stood in it."""
    if actor.kind != "staff":
        return
    key, now = (actor.id, kind, repr(sorted(asked.items()))), time.monotonic()
    if now - _looked.get(key, -ONE_LOOK_S) < ONE_LOOK_S:
        return
    await audit.record(actor=actor.name, action=f"{kind}.listed", subject=f"staff:{actor.id}", purpose=purpose, **asked)
    if len(_looked) > 10_000:
        _looked.clear()
    _looked[key] = now
