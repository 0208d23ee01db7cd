"""What a citizen has here, when two accounts of one person become one."""

from uuid import UUID

from kit import db


async def of(citizen: UUID) -> list[str]:
    """The ids of the bookings for an account."""
    return [str(row["id"]) for row in await db.fetch("SELECT id FROM bookings_booking WHERE citizen_id = $1", citizen)]


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """Gives the bookings of one account to the other, in the open transaction; their ids."""
    await db.execute("UPDATE bookings_booking SET booked_by = $2 WHERE booked_by = $1", giver, taker)
    rows = await db.fetch(
        "UPDATE bookings_booking SET citizen_id = $2 WHERE citizen_id = $1 RETURNING id", giver, taker
    )
    return [str(row["id"]) for row in rows]


async def clashes(giver: UUID, taker: UUID) -> list[str]:
    """Bookings of the giver's for an item the taker is booked for as well: of an item, one booking lives."""
    same = (
        "SELECT g.id FROM bookings_booking g JOIN bookings_booking t ON t.item_code = g.item_code "
        "AND t.state = 'booked' AND t.citizen_id = $2 WHERE g.citizen_id = $1 AND g.state = 'booked'"
    )
    return [str(row["id"]) for row in await db.fetch(same, giver, taker)]
