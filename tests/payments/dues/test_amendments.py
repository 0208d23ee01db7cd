"""What may be changed of a bill: by whom, by how many, and what the payer owes then."""

import asyncio
import io
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from kit import clock, db
from kit.errors import HouseError
from payments import checkout
from payments.bills import due_on
from payments.channels import channel
from payments.models import Bill
from payments.settlement import settle
from tests.payments.dues.conftest import Desk

pytestmark = pytest.mark.anyio
WAIVE = {"kind": "waiver", "reason": "确有困难", "basis": "行政强制法第四十二条", "terms": {"surcharge_fen": 600}}


async def approved(desk: Desk, bill: Bill, body: dict[str, Any]) -> Bill:
    """Proposed by a clerk, approved by the supervisor."""
    made = await desk.ask("clerk", "POST", f"/desk/bills/{bill.id}/amendments", json=body, status=201)
    await agree(desk, "chief", made)
    return await Bill.get(id=bill.id)


async def agree(desk: Desk, who: str, made: dict[str, Any], *, status: int = 200) -> Any:
    """Agrees to the proposal as it is told in `made`."""
    body = {"proposed_at": made["proposed_at"]}
    return await desk.ask(who, "POST", f"/desk/amendments/{made['id']}/approval", json=body, status=status)


def late(days: int) -> dict[str, Any]:
    """A bill whose last day was so many days ago."""
    return {"received_on": clock.today() - timedelta(days=days + 15), "due_on": clock.today() - timedelta(days=days)}


async def test_who_proposed_does_not_approve_and_nothing_changes(desk: Desk) -> None:
    bill = await desk.town.bill(**late(1))
    await desk.sit("both", department="JJ", roles=["clerk", "supervisor"])
    made = await desk.ask("both", "POST", f"/desk/bills/{bill.id}/amendments", json=WAIVE, status=201)
    refused = await agree(desk, "both", made, status=403)
    assert refused["code"] == "second_person_needed"
    assert (await Bill.get(id=bill.id)).waived_surcharge_fen == 0
    assert await db.fetch_value("SELECT state FROM dues_amendment") == "proposed"
    with pytest.raises(Exception, match="dues_amendment_two_people"):
        await db.execute("UPDATE dues_amendment SET state = 'approved', decided_by = proposed_by, decided_at = now()")


async def test_terms_put_anew_since_they_were_read_are_not_agreed_to(desk: Desk) -> None:
    bill = await desk.town.bill(**late(1))
    read = await desk.ask("clerk", "POST", f"/desk/bills/{bill.id}/amendments", json=WAIVE, status=201)
    more = {"basis": WAIVE["basis"], "terms": {"principal_fen": 20000, "surcharge_fen": 600}}
    anew = await desk.ask("clerk", "POST", f"/desk/amendments/{read['id']}/proposal", json=more)
    assert (await agree(desk, "chief", read, status=409))["code"] == "proposed_anew"
    path = f"/desk/amendments/{read['id']}/approval"
    for body in ({}, {"proposed_at": None}, {"proposed_at": 0}, {"proposed_at": "2026-01-01T00:00:00"}):
        await desk.ask("chief", "POST", path, json=body, status=422 if body.get("proposed_at") != 0 else 409)
    assert (await Bill.get(id=bill.id)).state == "unpaid"
    await agree(desk, "chief", anew)
    assert (await Bill.get(id=bill.id)).state == "waived"


async def test_a_waived_surcharge_is_taken_off_and_days_to_come_count_on(desk: Desk) -> None:
    bill = await desk.town.bill(**late(1))
    assert due_on(bill, clock.today()).total_fen == 20600
    changed = await approved(desk, bill, WAIVE)
    assert due_on(changed, clock.today()).total_fen == 20000
    assert due_on(changed, clock.today() + timedelta(days=1)).total_fen == 20600
    told = await desk.ask("payer", "GET", f"/bills/{bill.id}/dues")
    assert [(s["name"]["zh"], s["amount_fen"]) for s in told["built"]] == [
        ("罚款", 20000), ("加处罚款", 600), ("减免", -600),
    ]  # fmt: skip


