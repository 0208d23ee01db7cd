"""Bills that are due soon: their payer is told once, when they have an account."""

from datetime import date, timedelta
from uuid import UUID

from kit import clock, db
from kit.config import current
from kit.texts import Text, text
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic

DUE = """
SELECT b.id, b.title, b.due_on, c.id AS citizen FROM payments_bill b
JOIN auth_citizen c ON c.disabled_at IS NULL AND (c.id_number_index = b.payer_id_number_index
  OR (b.payer_id_number_index IS NULL AND c.phone_index = b.payer_phone_index))
WHERE b.state = 'unpaid' AND b.due_on BETWEEN $1 AND $2
  AND NOT EXISTS (SELECT FROM notify_notice n WHERE n.once = 'due:' || b.id || ':' || b.due_on)
ORDER BY b.due_on LIMIT 2000
"""


async def remind_of_due() -> int:
    """Tells of unpaid bills whose last day is near; how many."""
    today = clock.today()
    rows = await db.fetch(DUE, today, today + timedelta(days=current(NotifySettings).bill_due_days))
    for row in rows:
        await _remind(row["citizen"], row["id"], title=Text.model_validate_json(row["title"]), due_on=row["due_on"])
    return len(rows)


async def _remind(citizen: UUID, bill: UUID, *, title: Text, due_on: date) -> None:
    day = f"{due_on.year}年{due_on.month:02d}月{due_on.day:02d}日"
    brief = {"subject": title.zh, "state": "即将到期", "day": day}
    await tell(
        citizen, kind="bill.due", link=f"sub/bill/detail?id={bill}", bill=bill, once=f"due:{bill}:{due_on}",
        reaching=Reaching(Topic.BILLS, brief, patience_s=current(NotifySettings).notice_patience_s),
        text=text(
            f"「{title.zh}」请在 {due_on:%Y-%m-%d} 前缴纳", f"{title.en or title.zh} is to be paid by {due_on:%Y-%m-%d}"
        ),
    )  # fmt: skip
