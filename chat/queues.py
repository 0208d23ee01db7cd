"""
The queues: who stands where, how long it may take, and what became of those who waited.

A stay is a row from entering to being served, or going. From the stays of the last hours comes the estimate, and it is
an honest one: null while too few are known or nobody is at a desk, wider where the stays differ, and never better than
what the person who asks has already lived through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chat.config import ChatSettings
from chat.models import Conversation
from kit import clock, db
from kit.config import current

RECENT = timedelta(hours=4)
ENOUGH = 3  # stays from which something may be said

AT_DESKS = """
SELECT count(*) FROM chat_presence p JOIN auth_staff_member s ON s.id = p.staff_id
WHERE p.left_at IS NULL AND p.seen_at > {oldest} AND p.status IN ('online', 'busy') AND s.disabled_at IS NULL
  AND ({department} = '' OR s.department_id = {department})
"""
ENTER = f"""
INSERT INTO chat_wait (conversation_id, department_code, item_code, place, clerks, entered_at, outcome)
SELECT $1, $2::text, $3::text, greatest(1, (SELECT count(*) FROM chat_conversation q WHERE q.state = 'queued'
    AND coalesce(q.department_code, '') = coalesce($2::text, '') AND (q.created_at, q.id) <= ($4, $1))),
  ({AT_DESKS.format(oldest="$6", department="coalesce($2::text, '')")}), $5, ''
ON CONFLICT (conversation_id) WHERE left_at IS NULL DO NOTHING
"""  # noqa: S608 - our own words
LEAVE = "UPDATE chat_wait SET left_at = $2, outcome = $3 WHERE conversation_id = $1 AND left_at IS NULL"
MOVED = f"{LEAVE} AND department_code IS DISTINCT FROM $4::text RETURNING 1"


async def enter(conversation: Conversation) -> None:
    """The conversation has a place in a queue from now on; who came back before being served waits on."""
    now = clock.now()
    await db.execute(MOVED, conversation.id, now, "moved", conversation.department_code)
    await db.execute(
        ENTER, conversation.id, conversation.department_code, conversation.item_code, conversation.created_at, now,
        _last_seen(now),
    )  # fmt: skip


async def leave(conversation: UUID, outcome: str) -> None:
    """Its stay is over, if there was one."""
    await db.execute(LEAVE, conversation, clock.now(), outcome)


def _last_seen(now: datetime) -> datetime:
    return now - timedelta(seconds=current(ChatSettings).chat_vanish_s)


@dataclass(frozen=True)
class Pace:
    """
    Seconds a place took of late: lower quartile, median, upper quartile of `samples` stays, with `clerks` at their
    desks on average then, and `present` of them now.
    """

    samples: int = 0
    low: float = 0
    middle: float = 0
    high: float = 0
    clerks: float = 0
    present: int = 0


@dataclass(frozen=True)
class Estimate:
    """Seconds still to wait: most likely, and from … to."""

    middle: int
    low: int
    high: int


def estimate(pace: Pace, *, position: int, entered_at_place: int, waited_s: float) -> Estimate | None:
    """
    Pure. Twice as many clerks, half the time. In `waited_s` at most as many places were served as the person came
    forward, and the one that is being served: what is said of the places left is never quicker than that.
    """
    if pace.samples < ENOUGH or pace.present < 1:
        return None
    share = pace.clerks / pace.present if pace.clerks > 0 else 1.0
    lived = waited_s / (max(entered_at_place - position, 0) + 1)
    low, middle, high = (round(position * max(each * share, lived)) for each in (pace.low, pace.middle, pace.high))
    return Estimate(middle, low, high)


@dataclass(frozen=True)
class Standing:
    """A place in a queue; the first is 1."""

    conversation: UUID
    department: str
    position: int
    since: datetime
    estimate: Estimate | None


STANDINGS = """
SELECT c.id, coalesce(c.department_code, '') AS department, coalesce(w.entered_at, c.queued_at) AS since,
  row_number() OVER (PARTITION BY coalesce(c.department_code, '') ORDER BY c.created_at, c.id) AS position, w.place
FROM chat_conversation c LEFT JOIN chat_wait w ON w.conversation_id = c.id AND w.left_at IS NULL
WHERE c.state = 'queued' AND coalesce(c.department_code, '') = ANY ($1)
"""
PACES = f"""
SELECT d.department, s.*, ({AT_DESKS.format(oldest="$3", department="d.department")}) AS present
FROM unnest($1::text[]) AS d (department) CROSS JOIN LATERAL (
  SELECT count(*) AS samples, coalesce(percentile_cont(0.25) WITHIN GROUP (ORDER BY r.pace), 0) AS low,
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY r.pace), 0) AS middle,
    coalesce(percentile_cont(0.75) WITHIN GROUP (ORDER BY r.pace), 0) AS high,
    coalesce(avg(r.clerks), 0)::float AS clerks
  FROM (SELECT (EXTRACT(EPOCH FROM w.left_at - w.entered_at) / w.place)::float AS pace, w.clerks FROM chat_wait w
    WHERE w.outcome = 'served' AND coalesce(w.department_code, '') = d.department AND w.left_at > $2
    ORDER BY w.left_at DESC LIMIT 20) AS r) AS s
"""  # noqa: S608 - our own words


async def standings(departments: Iterable[str]) -> dict[UUID, Standing]:
    """Everybody who stands in these queues ("": the one without a department). Two statements, however many."""
    codes, now = sorted(set(departments)), clock.now()
    rows = await db.fetch(STANDINGS, codes)
    if not rows:
        return {}
    found = await db.fetch(PACES, codes, now - RECENT, _last_seen(now))
    paces = {r["department"]: Pace(**{k: v for k, v in r.items() if k != "department"}) for r in found}
    return {
        r["id"]: Standing(
            r["id"], r["department"], r["position"], r["since"],
            estimate(
                paces[r["department"]], position=r["position"], entered_at_place=r["place"] or r["position"],
                waited_s=(now - r["since"]).total_seconds(),
            ),
        )
        for r in rows
    }  # fmt: skip


async def with_people() -> list[str]:
    """Departments in whose queue somebody stands."""
    rows = await db.fetch(
        "SELECT DISTINCT coalesce(department_code, '') AS code FROM chat_conversation WHERE state = 'queued'"
    )
    return [r["code"] for r in rows]
