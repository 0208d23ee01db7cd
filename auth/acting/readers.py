"""Who reads what is told to an account nobody signs in with: those who may read for it."""

from uuid import UUID

from kit import clock, db

READERS = """
SELECT m.agent_id FROM acting_mandate m
WHERE m.principal_id = $1 AND m.state = 'active' AND m.doings ? 'read'
  AND m.valid_from <= $2 AND (m.valid_to IS NULL OR m.valid_to >= $2)
  AND NOT EXISTS (SELECT 1 FROM auth_platform_identity i WHERE i.citizen_id = $1)
  AND NOT EXISTS (SELECT 1 FROM auth_citizen p WHERE p.id = $1 AND p.phone_index IS NOT NULL)
ORDER BY m.asked_at
"""


async def readers_of(account: UUID) -> list[UUID]:
    """The account itself when somebody signs in with it or nobody acts for it; else who acts for it today."""
    return [row["agent_id"] for row in await db.fetch(READERS, account, clock.today())] or [account]
