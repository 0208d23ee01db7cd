"""What a citizen has here, when two accounts of one person become one."""

from uuid import UUID

from kit import db


async def of(citizen: UUID) -> list[str]:
    """The ids of the transcripts of an account's conversations."""
    rows = await db.fetch("SELECT id FROM transcripts_transcript WHERE citizen = $1", citizen)
    return [str(row["id"]) for row in rows]


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """Gives them to the other account, in the open transaction; their ids."""
    rows = await db.fetch(
        "UPDATE transcripts_transcript SET citizen = $2 WHERE citizen = $1 RETURNING id", giver, taker
    )
    return [str(row["id"]) for row in rows]
