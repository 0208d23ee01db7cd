"""What finance sees of the books: accounts by their names, movements with their running balance, what was handed on."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from kit import clock, db
from kit.cursors import end_of
from kit.texts import Text, text
from payments import ledger
from payments.refunds.board import CHANNELS, names_of
from payments.treasury import books, sharing
from payments.treasury.schemas import (
    AccountStatement,
    AccountView,
    BookProof,
    HandingOverView,
    MovementView,
    RuleView,
    SharedView,
    TrialBalance,
)

KINDS = {
    "payment": text("收款", "Payment received"),
    "refund_decided": text("退付已批准", "Refund agreed"),
    "refund_undone": text("退付未成，冲回", "Refund came to nothing, countered"),
    "refund": text("退付已到账", "Refund through"),
    "handing_over": text("划缴国库", "Handed on to the treasury"),
    "channel_fee": text("渠道手续费", "The channel's fee"),
    "correction": text("差异更正", "Difference corrected"),
    "counter_deposit": text("窗口缴存银行", "Brought to the bank from a window"),
}
PLAIN = {
    ledger.SURPLUS: text("暂存：待退多缴款", "Suspense: surplus to go back"),
    ledger.DISPUTED: text("暂存：待处理款项", "Suspense: disputed"),
    ledger.REFUNDING: text("暂存：退付在途", "Suspense: refunds under way"),
    ledger.RETURNED: text("国库直接退付", "Paid back by the treasury"),
    ledger.BANK: text("窗口缴存银行", "Brought to the bank from windows"),
    "suspense:unmatched": text("暂存：对账挂账", "Suspense: differences on account"),
}
KIND_OF_ACCOUNT = {
    "channel": text("渠道待结算", "Held by channel"),
    "income": text("待缴非税收入", "Income owed to the treasury"),
    "treasury": text("已划缴国库", "Handed on to treasury"),
    "fee": text("手续费支出", "Fees charged"),
    "fee_payable": text("应付手续费", "Fees payable"),
    "suspense": text("暂存款", "Suspense"),
    "recoverable": text("应收渠道款", "Owed by channel"),
}


def name_of(account: str) -> Text:
    """What people call an account."""
    if account in PLAIN:
        return PLAIN[account]
    kind, _, rest = account.partition(":")
    head = KIND_OF_ACCOUNT.get(kind, text(kind))
    told = CHANNELS.get(rest, text(rest.replace(":", " · ")))
    return text(f"{head.zh} {told.zh}", f"{head.en} {told.en or told.zh}")


async def trial_balance(at: datetime | None) -> TrialBalance:
    """All accounts as they stood at an instant."""
    moment = at or clock.now()
    accounts = [
        AccountView(
            account=a.name, name=name_of(a.name), debit_fen=a.debit_fen, credit_fen=a.credit_fen,
            balance_fen=a.balance_fen,
        )
        for a in await books.trial_balance(moment)
    ]  # fmt: skip
    debit, credit = sum(a.debit_fen for a in accounts), sum(a.credit_fen for a in accounts)
    return TrialBalance(at=moment, accounts=accounts, debit_fen=debit, credit_fen=credit, balanced=debit == credit)


async def statement(
    account: str, *, since: date | None, until: date | None, limit: int, after: tuple[datetime, UUID] | None
) -> AccountStatement:
    """What moved on an account from one office day to another, with the balance after each movement."""
    last = until or clock.today()
    first = since or last - timedelta(days=30)
    start, end = books.span_of(first)[0], books.span_of(last)[1]
    rows = await books.statement(account, since=start, until=end, limit=limit + 1, after=after)
    opening = await books.balance_before(account, start)
    running = opening + await _before(account, start, after)
    items = []
    for row in rows[:limit]:
        running += row["amount_fen"]
        items.append(
            MovementView(
                id=row["id"], at=row["at"], kind=row["kind"], kind_text=KINDS.get(row["kind"], text(row["kind"])),
                reference=row["reference"], against=row["against"] or [],
                against_text=[name_of(one) for one in row["against"] or []], amount_fen=row["amount_fen"],
                balance_fen=running,
            )
        )  # fmt: skip
    return AccountStatement(
        account=account, name=name_of(account), since=first, until=last, opening_fen=opening, items=items,
        closing_fen=await books.balance_before(account, end),
        next_cursor=end_of("movements", items[-1].at, items[-1].id) if len(rows) > limit else None,
    )  # fmt: skip


async def _before(account: str, start: datetime, after: tuple[datetime, UUID] | None) -> int:
    """What moved from the first instant of the span to where the page begins."""
    if after is None:
        return 0
    return int(
        await db.fetch_value(
            "SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM payments_posting p JOIN payments_ledger_entry e "
            "ON e.id = p.entry_id WHERE p.account = $1 AND e.at >= $2 AND (e.at, p.id) <= ($3, $4::uuid)",
            account, start, *after,
        )
    )  # fmt: skip


async def proof() -> BookProof:
    """The books recomputed now, day by day, against their seals."""
    found = await books.replay()
    last = await db.fetch("SELECT day, digest FROM treasury_book_seal ORDER BY day DESC LIMIT 1")
    return BookProof(
        holds=found.holds, days=found.days, first_wrong=found.first_wrong, unbalanced=found.unbalanced,
        last_day=last[0]["day"] if last else None, digest=last[0]["digest"] if last else None,
    )  # fmt: skip


async def rules() -> list[RuleView]:
    found = await sharing.rules()
    names = await names_of(rule["made_by"] for rule in found)
    return [
        RuleView(
            department=rule["department_id"], department_name=rule["name"], income_item=rule["income_item_code"],
            effective_on=rule["effective_on"], shares=rule["shares"], basis=rule["basis"],
            made_by=names[rule["made_by"]].name, made_at=rule["made_at"],
        )
        for rule in found
    ]  # fmt: skip


async def handed_over(limit: int = 100) -> list[HandingOverView]:
    """The latest first."""
    rows = await db.fetch("SELECT * FROM treasury_handing_over ORDER BY made_at DESC, number LIMIT $1", limit)
    names = await names_of(row["made_by"] for row in rows)
    return [
        HandingOverView(
            number=row["number"], department=row["department_id"], income_item=row["income_item_code"],
            until=row["until"], amount_fen=row["amount_fen"], shares=_shares(row["shares"]),
            made_by=names[row["made_by"]].name, made_at=row["made_at"],
        )
        for row in rows
    ]  # fmt: skip


def _shares(told: str) -> list[SharedView]:
    kept: list[dict[str, Any]] = json.loads(told)
    return [SharedView(**{name: share[name] for name in SharedView.model_fields}) for share in kept]
