"""What a citizen has here, when two accounts of one person become one."""

from uuid import UUID

from kit import db


async def of(citizen: UUID) -> list[str]:
    """The ids of the cases of an account."""
    return [
        str(row["id"])
        for row in await db.fetch("SELECT id FROM applications_application WHERE citizen_id = $1", citizen)
    ]


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """Gives the cases of one account to the other, in the open transaction; their ids."""
    rows = await db.fetch(
        "UPDATE applications_application SET citizen_id = $2 WHERE citizen_id = $1 RETURNING id", giver, taker
    )
    return [str(row["id"]) for row in rows]


async def clashes(giver: UUID, taker: UUID) -> list[str]:
    """Drafts of the giver's for which the taker has one as well: of a matter, one draft is open."""
    same = (
        "SELECT g.id FROM applications_application g JOIN applications_application t "
        "ON t.item_code = g.item_code AND t.region_code = g.region_code AND t.state = 'draft' AND t.citizen_id = $2 "
        "WHERE g.citizen_id = $1 AND g.state = 'draft'"
    )
    return [str(row["id"]) for row in await db.fetch(same, giver, taker)]
