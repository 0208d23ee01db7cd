"""A citizen's list of cases, newest first; one statement, no guide is opened."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit import db
from kit.cursors import end_of, place_in
from mobileapi.applications.states import PublicState, internal_states

MINE = """
SELECT a.id, a.item_code, a.item_name, a.item_version, a.department_code, d.name AS department_name, a.region_code,
       a.state, a.case_number, a.created_at, a.submitted_at, a.saved_at, a.promised_due, a.statutory_due,
       a.holder_name
FROM applications_application a LEFT JOIN auth_department d ON d.code = a.department_code
WHERE a.citizen_id = $1 AND (a.case_number IS NOT NULL OR a.state = 'draft')
  AND ($2::text[] IS NULL OR a.state = ANY($2)) AND ($6::text[] IS NULL OR a.item_code = ANY($6))
  AND ($3::timestamptz IS NULL OR (a.created_at, a.id) < ($3, $4::uuid))
ORDER BY a.created_at DESC, a.id DESC
LIMIT $5
"""


async def my_cases(
    citizen: UUID, *, state: PublicState | None, limit: int, cursor: str | None, items: Collection[str] | None = None
) -> tuple[Sequence[Any], str | None]:
    """Rows and the next cursor; of `items` only, when they are named. Emptied drafts are not shown."""
    states = [s.value for s in internal_states(state)] if state is not None else None
    at, after = place_in("cases", cursor, datetime, UUID) or (None, None)
    rows = await db.fetch(
        MINE,
        citizen,
        states,
        at,
        after,
        limit + 1,
        list(items) if items is not None else None,
    )
    page = rows[:limit]
    return page, end_of("cases", page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
