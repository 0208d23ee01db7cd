"""One day judged: bills in, differences out, in one transaction. Killed anywhere, nothing of it stands."""

from dataclasses import dataclass
from uuid import UUID

from kit import db
from payments.channels import channel as channel_named
from payments.reconciliation import compare, fundflow, sides, statements
from payments.reconciliation.statements import Kept

# Two tables of a day's size are joined by hash, the smaller one in memory; sorting or compiling gains nothing here.
SETTINGS = """
SELECT set_config('work_mem', '64MB', true), set_config('enable_mergejoin', 'off', true),
  set_config('default_statistics_target', '10', true), set_config('jit', 'off', true)"""


@dataclass(frozen=True)
class Judged:
    """What the bills say of a day, and where they are kept."""

    statement: UUID | None
    fund_statement: UUID | None
    fund: str | None  # agrees | differs
    totals: dict[str, int]
    matched: int
    digest: str | None


async def judge(run: UUID, trade: Kept, fund: Kept | None) -> Judged:
    """
    Finds and keeps every difference of the day. The run's lock orders two at once; again with the same changes nothing.

    Raises: StatementRefused, and then nothing was written.
    """
    party = channel_named(trade.channel)
    points = party.fee_basis_points
    async with db.transaction():
        await db.execute(SETTINGS)
        await db.execute("SELECT 1 FROM payments_reconciliation_run WHERE id = $1 FOR UPDATE", run)
        reader = await statements.bring_in(trade, table="statement_in")
        plain = await sides.lay_out(
            reader, channel=trade.channel, day=trade.day, merchant=party.merchant, app=party.app, points=points
        )
        statement = await statements.believed(trade, reader)
        await compare.find(trade.channel, trade.day, points=points)
        flow = await _fund(fund, ends=reader.ends) if fund else None
        await sides.keep_odd_rows(statement)
        await compare.keep(run, trade.day)
        odd = await compare.count()
        digest = await db.fetch_value(compare.DIGEST, reader.sha1, plain.rows, plain.fen)
    totals = {
        "orders_count": odd["orders_count"] + plain.rows, "orders_fen": odd["orders_fen"] + plain.fen,
        "bill_count": odd["bill_count"] + plain.rows, "bill_fen": odd["bill_fen"] + plain.fen,
        "fees": odd["fees"] + plain.fees_fen,
    }  # fmt: skip
    matched = odd["matched"] + plain.rows
    if flow is None:
        return Judged(statement, None, None, totals, matched, digest)
    return Judged(statement, flow.statement, flow.verdict, totals | flow.totals, matched, digest)


@dataclass(frozen=True)
class _Flow:
    statement: UUID
    verdict: str
    totals: dict[str, int]


async def _fund(fund: Kept, *, ends: str) -> _Flow:
    """The third side, once the first two are laid out."""
    reader = await statements.bring_in(fund, table="fund_in")
    totals = await fundflow.find(reader, channel=fund.channel, day=fund.day, ends=ends)
    statement = await statements.believed(fund, reader)
    await fundflow.keep(statement)
    differs = await db.fetch_value("SELECT 1 FROM difference_found WHERE reference LIKE 'fund:%' LIMIT 1")
    return _Flow(statement, "differs" if differs else "agrees", totals)
