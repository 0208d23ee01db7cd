"""What a citizen has here, when two accounts of one person become one."""

from uuid import UUID

from kit import db


async def of(citizen: UUID) -> list[str]:
    """The ids of the ratings of an account's cases and of what became of its bad ratings."""
    sql = (
        "SELECT id FROM ratings_case_rating WHERE citizen = $1 OR by = $1 "
        "UNION ALL SELECT id FROM ratings_rectification WHERE citizen = $1"
    )
    return [str(row["id"]) for row in await db.fetch(sql, citizen)]


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """Gives them to the other account, in the open transaction; their ids."""
    moved = await of(giver)
    await db.execute("UPDATE ratings_case_rating SET citizen = $2 WHERE citizen = $1", giver, taker)
    await db.execute("UPDATE ratings_case_rating SET by = $2 WHERE by = $1", giver, taker)
    await db.execute("UPDATE ratings_rectification SET citizen = $2 WHERE citizen = $1", giver, taker)
    return moved
