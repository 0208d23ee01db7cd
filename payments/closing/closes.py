"""
Closing an office day, and opening it again.

A day is closed when it is over, every channel's bill of it was compared, and nothing found in it waits for anybody but
for a day still to come. From then on the database refuses whatever would change it; corrections are entries of today.
Two people open it again, with a reason; what was signed before stays, marked as replaced.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import Text, text
from payments.closing.errors import DayClosed, DayNotClosed, DayNotOver, DayNotReady, ReopenNotAsked
from payments.closing.figures import Span, accounts, span_of
from payments.closing.models import DayClose
from payments.closing.statements import sign_all
from payments.desk import matters
from payments.desk.errors import ByTheSamePerson
from payments.events import DayClosedForGood, DayReopened

DAY_LOCK = 0x48484F80  # advisory lock; whoever books holds it shared (closing/migrations/0001_initial.py)


async def is_closed(day: date) -> bool:
    """Whether an office day is closed now: nothing of it changes, and what belongs to it is booked today."""
    return bool(await db.fetch_value("SELECT closing_is_closed($1)", day))


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way of closing a day; `count` where it can be counted."""

    code: str
    words: Text
    count: int = 1
    channel: str | None = None


RUNS = """
WITH used AS (
  SELECT DISTINCT channel FROM payments_payment WHERE paid_at >= $2 AND paid_at < $3
  UNION SELECT DISTINCT p.channel FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
    WHERE r.accepted_at >= $2 AND r.accepted_at < $3
  UNION SELECT channel FROM payments_reconciliation_run WHERE day = $1)
SELECT u.channel, r.id, r.state, r.attempt, r.matched, r.totals, f.sha1,
  (SELECT count(*) FROM payments_difference d WHERE d.run_id = r.id AND d.state = 'open') AS open
FROM used u LEFT JOIN payments_reconciliation_run r ON r.channel = u.channel AND r.day = $1
LEFT JOIN payments_statement_file f ON f.id = r.statement_id WHERE u.channel <> 'counter' ORDER BY u.channel"""
UNBALANCED = """
SELECT count(*) FROM (SELECT e.id FROM payments_ledger_entry e LEFT JOIN payments_posting p ON p.entry_id = e.id
  WHERE e.at >= $1 AND e.at < $2 GROUP BY e.id HAVING coalesce(sum(p.amount_fen), 0) <> 0 OR count(p.id) < 2) wrong"""


async def runs_of(span: Span) -> list[Record]:
    """Every channel that took or gave back money that day, with its run, if it has one."""
    return list(await db.fetch(RUNS, span.day, span.since, span.until))


async def obstacles(day: date) -> list[Obstacle]:
    """What is still to be done before the day can be closed; empty when it can."""
    if day >= clock.today():
        return [Obstacle("not_over", text("这一天还没有结束", "The day is not over"))]
    span = span_of(day)
    unready = [run for run in await runs_of(span) if run["state"] not in {"balanced", "differences"}]
    found = [
        Obstacle(
            "not_reconciled", text("尚未与渠道对账", "Not compared with the channel's bill"), channel=run["channel"]
        )
        for run in unready
    ]
    left = await matters.unfinished(day)
    wrong: int = await db.fetch_value(UNBALANCED, span.since, span.until)
    counted = (
        ("differences_open", text("未处理的对账差异", "Differences nobody has dealt with"), left.differences),
        ("exceptions_open", text("未处理的支付异常", "Exceptions nobody has dealt with"), left.exceptions),
        (
            "proposals_running",
            text("待批准或执行中的方案", "Proposals that wait or are being carried out"),
            left.proposals,
        ),
        ("books_unbalanced", text("账目不平", "Entries that do not balance"), wrong),
    )
    return found + [Obstacle(code, words, count) for code, words, count in counted if count]


async def close(day: date, *, by: str) -> UUID:
    """
    Closes the day and signs a statement for each body; the close's id.

    Raises: DayNotOver, DayClosed, DayNotReady with `obstacles`.
    """
    if day >= clock.today():
        raise DayNotOver
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", DAY_LOCK)
        await db.execute("SELECT 1 FROM payments_reconciliation_run WHERE day = $1 FOR UPDATE", day)
        if await is_closed(day):
            raise DayClosed
        found = await obstacles(day)
        if found:
            raise DayNotReady(extra={"obstacles": [_told(o) for o in found]})
        made = await _write(span_of(day), by=by)
        await audit.record(actor=by, action="day.closed", subject=f"day:{day}", close=str(made.id), number=made.number)
        await events.publish(DayClosedForGood(day=day.isoformat(), close=made.id, number=made.number))
    return made.id


