"""Refunds, books and search as finance has them over HTTP: who may, what is answered, what is left alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from auth.models import Department, StaffMember
from auth.sessions import open_session
from auth.tokens import access_token
from kit import clock, db
from kit.edge import Edge
from payments import refunds
from payments.refunds.routes import ROUTES as REFUNDS
from payments.tracing.routes import ROUTES as TRACING
from payments.treasury.routes import ROUTES as TREASURY
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, transaction
from tests.payments.wire.conftest import Counter, written

pytestmark = pytest.mark.anyio
API = "/api/v1"


async def headers(kind: str, person: UUID, *roles: str) -> dict[str, str]:
    async with db.transaction():
        opened = await open_session(kind=kind, person=person, device=sha256(b"test").hexdigest()[:32])
    token = access_token(person=person, kind=kind, roles=frozenset(roles), session=opened.session.id).text
    return {"authorization": f"Bearer {token}", "x-device-id": "test"}


async def staff(name: str, *roles: str) -> dict[str, str]:
    member = await StaffMember.create(
        username=f"{name}.{uuid4().hex[:6]}",
        name=name,
        department=await Department.get(code="JJ"),
        roles=list(roles),
        created_at=clock.now(),
    )
    return await headers("staff", member.id, *roles)


@pytest.fixture
async def desk(counter: Counter) -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(
        routes=[Mount(API, routes=[spec.route() for spec in [*REFUNDS, *TRACING, *TREASURY]])],
        middleware=[Middleware(Edge)],
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://office{API}") as client:
        yield client


async def settled(counter: Counter, post: Postman, **changes: Any) -> tuple[dict[str, Any], UUID]:
    """An order that is paid, and who opened it."""
    citizen = await counter.citizen()
    order = await counter.held(citizen, await counter.bill(**changes))
    await post.deliver(notice(transaction(order)))
    return order, citizen.id


def key(headers_: dict[str, str]) -> dict[str, str]:
    return headers_ | {"idempotency-key": uuid4().hex}


async def test_two_people_of_finance_give_money_back_the_way_it_came(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient, fake: FakeWechatPay
) -> None:
    order, _ = await settled(counter, post)
    wang, li = await staff("王会计", "finance"), await staff("李主管", "finance")
    possible = (await desk.get(f"/refunds/possible/{order['id']}", headers=wang)).json()
    assert (possible["left_fen"], possible["route"], possible["bills"][0]["lines"][0]["left_fen"]) == (
        20000, "channel", 20000,
    )  # fmt: skip
    body = {
        "order": str(order["id"]), "reason": "revoked", "note": "复议撤销",
        "payee": {"account": "6222000011112222"}, "payee_account": "6222000011112222", "openid": "thief",
    }  # fmt: skip
    again = key(wang)
    asked = await desk.post("/refunds", json=body, headers=again)
    assert asked.status_code == 201, asked.text
    refund = asked.json()
    assert (await desk.post("/refunds", json=body, headers=again)).json()["id"] == refund["id"]
    assert (refund["state"], refund["amount_fen"], refund["requested_by"]["name"]["zh"]) == ("asked", 20000, "王会计")
    own = await desk.post(f"/refunds/{refund['id']}/approval", json={}, headers=key(wang))
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    agreed = (await desk.post(f"/refunds/{refund['id']}/approval", json={}, headers=key(li))).json()
    assert (agreed["state"], agreed["approved_by"]["name"]["zh"]) == ("requested", "李主管")
    await refunds.advance(UUID(refund["id"]))
    done = (await desk.get(f"/refunds/{refund['id']}", headers=li)).json()
    assert (done["state"], [c["to_state"] for c in done["changes"]]) == ("succeeded", ["requested", "succeeded"])
    assert list(fake.refunded.values()) == [20000]
    assert "6222" not in str(await db.fetch("SELECT * FROM payments_refund"))
    acts = await db.fetch("SELECT action FROM kit_audit WHERE subject = $1 ORDER BY seq", f"refund:{refund['id']}")
    assert [row["action"] for row in acts] == ["refund.asked", "refund.requested", "refund.succeeded"]


@pytest.mark.parametrize("role", ["clerk", "supervisor", "auditor", "admin", "citizen"])
async def test_nobody_else_asks_or_decides(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient, role: str
) -> None:
    order, payer = await settled(counter, post)
    wang = await staff("王会计", "finance")
    body = {"order": str(order["id"]), "reason": "mistaken"}
    refund = (await desk.post("/refunds", json=body, headers=key(wang))).json()["id"]
    somebody = await headers("citizen", payer, "citizen") if role == "citizen" else await staff("外人", role)
    before = await written()
    for path, told in (
        ("/refunds", body), (f"/refunds/{refund}/approval", {}), (f"/refunds/{refund}/refusal", {"why": "x"}),
        (f"/refunds/{refund}/completion", {"done": True, "voucher": "x"}),
    ):  # fmt: skip
        refused = await desk.post(path, json=told, headers=key(somebody))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert await written() == before
    assert await db.fetch_value("SELECT state FROM payments_refund") == "asked"


@pytest.mark.parametrize("amount", [0, -1, 1e30, 0.5, "100", True])
async def test_an_amount_that_is_none_is_refused(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient, amount: Any
) -> None:
    order, _ = await settled(counter, post)
    body = {"order": str(order["id"]), "reason": "mistaken", "amount_fen": amount}
    refused = await desk.post("/refunds", json=body, headers=key(await staff("王会计", "finance")))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert await db.fetch_value("SELECT count(*) FROM payments_refund") == 0


async def test_what_is_not_paid_cannot_be_asked_for(counter: Counter, desk: httpx2.AsyncClient) -> None:
    order = await counter.held(await counter.citizen(), await counter.bill())
    wang = await staff("王会计", "finance")
    body = {"order": str(order["id"]), "reason": "mistaken"}
    refused = await desk.post("/refunds", json=body, headers=key(wang))
    assert (refused.status_code, refused.json()["code"]) == (409, "refund_not_possible")
    nowhere = await desk.post("/refunds", json=body | {"order": str(uuid4())}, headers=key(wang))
    without_key = await desk.post("/refunds", json=body, headers=wang)
    assert (nowhere.status_code, without_key.status_code) == (404, 400)


async def test_any_number_of_a_paper_tells_the_whole_story(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient
) -> None:
    order, _ = await settled(counter, post, fen=5000)
    wang, li = await staff("王会计", "finance"), await staff("李主管", "finance")
    body = {"order": str(order["id"]), "reason": "relief", "amount_fen": 2000}
    refund = (await desk.post("/refunds", json=body, headers=key(wang))).json()
    await desk.post(f"/refunds/{refund['id']}/approval", json={}, headers=key(li))
    await refunds.advance(UUID(refund["id"]))
    receipt = (await db.fetch("SELECT code, number, verify_code FROM payments_receipt ORDER BY issued_at LIMIT 1"))[0]
    there = await db.fetch_value("SELECT channel_refund_id FROM payments_refund")
    numbers = {
        order["number"]: "order", f"42{order['number'][2:]}": "transaction", refund["number"]: "refund",
        there: "channel_refund", "4401 0526 0000 0000 0017": "payment_code", receipt["number"]: "receipt",
        f"{receipt['code']}-{receipt['number']}": "receipt", receipt["verify_code"]: "verify_code",
        refund["id"]: "refund", str(order["id"]): "order",
    }  # fmt: skip
    for number, kind in numbers.items():
        told = (await desk.get("/money", params={"number": number}, headers=wang)).json()
        assert told["kinds"] == [kind], number
        assert [story["number"] for story in told["stories"]] == [order["number"]]
    (story,) = told["stories"]
    assert (story["held_fen"], [p["outcome"] for p in story["payments"]]) == (3000, ["settled"])
    assert [entry["kind"] for entry in story["entries"]] == ["payment", "refund_decided", "refund"]
    assert all(sum(p["amount_fen"] for p in entry["postings"]) == 0 for entry in story["entries"])
    assert [r["status"] for r in story["receipts"]].count("red") == 1
    assert story["bills"][0]["payer_masked"] == "陈*明"
    assert "陈小明" not in str(told)
    moments = [happening["at"][:19] for happening in story["happenings"]]
    assert moments == sorted(moments)
    assert {"order", "payment", "receipt", "refund"} <= {happening["kind"] for happening in story["happenings"]}
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'money.traced'") == len(numbers)


async def test_a_number_of_nobody_tells_nothing_and_a_phone_is_no_number(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient
) -> None:
    await settled(counter, post)
    wang = await staff("王会计", "finance")
    for number in ("13800000001", "99999999", str(uuid4())):
        assert (await desk.get("/money", params={"number": number}, headers=wang)).json()["stories"] == []
    for number in ("陈小明", "x'; DROP TABLE payments_order; --", "abc"):
        assert (await desk.get("/money", params={"number": number}, headers=wang)).status_code == 422
    clerk = await staff("外人", "clerk")
    assert (await desk.get("/money", params={"number": "99999999"}, headers=clerk)).status_code == 403


async def test_a_bill_nobody_tried_to_pay_is_found_by_its_code(counter: Counter, desk: httpx2.AsyncClient) -> None:
    bill = await counter.bill()
    found = (
        await desk.get("/money", params={"number": bill.payment_code}, headers=await staff("审计", "auditor"))
    ).json()
    assert [(story["order"], story["bills"][0]["id"]) for story in found["stories"]] == [(None, str(bill.id))]


async def test_shares_are_set_money_is_handed_on_and_the_books_prove_themselves(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient
) -> None:
    await settled(counter, post, fen=10001)
    wang, auditor = await staff("王会计", "finance"), await staff("审计", "auditor")
    rule = {
        "department": "JJ", "income_item": "103050101", "effective_on": "2026-01-01", "basis": {"zh": "分成办法"},
        "shares": [
            {"level": "province", "treasury": "44", "millionths": 400_000},
            {"level": "city", "treasury": "4401", "account": "ZH-1", "millionths": 600_000},
        ],
    }  # fmt: skip
    short = rule | {"shares": rule["shares"][:1]}  # type: ignore[index]
    assert (await desk.post("/treasury/rules", json=short, headers=key(wang))).status_code == 422
    assert (await desk.post("/treasury/rules", json=rule, headers=key(auditor))).status_code == 403
    made = await desk.post("/treasury/rules", json=rule, headers=key(wang))
    assert (made.status_code, len(made.json()["items"])) == (201, 1)
    assert (await desk.post("/treasury/rules", json=rule, headers=key(wang))).json()["code"] == "sharing_rule_stands"
    today = {"day": clock.today().isoformat()}
    early = await desk.post("/treasury/handings", json=today, headers=key(wang))
    assert (early.status_code, early.json()["code"]) == (409, "day_not_over")
    with clock.moved(timedelta(days=1)):
        handed = (
            await desk.post("/treasury/handings", json=today, headers=key(await staff("赵出纳", "finance")))
        ).json()
        assert [share["amount_fen"] for share in handed["items"][0]["shares"]] == [4000, 6001]
        auditor = await staff("审计二", "auditor")
        balances = (await desk.get("/ledger/balances", headers=auditor)).json()
        assert (balances["balanced"], balances["debit_fen"]) == (True, 20002)
        moved = (await desk.get("/ledger/movements", params={"account": "channel:wechat"}, headers=auditor)).json()
        assert (moved["closing_fen"], [m["amount_fen"] for m in moved["items"]]) == (10001, [10001])
        proof = (await desk.get("/ledger/proof", headers=auditor)).json()
        assert (proof["holds"], proof["first_wrong"]) == (True, None)


async def test_the_payer_sees_money_coming_back_and_nobody_else_does(
    counter: Counter, post: Postman, desk: httpx2.AsyncClient
) -> None:
    order, payer = await settled(counter, post)
    bill = await db.fetch_value("SELECT id FROM payments_bill")
    me, other = await headers("citizen", payer, "citizen"), (await counter.citizen("13800000002")).id
    wang, li = await staff("王会计", "finance"), await staff("李主管", "finance")
    body = {"order": str(order["id"]), "reason": "relief", "amount_fen": 500}
    refund = (await desk.post("/refunds", json=body, headers=key(wang))).json()["id"]

    async def seen() -> list[tuple[str, int, bool]]:
        items = (await desk.get(f"/bills/{bill}/refunds", headers=me)).json()["items"]
        return [(item["state"], item["amount_fen"], item["expected_by"] is not None) for item in items]

    assert await seen() == [], "what is only asked for is promised to nobody"
    await desk.post(f"/refunds/{refund}/approval", json={}, headers=key(li))
    assert await seen() == [("refunding", 500, True)]
    await refunds.advance(UUID(refund))
    assert await seen() == [("refunded", 500, False)]
    them = await headers("citizen", other, "citizen")
    assert (await desk.get(f"/bills/{bill}/refunds", headers=them)).status_code == 404
