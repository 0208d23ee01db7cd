"""
Which treasury gets how much of an income item, and through which special account: rows by their day of effect.

Shares are in millionths and add up to one million. What does not divide is given out fen by fen by the largest
remainder, the lower level first, so that the shares always add up to the amount.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from asyncpg import UniqueViolationError
from pydantic import BaseModel, ConfigDict, Field

from kit import audit, clock, db
from kit.ids import new_id
from kit.money import split_by_ratio
from kit.texts import Text
from payments.errors import SharingRuleStands

WHOLE = 1_000_000
LEVELS = ("central", "province", "city", "county")


class Share(BaseModel):
    """One treasury's part. `account`: the special account (财政专户) it goes through; empty: straight there."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    level: str = Field(pattern=f"^({'|'.join(LEVELS)})$")
    treasury: str = Field(pattern=r"^[0-9A-Za-z-]{1,20}$")
    account: str = Field("", pattern=r"^[0-9A-Za-z-]{0,24}$")
    millionths: int = Field(strict=True, gt=0, le=WHOLE)

    def account_of(self, item: str) -> str:
        """The account of the books that says what this treasury got of an income item."""
        return f"treasury:{self.level}:{self.treasury}:{self.account}:{item}"


def split(fen: int, *, shares: Sequence[Share]) -> list[int]:
    """`fen` in the order of `shares`. Raises AssertionError when the shares are not a whole."""
    assert fen >= 0
    assert sum(share.millionths for share in shares) == WHOLE, "the shares are a whole"
    lowest_first = sorted(range(len(shares)), key=lambda place: (-LEVELS.index(shares[place].level), place))
    given = [0] * len(shares)
    parts = split_by_ratio(fen, [shares[place].millionths for place in lowest_first])
    for place, part in zip(lowest_first, parts, strict=True):
        given[place] = part
    return given


async def lock() -> None:
    """Until the open transaction ends no rule is set and nothing is handed on."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('treasury_handing_over', 12))")


async def set_rule(
    department: str, item: str, *, effective_on: date, shares: Sequence[Share], basis: Text, by: str
) -> None:
    """
    Adds a version of a rule; `item` is empty for whatever has no rule of its own. Earlier versions stay.

    Raises: SharingRuleStands when that day has one, or it would change what was handed on already.
    """
    assert sum(share.millionths for share in shares) == WHOLE, "the shape saw to it"
    async with db.transaction():
        await lock()
        late = await db.fetch_value(
            "SELECT 1 FROM treasury_handing_over WHERE department_id = $1 AND ($2 = '' OR income_item_code = $2) "
            "AND until > $3",
            department, item, datetime.combine(effective_on, time(), clock.city_zone()),
        )  # fmt: skip
        if late:
            raise SharingRuleStands
        try:
            await db.execute(
                "INSERT INTO treasury_sharing_rule (id, department_id, income_item_code, effective_on, shares, basis, "
                "made_by, made_at) VALUES ($1,$2,$3,$4,$5::jsonb,$6::jsonb,$7,$8)",
                new_id(), department, item, effective_on,
                json.dumps([share.model_dump() for share in shares]), basis.model_dump_json(), by, clock.now(),
            )  # fmt: skip
        except UniqueViolationError:
            raise SharingRuleStands from None
        await audit.record(
            actor=by,
            action="treasury.rule_set",
            subject=f"treasury:{department}:{item}",
            effective_on=str(effective_on),
        )


async def rule_for(department: str, item: str, *, day: date) -> dict[str, Any] | None:
    """The version in force on a day: the item's own before the department's; `shares` decoded. None without one."""
    rows = await db.fetch(
        "SELECT id, shares, made_by FROM treasury_sharing_rule WHERE department_id = $1 "
        "AND income_item_code IN ($2, '') AND effective_on <= $3 "
        "ORDER BY income_item_code DESC, effective_on DESC LIMIT 1",
        department, item, day,
    )  # fmt: skip
    return dict(rows[0]) | {"shares": json.loads(rows[0]["shares"])} if rows else None


async def rules() -> list[dict[str, Any]]:
    """Every version, the latest first of each item."""
    rows = await db.fetch(
        "SELECT r.department_id, d.name, income_item_code, effective_on, shares, basis, made_by, made_at "
        "FROM treasury_sharing_rule r JOIN auth_department d ON d.code = r.department_id "
        "ORDER BY r.department_id, income_item_code, effective_on DESC"
    )
    return [dict(row) | {name: json.loads(row[name]) for name in ("shares", "basis", "name")} for row in rows]
