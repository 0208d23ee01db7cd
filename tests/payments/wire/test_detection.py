"""A day of 20,000 rows with every kind of discrepancy, fifty of each: all are found, each by its name, and no other."""

import asyncio
import random
import time
from collections import Counter as Counted
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kit import db
from payments.channels.base import BEIJING
from payments.channels.wechatpay_bill import BOM, FUND_HEADER, FUND_SUMMARY_HEADER, HEADER, SUMMARY_HEADER
from payments.reconciliation import reconcile
from payments.states import RunState
from tests.payments.wire.channel import APP, MERCHANT, FakeWechatPay
from tests.payments.wire.conftest import Counter

pytestmark = pytest.mark.anyio
DAY = date(2026, 11, 20)
PAYMENTS, REFUNDS, EACH = 18_500, 1_500, 50
Row = dict[str, Any]


def yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fee_of(fen: int) -> int:
    return (fen * 60 + 5000) // 10000


def payment(n: int) -> Row:
    fen, second = 1 + n * 7919 % 1_000_000, n % 86400
    at = f"{DAY} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return {
        "at": at, "app": APP, "merchant": MERCHANT, "transaction": f"42{n:026d}", "number": f"HH{n:020d}",
        "state": "SUCCESS", "currency": "CNY", "total": fen, "refund": "0", "applied": 0, "refund_state": "",
        "product": "罚款,交通" if n % 7 else "=HYPERLINK(1)", "fee": fee_of(fen),
    }  # fmt: skip


