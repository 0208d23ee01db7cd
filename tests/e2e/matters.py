"""What a citizen has at the hall and at the hotline: a booking, and a work order out of a conversation."""

from typing import Any

from tests.flows.town import Person, Town
from tests.flows.walks import CASE_ITEM

REGION = "440105000000"


async def nothing_booked(citizen: Person) -> None:
    for one in (await citizen.ask("GET", "/bookings?limit=100"))["items"]:
        if "cancel" in one["actions"]:
            await citizen.ask("POST", f"/bookings/{one['id']}/cancellation", json={})


async def booking_of(citizen: Person, *, item: str = CASE_ITEM) -> dict[str, Any]:
    """The last slot on offer at the first place, so that nothing else is in its way."""
    await nothing_booked(citizen)
    place = (await citizen.ask("GET", f"/booking-slots?item={item}"))["places"][0]
    slot = next(s for s in reversed(place["days"][-1]["slots"]) if s["left"])
    body = {"item": item, "place": place["code"], "starts_at": slot["starts_at"]}
    made: dict[str, Any] = await citizen.ask("POST", "/bookings", json=body, status=201)
    return made


async def talk_in_hand(town: Town, citizen: Person, clerk: Person) -> str:
    """The id of a conversation of the two, taken up."""
    for talk in (await citizen.ask("GET", "/consultations"))["items"]:
        if talk["state"] != "closed":
            await citizen.ask("POST", f"/consultations/{talk['id']}/close", json={})
    async with town.socket(clerk) as line:
        await line.send(type="presence", status="online", capacity=5)
        await line.send(type="ping", t=1)
        await line.until("pong")
        body = {"item": CASE_ITEM, "region": REGION, "text": "楼下路灯坏了"}
        talk = await citizen.ask("POST", "/consultations", json=body, status=201)
        if talk["state"] == "offered":
            await line.send(type="offer_reply", conversation=talk["id"], accept=True)
            await line.until("conversation", conversation=talk["id"], state="assigned")
        elif talk["state"] in {"queued", "inquiry"}:
            await clerk.ask("POST", f"/consultations/{talk['id']}/take", json={})
    return str(talk["id"])


async def order_of(town: Town, citizen: Person, clerk: Person) -> dict[str, Any]:
    """A work order out of a conversation the clerk has in hand."""
    talk = await talk_in_hand(town, citizen, clerk)
    body = {"kind": "help", "words": "楼下路灯坏了三天，晚上看不清路", "conversation": talk}
    made: dict[str, Any] = await clerk.ask("POST", "/desk/work-orders", json=body, status=201)
    return made


async def answered(town: Town, citizen: Person, clerk: Person) -> dict[str, Any]:
    """The same, taken up and answered."""
    order = await order_of(town, citizen, clerk)
    for action, words in (("accept", ""), ("answer", "路灯已于今日修复，感谢您的反映。")):
        body = {"version": order["version"], "words": words}
        order = await clerk.ask("POST", f"/desk/work-orders/{order['id']}/{action}", json=body)
    return order
