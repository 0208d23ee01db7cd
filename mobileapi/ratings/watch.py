"""Bad ratings by the clock: a call that is late, a date that comes near, a date that is over."""

from datetime import timedelta
from typing import Any

from kit import audit, clock, db, workdays
from kit.config import current
from kit.texts import text
from mobileapi.ratings import owners
from mobileapi.ratings.config import RatingSettings
from mobileapi.ratings.models import Rectification
from mobileapi.ratings.rectifications import told

LATE_CALLS = """
SELECT id, owner FROM ratings_rectification r WHERE state = 'open' AND contact_due < $1
AND NOT EXISTS (SELECT 1 FROM ratings_contact c WHERE c.rectification_id = r.id) ORDER BY contact_due LIMIT 500
"""
NEARLY_DUE = """
SELECT id FROM ratings_rectification WHERE state IN ('open', 'answered', 'contested') AND warned_at IS NULL
AND due <= $1 AND due >= $2 ORDER BY due LIMIT 500
"""
OVERDUE = """
SELECT id FROM ratings_rectification WHERE state IN ('open', 'answered', 'contested') AND due < $1
AND (escalated_on IS NULL OR escalated_on < $2) ORDER BY due LIMIT 500
"""


async def tend() -> None:
    """Every hour; each is told once."""
    settings, today, calendar = current(RatingSettings), clock.today(), await workdays.calendar()
    for row in await db.fetch(LATE_CALLS, today):
        await _remind_of_call(row)
    soon = calendar.add_workdays(today, settings.rating_warn_workdays)
    for row in await db.fetch(NEARLY_DUE, soon, today):
        await _warn(row["id"])
    for row in await db.fetch(OVERDUE, today, today - timedelta(days=settings.rating_warn_workdays)):
        await _escalate(row["id"])


async def _remind_of_call(row: Any) -> None:
    words = text("请联系差评评价人并登记", "Please call who gave the bad rating, and note it")
    await told(row["owner"], row["id"], kind="rectification.call", words=words)


async def _warn(id: Any) -> None:  # noqa: A002 - of the rectification
    async with db.transaction():
        found = await Rectification.filter(id=id, warned_at=None).select_for_update().first()
        if found is None:
            return
        found.warned_at = clock.now()
        await found.save(update_fields=["warned_at"])
        words = text(f"差评整改将于 {found.due} 到期", f"A bad rating is due to be put right by {found.due}")
        await told(found.owner, found.id, kind="rectification.due", words=words)


async def _escalate(id: Any) -> None:  # noqa: A002
    """The next above has it now; who had it is told as well. With nobody above it stays, and is told again."""
    async with db.transaction():
        found = await Rectification.filter(id=id, due__lt=clock.today()).select_for_update().first()
        if found is None or found.escalated_on == clock.today():
            return
        before = found.owner
        above = await owners.next_owner(
            before, rated=found.rated, department=found.department_code, tried=found.escalation
        )
        found.owner, found.escalation, found.escalated_on = above or before, found.escalation + 1, clock.today()
        await found.save(update_fields=["owner", "escalation", "escalated_on"])
        words = text(f"差评整改已超期（{found.due}）", f"A bad rating is overdue since {found.due}")
        for person in dict.fromkeys([above, before]):
            await told(person, found.id, kind="rectification.overdue", words=words, mark=str(found.escalation))
        await audit.record(
            actor="system", action="rectification.escalated", subject=f"rectification:{id}", to=str(found.owner)
        )
