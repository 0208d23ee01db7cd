"""What lies on a clerk's desk, the case with the least working time left first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from auth.callers import who_is
from auth.duties import duties_of
from auth.rights import Values, condition
from kit import db
from kit.cursors import end_of, place_in
from kit.web import Actor
from mobileapi.applications.access import COLUMNS
from mobileapi.applications.states import WAITING_FOR_US, CaseState, PublicState, internal_states

# Due days are whole days of the office, so their order is the order of the working time that is left.
ON_MY_DESK = """
SELECT * FROM (
  SELECT a.id, a.case_number, a.item_code, a.item_name, a.citizen_id, a.state, a.submitted_at, a.desk_due, a.version,
         COALESCE(a.accepted_at, a.received_at) AS clock_since, COALESCE(a.desk_due, 'infinity'::date) AS place,
         (SELECT d.role FROM unnest($2::text[], $3::text[], $4::text[]) AS d(item, region, role)
          WHERE d.item = a.item_code AND a.region_path ? d.region
          ORDER BY array_position(ARRAY['owner','backup','supervisor','other'], d.role) LIMIT 1) AS role
  FROM applications_application a
  WHERE a.state = ANY($5::text[]) AND a.case_number IS NOT NULL
    AND (a.department_code = ANY($1::text[]) OR a.item_code = ANY($2::text[]) OR a.holder_staff = $10)
    AND {seen}
) AS found
WHERE ($6::date IS NULL OR (place, submitted_at, id) > ($6, $7::timestamptz, $8::uuid))
ORDER BY place, submitted_at, id
LIMIT $9
"""


async def on_desk(
    actor: Actor, *, state: PublicState | None, limit: int, cursor: str | None
) -> tuple[Sequence[Any], str | None]:
    """
    Rows of the inbox and the next cursor: the cases the rules let this person at (auth/rights.py).

    Without `state`: what waits for the office. A case nobody is due to act on comes last.
    """
    who = await who_is(actor)
    duties = await duties_of(actor.id)
    states = internal_states(state) if state is not None else WAITING_FOR_US
    after = place_in("inbox", cursor, date, datetime, UUID) or (None, None, None)
    values = Values(
        [sorted(who.below), [d[0] for d in duties], [d[1] for d in duties], [d[2] for d in duties],
         [s.value for s in states if s is not CaseState.DRAFT], *after, limit + 1, who.id]
    )  # fmt: skip
    seen = condition(who, "case", COLUMNS, values=values)
    rows = await db.fetch(ON_MY_DESK.format(seen=seen), *values.given)
    page = rows[:limit]
    more = len(rows) > limit
    return page, end_of("inbox", page[-1]["place"], page[-1]["submitted_at"], page[-1]["id"]) if more else None