async def test_waiving_principal_lowers_what_the_surcharge_is_counted_on(desk: Desk) -> None:
    bill = await desk.town.bill(**late(10))
    changed = await approved(desk, bill, WAIVE | {"terms": {"principal_fen": 10000}})
    due = due_on(changed, clock.today())
    assert (due.principal_fen, due.surcharge_fen) == (10000, 3000)


async def test_a_bill_waived_as_a_whole_is_owed_by_nobody(desk: Desk) -> None:
    bill = await desk.town.bill()
    await approved(desk, bill, WAIVE | {"terms": {"principal_fen": 20000}})
    assert (await Bill.get(id=bill.id)).state == "waived"
    shown = await desk.ask("payer", "GET", f"/bills/{bill.id}")
    assert (shown["state"], shown["amount_fen"]) == ("waived", 0)
    body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "qr"}
    refused = await desk.ask("payer", "POST", "/orders", json=body, status=409)
    assert refused["code"] == "bill_not_payable"


@pytest.mark.parametrize(
    "terms",
    [
        {"principal_fen": 20001}, {"surcharge_fen": 601}, {}, {"principal_fen": -1}, {"principal_fen": 1.5},
        {"principal_fen": "1"}, {"principal_fen": True}, {"amount": 1},
    ],
)  # fmt: skip
async def test_a_waiver_of_more_than_is_due_or_of_no_amount_is_refused(desk: Desk, terms: dict[str, Any]) -> None:
    bill = await desk.town.bill(**late(1))
    await desk.ask("clerk", "POST", f"/desk/bills/{bill.id}/amendments", json=WAIVE | {"terms": terms}, status=422)
    assert await db.fetch_value("SELECT count(*) FROM dues_amendment") == 0


async def test_a_deferral_in_time_moves_the_day_over_holidays(desk: Desk) -> None:
    bill, until = await desk.town.bill(), date(2027, 1, 9)  # a Saturday
    body = {"kind": "deferral", "reason": "住院治疗", "wish": {"until": until.isoformat()}}
    asked = await desk.ask("payer", "POST", f"/bills/{bill.id}/amendments", json=body, status=201)
    assert (asked["state"], asked["reason"], asked["can_take_back"]) == ("asked", "住院治疗", True)
    terms = {"basis": "行政处罚法第六十六条", "terms": {"until": until.isoformat()}}
    asked = await desk.ask("clerk", "POST", f"/desk/amendments/{asked['id']}/proposal", json=terms)
    await agree(desk, "chief", asked)
    changed = await Bill.get(id=bill.id)
    assert (changed.due_on, changed.first_due_on) == (date(2027, 1, 11), bill.due_on)
    assert due_on(changed, date(2027, 1, 11)).total_fen == 20000


async def test_a_late_deferral_keeps_what_has_grown(desk: Desk) -> None:
    bill, until = await desk.town.bill(**late(10)), clock.today() + timedelta(days=30)
    body = WAIVE | {"kind": "deferral", "terms": {"until": until.isoformat()}}
    changed = await approved(desk, bill, body)
    assert changed.due_on == bill.due_on
    assert due_on(changed, clock.today() + timedelta(days=20)).surcharge_fen == 20000 * 3 * 9 // 100


async def test_days_of_a_review_do_not_count_until_it_is_over(desk: Desk) -> None:
    bill = await desk.town.bill(**late(5))
    since = clock.today() - timedelta(days=2)
    changed = await approved(desk, bill, WAIVE | {"kind": "stay", "terms": {"since": since.isoformat()}})
    assert due_on(changed, clock.today() + timedelta(days=60)).days == 2
    ended = {"last_day": (clock.today() + timedelta(days=3)).isoformat()}
    await desk.ask("clerk", "POST", f"/desk/bills/{bill.id}/stay-end", json=ended)
    assert due_on(await Bill.get(id=bill.id), clock.today() + timedelta(days=10)).days == 9


