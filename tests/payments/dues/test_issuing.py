"""Bills a department issues over the API, fees by the day they hold from, files, and reminders."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from kit import clock, db, events
from payments.bills import due_on
from payments.dues import reminders
from payments.dues.rules import in_force
from payments.errors import NoSuchSurchargeRule
from payments.events import BillFallsDue
from payments.models import Bill, BillLine
from tests.payments.dues.conftest import Desk
from tests.payments.dues.test_amendments import issued

pytestmark = pytest.mark.anyio
HEAD = (
    "payment_code,kind,title,department,income_item_code,income_item_name,legal_basis,payer_name,payer_phone,due_on,"
    "line_name,amount_yuan,line_basis,line_explanation\n"
)
ROW = "{code},exam_fee,考试费,{of},103042702,考试费收入,价格文件,李大伟,13800000002,2027-01-08,报名费,{yuan},文件三,笔试\n"


async def test_a_bill_is_issued_with_a_code_and_the_law_s_days(desk: Desk) -> None:
    made = await desk.ask("clerk", "POST", "/desk/bills", json=issued(), status=201)
    bill = await Bill.get(id=made["id"])
    assert (bill.principal_fen, bill.department_id, bill.received_on) == (5000, "JJ", clock.today())
    assert bill.due_on >= clock.today() + timedelta(days=15)
    assert (bill.surcharge_terms or {})["since"] == "2021-07-15"
    assert made["payment_code"] == bill.payment_code
    assert len(bill.payment_code) == 20


@pytest.mark.parametrize(
    "change",
    [
        {"lines": []}, {"lines": [{"name": "罚", "amount_fen": 0, "basis": "法", "explanation": "因"}]},
        {"lines": [{"name": "罚", "amount_fen": 0.5, "basis": "法", "explanation": "因"}]},
        {"lines": [{"name": "罚", "amount_fen": 6_000_000_000, "basis": "法", "explanation": "因"}] * 2},
        {"lines": [{"name": "罚", "amount_fen": 1e30, "basis": "法", "explanation": "因"}]},
        {"lines": [{"fee": "none", "quantity": 1}]}, {"surcharge": "ten_per_cent"}, {"payment_code": "12"},
        {"payer": {"name": "陈小明"}}, {"department": "GA"}, {"due_on": "2020-01-01"},
        {"received_on": "2999-01-01"}, {"replaces": "00000000-0000-4000-8000-000000000000"}, {"principal_fen": 1},
    ],
)  # fmt: skip
async def test_what_is_no_bill_is_refused_and_nothing_is_issued(desk: Desk, change: dict[str, Any]) -> None:
    await desk.ask("clerk", "POST", "/desk/bills", json=issued() | change, status=422)
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 0


async def test_the_same_code_with_other_contents_is_refused(desk: Desk) -> None:
    body = issued("44010526000000000090")
    await desk.ask("clerk", "POST", "/desk/bills", json=body, status=201)
    other = body | {"title": "另一张"}
    assert (await desk.ask("clerk", "POST", "/desk/bills", json=other, status=409))["code"] == "bill_differs"
    assert (await Bill.get()).title == {"zh": "交通违法罚款", "en": None}


async def test_supervisors_and_citizens_issue_nothing(desk: Desk) -> None:
    for who in ("chief", "payer"):
        assert (await desk.ask(who, "POST", "/desk/bills", json=issued(), status=403))["code"] == "forbidden"
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 0


def fee(since: date, fen: int | None) -> dict[str, Any]:
    return {
        "code": "copy", "since": since.isoformat(), "amount_fen": fen, "unit": "份", "name": "档案复制费",
        "basis": "价费〔2026〕1 号", "income_item": {"code": "103042799", "name": "其他行政事业性收费"},
    }  # fmt: skip


async def test_a_fee_holds_from_its_day_on_and_each_bill_keeps_its_price(desk: Desk) -> None:
    tomorrow, later = clock.today() + timedelta(days=1), clock.today() + timedelta(days=10)
    for since, fen in ((tomorrow, 250), (later, 300)):
        await desk.ask("cashier", "POST", "/desk/fees", json=fee(since, fen), status=204)
    body = issued() | {"lines": [{"fee": "copy", "quantity": 3}], "surcharge": ""}
    assert (await desk.ask("clerk", "POST", "/desk/bills", json=body, status=422))["code"] == "no_such_fee"
    for days, total in ((2, 750), (12, 900)):
        async with desk.town.later(timedelta(days=days)):
            await desk.sit(f"clerk {days}", department="JJ", roles=["clerk"])
            made = await desk.ask(f"clerk {days}", "POST", "/desk/bills", json=body, status=201)
            (line,) = await BillLine.filter(bill_id=made["id"])
            assert line.amount_fen == total
            assert line.explanation["zh"] == f"{total // 300}.{total // 3 % 100:02d} 元/份 × 3 = {total // 100}.{total % 100:02d} 元"  # fmt: skip
            assert [(f["code"], f["amount_fen"]) for f in (await desk.ask(f"clerk {days}", "GET", "/fees"))["items"]] == [("copy", total // 3)]  # fmt: skip


async def test_a_price_of_today_or_a_day_that_has_one_is_not_set(desk: Desk) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    await desk.ask("cashier", "POST", "/desk/fees", json=fee(clock.today(), 250), status=422)
    await desk.ask("cashier", "POST", "/desk/fees", json=fee(tomorrow, 250), status=204)
    await desk.ask("cashier", "POST", "/desk/fees", json=fee(tomorrow, 999), status=422)
    await desk.ask("clerk", "POST", "/desk/fees", json=fee(tomorrow, 1), status=403)
    assert [r["amount_fen"] for r in await db.fetch("SELECT amount_fen FROM dues_fee")] == [250]
    with pytest.raises(Exception, match="never changed"):
        await db.execute("UPDATE dues_fee SET amount_fen = 1")


async def test_a_file_in_the_spreadsheets_encoding_is_taken_and_faults_are_named_by_line(desk: Desk) -> None:
    rows = [("44010526000000000025", "JJ", "4.35"), ("44010526000000000033", "GA", "1.00"), ("12", "JJ", "0.005")]
    content = (HEAD + "".join(ROW.format(code=c, of=of, yuan=y) for c, of, y in rows)).encode("gb18030")
    files = {"file": ("缴款书.csv", content, "text/csv")}
    told = await desk.ask("clerk", "POST", "/desk/bills/import?keep_going=false", files=files)
    assert (told["imported"], [p["line"] for p in told["problems"]]) == (0, [3, 4])
    assert "own bills only" in told["problems"][0]["what"]
    kept = await desk.ask("clerk", "POST", "/desk/bills/import?keep_going=true", files=files)
    assert (kept["imported"], kept["problems_in_all"]) == (1, 2)
    bill = await Bill.get()
    assert (bill.principal_fen, bill.department_id, bill.title["zh"]) == (435, "JJ", "考试费")


async def test_a_file_that_is_none_issues_nothing(desk: Desk) -> None:
    for content in (b"\x00\x01\x02", b"\xff\xfe\x00\x00"):
        files = {"file": ("x.csv", content, "text/csv")}
        await desk.ask("clerk", "POST", "/desk/bills/import", files=files, status=400)
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 0


async def test_a_bill_keeps_the_version_that_held_when_its_decision_was_received(desk: Desk) -> None:
    old = await desk.town.bill(received_on=date(2011, 6, 1), due_on=date(2011, 6, 16))
    due = due_on(old, date(2011, 7, 20))
    assert (due.days, due.surcharge_fen) == (34, 20400), "the law of 1996 knew no cap"
    assert (await in_force("penalty_law_72", on=date(2011, 12, 31))).cap_per_cent is None
    assert (await in_force("penalty_law_72", on=date(2012, 1, 1))).cap_per_cent == 100
    with pytest.raises(NoSuchSurchargeRule):
        await in_force("penalty_law_72", on=date(1996, 9, 30))


async def test_payers_are_reminded_once_of_each_day(desk: Desk, drain: Callable[[], Awaitable[None]]) -> None:
    told: list[BillFallsDue] = []

    async def hear(event: BillFallsDue) -> None:
        told.append(event)

    events.subscribe(BillFallsDue, hear)
    bill = await desk.town.bill()
    for days_before in (4, 3, 3, 0, -1, -2):
        async with desk.town.later(bill.due_on - clock.today() - timedelta(days=days_before)):
            await reminders.remind()
            await drain()
    assert [(e.bill, e.occasion) for e in told] == [(bill.id, o) for o in ("soon", "today", "overdue")]
    assert told[-1].amount_fen == 20600
