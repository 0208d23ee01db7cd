"""What a citizen's phone sees of bills, orders and receipts, over HTTP."""

import asyncio
import io
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
from pypdf import PdfReader

from kit import clock, db
from tests.patience import WAIT_S
from tests.payments.conftest import Town

pytestmark = pytest.mark.anyio
API = "/api/v1"


async def test_a_citizen_sees_pays_and_holds_the_receipt(town: Town, web: httpx2.AsyncClient) -> None:
    citizen = await town.citizen("13800000001")
    bill = await town.bill(fen=12345, received_on=date(2026, 9, 10))
    me = await town.token(citizen.id)
    (listed,) = (await web.get(f"{API}/bills?state=unpaid", headers=me)).json()["items"]
    detail = (await web.get(f"{API}/bills/{bill.id}", headers=me)).json()
    assert listed["state"] == "unpaid"
    assert listed["payer_masked"] == "陈*明"
    assert detail["amount_fen"] == detail["principal_fen"] + detail["surcharge"]["amount_fen"]
    assert [line["amount_fen"] for line in detail["lines"]] == [12345]
    opened = await web.post(
        f"{API}/orders",
        headers=me | {"idempotency-key": "k1"},
        json={"bills": [str(bill.id)], "channel": "wechat", "scene": "miniapp"},
    )
    assert opened.status_code == 201, opened.text
    order = opened.json()
    assert order["state"] == "awaiting_payer"
    assert set(order["client"]) == {"timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert (await web.get(f"{API}/bills/{bill.id}", headers=me)).json()["state"] == "paying"
    await town.platform.control_async("/pay", {"prepay_id": order["client"]["package"].removeprefix("prepay_id=")})
    async with asyncio.timeout(WAIT_S):
        while (order := (await web.get(f"{API}/orders/{order['id']}", headers=me)).json())["state"] != "paid":
            await asyncio.sleep(0.02)
    receipt = (await web.get(f"{API}/receipts/{order['receipts'][0]}", headers=me)).json()
    assert (receipt["amount_fen"], receipt["status"]) == (detail["amount_fen"], "issued")
    pdf = await web.get(receipt["pdf_url"], headers=me)
    text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert receipt["number"] in text
    assert "陈小明" in text


async def test_a_qr_order_gives_a_code_to_scan(town: Town, web: httpx2.AsyncClient) -> None:
    citizen, bill = await town.citizen("13800000002"), await town.bill()
    me = await town.token(citizen.id)
    body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "qr"}
    order = (await web.post(f"{API}/orders", headers=me | {"idempotency-key": "k"}, json=body)).json()
    assert order["client"]["code_url"].startswith("weixin://wxpay/")
    assert order["client"]["qr_svg_url"].startswith("data:image/svg+xml;base64,")