def _told(obstacle: Obstacle) -> dict[str, object]:
    return {"code": obstacle.code, "count": obstacle.count, "channel": obstacle.channel}


async def _write(span: Span, *, by: str) -> DayClose:
    number = 1 + (await db.fetch_value("SELECT count(*) FROM closing_day WHERE day = $1", span.day) or 0)
    made = await DayClose.create(
        id=new_id(), day=span.day, number=number, starts_at=span.since, ends_at=span.until, closed_by=by,
        closed_at=clock.now(), summary=await summary_of(span),
    )  # fmt: skip
    await sign_all(made, span)
    return made


async def summary_of(span: Span) -> dict[str, object]:
    """The day in figures: every account, every channel's run and the hash of its bill, what is carried over."""
    return {
        "accounts": [
            {"account": a.name, "opening_fen": a.opening_fen, "debit_fen": a.debit_fen, "credit_fen": a.credit_fen,
             "closing_fen": a.closing_fen, "entries": a.entries}
            for a in await accounts(span)
        ],
        "runs": [
            {"channel": r["channel"], "run": str(r["id"]), "state": r["state"], "attempt": r["attempt"],
             "matched": r["matched"], "bill_sha1": r["sha1"], "carried_over": r["open"]}
            for r in await runs_of(span)
        ],
    }  # fmt: skip


async def ask_reopening(day: date, *, reason: str, by: str) -> None:
    """Asks to open a closed day; another person decides. Raises DayNotClosed."""
    async with db.transaction():
        row = await _in_force(day)
        await db.execute(
            "UPDATE closing_day SET reopen_asked_by = $2, reopen_asked_at = $3, reopen_reason = $4 WHERE id = $1",
            row["id"], by, clock.now(), reason,
        )  # fmt: skip
        await audit.record(actor=by, action="day.reopen_asked", subject=f"day:{day}", close=str(row["id"]))


async def decide_reopening(day: date, *, approve: bool, by: str) -> None:
    """
    Opens the day again, or leaves it closed. Whoever asked may take it back and not agree to it.

    Raises: DayNotClosed, ReopenNotAsked, ByTheSamePerson.
    """
    async with db.transaction():
        row = await _in_force(day)
        if row["reopen_asked_by"] is None:
            raise ReopenNotAsked
        if approve and row["reopen_asked_by"] == by:
            raise ByTheSamePerson
        if approve:
            await db.execute(
                "UPDATE closing_day SET reopened_by = $2, reopened_at = $3 WHERE id = $1", row["id"], by, clock.now()
            )
            await events.publish(DayReopened(day=day.isoformat(), close=row["id"]))
        else:
            await db.execute(
                "UPDATE closing_day SET reopen_asked_by = NULL, reopen_asked_at = NULL, reopen_reason = '' "
                "WHERE id = $1",
                row["id"],
            )
        await audit.record(
            actor=by, action="day.reopened" if approve else "day.reopen_refused", subject=f"day:{day}",
            close=str(row["id"]), asked_by=row["reopen_asked_by"], reason=row["reopen_reason"],
        )  # fmt: skip


async def _in_force(day: date) -> Record:
    """The close in force, locked. Raises DayNotClosed."""
    rows = await db.fetch("SELECT * FROM closing_day WHERE day = $1 AND reopened_at IS NULL FOR UPDATE", day)
    if not rows:
        raise DayNotClosed
    return rows[0]


async def closes_of(day: date) -> list[DayClose]:
    """Every close of a day, the latest first. Raises NotFound for a day that lies ahead."""
    if day > clock.today():
        raise NotFound
    return await DayClose.filter(day=day).order_by("-number")


DAYS = """
SELECT d.day, c.id, c.number, c.closed_by, c.closed_at, c.reopen_asked_by,
  (SELECT count(*) FROM closing_day x WHERE x.day = d.day) AS closes,
  (SELECT count(*) FROM closing_statement s WHERE s.close_id = c.id) AS statements
FROM (SELECT generate_series($1::date, $2::date - ($3::int - 1), '-1 day')::date AS day) d
LEFT JOIN closing_day c ON c.day = d.day AND c.reopened_at IS NULL ORDER BY d.day DESC"""


async def days(*, before: date, count: int) -> list[Record]:
    """`count` days up to the one given, the latest first, each with the close in force."""
    return list(await db.fetch(DAYS, before, before, count))
