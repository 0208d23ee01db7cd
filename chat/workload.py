"""
How the work is shared out, and what is to be expected: figures of clerks and items, and an hour of the week as the
weeks before had it. Questions only; nothing is written, nobody's words are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit import clock, db

WEEKS = 8  # looked back at for the forecast
ENOUGH_WEEKS = 3  # of which the same hour is known, before anything is expected of it

CLERKS = """
WITH given AS (
  SELECT DISTINCT ON (x.conversation_id, x.clerk) x.conversation_id, x.clerk, x.at, c.item_code
  FROM chat_conversation_change x JOIN chat_conversation c ON c.id = x.conversation_id
  WHERE x.to_state = 'assigned' AND x.at >= $2 AND c.department_code = ANY ($1)
    AND ($3::text IS NULL OR c.item_code = $3)
  ORDER BY x.conversation_id, x.clerk, x.at
), answered AS (
  SELECT g.*, (SELECT EXTRACT(EPOCH FROM min(m.at) - g.at)::float FROM chat_message m
    WHERE m.conversation_id = g.conversation_id AND m.sender = g.clerk AND m.at >= g.at) AS first_s FROM given g
)
SELECT s.id, s.name, s.title, s.department_id AS department, count(a.conversation_id) AS taken,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY a.first_s) AS first_answer_s,
  (SELECT count(*) FROM chat_conversation h WHERE (h.clerk_id = s.id AND h.state IN ('assigned', 'offered'))
    OR h.returns_to = s.id) AS held,
  (SELECT count(*) FROM chat_inquiry i WHERE i.owner = s.id AND i.taken_at IS NULL) AS inquiries,
  (SELECT p.capacity FROM chat_presence p WHERE p.staff_id = s.id) AS capacity,
  (SELECT count(*) FROM auth_duty d WHERE d.staff_id = s.id AND ($3::text IS NULL OR d.item_code = $3)
    AND (d.valid_from IS NULL OR d.valid_from <= $4) AND (d.valid_to IS NULL OR d.valid_to >= $4)) AS duties
FROM auth_staff_member s LEFT JOIN answered a ON a.clerk = s.id
WHERE s.disabled_at IS NULL AND (a.conversation_id IS NOT NULL OR (s.department_id = ANY ($1) AND s.roles ? 'clerk'))
GROUP BY s.id ORDER BY count(a.conversation_id) DESC, s.username
"""
ITEMS = """
SELECT c.item_code AS item, (array_agg(c.item_name ORDER BY c.created_at DESC))[1] AS name, count(*) AS opened,
  count(*) FILTER (WHERE c.state = 'queued') AS waiting, count(*) FILTER (WHERE c.state = 'inquiry') AS inquiries,
  count(*) FILTER (WHERE w.outcome = 'left') AS abandoned, count(*) FILTER (WHERE w.outcome = 'message') AS messages,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY w.waited_s) FILTER (WHERE w.outcome = 'served') AS waited_s,
  max(w.waited_s) AS longest_s
FROM chat_conversation c LEFT JOIN LATERAL (
  SELECT w.outcome, EXTRACT(EPOCH FROM coalesce(w.left_at, $4) - w.entered_at)::float AS waited_s FROM chat_wait w
  WHERE w.conversation_id = c.id ORDER BY w.id DESC LIMIT 1) w ON true