async def test_the_payment_code_alone_discloses_the_least(town: Town, web: httpx2.AsyncClient) -> None:
    bill = await town.bill()
    found = (await web.get(f"{API}/bills/lookup", params={"payment_code": bill.payment_code})).json()
    assert set(found) == {
        "id", "payment_code", "title", "department", "amount_fen", "due_on", "state", "payer_masked",
    }  # fmt: skip
    assert found["payer_masked"] == "陈*明"
    missing = await web.get(f"{API}/bills/lookup", params={"payment_code": "44010526000000009999"})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_others_and_missing_look_alike(town: Town, web: httpx2.AsyncClient) -> None:
    owner, other = await town.citizen("13800000001"), await town.citizen("13800000002")
    bill = await town.bill()
    order = await town.order(owner, bill.id)
    them, nowhere = await town.token(other.id), "00000000-0000-4000-8000-000000000000"
    for path in ("bills/{}", "orders/{}"):
        real = bill.id if path.startswith("bills") else order["id"]
        answers = [await web.get(f"{API}/{path.format(i)}", headers=them) for i in (real, nowhere, "no-id")]
        seen = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
        assert seen[0] == seen[1] == seen[2]
        assert {a.status_code for a in answers} == {404}
    assert (await web.get(f"{API}/bills", headers=them)).json()["items"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"bills": []},
        {"bills": ["x"]},
        {"channel": "cash"},
        {"scene": "counter"},
        {"amount_fen": 1},
        {"bills": None},
    ],
)
async def test_what_is_no_order_is_refused(town: Town, web: httpx2.AsyncClient, change: dict[str, Any]) -> None:
    citizen, bill = await town.citizen("13800000001"), await town.bill()
    body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "qr"} | change
    me = await town.token(citizen.id)
    refused = await web.post(f"{API}/orders", headers=me | {"idempotency-key": "k"}, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 0


async def test_an_order_needs_an_idempotency_key(town: Town, web: httpx2.AsyncClient) -> None:
    citizen, bill = await town.citizen("13800000001"), await town.bill()
    body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "qr"}
    refused = await web.post(f"{API}/orders", headers=await town.token(citizen.id), json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_missing")
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 0


async def test_the_same_key_sent_many_times_opens_one_order(town: Town, web: httpx2.AsyncClient) -> None:
    citizen, bill = await town.citizen("13800000001"), await town.bill()
    me = await town.token(citizen.id) | {"idempotency-key": "same"}
    body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "qr"}
    answers = await asyncio.gather(*(web.post(f"{API}/orders", headers=me, json=body) for _ in range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 1
    other = await web.post(f"{API}/orders", headers=me, json=body | {"scene": "miniapp"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_a_page_of_bills_leads_to_the_next(town: Town, web: httpx2.AsyncClient) -> None:
    citizen = await town.citizen("13800000001")
    for n in range(5):
        await town.bill(code=f"4401052600000000002{n}", received_on=clock.today() - timedelta(days=n))
    me, codes, cursor = await town.token(citizen.id), [], ""
    for _ in range(3):
        page = (await web.get(f"{API}/bills?limit=2{cursor}", headers=me)).json()
        codes += [bill["payment_code"] for bill in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(codes)) == 5
    assert page["next_cursor"] is None
    refused = await web.get(f"{API}/bills?cursor=zzz", headers=me)
    assert refused.status_code == 422


async def test_the_return_page_alone_changes_nothing(town: Town, web: httpx2.AsyncClient) -> None:
    citizen, bill = await town.citizen("13800000001"), await town.bill()
    order, me = await town.order(citizen, bill.id), await town.token(citizen.id)
    shown = await web.post(f"{API}/orders/{order['id']}/confirmation", headers=me, json={})
    assert shown.json()["state"] == "awaiting_payer"  # the channel was asked, and says: not paid
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 0


async def test_closing_gives_the_bill_free(town: Town, web: httpx2.AsyncClient) -> None:
    citizen, bill = await town.citizen("13800000001"), await town.bill()
    order, me = await town.order(citizen, bill.id), await town.token(citizen.id)
    closed = (await web.post(f"{API}/orders/{order['id']}/close", headers=me, json={})).json()
    assert (closed["state"], closed["client"]) == ("closed", None)
    assert (await web.get(f"{API}/bills/{bill.id}", headers=me)).json()["state"] == "unpaid"
    assert (await town.order(citizen, bill.id))["id"] != order["id"]


async def test_same_token_from_a_new_device_fingerprint_is_asked_for_a_proof_and_opens_no_order(
    town: Town, web: httpx2.AsyncClient
) -> None:
    citizen, bill = await town.citizen("13800000046"), await town.bill()
    me = await town.token(citizen.id)
    body = {"bills": [str(bill.id)], "channel": "wechat", "scene": "qr"}
    for elsewhere in ({"x-device-id": "another"}, {"x-device-id": ""}):
        headers = me | {"idempotency-key": "k"} | elsewhere
        refused = await web.post(f"{API}/orders", headers=headers, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")
    assert await db.fetch_value("SELECT count(*) FROM payments_order") == 0
    opened = await web.post(f"{API}/orders", headers=me | {"idempotency-key": "k"}, json=body)
    assert opened.status_code == 201
