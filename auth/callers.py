"""Who asks, as the database knows them now: what `auth/rights.py` judges by. Nothing is kept between two questions."""

import json
from dataclasses import replace
from uuid import UUID

from auth.rights import Who
from kit import clock, db
from kit.errors import Forbidden, NotSignedIn
from kit.web import Actor

CALLER = """
WITH RECURSIVE below(code, depth) AS (
  SELECT m.department_id::text, 0 FROM auth_staff_member m WHERE m.id = $1
  UNION ALL
  SELECT d.code::text, b.depth + 1 FROM auth_department d JOIN below b ON d.parent_code = b.code WHERE b.depth < 8
)
SELECT m.roles, d.code, d.region_code, ARRAY(SELECT code FROM below) AS below,
       ARRAY(SELECT DISTINCT item_code || '|' || region_code FROM auth_duty
             WHERE (staff_id = m.id OR staff_id IN (
                 SELECT l.staff_id FROM staffing_leave l WHERE l.cover_id = m.id AND l.state IN ('approved', 'running')
                   AND l.starts_at <= $3 AND l.ends_at > $3))
               AND (valid_from IS NULL OR valid_from <= $2) AND (valid_to IS NULL OR valid_to >= $2)) AS duties
FROM auth_staff_member m JOIN auth_department d ON d.code = m.department_id
WHERE m.id = $1 AND m.disabled_at IS NULL
"""

# The region and those above it; the region and those within it.
PATH = """
WITH RECURSIVE up(code, n) AS (
  SELECT $1::text, 0
  UNION ALL
  SELECT r.parent_code::text, n + 1 FROM up JOIN auth_region r ON r.code = up.code
  WHERE r.parent_code IS NOT NULL AND n < 8
) SELECT code FROM up ORDER BY n
"""
WITHIN = """(
  WITH RECURSIVE within(code) AS (
    SELECT {code}::text UNION SELECT r.code::text FROM auth_region r JOIN within w ON r.parent_code = w.code
  ) SELECT code FROM within)"""


async def who_is(actor: Actor) -> Who:
    """
    The person behind the token. Of staff: the roles they have now and the token names, department, region, duties.

    In the transaction of a request that changes something they are held, and cannot change until it ends.
    """
    if actor.kind != "staff":
        return Who(actor.id, actor.kind, actor.roles, principals=frozenset({actor.id}))
    person = await staff_as(actor.id)
    return replace(person, roles=actor.roles & person.roles)


async def staff_as(staff: UUID) -> Who:
    """
    A staff member with all they may; one who does not work here, or not any more, may nothing. The duties are their own
    of today, and those of whom they cover for now.
    """
    rows = await db.fetch(CALLER, staff, clock.today(), clock.now())
    if not rows:
        return Who(staff, "staff", frozenset())
    row = rows[0]
    duties = frozenset((item, region) for item, _, region in (d.partition("|") for d in row["duties"]))
    return Who(
        staff, "staff", frozenset(json.loads(row["roles"])), department=row["code"],
        below=frozenset(row["below"]), region=row["region_code"], duties=duties,
    )  # fmt: skip


async def hold(actor: Actor, roles: frozenset[str]) -> None:
    """
    Holds a staff member's rights until the open transaction ends: whoever takes one away waits, or came first and is
    seen here. Every transaction of a request of staff that changes something begins with it (kit/web.py).

    Raises: NotSignedIn when they may not work here any more, Forbidden when none of `roles` is theirs any more.
    """
    told = await db.fetch_value("SELECT auth_hold_rights($1)", actor.id)
    if told is None:
        raise NotSignedIn
    if not roles & frozenset(json.loads(told)):
        raise Forbidden


async def path_of(region: str) -> tuple[str, ...]:
    """A region's code and those above it; empty without a region."""
    if not region:
        return ()
    return tuple(row["code"] for row in await db.fetch(PATH, region))