WHERE c.created_at >= $2 AND c.department_code = ANY ($1) AND ($3::text IS NULL OR c.item_code = $3)
GROUP BY c.item_code ORDER BY count(*) DESC, c.item_code LIMIT 200
"""


@dataclass(frozen=True)
class ClerkLoad:
    """`taken` in the span; `held` and `inquiries` now; `first_answer_s` the median from taking it to the first word."""

    id: UUID
    name: str
    title: str
    department: str
    taken: int
    first_answer_s: float | None
    held: int
    inquiries: int
    capacity: int | None
    duties: int


@dataclass(frozen=True)
class ItemLoad:
    """Of the conversations opened in the span. `waited_s`: median wait in the queue of those who were served."""

    item: str | None
    name: str | None
    opened: int
    waiting: int
    inquiries: int
    abandoned: int
    messages: int
    waited_s: float | None
    longest_s: float | None


async def clerks(departments: Sequence[str], *, since: datetime, item: str | None = None) -> list[ClerkLoad]:
    """Everybody of the departments who serves citizens, and whoever else took one of their conversations."""
    rows = await db.fetch(CLERKS, list(departments), since, item, clock.today())
    return [ClerkLoad(**dict(row)) for row in rows]


async def items(departments: Sequence[str], *, since: datetime, item: str | None = None) -> list[ItemLoad]:
    """The busiest first. A consultation without an item stands as None."""
    return [ItemLoad(**dict(row)) for row in await db.fetch(ITEMS, list(departments), since, item, clock.now())]


def evenness(shares: Sequence[int]) -> float | None:
    """
    Pure. How evenly the work is shared, by Jain's index: 1 where all have the same, 1/n where one has everything. None
    where there is nothing to share, or nobody to share it with.
    """
    if len(shares) < 2 or not any(shares):
        return None
    return round(sum(shares) ** 2 / (len(shares) * sum(s * s for s in shares)), 3)


HOURS = """
WITH told AS (
  SELECT least(8, greatest(0, floor(EXTRACT(EPOCH FROM $2::timestamptz - min(c.created_at)) / 604800)))::int AS weeks
  FROM chat_conversation c WHERE c.department_code = ANY ($1) AND ($3::text IS NULL OR c.item_code = $3)
), counted AS (
  SELECT EXTRACT(ISODOW FROM c.created_at AT TIME ZONE $4)::int AS day,
    EXTRACT(HOUR FROM c.created_at AT TIME ZONE $4)::int AS hour,
    floor(EXTRACT(EPOCH FROM $2::timestamptz - c.created_at) / 604800)::int AS week, count(*) AS opened
  FROM chat_conversation c, told t WHERE c.created_at > $2::timestamptz - make_interval(weeks => t.weeks)
    AND c.created_at <= $2 AND c.department_code = ANY ($1) AND ($3::text IS NULL OR c.item_code = $3)
  GROUP BY 1, 2, 3
)
SELECT t.weeks, d.day, h.hour, percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(n.opened, 0)) AS expected,
  min(coalesce(n.opened, 0)) AS low, max(coalesce(n.opened, 0)) AS high
FROM told t CROSS JOIN generate_series(1, 7) AS d (day) CROSS JOIN generate_series(0, 23) AS h (hour)
CROSS JOIN generate_series(0, greatest(t.weeks, 1) - 1) AS w (week)
LEFT JOIN counted n ON n.day = d.day AND n.hour = h.hour AND n.week = w.week
GROUP BY t.weeks, d.day, h.hour HAVING max(coalesce(n.opened, 0)) > 0 ORDER BY d.day, h.hour
"""


@dataclass(frozen=True)
class Hour:
    """An hour of the week: `day` 1 is Monday. What the weeks before had in it: median, least, most."""

    day: int
    hour: int
    expected: float
    low: int
    high: int


@dataclass(frozen=True)
class Forecast:
    """`weeks` full weeks are known; with too few of them `hours` is empty, for nothing can be said."""

    weeks: int
    enough: bool
    hours: list[Hour]


async def forecast(departments: Sequence[str], *, item: str | None = None) -> Forecast:
    """
    Consultations to be expected, hour by hour, from the last eight weeks; hours in which none ever came are left out.
    A holiday among those weeks counts as it was: the median bears one, the least shows it.
    """
    zone = str(clock.city_zone())
    rows = await db.fetch(HOURS, list(departments), clock.now(), item, zone)
    weeks = rows[0]["weeks"] if rows else 0
    enough = weeks >= ENOUGH_WEEKS
    hours = [Hour(r["day"], r["hour"], r["expected"], r["low"], r["high"]) for r in rows] if enough else []
    return Forecast(weeks, enough, hours)


def span(days: int) -> datetime:
    return clock.now() - timedelta(days=days)
