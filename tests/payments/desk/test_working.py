"""Differences and exceptions are worked by two people, and only by what the books and the channel allow."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import openpyxl
import pytest
from starlette.requests import Request
from starlette.responses import Response

from kit import clock, db
from mobileapi import wiring
from payments import ledger, refunds, standing
from payments.desk import carrying, jobs
from payments.desk.states import ALLOWED, PROPOSAL_MOVES, Action, ProposalState, actions_for
from payments.exceptions import open_exception
from payments.reconciliation import reconcile
from payments.states import DifferenceClass, ExceptionKind
from tests.payments.desk.conftest import Finance
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, transaction
from tests.payments.wire.conftest import Counter, written
from tests.payments.wire.test_statements import DAY, bill, paid, row

pytestmark = pytest.mark.anyio
NOTE = "核对了渠道后台与凭证"


@pytest.fixture
async def amount(finance: Finance, counter: Counter, post: Postman, fake: FakeWechatPay) -> str:
    """The channel's bill shows a fen more than we booked."""
    (order,) = await paid(counter, post, 10000)
    fake.statement = bill(row(order, fen=10001))
    await reconcile("wechat", DAY)
    (matter,) = (await finance.one.ask("GET", "/differences?kind=amount"))["items"]
    assert (matter["ours_fen"], matter["theirs_fen"], matter["owner"]) == (10000, 10001, None)
    found: str = matter["id"]
    return found


async def proposals() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT action, state FROM desk_proposal ORDER BY proposed_at")
    return [(r["action"], r["state"]) for r in rows]


async def last() -> str:
    """The id of the latest proposal, as who decides has read it."""
    return str(await db.fetch_value("SELECT id FROM desk_proposal ORDER BY proposed_at DESC LIMIT 1"))


async def propose(finance: Finance, matter: str, action: str, *, status: int = 200, **more: Any) -> Any:
    body = {"action": action, "note": NOTE} | more
    return await finance.one.ask("POST", f"/differences/{matter}/proposal", status=status, json=body)


async def test_who_proposes_does_not_approve(finance: Finance, amount: str) -> None:
    told = await propose(finance, amount, "suspense")
    assert (told["owner"]["name"], told["proposal"], told["may_decide"]) == ("钱会计", "waiting", False)
    before = await written()
    assert (
        await finance.one.refused(f"/differences/{amount}/approval", proposal=await last(), approve=True)
        == "by_the_same_person"
    )
    assert (
        await finance.auditor.refused(
            f"/differences/{amount}/approval", status=403, proposal=await last(), approve=True
        )
        == "forbidden"
    )
    assert (
        await finance.clerk.refused(f"/differences/{amount}/approval", status=403, proposal=await last(), approve=True)
        == "forbidden"
    )
    assert (await written(), await proposals()) == (before, [("suspense", "waiting")])


async def test_a_proposal_put_in_the_place_of_the_one_that_was_read_is_not_decided(
    finance: Finance, amount: str
) -> None:
    path = f"/differences/{amount}/approval"
    await propose(finance, amount, "explain")
    read = await last()
    await finance.one.ask("POST", path, json={"proposal": read, "approve": False})
    await propose(finance, amount, "suspense")
    before = await written()
    assert await finance.other.refused(path, proposal=read, approve=True) == "nothing_proposed"
    for wrong in ({"proposal": await last(), "approve": 1}, {"proposal": await last(), "approve": "no"}):
        await finance.other.ask("POST", path, status=422, json=wrong)
    assert (await written(), await proposals()) == (before, [("explain", "withdrawn"), ("suspense", "waiting")])


