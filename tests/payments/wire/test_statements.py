"""Statements refused whole, rows set aside, days that move: with bills written by hand."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from kit import clock, db, storage
from payments import jobs
from payments.channels.base import BEIJING
from payments.channels.wechatpay_bill import BOM, HEADER, SUMMARY_HEADER
from payments.reconciliation import reconcile
from payments.states import RunState
from tests.payments.wire.channel import APP, MERCHANT, FakeWechatPay, Postman, notice, signed, transaction
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio
DAY = date(2026, 11, 20)


def yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def row(order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    fen = order["amount_fen"]
    return {
        "at": "2026-11-20 08:00:05", "merchant": MERCHANT, "transaction": f"42{order['number'][2:]}", "fen": fen,
        "number": order["number"], "state": "SUCCESS", "product": "罚款,交通", "fee": (fen * 60 + 5000) // 10000,
    } | changes  # fmt: skip


def bill(*rows: dict[str, Any], **summary: Any) -> bytes:
    """A trade bill of payments, its summary right unless told otherwise."""
    lines = [
        f"`{r['at']},`{APP},`{r['merchant']},`0,`,`{r['transaction']},`{r['number']},`o,`NATIVE,`{r['state']},`OTHERS,`CNY,"
        f"`{yuan(r['fen'])},`0.00,`0,`0,`0.00,`0.00,`,`,`{r['product']},`,`{yuan(r['fee'])}000,`0.60%,`{yuan(r['fen'])},"
        "`0.00,`"
        for r in rows
    ]
    total, fees = sum(r["fen"] for r in rows), sum(r["fee"] for r in rows)
    said = {"count": len(rows), "total": yuan(total), "fees": yuan(fees)} | summary
    end = f"`{said['count']}.0,`{said['total']},`0.00,`0.0,`{said['fees']},`{said['total']},`0.00"
    return BOM + b"\r\n".join([HEADER, *(line.encode() for line in lines), SUMMARY_HEADER, end.encode()]) + b"\r\n"


async def paid(counter: Counter, post: Postman, *fens: int, **said: Any) -> list[dict[str, Any]]:
    citizen, orders = await counter.citizen(), []
    for n, fen in enumerate(fens):
        order = await counter.held(citizen, await counter.bill(code=f"44010526{n:012d}", fen=fen))
        assert (await post.deliver(notice(transaction(order, **said)))).status_code == 204
        orders.append(order)
    return orders


async def kinds() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT kind, state FROM payments_difference ORDER BY kind, reference")
    return [(r["kind"], r["state"]) for r in rows]


async def test_exact_fen_out_of_yuan_text(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    orders = await paid(counter, post, 29, 435, 110, 123456789)
    fake.statement = bill(*(row(order) for order in orders))
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.matched) == (RunState.BALANCED, 4)
    totals = await db.fetch_value("SELECT totals FROM payments_reconciliation_run")
    assert json.loads(totals)["bill_fen"] == 29 + 435 + 110 + 123456789


async def test_the_raw_file_is_kept_as_it_came(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    import gzip
    import hashlib

    fake.statement = bill(row((await paid(counter, post, 100))[0]))
    for _ in range(3):
        await reconcile("wechat", DAY)
    (kept,) = await db.fetch("SELECT * FROM payments_statement_file")
    assert gzip.decompress(await storage.get(kept["stored_as"])) == fake.statement
    assert (kept["sha1"], kept["rows"]) == (hashlib.sha1(fake.statement).hexdigest(), 1)
    assert kept["size"] == len(fake.statement)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"count": 1}, "statement_totals"),
        ({"total": "2.99"}, "statement_totals"),
        ({"fees": "9.00"}, "statement_totals"),
        ({"count": "x"}, "statement_totals"),
    ],
)
async def test_a_summary_that_differs_from_its_rows_refuses_the_file(
    counter: Counter, post: Postman, fake: FakeWechatPay, change: dict[str, Any], why: str
) -> None:
    fake.statement = bill(*(row(order) for order in await paid(counter, post, 100, 200)), **change)
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.failure) == (RunState.FAILED, why)
    assert await db.fetch_value("SELECT count(*) FROM payments_statement_row") == 0
    assert await kinds() == []


async def test_the_bill_of_another_merchant_is_refused(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    fake.statement = bill(*(row(order, merchant="1900000002") for order in await paid(counter, post, 100, 200)))
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.failure) == (RunState.FAILED, "statement_merchant")
    assert await kinds() == []


@pytest.mark.parametrize("code", ["STATEMENT_CREATING", "STATEMENTCREATING"])
async def test_a_bill_that_is_being_made_makes_nothing_missing(
    counter: Counter, post: Postman, fake: FakeWechatPay, code: str
) -> None:
    (order,) = await paid(counter, post, 100)

    async def making(*_: Any) -> Any:
        return signed(400, {"code": code, "message": "-"})

    fake.scripts["bill"] = making
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.failure, outcome.exit_code) == (RunState.FAILED, "not_ready", 1)
    assert await kinds() == []
    with pytest.raises(jobs.NotReconciled):
        await jobs.reconcile_day(channel="wechat", day=DAY.isoformat())
    del fake.scripts["bill"]
    fake.statement = bill(row(order))
    await jobs.reconcile_day(channel="wechat", day=DAY.isoformat())
    assert (await reconcile("wechat", DAY)).exit_code == 0


async def test_paid_in_the_last_second_is_matched_to_its_day(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    (order,) = await paid(counter, post, 100, success_time="2026-11-20T23:59:59+08:00")
    fake.statement = bill(row(order, at="2026-11-20 23:59:59"))
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.matched) == (RunState.BALANCED, 1)


async def test_a_payment_in_the_next_days_bill_is_first_missing_then_moved(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    (order,) = await paid(counter, post, 100)
    fake.statement = bill()
    assert (await reconcile("wechat", DAY)).state is RunState.DIFFERENCES
    (found,) = await db.fetch("SELECT kind, expected_by FROM payments_difference")
    assert (found["kind"], found["expected_by"]) == ("missing_there", DAY + timedelta(days=1))
    next_day = bill(row(order, at="2026-11-21 00:00:01"))
    fake.statement = next_day
    await reconcile("wechat", DAY + timedelta(days=1))
    assert await kinds() == [("cross_day", "open"), ("cross_day", "open"), ("missing_there", "healed")]


async def test_a_corrected_bill_heals_what_the_first_one_said(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    (order,) = await paid(counter, post, 100)
    fake.statement = bill(row(order, fen=101))
    assert (await reconcile("wechat", DAY)).state is RunState.DIFFERENCES
    fake.statement = bill(row(order))
    assert (await reconcile("wechat", DAY)).state is RunState.BALANCED
    assert await kinds() == [("amount", "healed")]


async def test_what_people_explained_stays_explained(counter: Counter, post: Postman, fake: FakeWechatPay) -> None:
    (order,) = await paid(counter, post, 100)
    fake.statement = bill(row(order, fen=101))
    await reconcile("wechat", DAY)
    await db.execute(
        "INSERT INTO desk_proposal (id, source, subject, action, note, state, proposed_by, proposed_at, decided_by, "
        "decided_at, decision_note, attempts, outcome, booked) SELECT gen_random_uuid(), 'difference', id, 'explain', "
        "'told by the channel', 'approved', gen_random_uuid(), now(), gen_random_uuid(), now(), '', 0, '', '[]' "
        "FROM payments_difference"
    )
    await db.execute("UPDATE payments_difference SET state = 'explained'")
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.exit_code) == (RunState.BALANCED, 0)
    assert await kinds() == [("amount", "explained")]


async def test_errors_that_cancel_each_other_are_still_found(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    one, two = await paid(counter, post, 10000, 20000)
    fake.statement = bill(row(one, fen=10001, fee=60), row(two, fen=19999, fee=120))
    outcome = await reconcile("wechat", DAY)
    assert outcome.differences == 2
    assert [kind for kind, _ in await kinds()] == ["amount", "amount"]


async def test_yesterday_is_run_at_half_past_ten(counter: Counter, fake: FakeWechatPay) -> None:
    await jobs.reconcile_yesterday()
    await jobs.reconcile_yesterday()
    (job,) = await db.fetch("SELECT args::text AS args FROM procrastinate_jobs WHERE task_name LIKE '%reconcile_day'")
    yesterday = clock.now().astimezone(BEIJING).date() - timedelta(days=1)
    assert f'"{yesterday.isoformat()}"' in job["args"]


async def test_a_channel_that_is_not_connected_is_an_outcome_and_no_run(counter: Counter) -> None:
    outcome = await reconcile("alipay", DAY)
    assert (outcome.run, outcome.state, outcome.failure, outcome.exit_code) == (
        None, RunState.FAILED, "channel_not_connected", 1,
    )  # fmt: skip
    assert await db.fetch_value("SELECT count(*) FROM payments_reconciliation_run") == 0
