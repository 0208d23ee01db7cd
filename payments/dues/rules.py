"""Surcharge rules by the day they hold from. A new version is a new row; a bill keeps what it was told."""

from datetime import date

from kit import db
from kit.texts import Text
from payments.errors import NoSuchSurchargeRule
from payments.surcharge import Terms

IN_FORCE = """
SELECT code, since, per_myriad_a_day, cap_per_cent, name, basis FROM dues_surcharge_rule
WHERE code = $1 AND since <= $2 ORDER BY since DESC LIMIT 1
"""


async def in_force(code: str, *, on: date) -> Terms:
    """The version of a rule that holds on a day. Raises NoSuchSurchargeRule when none does."""
    rows = await db.fetch(IN_FORCE, code, on)
    if not rows:
        raise NoSuchSurchargeRule
    row = rows[0]
    return Terms(
        row["code"], row["since"], row["per_myriad_a_day"], row["cap_per_cent"],
        Text.model_validate_json(row["name"]), Text.model_validate_json(row["basis"]),
    )  # fmt: skip


async def known() -> list[Terms]:
    """Every version of every rule, the latest first."""
    codes = await db.fetch("SELECT code, since FROM dues_surcharge_rule ORDER BY code, since DESC")
    return [await in_force(row["code"], on=row["since"]) for row in codes]
