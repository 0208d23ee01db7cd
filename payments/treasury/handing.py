"""
划缴: what a body collected goes on to the treasuries that share it, by the rule of its day, to the last fen.

A refund of what was handed on is shared the same way and paid by the treasury (国库退付), not by the channel.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kit import audit, clock, db
from kit.ids import new_id, readable_code
from payments import ledger
from payments.errors import SecondPersonNeeded
from payments.treasury import sharing
from payments.treasury.sharing import Share

# What was handed on counts whenever that was: days handed on later, or out of their order, are handed on once.
# And never more than is there now: what was refunded since is nobody's to hand on.
BALANCES = """
SELECT department, item, least(-booked, -present)::bigint AS fen FROM (
  SELECT split_part(p.account, ':', 2) AS department, split_part(p.account, ':', 3) AS item,
    coalesce(sum(p.amount_fen) FILTER (WHERE e.at < $1 OR e.kind = 'handing_over'), 0) AS booked,
    sum(p.amount_fen) AS present
  FROM payments_posting p JOIN payments_ledger_entry e ON e.id = p.entry_id
  WHERE p.account LIKE 'income:%' GROUP BY 1, 2) account
WHERE booked < 0 AND present < 0 ORDER BY 1, 2
"""


async def hand_over(until: datetime, *, by: str) -> list[str]:
    """
    Hands on what was collected before `until`, net of what was refunded, one entry an item; the accounts without a
    rule, which stay as they are. Again with the same `until` hands on nothing.

    Raises SecondPersonNeeded when `by` set a share that applies: who says where money goes does not send it there.
    """
    assert until <= clock.now(), "only what is past is handed on"
    without_rule = []
    async with db.transaction():
        await sharing.lock()
        for row in await db.fetch(BALANCES, until):
            rule = await sharing.rule_for(row["department"], row["item"], day=clock.city_time(until).date())
            if rule is None:
                without_rule.append(ledger.income_account(row["department"], row["item"]))
                continue
            if rule["made_by"] == by:
                raise SecondPersonNeeded
            known = await db.fetch_value(
                "SELECT 1 FROM treasury_handing_over WHERE department_id = $1 AND income_item_code = $2 AND until = $3",
                row["department"], row["item"], until,
            )  # fmt: skip
            if not known:
                await _hand_over(row, rule=rule, until=until, by=by)
    return without_rule


async def _hand_over(row: Any, *, rule: Any, until: datetime, by: str) -> None:
    number = f"HHT{clock.city_time(clock.now()):%Y%m%d}{readable_code(12)}"
    shares = [Share.model_validate(share) for share in rule["shares"]]
    split = sharing.split(row["fen"], shares=shares)
    told = [share.model_dump() | {"amount_fen": fen} for share, fen in zip(shares, split, strict=True)]
    await db.execute(
        "INSERT INTO treasury_handing_over (id, number, department_id, income_item_code, until, amount_fen, shares, "
        "rule_id, made_by, made_at) VALUES ($1,$2,$3,$4,$5,$6,$7::jsonb,$8,$9,$10)",
        new_id(), number, row["department"], row["item"], until, row["fen"], json.dumps(told, ensure_ascii=False),
        rule["id"], by, clock.now(),
    )  # fmt: skip
    credited = [(account, -fen) for account, fen in shared_out(row["fen"], shares=shares, item=row["item"])]
    income = ledger.income_account(row["department"], row["item"])
    await ledger.post("handing_over", number, postings=[(income, row["fen"]), *credited])
    await audit.record(actor=by, action="treasury.handed_over", subject=f"treasury:{number}", amount_fen=row["fen"])


def shared_out(fen: int, *, shares: Sequence[Share], item: str) -> list[tuple[str, int]]:
    """(account, fen) of each treasury that shares `fen`; those whose share is nothing are left out."""
    split = sharing.split(fen, shares=shares)
    return [(share.account_of(item), part) for share, part in zip(shares, split, strict=True) if part]


async def handed_over(department: str, item: str, *, booked_at: datetime) -> list[Share] | None:
    """The shares by which what was booked then was handed on; None while it was not."""
    rows = await db.fetch(
        "SELECT r.shares FROM treasury_handing_over h JOIN treasury_sharing_rule r ON r.id = h.rule_id "
        "WHERE h.department_id = $1 AND h.income_item_code = $2 AND h.until > $3 ORDER BY h.until LIMIT 1",
        department, item, booked_at,
    )  # fmt: skip
    return [Share.model_validate(share) for share in json.loads(rows[0]["shares"])] if rows else None