def refund(n: int) -> Row:
    """Of payment n, half of it or one fen."""
    back = max(1, payment(n)["total"] // 2)
    return payment(n) | {
        "state": "REFUND", "total": 0, "refund": f"HR{n:020d}", "applied": back, "refund_state": "SUCCESS",
        "fee": -fee_of(back),
    }  # fmt: skip


def line(row: Row) -> str:
    values = [
        row["at"], row["app"], row["merchant"], "0", "", row["transaction"], row["number"], "o", "NATIVE", row["state"],
        "OTHERS", row["currency"], yuan(row["total"]), "0.00", "0" if row["refund"] == "0" else f"50{row['refund']}",
        row["refund"], yuan(row["applied"]), "0.00", "ORIGINAL" if row["applied"] else "", row["refund_state"],
        row["product"], "", f"{yuan(row['fee'])}000", "0.60%", yuan(row["total"]), yuan(row["applied"]), "",
    ]  # fmt: skip
    kept = values[:13] if row.get("halved") else values
    return ",".join(f"`{value}" for value in kept)


def trade_bill(rows: list[Row]) -> bytes:
    total, back, fees = (sum(row[name] for row in rows) for name in ("total", "applied", "fee"))
    end = f"`{len(rows)}.0,`{yuan(total)},`{yuan(back)},`0.0,`{yuan(fees)},`{yuan(total)},`{yuan(back)}"
    body = "\r\n".join([*map(line, rows), SUMMARY_HEADER.decode(), end])
    return BOM + HEADER + b"\r\n" + body.encode() + b"\r\n"


def movements(rows: list[Row]) -> list[tuple[str, str, str, str, int]]:
    """What the account sees of such rows: (name, direction, the channel's number, ours, fen)."""
    moved = []
    for row in rows:
        if row["refund"] == "0":
            moved += [("交易", "收入", row["transaction"], row["number"], row["total"])]
            moved += [("扣除交易手续费", "支出", row["transaction"], row["number"], row["fee"])]
        else:
            moved += [("退款", "支出", f"50{row['refund']}", row["refund"], row["applied"])]
            moved += [("退回交易手续费", "收入", f"50{row['refund']}", row["refund"], -row["fee"])]
    return [movement for movement in moved if movement[4]]


def fund_bill(moved: list[tuple[str, str, str, str, int]], *, opening: int = 0) -> bytes:
    lines, balance, sums = [], opening, Counted[str]()
    for n, (name, direction, business, number, fen) in enumerate(moved):
        balance += fen if direction == "收入" else -fen
        sums[direction] += fen
        sums[direction + "笔"] += 1
        values = [f"{DAY} 09:00:00", business, f"19{n:020d}", name, name, direction, yuan(fen), yuan(balance), "system",
                  "", number]  # fmt: skip
        lines.append(",".join(f"`{value}" for value in values))
    end = f"`{len(moved)}.0,`{sums['收入笔']}.0,`{yuan(sums['收入'])},`{sums['支出笔']}.0,`{yuan(sums['支出'])}"
    body = "\r\n".join([*lines, FUND_SUMMARY_HEADER.decode(), end])
    return BOM + FUND_HEADER + b"\r\n" + body.encode() + b"\r\n"


async def book(counter: Counter, rows: list[Row]) -> None:
    """These rows in our books, as if their notices had come."""
    order = await counter.order(await counter.citizen(), await counter.bill())
    taken = [row for row in rows if row["refund"] == "0"]
    back = [row for row in rows if row["refund"] != "0"]
    await db.execute(
        "INSERT INTO payments_payment (id, channel, transaction_id, order_id, number, amount_fen, outcome, paid_at, "
        "learned_at, learned_by) SELECT gen_random_uuid(), 'wechat', t, $1, n, f, 'surplus', a, a, 'query' "
        "FROM unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[]) AS p(t, n, f, a)",
        order["id"], [r["transaction"] for r in taken], [r["number"] for r in taken], [r["total"] for r in taken],
        [moment(r) for r in taken],
    )  # fmt: skip
    await db.execute(
        "INSERT INTO payments_refund (id, number, payment_id, order_id, amount_fen, reason, state, requested_by, "
        "requested_at, accepted_at, finished_at, checks) SELECT gen_random_uuid(), r.number, p.id, p.order_id, r.fen, "
        "'surplus', 'succeeded', 'system', r.at, r.at, r.at, 0 "
        "FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[]) AS r(number, of, fen, at) "
        "JOIN payments_payment p ON p.number = r.of",
        [r["refund"] for r in back], [r["number"] for r in back], [r["applied"] for r in back],
        [moment(r) for r in back],
    )  # fmt: skip


def moment(row: Row) -> datetime:
    return datetime.fromisoformat(row["at"]).replace(tzinfo=BEIJING)


def the_day() -> list[Row]:
    return [payment(n) for n in range(PAYMENTS)] + [refund(n) for n in range(REFUNDS)]


async def found() -> dict[str, set[str]]:
    """References of what is open, by class."""
    rows = await db.fetch("SELECT kind, reference FROM payments_difference d JOIN payments_reconciliation_run r "
                          "ON r.id = d.run_id WHERE d.state = 'open' AND r.day = $1", DAY)  # fmt: skip
    kinds = defaultdict(set)
    for row in rows:
        kinds[row["kind"]].add(row["reference"])
    return dict(kinds)


@dataclass
class Told:
    """The bills of the day being told differently from the truth, and what must be found of it."""

    rows: list[Row]
    dice: random.Random
    wanted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    strangers: int = 0

    def picked(self, *, refund: bool) -> list[Row]:
        """Fifty rows nothing was done to so far."""
        free = [
            r
            for r in self.rows
            if "touched" not in r and (r["refund"] != "0") == refund and r["total" if not refund else "applied"] > 300
        ]
        chosen = self.dice.sample(free, EACH)
        for row in chosen:
            row["touched"] = True
        return chosen

    def want(self, kind: str, row: Row, reference: str | None = None) -> None:
        self.wanted[kind].add(reference or f"{row['number']}:{row['transaction']}")

    def stranger(self) -> Row:
        self.strangers += 1
        return payment(self.strangers) | {
            "number": f"XX{self.strangers:020d}", "transaction": f"43{self.strangers:026d}", "touched": True,
        }  # fmt: skip

    def line_of(self, row: Row) -> str:
        return f"line:{self.rows.index(row) + 2}"


def missing_here(told: Told) -> None:
    for _ in range(EACH):
        row = told.stranger()
        told.rows.append(row)
        told.want("missing_here", row)


def missing_there(told: Told) -> None:
    for row in told.picked(refund=False):
        told.rows.remove(row)
        told.want("missing_there", row)


def changed(kind: str, **change: Callable[[Row], Any]) -> Callable[[Told], None]:
    def tell(told: Told) -> None:
        for row in told.picked(refund=kind.startswith("refund")):
            row |= {name: value(row) for name, value in change.items()}
            if kind in {"merchant", "currency", "malformed"}:
                row["wanted"] = kind  # named by its line, which is known at the end
            elif kind == "refund_amount":
                told.want(kind, row, row["refund"])
            else:
                told.want(kind, row)

    return tell


def duplicate(told: Told) -> None:
    for row in told.picked(refund=False):
        told.rows.append(dict(row))
        told.want("duplicate", row)


def refund_missing(told: Told) -> None:
    for row in told.picked(refund=True):
        told.rows.remove(row)
        told.want("refund_missing", row, row["refund"])


def refund_orphan(told: Told) -> None:
    for _ in range(EACH):
        row = told.stranger() | {"state": "REFUND", "total": 0, "applied": 100, "refund_state": "SUCCESS", "fee": -1}
        row["refund"] = f"RF{row['number']}"
        told.rows.append(row)
        told.want("refund_orphan", row, row["refund"])


TELLINGS = (
    missing_there, changed("amount", total=lambda r: r["total"] + 1, fee=lambda r: fee_of(r["total"] + 1)),
    changed("state", state=lambda _: "REVOKED"), changed("fee", fee=lambda r: r["fee"] + 1),
    changed("merchant", merchant=lambda _: "1900000002"), changed("currency", currency=lambda _: "HKD"),
    changed("malformed", halved=lambda _: True), refund_missing,
    changed("refund_amount", applied=lambda r: r["applied"] + 1, fee=lambda r: -fee_of(r["applied"] + 1)),
    duplicate, missing_here, refund_orphan,
)  # fmt: skip


async def test_a_clean_day_agrees_on_three_sides_and_again_to_the_byte(counter: Counter, fake: FakeWechatPay) -> None:
    rows = the_day()
    await book(counter, rows)
    fake.statement, fake.flow = trade_bill(rows), fund_bill(movements(rows))
    outcome = await reconcile("wechat", DAY)
    assert (outcome.state, outcome.matched, outcome.fund, await found()) == (RunState.BALANCED, PAYMENTS, "agrees", {})
    first = await db.fetch_value("SELECT digest FROM payments_reconciliation_run")
    again = await reconcile("wechat", DAY)
    assert (again.state, again.run) == (RunState.BALANCED, outcome.run)
    assert await db.fetch_value("SELECT digest FROM payments_reconciliation_run") == first
    # of the rows that are right nothing is kept but the file; refunds are looked at one by one
    assert await db.fetch_value("SELECT count(*) FROM payments_statement_row") == REFUNDS


async def tell(told: Told, fake: FakeWechatPay) -> None:
    """Every class but the one that needs the day before."""
    for telling in TELLINGS:
        telling(told)
    for row in [row for row in told.rows if "wanted" in row]:
        told.want(row["wanted"], row, told.line_of(row))
    fake.statement = trade_bill([row | ({"total": row["total"]} if "halved" not in row else {}) for row in told.rows])
    fake.flow = fund_bill(movements(list({r["refund"] + r["number"]: r for r in told.rows}.values())))


async def test_fifty_of_every_class_are_found_and_called_by_their_names(counter: Counter, fake: FakeWechatPay) -> None:
    told = Told(the_day(), random.Random(5))
    await book(counter, told.rows)
    moved = told.picked(refund=False)
    fake.statement = trade_bill([row | {"at": f"{DAY - timedelta(days=1)} 23:59:59"} for row in moved])
    await reconcile("wechat", DAY - timedelta(days=1))
    for row in moved:
        told.rows.remove(row)
        told.want("cross_day", row)
    await tell(told, fake)
    began = time.monotonic()
    outcome = await reconcile("wechat", DAY)
    assert time.monotonic() - began < 60
    assert await found() == dict(told.wanted)
    assert {len(references) for references in told.wanted.values()} == {EACH}
    assert (outcome.state, outcome.fund) == (RunState.DIFFERENCES, "agrees")


async def test_money_that_did_not_move_as_the_bill_says_is_found_row_by_row(
    counter: Counter, fake: FakeWechatPay
) -> None:
    rows = the_day()
    await book(counter, rows)
    moved, dice, wanted = movements(rows), random.Random(6), defaultdict(set)
    what = {"交易": "payment", "扣除交易手续费": "fee", "退款": "refund", "退回交易手续费": "fee_back"}

    def reference(movement: tuple[str, str, str, str, int]) -> str:
        name, _, business, number, _ = movement
        return f"fund:{what[name]}:{number if name in ('退款', '退回交易手续费') else business}"

    chosen = dice.sample(range(len(moved)), 3 * EACH)
    for n in chosen[:EACH]:
        name, direction, business, number, fen = moved[n]
        moved[n] = (name, direction, business, number, fen + 1)
        wanted["fund_amount"].add(reference(moved[n]))
    for n in chosen[EACH : 2 * EACH]:
        wanted["fund_missing"].add(reference(moved[n]))
    for n in chosen[2 * EACH :]:
        name, direction, business, number, fen = moved[n]
        twin = (name, direction, f"9{business}", f"9{number}", fen)
        wanted["fund_unknown"].add(reference(twin))
        moved.append(twin)
    gone = {chosen[n] for n in range(EACH, 2 * EACH)}
    fake.statement = trade_bill(rows)
    fake.flow = fund_bill([movement for n, movement in enumerate(moved) if n not in gone])
    outcome = await reconcile("wechat", DAY)
    assert await found() == dict(wanted)
    assert (outcome.state, outcome.fund, outcome.matched) == (RunState.DIFFERENCES, "differs", PAYMENTS)


async def state() -> list[tuple[Any, ...]]:
    """All a run leaves behind, but ids and times."""
    digest = await db.fetch("SELECT digest, totals::text, matched, state FROM payments_reconciliation_run")
    rows = await db.fetch("SELECT kind, reference, ours_fen, theirs_fen, state FROM payments_difference ORDER BY 1, 2")
    kept = await db.fetch("SELECT kind, number, state, amount_fen FROM payments_statement_row ORDER BY 1, 2, 3, 4")
    return [tuple(row) for row in (*digest, *rows, *kept)]


async def test_runs_killed_anywhere_end_in_the_state_of_one(counter: Counter, fake: FakeWechatPay) -> None:
    told = Told(the_day()[:4000], random.Random(7))
    told.rows += [refund(n) for n in range(300)]
    await book(counter, told.rows)
    await tell(told, fake)
    await reconcile("wechat", DAY)
    undisturbed = await state()
    for table in ("difference", "statement_row", "reconciliation_run", "statement_file"):
        await db.execute(f"DELETE FROM payments_{table}")
    dice = random.Random(8)
    for _ in range(20):
        run = asyncio.create_task(reconcile("wechat", DAY), name=str(uuid4()))
        await asyncio.wait({run}, timeout=dice.uniform(0.01, 0.6))
        run.cancel()
        await asyncio.wait({run})
    await asyncio.gather(reconcile("wechat", DAY), reconcile("wechat", DAY))
    assert await state() == undisturbed
