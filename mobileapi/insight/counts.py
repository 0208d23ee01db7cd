"""
What the board counts, in SQL over indexes: how it stands now, a day so far, the clerks, the cases by their clocks.

`departments` are codes; the caller has made sure that they are within reach. Nobody's words are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from kit import clock, db, workdays
from mobileapi.applications.clocks import Light, standing
from mobileapi.applications.states import WAITING_FOR_US

AT_ONCE_S = 30  # taken within so many seconds counts as at once
STEPS_S = (30, 60, 180, 600)  # borders of the histogram of first answers
LOOKED_BACK = timedelta(days=30)  # conversations older than this are not looked at for what clerks took today

UNITS = """
WITH RECURSIVE below(code, depth) AS (
  SELECT $1::text, 0
  UNION ALL
  SELECT d.code::text, b.depth + 1 FROM auth_department d JOIN below b ON d.parent_code = b.code WHERE b.depth < 8
) SELECT code FROM below
"""
NAMES = "SELECT code::text, name FROM auth_department WHERE code = ANY ($1) ORDER BY code"

# The index over open conversations is the whole of it.
NOW = """
SELECT count(*) FILTER (WHERE c.state = 'queued') AS waiting,
  min(c.queued_at) FILTER (WHERE c.state = 'queued') AS since,
  count(*) FILTER (WHERE c.state IN ('assigned', 'offered')) AS in_hand,
  count(*) FILTER (WHERE c.state = 'inquiry') AS inquiries,
  count(*) FILTER (WHERE c.state = 'inquiry' AND c.inquiry_due_at < $3) AS overdue
FROM chat_conversation c WHERE c.state <> 'closed' AND c.department_code = ANY ($1)
  AND ($2::text IS NULL OR c.item_code = $2)
"""
# What happened after the end of the span is not known in it: yesterday is told as it stood at this hour.
DAY = """
WITH talk AS (
  SELECT floor(EXTRACT(EPOCH FROM c.created_at - $3::timestamptz) / 3600)::int AS hour,
    $4::timestamptz - c.created_at AS age, x.at - c.created_at AS taken, m.at - c.created_at AS answered, w.abandoned
  FROM chat_conversation c
  LEFT JOIN LATERAL (SELECT min(x.at) AS at FROM chat_conversation_change x
    WHERE x.conversation_id = c.id AND x.to_state = 'assigned' AND x.at < $4) x ON true
  LEFT JOIN LATERAL (SELECT m.at FROM chat_message m WHERE m.conversation_id = c.id AND m.sender_role = 'clerk'
    ORDER BY m.seq LIMIT 1) m ON m.at < $4
  LEFT JOIN LATERAL (SELECT bool_or(w.outcome = 'left') AS abandoned FROM chat_wait w
    WHERE w.conversation_id = c.id AND w.left_at < $4) w ON true
  WHERE c.created_at >= $3 AND c.created_at < $4 AND c.department_code = ANY ($1)
    AND ($2::text IS NULL OR c.item_code = $2)
)
SELECT hour, count(*) AS opened, count(taken) AS taken,
  count(*) FILTER (WHERE taken IS NOT NULL OR age >= make_interval(secs => $5)) AS counted,
  count(*) FILTER (WHERE taken <= make_interval(secs => $5)) AS at_once,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM answered)::float) AS first_answer_s,
  count(*) FILTER (WHERE abandoned) AS abandoned,
  ARRAY(SELECT count(t.answered) FROM generate_series(0, 4) AS s (step) LEFT JOIN talk t
    ON width_bucket(EXTRACT(EPOCH FROM t.answered)::float, $6::float[]) = s.step
    GROUP BY s.step ORDER BY s.step) AS steps
FROM talk GROUP BY GROUPING SETS ((), (hour)) ORDER BY hour NULLS FIRST
"""
RATED = """
SELECT count(*) FILTER (WHERE g.at >= $3) AS today, count(*) FILTER (WHERE g.at >= $3 AND g.level >= 3) AS pleased,
  count(*) FILTER (WHERE g.at < $5) AS before, count(*) FILTER (WHERE g.at < $5 AND g.level >= 3) AS pleased_before
FROM chat_rating g JOIN chat_conversation c ON c.id = g.conversation_id
LEFT JOIN ratings_rectification f ON f.kind = 'conversation' AND f.about = c.id
WHERE g.at >= $4 AND g.at < $6 AND c.department_code = ANY ($1) AND ($2::text IS NULL OR c.item_code = $2)
  AND f.state IS DISTINCT FROM 'void'
"""
CLERKS = """
WITH given AS (
  SELECT DISTINCT ON (c.id, x.clerk) c.id, x.clerk, x.at FROM chat_conversation c
  JOIN chat_conversation_change x ON x.conversation_id = c.id AND x.to_state = 'assigned' AND x.at >= $3
  WHERE c.created_at >= $4 AND c.department_code = ANY ($1) AND ($2::text IS NULL OR c.item_code = $2)
  ORDER BY c.id, x.clerk, x.at
), answered AS (
  SELECT g.clerk, (SELECT EXTRACT(EPOCH FROM min(m.at) - g.at)::float FROM chat_message m
    WHERE m.conversation_id = g.id AND m.sender = g.clerk AND m.at >= g.at) AS first_s FROM given g
)
SELECT s.id, s.name, count(a.clerk) AS taken, percentile_cont(0.5) WITHIN GROUP (ORDER BY a.first_s) AS first_answer_s
FROM auth_staff_member s LEFT JOIN answered a ON a.clerk = s.id
WHERE s.disabled_at IS NULL AND (a.clerk IS NOT NULL OR (s.department_id = ANY ($1) AND s.roles ? 'clerk'))
GROUP BY s.id ORDER BY count(a.clerk) DESC, s.username LIMIT 300
"""
CLOCKS = """
SELECT (COALESCE(a.accepted_at, a.received_at) AT TIME ZONE $4)::date AS began, a.desk_due, count(*) AS cases
FROM applications_application a
WHERE a.department_code = ANY ($1) AND a.state = ANY ($3) AND a.desk_due IS NOT NULL AND a.case_number IS NOT NULL
  AND ($2::text IS NULL OR a.item_code = $2) AND a.region_path ? $5