async def test_a_withdrawal_takes_two_people_and_is_replaced_once(desk: Desk) -> None:
    bill = await desk.town.bill()
    body = WAIVE | {"kind": "withdrawal", "terms": {}}
    assert (await approved(desk, bill, body)).state == "withdrawn"
    again = issued("44010526000000000090") | {"replaces": str(bill.id)}
    made = await desk.ask("clerk", "POST", "/desk/bills", json=again, status=201)
    shown = await desk.ask("clerk", "GET", f"/desk/bills/{bill.id}")
    assert (shown["state"], shown["replaced_by"]) == ("withdrawn", made["id"])
    twice = issued("44010526000000000108") | {"replaces": str(bill.id)}
    refused = await desk.ask("clerk", "POST", "/desk/bills", json=twice, status=422)
    assert refused["code"] == "replaces_nothing"
    assert await db.fetch_value("SELECT count(*) FROM payments_bill") == 2


def issued(code: str | None = None) -> dict[str, Any]:
    line = {"name": "罚款", "amount_fen": 5000, "basis": "第九十条", "explanation": "未系安全带"}
    return {
        "kind": "traffic_fine", "title": "交通违法罚款", "income_item": {"code": "103050101", "name": "交通罚没收入"},
        "legal_basis": "道路交通安全法第九十条", "payer": {"name": "陈小明", "phone": "13800000001"},
        "surcharge": "penalty_law_72", "lines": [line],
    } | ({"payment_code": code} if code else {})  # fmt: skip


async def test_one_application_at_a_time_and_who_asked_takes_it_back(desk: Desk) -> None:
    bill = await desk.town.bill()
    body = {"kind": "instalments", "reason": "收入不足", "wish": {"parts": 4, "since": clock.today().isoformat()}}
    asked = await desk.ask("payer", "POST", f"/bills/{bill.id}/amendments", json=body, status=201)
    second = await desk.ask("payer", "POST", f"/bills/{bill.id}/amendments", json=body, status=409)
    assert second["code"] == "amendment_open"
    await desk.ask("other", "POST", f"/amendments/{asked['id']}/withdrawal", json={}, status=404)
    back = await desk.ask("payer", "POST", f"/amendments/{asked['id']}/withdrawal", json={})
    assert back["state"] == "taken_back"
    refused = await agree(desk, "chief", asked | {"proposed_at": asked["asked_at"]}, status=409)
    assert refused["code"] == "amendment_decided"
    assert (await Bill.get(id=bill.id)).part_place is None


async def test_other_departments_and_other_citizens_find_nothing(desk: Desk) -> None:
    bill = await desk.town.bill()
    made = await desk.ask("clerk", "POST", f"/desk/bills/{bill.id}/amendments", json=WAIVE | {"terms": {"principal_fen": 1}}, status=201)  # fmt: skip
    for path in (f"/desk/bills/{bill.id}", f"/desk/bills/{bill.id}/notice.pdf"):
        await desk.ask("stranger", "GET", path, status=404)
    await agree(desk, "stranger", made, status=404)
    await desk.ask("stranger", "POST", f"/desk/amendments/{made['id']}/refusal", json={"why": "不行"}, status=404)
    assert (await desk.ask("stranger", "GET", "/desk/amendments"))["items"] == []
    assert (await desk.ask("stranger", "GET", "/desk/bills"))["items"] == []
    for path in (f"/bills/{bill.id}/dues", f"/bills/{bill.id}/notice.pdf"):
        await desk.ask("other", "GET", path, status=404)
    assert await db.fetch_value("SELECT state FROM dues_amendment") == "proposed"


async def test_a_refusal_says_why_to_whoever_asked(desk: Desk) -> None:
    bill = await desk.town.bill()
    body = {"kind": "waiver", "reason": "经济困难", "wish": {"principal_fen": 5000}}
    asked = await desk.ask("payer", "POST", f"/bills/{bill.id}/amendments", json=body, status=201)
    await desk.ask("chief", "POST", f"/desk/amendments/{asked['id']}/refusal", json={"why": "无法定减免情形"})
    (told,) = (await desk.ask("payer", "GET", f"/bills/{bill.id}/dues"))["amendments"]
    assert (told["state"], told["refusal"]) == ("refused", "无法定减免情形")
    assert (
        await db.fetch_value("SELECT count(*) FROM dues_amendment WHERE encode(reason_sealed, 'escape') LIKE '%困难%'")
        == 0
    )


