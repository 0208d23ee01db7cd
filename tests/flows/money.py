"""The sixth flow from outside: money that was paid by mistake goes back, by two people, and the books prove it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.flows.town import Person, Say, Town, expect
from tests.flows.walks import with_unpaid_fine


async def give_back(town: Town, say: Say) -> None:
    """Flow 6: pay by Alipay, give it back, close a day."""
    citizen, _ = await with_unpaid_fine(town)
    bill = (await citizen.ask("GET", "/bills?state=unpaid"))["items"][0]
    order = await _paid_by_alipay(town, citizen, bill)
    say(f"{bill['title']['zh']}: {bill['amount_fen']} fen paid by Alipay's QR code, settled by its notice")
    one, other = [await town.clerk(s["username"]) for s in town.accounts["staff"] if s["role"] == "finance"][:2]
    stories = await one.ask("GET", f"/money?number={bill['payment_code']}")
    expect(order["id"] in str(stories), "the payment code leads to the order", got=stories)
    say("finance finds the whole story by the bill's payment code")
    before = (await town.charges())["totals"]["net_fen"]
    wish = {"order": order["id"], "reason": "mistaken", "note": "重复缴纳"}
    refund = await one.ask("POST", "/refunds", json=wish, headers=_key(), status=201)
    alone = await one.ask("POST", f"/refunds/{refund['id']}/approval", json={}, headers=_key(), status=403)
    say(f"who asks for a refund cannot agree to it: {alone['code']}")
    await other.ask("POST", f"/refunds/{refund['id']}/approval", json={}, headers=_key())
    await until(citizen, f"/orders/{order['id']}", "refunded")
    after = (await town.charges())["totals"]["net_fen"]
    expect(before - after == bill["amount_fen"], "the payer has it back once", got=(before, after))
    receipt = await citizen.ask("GET", f"/receipts/{order['receipts'][0]}")
    expect(receipt["status"] == "reversed", "the receipt is reversed", got=receipt)
    say("a second person agrees: the money is back, once, and the receipt is reversed by a red one")
    books = await one.ask("GET", "/ledger/balances")
    total = sum(row["balance_fen"] for row in books["accounts"])
    expect(total == 0 and books["balanced"], "the books sum to zero", got=books)
    say(f"{len(books['accounts'])} accounts of the ledger sum to zero")
    await _close_a_day(one, say)


async def _close_a_day(finance: Person, say: Say) -> None:
    """A quiet day weeks ago, so that walking again finds it closed."""
    day = _today() - timedelta(days=30)
    found = await finance.ask("GET", f"/days/{day}")
    if found["state"] != "closed":
        await finance.ask("POST", f"/days/{day}/close", json={}, headers=_key())
    again = await finance.ask("POST", f"/days/{day}/close", json={}, headers=_key(), status=409)
    early = await finance.ask("POST", f"/days/{_today()}/close", json={}, headers=_key(), status=409)
    say(f"{day} is closed and stays closed: {again['code']}; today is too early: {early['code']}")


def _today() -> date:
    return (datetime.now(UTC) + timedelta(hours=8)).date()


def _key() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


async def _paid_by_alipay(town: Town, citizen: Person, bill: dict[str, Any]) -> dict[str, Any]:
    body = {"bills": [bill["id"]], "channel": "alipay", "scene": "qr"}
    order = await citizen.ask("POST", "/orders", json=body, headers=_key(), status=201)
    await town.sandbox("pay", {"code_url": order["client"]["code_url"]})
    return await until(citizen, f"/orders/{order['id']}", "paid")


async def until(person: Person, path: str, state: str) -> dict[str, Any]:
    """What stands at `path` once it is in that state."""
    for _ in range(450):
        told: dict[str, Any] = await person.ask("GET", path)
        if told["state"] == state:
            return told
        await asyncio.sleep(0.2)
    raise AssertionError(f"{path} stays {told['state']}")