GROUP BY 1, 2
"""
RED = """
SELECT a.id, a.case_number, a.item_code, a.item_name, a.desk_due, s.name AS holder FROM applications_application a
LEFT JOIN auth_staff_member s ON s.id = a.holder_staff
WHERE a.department_code = ANY ($1) AND a.state = ANY ($3) AND a.desk_due < $4 AND a.case_number IS NOT NULL
  AND ($2::text IS NULL OR a.item_code = $2) AND a.region_path ? $5
ORDER BY a.desk_due, a.submitted_at, a.id LIMIT 20
"""
BAD = """
SELECT count(*) AS waiting, count(*) FILTER (WHERE r.due < $3) AS overdue FROM ratings_rectification r
WHERE r.state IN ('open', 'answered', 'contested') AND r.department_code = ANY ($1)
  AND ($2::text IS NULL OR r.item_code = $2)
"""


@dataclass(frozen=True)
class Scope:
    """What is counted: these departments, one item or all. `region`: in which their cases lie."""

    departments: tuple[str, ...]
    region: str
    item: str | None = None

    @property
    def asked(self) -> tuple[list[str], str | None]:
        return list(self.departments), self.item


@dataclass(frozen=True)
class Hour:
    """Conversations opened in an hour of the day, and how many of them were taken by now."""

    hour: int
    opened: int
    taken: int


@dataclass(frozen=True)
class Day:
    """
    A day up to an hour. `at_once` of `counted` were taken within thirty seconds; `counted` leaves out those that may
    still be. `steps`: first answers within 30 s, 1, 3, 10 minutes, and later.
    """

    opened: int
    counted: int
    at_once: int
    first_answer_s: float | None
    abandoned: int
    steps: list[int]
    hours: list[Hour]


@dataclass(frozen=True)
class Lights:
    green: int
    yellow: int
    red: int


async def units_of(department: str) -> list[str]:
    """The department and those under it."""
    return [row["code"] for row in await db.fetch(UNITS, department)]


async def names_of(departments: Sequence[str]) -> list[Any]:
    return list(await db.fetch(NAMES, list(departments)))


async def standing_now(scope: Scope) -> Any:
    return (await db.fetch(NOW, *scope.asked, clock.now()))[0]


async def day(scope: Scope, *, begins: datetime, ends: datetime) -> Day:
    steps = [float(step) for step in STEPS_S]
    whole, *hours = await db.fetch(DAY, *scope.asked, begins, ends, float(AT_ONCE_S), steps)
    return Day(
        whole["opened"], whole["counted"], whole["at_once"], whole["first_answer_s"], whole["abandoned"],
        list(whole["steps"]), [Hour(row["hour"], row["opened"], row["taken"]) for row in hours],
    )  # fmt: skip


async def ratings(scope: Scope, *, begins: datetime, now: datetime) -> Any:
    """Of conversations: today, and yesterday up to this hour, those found unfair left out."""
    day_ago = timedelta(days=1)
    return (await db.fetch(RATED, *scope.asked, begins, begins - day_ago, now - day_ago, now))[0]


async def clerks(scope: Scope, *, since: datetime) -> list[Any]:
    """Who serves citizens there, and whoever took one of theirs, with the median from taking it to their first word."""
    return list(await db.fetch(CLERKS, *scope.asked, since, since - LOOKED_BACK))


async def lights(scope: Scope) -> Lights:
    """Cases that wait for the office, by the clock they stand under."""
    zone, calendar, today = str(clock.city_zone()), await workdays.calendar(), clock.today()
    states = [state.value for state in WAITING_FOR_US]
    found: dict[Light, int] = {"green": 0, "yellow": 0, "red": 0}
    for row in await db.fetch(CLOCKS, *scope.asked, states, zone, scope.region):
        began = row["began"] or today
        found[standing(began, due_on=row["desk_due"], today=today, calendar=calendar).light] += row["cases"]
    return Lights(**found)


async def overdue_cases(scope: Scope) -> list[Any]:
    """The twenty that are over for longest."""
    states = [state.value for state in WAITING_FOR_US]
    return list(await db.fetch(RED, *scope.asked, states, clock.today(), scope.region))


async def bad_ratings(scope: Scope) -> Any:
    return (await db.fetch(BAD, *scope.asked, clock.today()))[0]


def share(part: int, whole: int, *, least: int = 1) -> int | None:
    """Thousandths; None where there are fewer than `least`, and where there is nothing."""
    return round(part * 1000 / whole) if whole >= max(1, least) else None


def days_over(due: date) -> int:
    return (clock.today() - due).days
