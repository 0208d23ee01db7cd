"""Who asks, as the database knows them now: what `auth/rights.py` judges by. Nothing is kept between two questions."""

import json
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
       ARRAY(SELECT item_code || '|' || region_code FROM auth_duty
             WHERE staff_id = m.id AND (valid_from IS NULL OR valid_from <= $2)
               AND (valid_to IS NULL OR valid_to >= $2)) AS duties
FROM auth_staff_member m JOIN auth_department d ON d.code = m.department_id
WHERE m.id = $1 AND m.disabled_at IS NULL
"""

# The region and those above it, for a code that stands in a row of another table.
PATH = """(
  WITH RECURSIVE up(code, n) AS (
    SELECT {code}::text, 0 WHERE {code} <> ''
    UNION ALL
    SELECT r.parent_code::text, n + 1 FROM up JOIN auth_region r ON r.code = up.code
    WHERE r.parent_code IS NOT NULL AND n < 8
  ) SELECT COALESCE(array_agg(code ORDER BY n), '{{}}') FROM up)"""


async def who_is(actor: Actor) -> Who:
    """
    The person behind the token. Of staff: the roles they have now and the token names, department, region, duties.

    In a transaction that changes something, `hold` their rights first: they are then what is read here until it ends.
    """
    if actor.kind != "staff":
        return Who(actor.id, actor.kind, actor.roles, principals=frozenset({actor.id}))
    rows = await db.fetch(CALLER, actor.id, clock.today())
    if not rows:
        return Who(actor.id, actor.kind, frozenset())
    row = rows[0]
    duties = frozenset((item, region) for item, _, region in (d.partition("|") for d in row["duties"]))
    return Who(
        actor.id, actor.kind, actor.roles & frozenset(json.loads(row["roles"])), department=row["code"],
        below=frozenset(row["below"]), region=row["region_code"], duties=duties,
    )  # fmt: skip


async def hold(staff: UUID, *, roles: frozenset[str]) -> None:
    """
    Holds a staff member's rights until the open transaction ends: whoever takes one away waits, or came first and is
    seen here.

    Raises: NotSignedIn when they may not work here any more, Forbidden when none of `roles` is theirs any more.
    """
    told = await db.fetch_value("SELECT auth_hold_rights($1)", staff)
    if told is None:
        raise NotSignedIn
    if not roles & frozenset(json.loads(told)):
        raise Forbidden


async def path_of(region: str) -> tuple[str, ...]:
    """A region's code and those above it; empty without a region."""
    if not region:
        return ()
    found: list[str] = await db.fetch_value(f"SELECT {PATH.format(code='$1::text')}", region)
    return tuple(found)
