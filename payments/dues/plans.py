"""
Instalments (administrative penalty law art. 66): a bill's parts, payable one at a time, in order.

The part that is payable now stands on the bill itself, so that whoever asks what is due needs the bill's row alone,
and whoever settles holds its lock: the same part cannot be paid twice, and never more than is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from kit import db, events
from kit.workdays import Calendar
from payments.events import BillPaid, BillPartPaid

MOST_PARTS = 24


@dataclass(frozen=True)
class Part:
    place: int
    principal_fen: int
    surcharge_fen: int
    due_on: date


def divided(principal_fen: int, surcharge_fen: int, *, days: Sequence[date]) -> list[Part]:
    """
    Parts that add up exactly, a fen more for the earlier ones.

    `principal_fen + surcharge_fen` is at least one fen a part.
    """
    many = len(days)
    assert many >= 1, "a plan has parts"
    assert principal_fen >= many, "every part is an amount"
    principals, surcharges = _shares(principal_fen, many), _shares(surcharge_fen, many)
    return [Part(n + 1, principals[n], surcharges[n], day) for n, day in enumerate(days)]


def _shares(fen: int, many: int) -> list[int]:
    whole, rest = divmod(fen, many)
    return [whole + (n < rest) for n in range(many)]


def days_of(first: date, *, many: int, calendar: Calendar) -> list[date]:
    """The same day of each month, its last day where the month is shorter, moved to a working day."""
    return [calendar.next_workday(_months_on(first, n)) for n in range(many)]


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(day.day, last))


PART = """
UPDATE dues_plan_part SET paid_by_order = $3, paid_fen = $4, paid_at = $5
WHERE bill_id = $1 AND place = $2 AND paid_by_order IS NULL
"""
NEXT = """
SELECT place, principal_fen, surcharge_fen, due_on FROM dues_plan_part
WHERE bill_id = $1 AND paid_by_order IS NULL ORDER BY place LIMIT 1
"""
GO_ON = """
UPDATE payments_bill SET paid_fen = paid_fen + $2, version = version + 1, part_place = $3, part_principal_fen = $4,
  part_surcharge_fen = $5, due_on = $6 WHERE id = $1
"""
PAID = """
UPDATE payments_bill SET state = 'paid', paid_fen = paid_fen + $2, paid_at = $3, part_place = NULL,
  part_principal_fen = NULL, part_surcharge_fen = NULL WHERE id = $1 AND state = 'unpaid'
"""


@dataclass(frozen=True)
class Taken:
    """What an order paid of a bill, and who opened it: nobody we know, for some at a window."""

    order: UUID
    citizen: UUID | None
    amount_fen: int
    paid_at: datetime


async def applied(bill: Record, taken: Taken) -> None:
    """
    Notes on an unpaid bill, whose row the caller has locked, what an order paid of it: the bill, or its part payable
    now, and then the next part is payable. `bill`: id, payment_code, part_place.
    """
    id_, place = bill["id"], bill["part_place"]
    if place is not None:
        done = await db.execute(PART, id_, place, taken.order, taken.amount_fen, taken.paid_at)
        assert done == 1, "the part payable now is unpaid"
        rows = await db.fetch(NEXT, id_)
        if rows:
            return await _go_on(bill, rows[0], taken)
    await db.execute(PAID, id_, taken.amount_fen, taken.paid_at)
    await events.publish(
        BillPaid(
            bill=id_, payment_code=bill["payment_code"], order=taken.order, citizen=taken.citizen,
            amount_fen=taken.amount_fen, paid_at=taken.paid_at,
        )
    )  # fmt: skip
    return None


async def _go_on(bill: Record, coming: Record, taken: Taken) -> None:
    """The next part is payable, and the paid order holds the bill no longer."""
    await db.execute(
        GO_ON, bill["id"], taken.amount_fen, coming["place"], coming["principal_fen"], coming["surcharge_fen"],
        coming["due_on"],
    )  # fmt: skip
    await db.execute(
        "UPDATE payments_order_bill SET holding = false WHERE bill_id = $1 AND order_id = $2", bill["id"], taken.order
    )
    await events.publish(
        BillPartPaid(
            bill=bill["id"], order=taken.order, citizen=taken.citizen, place=bill["part_place"],
            amount_fen=taken.amount_fen, next_due_on=coming["due_on"],
        )
    )  # fmt: skip
