"""
The fee table of each department: what is charged for what, from which day on, on which ground.

Charging outside a published table is forbidden, so the table is public. A new price is a new row from a day on; what
was issued before stays as it is.
"""

from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from kit import audit, clock, db
from kit.ids import new_id
from kit.money import yuan_text
from kit.texts import Text, text
from kit.web import Actor
from payments.bills import NewLine
from payments.dues.errors import NoSuchFee, TermsNotPossible

IN_FORCE = """
SELECT DISTINCT ON (department_id, code) department_id, code, since, amount_fen, unit, name, basis, income_item_code,
  income_item_name FROM dues_fee WHERE ($1::text IS NULL OR department_id = $1) AND since <= $2
ORDER BY department_id, code, since DESC
"""


@dataclass(frozen=True)
class NewFee:
    """A price for one `unit`, or none any more when `amount_fen` is None."""

    department: str
    code: str
    since: date
    amount_fen: int | None
    unit: Text
    name: Text
    basis: Text
    income_item_code: str
    income_item_name: Text


async def charged(department: str | None, *, on: date) -> list[Record]:
    """The fees that hold on a day, of one department or of all; those no longer charged are left out."""
    return [row for row in await db.fetch(IN_FORCE, department, on) if row["amount_fen"] is not None]


async def set_fee(actor: Actor, new: NewFee) -> None:
    """
    From a day to come on the fee is another one. Raises TermsNotPossible for a day that is not to come, or that has a
    price already.
    """
    if new.since <= clock.today():
        raise TermsNotPossible
    async with db.transaction():
        written = await db.execute(
            "INSERT INTO dues_fee (id, department_id, code, since, amount_fen, unit, name, basis, income_item_code, "
            "income_item_name, set_by, set_at) VALUES ($1,$2,$3,$4,$5,$6::jsonb,$7::jsonb,$8::jsonb,$9,$10::jsonb,"
            "$11,$12) ON CONFLICT (department_id, code, since) DO NOTHING",
            new_id(), new.department, new.code, new.since, new.amount_fen, _json(new.unit), _json(new.name),
            _json(new.basis), new.income_item_code, _json(new.income_item_name), actor.name, clock.now(),
        )  # fmt: skip
        if not written:
            raise TermsNotPossible
        await audit.record(
            actor=actor.name, action="fee.set", subject=f"fee:{new.department}:{new.code}", since=new.since.isoformat(),
            amount_fen=new.amount_fen,
        )  # fmt: skip


def _json(words: Text) -> str:
    return words.model_dump_json()


async def line_of(department: str, code: str, *, quantity: int, on: date) -> tuple[NewLine, Record]:
    """The line of a bill for so many pieces at the price of a day, and the fee. Raises NoSuchFee."""
    found = {row["code"]: row for row in await charged(department, on=on)}.get(code)
    if found is None:
        raise NoSuchFee
    price, unit = found["amount_fen"], Text.model_validate_json(found["unit"])
    total = price * quantity
    said = text(
        f"{yuan_text(price)} 元/{unit.zh} × {quantity} = {yuan_text(total)} 元",
        f"{yuan_text(price)} yuan a {unit.en or unit.zh} × {quantity} = {yuan_text(total)} yuan",
    )
    name, basis = Text.model_validate_json(found["name"]), Text.model_validate_json(found["basis"])
    return NewLine(name.model_dump(), total, basis.model_dump(), said.model_dump()), found
