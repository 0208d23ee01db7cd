"""What a citizen has here, when two accounts of one person become one."""

import hashlib
from uuid import UUID

from kit import db


async def of(citizen: UUID) -> list[str]:
    """The ids of the pictures of an account."""
    rows = await db.fetch("SELECT id FROM materials_upload WHERE owner = $1", f"citizen:{citizen}")
    return [str(row["id"]) for row in rows]


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """
    Gives the pictures of one account to the other, in the open transaction; their ids. The same picture in both stays
    twice: the digest by which a repeated upload is recognised is made another one.
    """
    old, new = f"citizen:{giver}", f"citizen:{taker}"
    twice = (
        "SELECT g.id, g.sent_sha256 FROM materials_upload g JOIN materials_upload t "
        "ON t.sent_sha256 = g.sent_sha256 AND t.owner = $2 WHERE g.owner = $1"
    )
    for row in await db.fetch(twice, old, new):
        other = hashlib.sha256(f"{row['sent_sha256']} {row['id']}".encode()).hexdigest()
        await db.execute("UPDATE materials_upload SET sent_sha256 = $2 WHERE id = $1", row["id"], other)
    rows = await db.fetch("UPDATE materials_upload SET owner = $2 WHERE owner = $1 RETURNING id", old, new)
    return [str(row["id"]) for row in rows]
