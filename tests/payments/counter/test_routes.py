"""A day at a window, over HTTP: what each of the people there may do, and what stays closed to them."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.routing import Mount

from auth.models import StaffMember
from auth.sessions import open_session
from auth.tokens import access_token
from kit import db
from mobileapi.settings import OfficeSettings
from payments.counter.models import Shift, Taking
from payments.counter.routes import ROUTES
from tests.payments.conftest import free_port
from tests.payments.counter.conftest import somebody
from tests.payments.wire.conftest import Counter, served

pytestmark = pytest.mark.anyio


class Desk:
    """One signed-in member of staff."""

    def __init__(self, web: httpx2.AsyncClient, token: str) -> None:
        self.web, self.token = web, token

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> Any:
        headers = {
            "authorization": f"Bearer {self.token}",
            "x-device-id": "test",
            "idempotency-key": key or str(uuid4()),
        }
        return await self.web.request(method, f"/api/v1/counter{path}", json=body, headers=headers)


async def signed_in(web: httpx2.AsyncClient, member: StaffMember) -> Desk:
    async with db.transaction():
        opened = await open_session(kind="staff", person=member.id, device=sha256(b"test").hexdigest()[:32])
    roles = frozenset(member.roles)
    return Desk(web, access_token(person=member.id, kind="staff", roles=roles, session=opened.session.id).text)


@pytest.fixture
async def web(counter: Counter, settings: OfficeSettings) -> AsyncIterator[httpx2.AsyncClient]:
    url = f"http://127.0.0.1:{free_port()}"
    async with served([Mount("/api/v1", routes=[spec.route() for spec in ROUTES])], url=url, edge=True):
        async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
            yield client


async def test_a_day_at_a_window(counter: Counter, web: httpx2.AsyncClient) -> None:
    cashier, other = (
        await signed_in(web, await somebody("a", "clerk")),
        await signed_in(web, await somebody("b", "clerk")),
    )
    finance = await signed_in(web, await somebody("c", "finance"))
    bill = await counter.bill()
    shift = (await cashier.ask("POST", "/shifts", {"window": "3", "float_fen": 10000})).json()
    handed = {"bills": [str(bill.id)], "means": "cash", "amount_fen": 20000, "tendered_fen": 20100}
    path = f"/shifts/{shift['id']}"
    assert (await other.ask("POST", f"{path}/takings", handed)).status_code == 404
    assert (await finance.ask("POST", f"{path}/takings", handed)).status_code == 403
    assert await Taking.all().count() == 0
    first = await cashier.ask("POST", f"{path}/takings", handed, key="k1")
    taken = first.json()
    assert (first.status_code, taken["state"], taken["change_fen"]) == (201, "taken", 100)
    assert (await cashier.ask("POST", f"{path}/takings", handed, key="k1")).json() == taken
    again = await cashier.ask("POST", f"{path}/takings", handed)
    assert (again.status_code, again.json()["code"]) == (409, "bill_already_paid")
    assert await Taking.all().count() == 1
    paper = await web.get(
        taken["receipts"][0]["pdf_url"], headers={"authorization": f"Bearer {cashier.token}", "x-device-id": "test"}
    )
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    assert (await other.ask("GET", path)).status_code == 404
    counted = (await cashier.ask("POST", f"{path}/count", {"counted_fen": 30000})).json()
    assert (counted["state"], counted["expected_fen"], counted["taken"]["cash"]) == ("counted", 30000, 20000)
    assert (await cashier.ask("POST", f"{path}/confirmation", {})).status_code == 403
    assert (await finance.ask("POST", f"{path}/confirmation", {})).json()["state"] == "confirmed"
    listed = (await finance.ask("GET", "/shifts?state=confirmed")).json()["items"]
    assert [entry["id"] for entry in listed] == [shift["id"]]
    assert (await other.ask("GET", "/shifts")).json()["items"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_fen": 0}, {"amount_fen": -1}, {"amount_fen": 20000.5}, {"amount_fen": "20000"}, {"amount_fen": True},
        {"amount_fen": None}, {"bills": []}, {"means": "credit"}, {"means": "pos"}, {"means": "cheque", "bank": "x"},
        {"reference": "<script>"}, {"payer": "x"},
    ],
)  # fmt: skip
async def test_what_no_cashier_can_mean_is_refused(
    counter: Counter, web: httpx2.AsyncClient, changes: dict[str, Any]
) -> None:
    cashier, bill = await signed_in(web, await somebody("a", "clerk")), await counter.bill()
    shift = (await cashier.ask("POST", "/shifts", {"window": "3", "float_fen": 0})).json()
    body = {"bills": [str(bill.id)], "means": "cash", "amount_fen": 20000, "tendered_fen": 20000} | changes
    answer = await cashier.ask("POST", f"/shifts/{shift['id']}/takings", body)
    assert (answer.status_code, await Taking.all().count()) == (422, 0)


async def test_a_deposit_is_decided_by_finance_and_by_nobody_else(counter: Counter, web: httpx2.AsyncClient) -> None:
    cashier, bill = await signed_in(web, await somebody("a", "clerk")), await counter.bill()
    finance = await signed_in(web, await somebody("c", "finance"))
    shift = (await cashier.ask("POST", "/shifts", {"window": "3", "float_fen": 0})).json()
    path = f"/shifts/{shift['id']}"
    await cashier.ask(
        "POST", f"{path}/takings",
        {"bills": [str(bill.id)], "means": "cash", "amount_fen": 20000, "tendered_fen": 20000},
    )  # fmt: skip
    body = {"means": "cash", "amount_fen": 20000, "slip": "B1", "deposited_on": "2026-11-21"}
    (deposit,) = (await cashier.ask("POST", f"{path}/deposits", body)).json()["deposits"]
    decision = f"/deposits/{deposit['id']}/decision"
    assert (await cashier.ask("POST", decision, {"seen": True})).status_code == 403
    assert (await finance.ask("POST", decision, {"seen": False})).status_code == 422
    assert (await finance.ask("POST", decision, {"seen": True})).json()["deposits"][0]["state"] == "confirmed"
    assert (await finance.ask("POST", f"/deposits/{UUID(int=1)}/decision", {"seen": True})).status_code == 404
    assert (await Shift.get(id=shift["id"])).state == "open"
