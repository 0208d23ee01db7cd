"""A citizen with a bit of everything behind them, so that every page has something to show."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.matters import answered, booking_of
from tests.flows.town import Person, Town, photo
from tests.flows.walks import CASE_ITEM
from tests.flows.walks import _settled as settled

REGION = "440105000000"
FIELDS = {"date": "2026-11-20", "phone": "19900000008", "number": "1", "id_number": "11010519491231002X"}


@dataclass(frozen=True)
class Life:
    """`pages`: what to call a page → its address behind `/app/#/`; ids are those of this person."""

    phone: str
    case: str
    pages: dict[str, str]


async def lived(town: Town, account: dict[str, Any]) -> Life:
    """A draft, a case to be corrected, a certificate, a paid bill and one to pay, and a question that waits."""
    citizen = await named(town, account)
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    wrong, right = await filed(citizen), await filed(citizen)
    await corrected(clerk, wrong)
    await approved(clerk, right)
    draft = await citizen.ask("POST", "/applications", json={"item": CASE_ITEM, "region": REGION}, status=201)
    bills = (await citizen.ask("GET", "/bills?state=unpaid"))["items"]
    order, receipt = await paid(town, citizen, openid=account["openid"], bill=bills[0]["id"])
    window, order_ = await booking_of(citizen), await answered(town, citizen, clerk)
    talk = await asked(citizen, "外地能补办吗？")
    result = await followed_up(citizen, right)
    ids = {"result": result, "wrong": wrong, "right": right, "draft": draft["id"], "paid": bills[0]["id"], "bill": bills[1]["id"],
           "order": order}  # fmt: skip
    ids |= {"window": window["id"], "request": order_["id"]}
    return Life(account["phone"], wrong, _pages(ids | {"receipt": receipt, "talk": talk}))


async def followed_up(citizen: Person, case: str) -> str:
    """The id of what a bad rating of the case began."""
    told = await citizen.ask(
        "POST", f"/applications/{case}/rating", json={"level": 2, "reasons": ["over_time"]}, status=201
    )
    return str(told["result"]["id"])


async def named(town: Town, account: dict[str, Any]) -> Person:
    """Signed in, with the real name proved."""
    citizen = await town.one_tap(account)
    if citizen.who["assurance"] in {"platform", "phone"}:
        name = {"name": account["name"], "id_number": account["id_number"]}
        await citizen.ask("POST", "/me/real-name", json=name)
    return citizen


async def asked(citizen: Person, words: str) -> str:
    """The id of a fresh conversation; what was open before is ended."""
    for talk in (await citizen.ask("GET", "/consultations"))["items"]:
        if talk["state"] != "closed":
            await citizen.ask("POST", f"/consultations/{talk['id']}/close", json={})
    about = {"item": CASE_ITEM, "region": REGION, "text": words}
    return str((await citizen.ask("POST", "/consultations", json=about, status=201))["id"])


def _pages(ids: dict[str, str]) -> dict[str, str]:
    draft = ids["draft"]
    return {
        "home": "", "services": "pages/services", "messages": "pages/messages", "me": "pages/me",
        "search": "sub/item/search?q=补身份证", "theme": "sub/item/list?theme=identity",
        "guide": f"sub/item/guide?code={CASE_ITEM}", "apply-start": f"sub/apply/start?item={CASE_ITEM}",
        "apply-question": f"sub/apply/question?id={draft}&n=1", "apply-materials": f"sub/apply/materials?id={draft}",
        "apply-form": f"sub/apply/form?id={draft}", "apply-check": f"sub/apply/check?id={draft}",
        "apply-done": f"sub/apply/done?id={ids['right']}", "cases": "sub/case/list",
        "case-to-correct": f"sub/case/detail?id={ids['wrong']}", "correct": f"sub/case/correct?id={ids['wrong']}",
        "case-approved": f"sub/case/detail?id={ids['right']}", "certificates": "sub/cert/list",
        "bills": "sub/bill/list", "cart": "sub/bill/cart", "bill": f"sub/bill/detail?id={ids['bill']}",
        "receipt": f"sub/bill/receipt?id={ids['receipt']}", "bill-paid": f"sub/bill/detail?id={ids['paid']}",
        "bill-relief": f"sub/bill/relief?id={ids['bill']}", "bill-lookup": "sub/bill/lookup",
        "bill-result": f"sub/bill/result?order={ids['order']}&bill={ids['paid']}",
        "ask": f"sub/chat/start?item={CASE_ITEM}", "history": "sub/chat/history", "room": f"sub/chat/room?id={ids['talk']}",
        "checklist": f"sub/chat/checklist?item={CASE_ITEM}",
        "booking-pick": f"sub/booking/pick?item={CASE_ITEM}", "bookings": "sub/booking/list",
        "booking": f"sub/booking/detail?id={ids['window']}", "requests": "sub/order/list",
        "request": f"sub/order/detail?id={ids['request']}",
        "privacy": "sub/privacy/centre", "privacy-kept": "sub/privacy/kept", "privacy-notice": "sub/privacy/notice",
        "privacy-consents": "sub/privacy/consents", "privacy-looks": "sub/privacy/looks",
        "privacy-export": "sub/privacy/export", "privacy-correction": "sub/privacy/correction",
        "privacy-closure": "sub/privacy/closure", "settings": "sub/account/settings",
        "reminders": "sub/account/reminders",
        "devices": "sub/account/devices", "acting": "sub/account/acting", "represent": "sub/account/represent",
        "firm": "sub/account/firm", "verify": "sub/account/verify",
        "identities": "sub/account/identities", "merge": "sub/account/merge", "scan": "sub/account/scan",
        "scan-unknown": f"sub/account/scan?ticket={'A' * 43}",
        "rating-result": f"sub/rating/result?id={ids['result']}", "nowhere": "sub/case/detail?id=nothing",
    }  # fmt: skip


async def drafted(citizen: Person) -> dict[str, Any]:
    """A draft with everything filled in but the consent."""
    guide = await citizen.ask("GET", f"/catalogue/items/{CASE_ITEM}")
    draft = await citizen.ask("POST", "/applications", json={"item": CASE_ITEM, "region": REGION}, status=201)
    answers = {question["code"]: question["options"][0]["value"] for question in guide["questions"]}
    form = {field["code"]: _written(field) for field in guide["form"]}
    path = f"/applications/{draft['id']}"
    case = await citizen.ask("PATCH", path, json={"answers": answers, "form": form, "version": draft["version"]})
    for material in [m for m in case["materials"] if m["state"] == "empty" and m["necessity"] == "required"]:
        upload = await citizen.ask("POST", "/uploads", files={"file": ("p.jpg", photo(material["code"]))}, status=201)
        case = await citizen.ask("PUT", f"{path}/materials/{material['code']}", json={"uploads": [upload["id"]]})
    told: dict[str, Any] = case
    return told


def _written(field: dict[str, Any]) -> str:
    if field["type"] == "choice":
        return str(field["options"][0]["value"])
    return FIELDS.get(field["type"], "海珠区演示路 1 号")


async def filed(citizen: Person) -> str:
    """The id of a case that was just submitted."""
    draft = await drafted(citizen)
    case = await citizen.ask("POST", f"/applications/{draft['id']}/submission", json={"consent": True})
    return str(case["id"])


async def corrected(clerk: Person, case: str) -> None:
    desk = await clerk.ask("GET", f"/desk/applications/{case}")
    wrong = {"material": desk["materials"][0]["code"], "reason": "照片四角不全，请重拍"}
    asked = {"version": desk["version"], "items": [wrong]}
    await clerk.ask("POST", f"/desk/applications/{case}/request_correction", json=asked)


async def approved(clerk: Person, case: str) -> None:
    desk = await clerk.ask("GET", f"/desk/applications/{case}")
    desk = await clerk.ask("POST", f"/desk/applications/{case}/accept", json={"version": desk["version"]})
    review = [{"index": point["index"], "result": "pass"} for point in desk["review_points"]]
    await clerk.ask("POST", f"/desk/applications/{case}/approve", json={"version": desk["version"], "review": review})


async def paid(town: Town, citizen: Person, *, openid: str, bill: str) -> tuple[str, str]:
    """The ids of the order and of the receipt for the bill, paid in the sandbox by the person `openid`."""
    body = {"bills": [bill], "channel": "wechat", "scene": "miniapp"}
    order = await citizen.ask("POST", "/orders", json=body, status=201)
    prepay = order["client"]["package"].removeprefix("prepay_id=")
    await town.sandbox("pay", {"prepay_id": prepay, "openid": openid})
    await citizen.ask("POST", f"/orders/{order['id']}/confirmation", json={})
    return str(order["id"]), str((await settled(citizen, order["id"]))["receipts"][0])