async def test_the_database_refuses_an_approval_by_the_proposer(finance: Finance, amount: str) -> None:
    await propose(finance, amount, "explain")
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE desk_proposal SET state = 'approved', decided_by = proposed_by, decided_at = now()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("UPDATE payments_difference SET state = 'explained'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("UPDATE desk_proposal SET note = 'something else entirely'")


async def test_an_agreed_gap_is_booked_to_suspense_once_and_nothing_is_edited(finance: Finance, amount: str) -> None:
    before = await db.fetch("SELECT * FROM payments_posting ORDER BY id")
    done = await finance.agreed(amount, "suspense")
    assert (done["state"], done["proposals"][0]["outcome"]) == ("resolved", "booked")
    assert done["proposals"][0]["booked"] == [["channel:wechat", 1], ["suspense:unmatched", -1]]
    assert await ledger.balance("suspense:unmatched") == -1
    assert await ledger.balance("channel:wechat") == 10001
    kept = await db.fetch("SELECT * FROM payments_posting WHERE account NOT LIKE 'suspense:unmatched' ORDER BY id")
    assert set(before) <= set(kept)
    assert (
        await finance.other.refused(f"/differences/{amount}/approval", proposal=await last(), approve=True)
        == "nothing_proposed"
    )
    assert await ledger.balance("suspense:unmatched") == -1


async def test_ten_approvals_at_once_book_once(finance: Finance, amount: str) -> None:
    await propose(finance, amount, "suspense")
    path, body = f"/api/v1/differences/{amount}/approval", {"proposal": await last(), "approve": True}
    headers = [await finance.other.signed_in() | {"idempotency-key": f"k{n}"} for n in range(10)]
    answers = await asyncio.gather(*(finance.other.web.post(path, headers=h, json=body) for h in headers))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry WHERE kind = 'correction'") == 1


async def test_a_rerun_leaves_what_two_people_closed(finance: Finance, amount: str) -> None:
    await finance.agreed(amount, "suspense")
    outcome = await reconcile("wechat", DAY)
    assert (outcome.differences, outcome.exit_code) == (0, 0)
    assert await db.fetch_value("SELECT state FROM payments_difference WHERE kind = 'amount'") == "resolved"


async def test_what_changes_after_it_was_closed_is_open_again(
    finance: Finance, amount: str, fake: FakeWechatPay
) -> None:
    await finance.agreed(amount, "explain")
    number = await db.fetch_value("SELECT number FROM payments_order")
    fake.statement = bill(row({"number": number, "amount_fen": 10000}, fen=10002))
    await reconcile("wechat", DAY)
    assert await db.fetch_value("SELECT state FROM payments_difference WHERE kind = 'amount'") == "open"


async def test_a_proposal_about_other_figures_is_not_approved(
    finance: Finance, amount: str, fake: FakeWechatPay
) -> None:
    await propose(finance, amount, "suspense")
    number = await db.fetch_value("SELECT number FROM payments_order")
    fake.statement = bill(row({"number": number, "amount_fen": 10000}, fen=99999))
    await reconcile("wechat", DAY)
    before = await written()
    assert (
        await finance.other.refused(f"/differences/{amount}/approval", proposal=await last(), approve=True)
        == "matter_changed"
    )
    assert await written() == before


async def test_a_refused_proposal_leaves_the_matter_open_for_another(finance: Finance, amount: str) -> None:
    await propose(finance, amount, "explain")
    assert (await propose(finance, amount, "explain", status=409))["code"] == "matter_proposed"
    body = {"proposal": await last(), "approve": False, "note": "请附渠道回单"}
    told = await finance.other.ask("POST", f"/differences/{amount}/approval", json=body)
    assert (told["state"], told["proposals"][0]["state"]) == ("open", "refused")
    await propose(finance, amount, "explain")
    told = await finance.one.ask(
        "POST", f"/differences/{amount}/approval", json={"proposal": await last(), "approve": False}
    )
    assert [p["state"] for p in told["proposals"]] == ["withdrawn", "refused"]


async def test_what_is_awaited_stays_open_and_is_overdue_after_its_day(finance: Finance, amount: str) -> None:
    ahead = (clock.today() + timedelta(days=2)).isoformat()
    refused = await propose(finance, amount, "explain", status=422, expected_by=ahead)
    assert (refused["errors"][0]["field"], await proposals()) == ("expected_by", [])
    number = await db.fetch_value("SELECT number FROM payments_order")
    await open_exception(ExceptionKind.UNRESOLVED, channel="wechat", reference=number)
    (waits,) = (await finance.one.ask("GET", "/differences?source=exception"))["items"]
    for wrong in (None, clock.today().isoformat(), (clock.today() + timedelta(days=40)).isoformat()):
        refused = await propose(finance, waits["id"], "await", status=422, **({"expected_by": wrong} if wrong else {}))
        assert refused["errors"][0]["field"] == "expected_by"
    told = await finance.agreed(waits["id"], "await", expected_by=ahead)
    assert (told["state"], told["expected_by"], told["overdue"]) == ("open", ahead, False)
    with clock.moved(timedelta(days=3)):
        assert (await finance.one.ask("GET", f"/differences/{waits['id']}"))["overdue"]
        assert (await finance.auditor.ask("GET", "/differences/board"))["overdue"] == 1


async def test_money_there_for_an_order_here_goes_through_the_door_of_every_payment(
    finance: Finance, counter: Counter, fake: FakeWechatPay
) -> None:
    """The order was given up; the channel has the money: it is taken as surplus and goes back."""
    citizen = await counter.citizen()
    order = await counter.held(citizen, await counter.bill(fen=5000))
    await db.execute("UPDATE payments_order SET state = 'closed', next_check_at = NULL WHERE id = $1", order["id"])
    await db.execute("UPDATE payments_order_bill SET holding = false")
    fake.statement = bill(row(order))
    await reconcile("wechat", DAY)
    (matter,) = (await finance.one.ask("GET", "/differences?kind=missing_here"))["items"]
    assert [a["action"] for a in (await finance.one.ask("GET", f"/differences/{matter['id']}"))["actions"]] == [
        "settle", "await", "explain",
    ]  # fmt: skip
    assert (await propose(finance, matter["id"], "suspense", status=409))["code"] == "ask_the_channel"
    fake.said[order["number"]] = transaction(order)
    done = await finance.agreed(matter["id"], "settle")
    assert (done["state"], done["proposals"][0]["outcome"]) == ("resolved", "surplus")
    (payment,) = await db.fetch("SELECT outcome, amount_fen FROM payments_payment")
    assert dict(payment) == {"outcome": "surplus", "amount_fen": 5000}
    assert await db.fetch_value("SELECT count(*) FROM payments_refund WHERE reason = 'surplus'") == 1


async def test_what_the_channel_denies_is_not_settled(finance: Finance, counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill(fen=5000))
    await open_exception(ExceptionKind.UNRESOLVED, channel="wechat", reference=order["number"])
    (matter,) = (await finance.one.ask("GET", "/differences?source=exception"))["items"]
    before = await written()
    done = await finance.agreed(matter["id"], "settle")
    assert done["state"] == "open"
    assert done["proposals"][0]["state"] == "failed"
    assert done["proposals"][0]["outcome"].startswith("channel_says_")
    assert await written() == before


async def test_a_silent_channel_is_asked_again_until_it_answers(
    finance: Finance, counter: Counter, fake: FakeWechatPay
) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill(fen=5000))
    await open_exception(ExceptionKind.UNRESOLVED, channel="wechat", reference=order["number"])
    (matter,) = (await finance.one.ask("GET", "/differences?source=exception"))["items"]

    async def silent(_: Request, __: bytes) -> Response:
        return Response(b"", status_code=502)

    fake.scripts["query"] = silent
    told = await finance.agreed(matter["id"], "settle")
    assert (told["state"], told["proposal"]) == ("open", "approved")
    del fake.scripts["query"]
    fake.said[order["number"]] = transaction(order)
    (running,) = await carrying.running()
    await asyncio.gather(*(carrying.carry_out(running) for _ in range(4)))
    told = await finance.one.ask("GET", f"/differences/{matter['id']}")
    assert (told["state"], told["proposals"][0]["outcome"]) in {("resolved", "settled"), ("resolved", "known")}
    assert await db.fetch_value("SELECT count(*) FROM payments_payment WHERE outcome = 'settled'") == 1
    assert await db.fetch_value("SELECT count(*) FROM payments_ledger_entry") == 1


