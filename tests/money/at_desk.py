"""Differences and exceptions worked at finance's desk: proposed by one, agreed to by another, and carried out."""

from typing import Any

from kit import clock, db
from payments.channels.base import BEIJING
from payments.reconciliation import reconcile
from tests.money.flows import BACK, PAID, Flow, Scene, chase, ordered, paid_there, settled, two_people
from tests.money.office import Answer, Office

WHY = "核对了渠道后台与凭证"


async def _proposed(office: Office, scene: Scene, *, number: str, kind: str, action: str) -> Scene:
    """What the desk shows of this kind about an order's number, with an action that waits for another person."""
    answer = await office.ask("GET", f"/api/v1/differences?kind={kind}&limit=100", headers=scene["asks"], body=b"")
    (matter,) = [one["id"] for one in answer.json()["items"] if one["out_trade_no"] == number]
    answer = await office.post(
        f"/differences/{matter}/proposal", scene["asks"] | {"idempotency-key": "propose"}, action=action,
        note=WHY,
    )  # fmt: skip
    assert answer.status == 200, answer.body
    (waiting,) = [p["id"] for p in answer.json()["proposals"] if p["state"] == "waiting"]
    return scene | {"matter": matter, "proposal": waiting}


async def _number(scene: Scene) -> str:
    number: str = await db.fetch_value("SELECT number FROM payments_order WHERE id = $1", scene["order"])
    return number


async def _today(office: Office, **bill: Any) -> dict[str, Any]:
    """Today's bill as the channel tells it now, judged; what was told untruly in it."""
    day = clock.now().astimezone(BEIJING).date()
    prepared = await office.town.platform.control_async(
        "/bills", {"channel": "wechat", "day": day.isoformat(), "kind": "trade", **bill}
    )
    try:
        await reconcile("wechat", day)
    finally:
        await office.town.platform.control_async("/bills", method="DELETE")
    return prepared


async def to_settle(office: Office, phone: str) -> Scene:
    """Paid there, unknown here; and when the day was reconciled the channel did not answer what became of the order."""
    scene = await paid_there(office, phone) | await two_people(office, phone)
    await office.town.platform.control_async("/faults", {"where": "query", "kind": "http_500", "times": 3})
    await _today(office)
    await office.town.platform.control_async("/faults", method="DELETE")
    return await _proposed(office, scene, number=await _number(scene), kind="missing_here", action="settle")


async def to_return(office: Office, phone: str) -> Scene:
    """The bill changed while its order was out, and the order was paid: what came is disputed."""
    scene = await ordered(office, phone) | await two_people(office, phone)
    await db.execute("UPDATE payments_bill SET version = version + 1 WHERE id = $1", scene["bill"])
    await office.pay(scene["order"], citizen=scene["citizen"])
    await chase(office, scene)
    return await _proposed(office, scene, number=await _number(scene), kind="bill_changed", action="return")


async def to_suspense(office: Office, phone: str) -> Scene:
    """The channel's bill tells of a payment for an order that was never ours."""
    scene = await settled(office, phone)
    told = await _today(office, discrepancies={"missing_here": 1}, seed=int(phone.rpartition(":")[2]))
    (stranger,) = told["injected"]
    number = stranger["out_trade_no"]
    return await _proposed(office, scene, number=number, kind="missing_here", action="suspense")


async def agree(office: Office, scene: Scene) -> Answer:
    return await office.post(
        f"/differences/{scene['matter']}/approval", scene["agrees"] | {"idempotency-key": "agree"},
        proposal=scene["proposal"], approve=True,
    )  # fmt: skip


AGREED = "SELECT 1 FROM desk_proposal WHERE subject = $1 AND state IN ('approved', 'done')"
FLOWS = (
    Flow("adjust-settle", to_settle, agree, ("query",), PAID, 200, AGREED, "matter"),
    Flow("adjust-return", to_return, agree, (), BACK, 200, AGREED, "matter"),
    Flow("adjust-suspense", to_suspense, agree, (), PAID, 200, AGREED, "matter"),
)
