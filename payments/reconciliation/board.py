"""What finance and auditors see of a day: the run, its differences, and what to do about each."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tortoise.expressions import Q

from kit import clock, db
from kit.errors import NotFound
from kit.texts import Text, text
from payments.models import Difference, ReconciliationRun, StatementFile
from payments.schemas import DifferenceView, RunDetail, RunView
from payments.states import DifferenceClass, DifferenceState

D = DifferenceClass

CLASSES: dict[DifferenceClass, tuple[Text, Text]] = {
    D.MISSING_HERE: (
        text("长款：渠道有、我方无", "The channel has it, we do not"),
        text(
            "向渠道查询该订单；确已支付的挂账并退款或补记", "Ask the channel; if paid, hold it and refund or book"
        ),
    ),
    D.MISSING_THERE: (
        text("短款：我方有、渠道无", "We have it, the channel does not"),
        text("等待次日账单；仍缺失的向渠道查询并冲正", "Wait for the next day's bill; still missing, ask and reverse"),
    ),
    D.AMOUNT: (
        text("金额不符", "The amounts differ"),
        text("停止自动处理，由财务核对原始凭证", "Stop; finance compares the original documents"),
    ),
    D.STATE: (
        text("状态不符", "The states differ"),
        text("向渠道查询该订单，按查询结果更正", "Ask the channel and correct by its answer"),
    ),
    D.DUPLICATE: (
        text("账单重复行", "The same row twice"),
        text("不重复入账；向渠道申请更正账单", "Not counted twice; ask the channel to correct the bill"),
    ),
    D.FEE: (
        text("手续费不符", "The fee is not as agreed"),
        text("按协议费率核对，报财务处理", "Compare with the agreed rate; tell finance"),
    ),
    D.REFUND_MISSING: (
        text("退款缺失", "A refund is on one side only"),
        text("向渠道查询该笔退款，沿用原退款单号", "Ask the channel about the refund, under the same number"),
    ),
    D.REFUND_AMOUNT: (
        text("退款金额不符", "The refunded amounts differ"),
        text("停止自动处理，由财务核对退款凭证", "Stop; finance compares the refund's documents"),
    ),
    D.CROSS_DAY: (
        text("跨日", "Booked on another day"),
        text("核对相邻日账单，两日合计一致即可说明", "Compare the neighbouring day; explain when both add up"),
    ),
    D.MALFORMED: (
        text("无法读取的账单行", "A row that cannot be taken"),
        text("保留原文件，向渠道核实该行", "The file is kept; ask the channel about the row"),
    ),
    D.MERCHANT: (
        text("其他商户的账单行", "A row of another merchant"),
        text("不入账；向渠道核实商户号", "Not booked; ask the channel about the merchant number"),
    ),
    D.CURRENCY: (
        text("非人民币的账单行", "A row in another currency"),
        text("不入账；向渠道核实币种", "Not booked; ask the channel about the currency"),
    ),
    D.REFUND_ORPHAN: (
        text("退款无原交易", "A refund of a payment nobody here knows"),
        text("向渠道查询原交易；核实前不作处理", "Ask the channel about the payment; do nothing before"),
    ),
    D.FUND_MISSING: (
        text("资金未到：账单有、资金流水无", "In the bill, and no money moved"),
        text("等待次日资金账单；仍缺失的向渠道核实", "Wait for tomorrow's fund bill; still missing, ask the channel"),
    ),
    D.FUND_UNKNOWN: (
        text("资金不明：资金流水有、账单无", "Money moved, and the bill does not say why"),
        text("向渠道核实该笔资金；先挂账", "Ask the channel about the movement; hold it until then"),
    ),
    D.FUND_AMOUNT: (
        text("资金金额不符", "The money that moved is not what the bill says"),
        text("停止自动处理，由财务核对资金流水", "Stop; finance compares the fund flow"),
    ),
    D.FUND_BALANCE: (
        text("账户结余不连续", "A balance is not what the movements make it"),
        text("向渠道核实该行结余与前一行", "Ask the channel about this balance and the one before"),
    ),
}  # fmt: skip


async def runs(
    *, channel: str | None, day: date | None, limit: int, after: tuple[date, str] | None
) -> list[ReconciliationRun]:
    """Runs, the latest day first; `after` the run of a day and channel."""
    query = ReconciliationRun.all()
    if channel is not None:
        query = query.filter(channel=channel)
    if day is not None:
        query = query.filter(day=day)
    if after is not None:
        query = query.filter(Q(day__lt=after[0]) | Q(day=after[0], channel__gt=after[1]))
    return await query.order_by("-day", "channel").limit(limit)


async def runs_shown(found: Sequence[ReconciliationRun]) -> list[RunView]:
    statements = await StatementFile.filter(id__in=[run.statement_id for run in found if run.statement_id])  # type: ignore[attr-defined]
    files = {statement.id: statement for statement in statements}
    opened = await _open_differences([run.id for run in found])
    return [
        _run(run, files.get(run.statement_id), differences=opened.get(run.id, 0))  # type: ignore[attr-defined]
        for run in found
    ]


async def _open_differences(run_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many each run has; runs without any are not named."""
    rows = await db.fetch(
        "SELECT run_id, count(*) AS n FROM payments_difference WHERE run_id = ANY($1) AND state = $2 GROUP BY run_id",
        list(run_ids), str(DifferenceState.OPEN),
    )  # fmt: skip
    return {row["run_id"]: row["n"] for row in rows}


def _run(run: ReconciliationRun, statement: StatementFile | None, *, differences: int) -> RunView:
    return RunView(
        id=run.id, channel=run.channel, day=run.day, state=run.state, attempt=run.attempt, started_at=run.started_at,
        finished_at=run.finished_at, bill_sha1=statement.sha1 if statement else None,
        rows=(statement.rows or 0) if statement else 0, matched=run.matched, totals=run.totals,
        differences_count=differences, failure=run.failure, fund=run.fund, digest=run.digest,
    )  # fmt: skip


async def run_shown(run_id: UUID) -> RunDetail:
    """One run with its differences, open ones first. Raises NotFound."""
    run = await ReconciliationRun.get_or_none(id=run_id)
    if run is None:
        raise NotFound
    (brief,) = await runs_shown([run])
    found = await Difference.filter(run_id=run_id).order_by("kind", "reference")
    found.sort(key=lambda difference: difference.state != DifferenceState.OPEN)
    return RunDetail(
        **{name: getattr(brief, name) for name in RunView.model_fields}, differences=[_difference(d) for d in found]
    )


def _difference(found: Difference) -> DifferenceView:
    name, suggestion = CLASSES[DifferenceClass(found.kind)]
    return DifferenceView(
        id=found.id, kind=found.kind, class_text=name, out_trade_no=found.number, transaction_id=found.transaction_id,
        ours_fen=found.ours_fen, theirs_fen=found.theirs_fen, fund_fen=found.fund_fen, ours=found.ours,
        theirs=found.theirs,
        age_days=(clock.now() - found.found_at).days, expected_by=found.expected_by, suggestion=suggestion,
        state=found.state,
    )  # fmt: skip
