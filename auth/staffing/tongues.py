"""Which languages people serve citizens in, beside Chinese, which everybody does."""

from collections.abc import Iterable
from uuid import UUID

from auth.staffing.models import Tongue
from kit import db
from kit.ids import new_id


async def learn(staff: UUID, languages: Iterable[str]) -> None:
    """The languages of a person, in place of those known so far; in the open transaction."""
    await Tongue.filter(staff_id=staff).delete()
    for language in sorted(set(languages)):
        await Tongue.create(id=new_id(), staff_id=staff, language=language)


async def speakers(language: str, among: Iterable[UUID]) -> set[UUID]:
    """Those of the people who speak it."""
    rows = await db.fetch(
        "SELECT staff_id FROM staffing_tongue WHERE language = $1 AND staff_id = ANY ($2)", language, list(among)
    )
    return {row["staff_id"] for row in rows}
