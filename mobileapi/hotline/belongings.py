"""What a citizen has here, when two accounts of one person become one."""

from uuid import UUID

from kit import db


async def of(citizen: UUID) -> list[str]:
    """The ids of the work orders of an account."""
    return [str(row["id"]) for row in await db.fetch("SELECT id FROM hotline_order WHERE citizen_id = $1", citizen)]


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """Gives the work orders of one account to the other, in the open transaction; their ids."""
    rows = await db.fetch("UPDATE hotline_order SET citizen_id = $2 WHERE citizen_id = $1 RETURNING id", giver, taker)
    return [str(row["id"]) for row in rows]