async def test_money_of_an_order_we_never_had_is_held_in_suspense(
    finance: Finance, counter: Counter, fake: FakeWechatPay
) -> None:
    fake.statement = bill(row({"number": "HH20261120NOTOURS", "amount_fen": 777}))
    await reconcile("wechat", DAY)
    (matter,) = (await finance.one.ask("GET", "/differences?kind=missing_here"))["items"]
    await finance.agreed(matter["id"], "suspense")
    assert (await ledger.balance("suspense:unmatched"), await ledger.balance("channel:wechat")) == (-777, 777)


async def test_what_the_channel_lacks_is_recovered_after_the_day_it_may_still_come(
    finance: Finance, counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    one, _ = await paid(counter, post, 100, 200)
    fake.statement = bill(row(one))
    await reconcile("wechat", DAY)
    (matter,) = (await finance.one.ask("GET", "/differences?kind=missing_there"))["items"]
    await db.execute("UPDATE payments_difference SET expected_by = $1", clock.today())
    assert (await propose(finance, matter["id"], "recover", status=409))["code"] == "still_expected"
    with clock.moved(timedelta(days=1)):
        await finance.agreed(matter["id"], "recover")
    assert (await ledger.balance("recoverable:wechat"), await ledger.balance("channel:wechat")) == (200, 100)


async def test_a_fee_is_corrected_apart_from_public_money(
    finance: Finance, counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    (order,) = await paid(counter, post, 10000)
    fake.statement = bill(row(order, fee=65))
    await reconcile("wechat", DAY)
    (matter,) = (await finance.one.ask("GET", "/differences?kind=fee"))["items"]
    done = await finance.agreed(matter["id"], "fee")
    assert done["proposals"][0]["booked"] == [["fee_payable:wechat", 5], ["fee:wechat", -5]]
    assert await ledger.balance("channel:wechat") == 10000


async def test_disputed_money_goes_back_and_is_not_explained_away(
    finance: Finance, counter: Counter, fake: FakeWechatPay
) -> None:
    """A query says that another amount was paid: booked as disputed, returned by two people."""
    order = await counter.held(await counter.citizen(), await counter.bill(fen=5000))
    fake.said[order["number"]] = transaction(order, total=4999)
    await db.execute("UPDATE payments_order SET next_check_at = $1", clock.now())
    await standing.check(order["id"])
    (matter,) = (await finance.one.ask("GET", "/differences?source=exception"))["items"]
    assert (matter["class"], matter["ours_fen"], matter["theirs_fen"]) == ("wrong_amount", 5000, 4999)
    assert (await propose(finance, matter["id"], "explain", status=409))["code"] == "money_still_here"
    assert await ledger.balance(ledger.DISPUTED) == -4999
    done = await finance.agreed(matter["id"], "return")
    assert done["state"] == "resolved"
    assert (await ledger.balance(ledger.DISPUTED), await ledger.balance(ledger.SURPLUS)) == (0, -4999)
    (refund,) = await db.fetch("SELECT amount_fen, reason, state FROM payments_refund")
    assert dict(refund) == {"amount_fen": 4999, "reason": "surplus", "state": "requested"}
    assert (await counter.row(order["id"]))["state"] == "refunding"
    assert len(await refunds.due()) == 1


async def test_a_matter_is_taken_over_and_listed_as_mine(finance: Finance, amount: str) -> None:
    await finance.one.ask("POST", f"/differences/{amount}/owner", json={})
    assert [m["id"] for m in (await finance.one.ask("GET", "/differences?state=mine"))["items"]] == [amount]
    await finance.other.ask("POST", f"/differences/{amount}/owner", json={})
    assert (await finance.one.ask("GET", "/differences?state=mine"))["items"] == []
    told = await finance.one.ask("GET", f"/differences/{amount}")
    assert (told["owner"]["name"], told["mine"]) == ("周主管", False)


async def test_the_board_tells_how_long_what_waits(finance: Finance, amount: str) -> None:
    await db.execute("UPDATE payments_difference SET found_at = $1", clock.now() - timedelta(days=5))
    await open_exception(ExceptionKind.UNRESOLVED, channel="wechat", reference="HH1")
    board = await finance.auditor.ask("GET", "/differences/board")
    assert (board["open"], board["overdue"], board["waiting"], board["unowned"]) == (
        sum(k["count"] for k in board["kinds"]), 0, 0, board["open"],
    )  # fmt: skip
    by_kind = {k["class"]: (k["count"], k["fen"], k["ages"]) for k in board["kinds"]}
    assert by_kind["amount"] == (1, 1, [0, 0, 1, 0, 0])
    assert by_kind["unresolved"] == (1, 0, [1, 0, 0, 0, 0])
    assert sum(age["count"] for age in board["ages"]) == board["open"]


async def test_pages_follow_each_other_without_gap_or_repeat(finance: Finance, counter: Counter) -> None:
    for n in range(7):
        await open_exception(ExceptionKind.UNRESOLVED, channel="wechat", reference=f"HH{n}")
    seen, cursor = [], ""
    while True:
        page = await finance.one.ask("GET", f"/differences?limit=3{cursor}")
        seen += [m["reference"] for m in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [f"HH{n}" for n in range(7)]


async def test_a_name_that_looks_like_a_formula_is_neutralised_in_every_file(
    finance: Finance, counter: Counter
) -> None:
    await open_exception(ExceptionKind.UNRESOLVED, channel="wechat", reference='=HYPERLINK("http://x","y")')
    sheet = (await finance.one.ask("GET", "/differences.csv")).decode("utf-8-sig")
    assert "'=HYPERLINK(" in sheet
    assert ',"=HYPERLINK(' not in sheet
    assert "opened_at (Asia/Shanghai)" in sheet.splitlines()[0]
    assert "+08:00" in sheet.splitlines()[1]
    book = openpyxl.load_workbook(io.BytesIO(await finance.auditor.ask("GET", "/differences.xlsx")))
    cells = [cell for line in book.active.iter_rows() for cell in line]
    assert {str(c.value)[:5] for c in cells if "HYPERLINK" in str(c.value)} == {"'=HYP"}
    assert {c.data_type for c in cells} <= {"s", "n"}


def test_every_kind_has_actions_and_every_action_is_for_something() -> None:
    kinds = {*map(str, DifferenceClass), *map(str, ExceptionKind)}
    assert all(actions_for(kind) for kind in kinds)
    assert set(ALLOWED) <= kinds
    assert {a for actions in ALLOWED.values() for a in actions} == set(Action)
    assert PROPOSAL_MOVES[ProposalState.WAITING] and not PROPOSAL_MOVES[ProposalState.DONE]


async def test_a_notice_of_another_amount_waits_for_people(finance: Finance, counter: Counter, post: Postman) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill(fen=5000))
    said = transaction(order, total=1)
    assert (await post.deliver(notice(said))).status_code != 204
    (matter,) = (await finance.one.ask("GET", "/differences?source=exception"))["items"]
    assert [a["action"] for a in (await finance.one.ask("GET", f"/differences/{matter['id']}"))["actions"]] == [
        "await", "explain",
    ]  # fmt: skip


async def test_finance_is_told_each_morning_of_what_waits_and_nobody_else_is(
    finance: Finance, amount: str, drain: Callable[[], Awaitable[None]]
) -> None:
    wiring.connect()
    await jobs.tell_what_is_overdue()
    await drain()
    told = "SELECT staff, text->>'zh' AS text FROM notify_staff_notice WHERE kind = 'differences_wait'"
    assert await db.fetch(told) == []
    await db.execute("UPDATE payments_difference SET expected_by = $1", clock.today() - timedelta(days=1))
    await propose(finance, amount, "explain")
    for _ in range(2):
        await jobs.tell_what_is_overdue()
        await drain()
    rows = await db.fetch(told)
    assert {row["staff"] for row in rows} == {finance.one.who.id, finance.other.who.id}
    overdue = await db.fetch_value("SELECT count(*) FROM payments_difference WHERE state = 'open'")
    assert [row["text"] for row in rows] == [f"对账差异：{overdue} 件已逾期，1 件待批准"] * 2
