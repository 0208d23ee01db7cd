"""Reminders of bills: some days before the last day, on it, and when it has passed. Once each a day a bill has."""

from datetime import date, timedelta
from uuid import UUID

from kit import clock, db, events
from kit.ids import new_id
from payments.bills import due_at
from payments.events import BillFallsDue
from payments.models import Bill

DAYS_BEFORE = 3
OCCASIONS = {"soon": DAYS_BEFORE, "today": 0, "overdue": -1}  # days from then to the last day

WAITING = """
SELECT b.id, array_agg(DISTINCT c.id) AS citizens FROM payments_bill b
JOIN LATERAL (
  SELECT id FROM auth_citizen WHERE id_number_index = b.payer_id_number_index
  UNION SELECT id FROM auth_citizen WHERE phone_index = b.payer_phone_index
) c ON true
WHERE b.state = 'unpaid' AND b.due_on = $1
  AND NOT EXISTS (SELECT 1 FROM dues_reminder r WHERE r.bill_id = b.id AND r.occasion = $2 AND r.due_on = b.due_on)
GROUP BY b.id ORDER BY b.id LIMIT $3
"""


async def remind(*, limit: int = 500) -> int:
    """Tells the payers we know of today's occasions; how many bills. What was told is not told again."""
    told = 0
    for occasion, days in OCCASIONS.items():
        day = clock.today() + timedelta(days=days)
        while True:
            async with db.transaction():
                rows = await db.fetch(WAITING, day, occasion, limit)
                for row in rows:
                    await _tell(row["id"], row["citizens"], occasion=occasion, day=day)
            told += len(rows)
            if len(rows) < limit:
                break
    return told


async def _tell(bill: UUID, citizens: list[UUID], *, occasion: str, day: date) -> None:
    written = await db.execute(
        "INSERT INTO dues_reminder (id, bill_id, occasion, due_on, at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (bill_id, occasion, due_on) DO NOTHING",
        new_id(), bill, occasion, day, clock.now(),
    )  # fmt: skip
    if not written:
        return
    amount = due_at(await Bill.get(id=bill), clock.now()).total_fen
    for citizen in citizens:
        await events.publish(BillFallsDue(bill=bill, citizen=citizen, occasion=occasion, due_on=day, amount_fen=amount))
