"""
Seats: taken and given back by the database. Two people never get the last one.

A slot's row is made when it is first wanted. Whoever needs several rows locks slots by their ids before a booking, and
whoever acts for one person holds that person's lock first: nobody waits in a circle.
"""

from collections.abc import Iterable
from uuid import UUID

from kit import db
from kit.ids import new_id
from mobileapi.bookings.errors import SlotClosed, SlotFull
from mobileapi.bookings.openings import Opening

MAKE = """
INSERT INTO bookings_slot (id, window_id, starts_at, ends_at, seats, taken, closed_by, close_reason)
VALUES ($1, $2, $3, $4, $5, 0, '', '') ON CONFLICT (window_id, starts_at) DO NOTHING
"""
TAKE = "UPDATE bookings_slot SET taken = taken + 1 WHERE id = $1 AND taken < seats AND closed_at IS NULL"


async def row_of(opening: Opening) -> UUID:
    """The id of the slot's row, made when it was not there."""
    line = opening.line
    await db.execute(MAKE, new_id(), line.id, opening.starts_at, opening.ends_at, line.seats)
    found: UUID = await db.fetch_value(
        "SELECT id FROM bookings_slot WHERE window_id = $1 AND starts_at = $2", line.id, opening.starts_at
    )
    return found


async def lock(slots: Iterable[UUID]) -> None:
    """Holds the rows until the open transaction ends, in the order of their ids."""
    await db.fetch("SELECT 1 FROM bookings_slot WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE", list(slots))


async def take(slot: UUID) -> None:
    """Raises SlotFull, SlotClosed."""
    if not await db.execute(TAKE, slot):
        closed = await db.fetch_value("SELECT closed_at FROM bookings_slot WHERE id = $1", slot)
        raise SlotClosed if closed is not None else SlotFull


async def give_back(slot: UUID) -> None:
    await db.execute("UPDATE bookings_slot SET taken = taken - 1 WHERE id = $1", slot)


async def hold_person(citizen: UUID) -> None:
    """What happens to one person's bookings happens one after the other, until the open transaction ends."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 31))", str(citizen))