async def test_while_an_order_is_open_the_bill_stays_as_it_is(desk: Desk) -> None:
    bill, citizen = await desk.town.bill(**late(1)), await desk.town.citizen("13800000003")
    made = await desk.ask("clerk", "POST", f"/desk/bills/{bill.id}/amendments", json=WAIVE, status=201)
    await desk.town.order(citizen, bill.id, scene="qr")
    refused = await agree(desk, "chief", made, status=409)
    assert refused["code"] == "bill_being_paid"
    assert (await Bill.get(id=bill.id)).waived_surcharge_fen == 0


async def test_instalments_are_paid_one_at_a_time_and_never_more_than_is_due(desk: Desk) -> None:
    town, bill = desk.town, await desk.town.bill(fen=20001, **late(1))
    payer = await town.citizen("13800000004")
    body = WAIVE | {"kind": "instalments", "terms": {"parts": 3, "since": clock.today().isoformat()}}
    changed = await approved(desk, bill, body)
    assert due_on(changed, clock.today()).total_fen == 6667 + 200
    paid = 0
    for place in (1, 2, 3):
        row = await town.order(payer, bill.id, scene="qr")
        assert row["amount_fen"] == [6867, 6867, 6867][place - 1]
        await town.pay(row)
        await town.until(row["id"], "paid")
        assert str(await settle(await _fact(row), learned_by="query")) == "known"
        paid += row["amount_fen"]
        now = await Bill.get(id=bill.id)
        assert (now.paid_fen, now.state) == (paid, "paid" if place == 3 else "unpaid")
        assert now.part_place == (None if place == 3 else place + 1)
    assert paid == 20001 + 600
    with pytest.raises(HouseError):
        await checkout.open_order(await town.wish(payer, bill.id, scene="qr"))
    receipts = await db.fetch("SELECT amount_fen, status FROM payments_receipt WHERE bill_id = $1", bill.id)
    assert sorted((r["amount_fen"], r["status"]) for r in receipts) == [(6867, "issued")] * 3
    plan = (await desk.ask("payer", "GET", f"/bills/{bill.id}/dues"))["plan"]
    assert [p["state"] for p in plan] == ["paid", "paid", "paid"]


async def _fact(order: dict[str, Any]) -> Any:
    """What the channel says about the order."""
    return await channel(order["channel"]).query(order["number"])


async def test_the_notice_names_amount_day_code_and_leads_to_the_bill(desk: Desk) -> None:
    bill = await desk.town.bill(fen=12345, **late(1))
    for who, path in (("payer", f"/bills/{bill.id}/notice.pdf"), ("clerk", f"/desk/bills/{bill.id}/notice.pdf")):
        pages = PdfReader(io.BytesIO(await desk.ask(who, "GET", path))).pages
        assert len(pages) == 1
        text = pages[0].extract_text()
        for told in ("陈小明", "4401 0526 0000 0000 0017", "127.15", "壹佰贰拾柒元壹角伍分", str(bill.due_on), "123.45 元 × 3% × 1 = 3.70 元"):  # fmt: skip
            assert told in text, told
        assert f"sub/bill/lookup?code={bill.payment_code}" in text.replace("\n", "")


async def test_the_same_part_told_paid_many_times_at_once_is_applied_once(desk: Desk) -> None:
    town, bill = desk.town, await desk.town.bill(fen=20000)
    payer = await town.citizen("13800000005")
    await approved(
        desk, bill, WAIVE | {"kind": "instalments", "terms": {"parts": 4, "since": clock.today().isoformat()}}
    )
    await town.fault("notify", "drop")
    row = await town.order(payer, bill.id, scene="qr")
    await town.pay(row)
    fact = await _fact(row)
    outcomes = await asyncio.gather(*(settle(fact, learned_by="query") for _ in range(20)))
    assert sorted(str(o) for o in outcomes) == ["known"] * 19 + ["settled"]
    now = await Bill.get(id=bill.id)
    assert (now.paid_fen, now.part_place, now.state) == (5000, 2, "unpaid")
    assert await db.fetch_value("SELECT count(*) FROM dues_plan_part WHERE paid_at IS NOT NULL") == 1
    assert (await town.order(payer, bill.id, scene="qr"))["amount_fen"] == 5000
