"""Each flow as steps; a step is a sentence and what must be true."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.flows.town import Person, Say, Town, expect, photo

CASE_ITEM = "000109101001"  # a lost resident ID card


async def bind(town: Town, say: Say) -> None:
    """Flow 1: bind in one tap."""
    citizen, other = town.demo_citizen(0), town.demo_citizen(1)
    stranger = Person(town.http)
    first = await town.one_tap(citizen)
    expect(first.who["phone_masked"].startswith(citizen["phone"][:3]), "the phone is masked", got=first.who)
    say(f"one tap binds {first.who['phone_masked']} at assurance {first.who['assurance']}")
    again = await town.one_tap(citizen)
    expect(again.who["id"] == first.who["id"], "the same person returns to the same account")
    say("the same person returns to the same account")
    used = await town.codes(citizen["openid"])
    await stranger.ask("POST", "/auth/one-tap", json={"platform": "wechat", **used})
    refused = await stranger.ask("POST", "/auth/one-tap", json={"platform": "wechat", **used}, status=401)
    expect(refused["code"] == "login_code_invalid", "a used code is refused", got=refused)
    mine, theirs = await town.codes(citizen["openid"]), await town.codes(other["openid"])
    swapped = {"login_code": mine["phone_code"], "phone_code": mine["login_code"]}
    crossed = {"login_code": mine["login_code"], "phone_code": theirs["phone_code"]}
    for codes in (swapped, crossed):
        await stranger.ask("POST", "/auth/one-tap", json={"platform": "wechat", **codes}, status=401)
    say("used, swapped and foreign codes are refused")
    me = await again.ask("GET", "/me")
    expect("session_key" not in str(me) and "openid" not in str(me), "no platform secret leaves the server")
    named = await again.ask("POST", "/me/real-name", json={"name": citizen["name"], "id_number": citizen["id_number"]})
    expect(named["assurance"] == "real_name", "the real name lifts the assurance", got=named)
    say("the real name lifts the assurance; nothing personal comes back unmasked")


async def file_case(town: Town, say: Say) -> None:
    """Flow 2: find, photograph, file, decide."""
    citizen = await town.one_tap(town.demo_citizen(0))
    for phrase in ("补身份证", "身份证"):
        found = await citizen.ask("GET", f"/catalogue/items?q={phrase}")
        expect(CASE_ITEM in [i["code"] for i in found["items"][:3]], f"{phrase} finds it", got=found["items"][:3])
    licence = await citizen.ask("GET", "/catalogue/items?q=营业执照怎么办")
    expect(
        "营业执照" in str(licence["items"][0]) or "登记" in licence["items"][0]["name"]["zh"], "everyday words find it"
    )
    say("补身份证 and 营业执照怎么办 find the right guides")
    guide = await citizen.ask("GET", f"/catalogue/items/{CASE_ITEM}")
    answers = {q["code"]: q["options"][0]["value"] for q in guide["questions"]}
    list_ = await citizen.ask("POST", f"/catalogue/items/{CASE_ITEM}/checklist", json={"answers": answers})
    say(f"the checklist names {len(list_['materials'])} papers, each with its reason")
    draft = await citizen.ask("POST", "/applications", json={"item": CASE_ITEM, "region": "440105000000"}, status=201)
    path = f"/applications/{draft['id']}"
    refused = await citizen.ask("POST", f"{path}/submission", json={"consent": True}, status=422)
    expect(len(refused["errors"]) >= 2, "every missing thing is named at once", got=refused)
    say(f"submitted too early: {len(refused['errors'])} missing things named at once")
    case = await _filled(citizen, draft, guide=guide, answers=answers)
    key = {"idempotency-key": uuid4().hex}
    case = await citizen.ask("POST", f"{path}/submission", json={"consent": True}, headers=key)
    same = await citizen.ask("POST", f"{path}/submission", json={"consent": True}, headers=key)
    expect(case["case_number"] == same["case_number"], "a double tap files one case")
    receipt = await citizen.ask("GET", f"{path}/receipt.pdf")
    expect(receipt.startswith(b"%PDF"), "the receipt is a PDF")
    say(f"filed as {case['case_number']}, with a receipt")
    await _decided(town, citizen, path=path, say=say)


async def _filled(
    citizen: Person, draft: dict[str, Any], *, guide: dict[str, Any], answers: dict[str, str]
) -> dict[str, Any]:
    path = f"/applications/{draft['id']}"
    form = {f["code"]: _form_value(f) for f in guide["form"]}
    case = await citizen.ask("PATCH", path, json={"answers": answers, "form": form, "version": draft["version"]})
    for number, entry in enumerate(
        [m for m in case["materials"] if m["state"] == "empty" and m["necessity"] == "required"]
    ):
        kind = ("JPEG", "PNG", "WEBP")[number % 3]
        upload = await _upload(citizen, photo(f"{entry['code']} {number}", kind=kind))
        expect(upload["quality"]["usable"], "a sharp photo is usable", got=upload["quality"])
        case = await citizen.ask("PUT", f"{path}/materials/{entry['code']}", json={"uploads": [upload["id"]]})
    expect(
        case["missing"] in ([], [m for m in case["missing"] if m["field"] == "consent"]),
        "nothing is missing",
        got=case["missing"],
    )
    filled: dict[str, Any] = case
    return filled


def _form_value(field: dict[str, Any]) -> str:
    if field["type"] == "choice":
        return str(field["options"][0]["value"])
    return {"date": "2026-11-20", "phone": "19900000001", "number": "1", "id_number": "11010519491231002X"}.get(
        field["type"], "海珠区演示路 1 号"
    )


async def _upload(person: Person, content: bytes) -> dict[str, Any]:
    upload: dict[str, Any] = await person.ask("POST", "/uploads", files={"file": ("photo", content)}, status=201)
    return upload


async def _decided(town: Town, citizen: Person, *, path: str, say: Say) -> None:
    bad = await _upload(citizen, photo("blurred", blurred=True))
    expect("blurred" in bad["quality"]["problems"], "a blurred photo is named", got=bad["quality"])
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    case = await citizen.ask("GET", path)
    inbox = await clerk.ask("GET", "/desk/inbox?limit=100")
    expect(case["id"] in [row["id"] for row in inbox["items"]], "the owner's inbox has the case")
    desk = await clerk.ask("GET", f"/desk{path}")
    picture = await town.http.get(desk["materials"][0]["uploads"][0]["url"])
    expect(picture.headers["content-type"] == "image/jpeg", "the clerk opens the photo", got=picture.status_code)
    say(f"the case lies on {clerk.who['username']}'s desk; the photo opens")
    material = desk["materials"][0]["code"]
    ask = {"version": desk["version"], "items": [{"material": material, "reason": "照片四角不全，请重拍"}]}
    desk = await clerk.ask("POST", f"/desk{path}/request_correction", json=ask)
    case = await citizen.ask("GET", path)
    expect(
        case["state"] == "correction" and case["corrections"], "the citizen reads what to correct", got=case["state"]
    )
    upload = await _upload(citizen, photo("again"))
    await citizen.ask("PUT", f"{path}/materials/{material}", json={"uploads": [upload["id"]]})
    await citizen.ask("POST", f"{path}/correction", json={})
    desk = await clerk.ask("GET", f"/desk{path}")
    await clerk.ask("POST", f"/desk{path}/request_correction", json=ask | {"version": desk["version"]}, status=409)
    say("one correction was asked for and answered; a second is refused")
    if "accept" in [a["action"] for a in desk["actions"]]:
        desk = await clerk.ask("POST", f"/desk{path}/accept", json={"version": desk["version"]})
    case = await citizen.ask("GET", path)
    expect(
        case["holder"] and case["expected_date"] and case["clock"]["working_days_left"] > 0,
        "holder, clock, date",
        got=case,
    )
    say(f"accepted: {case['clock']['working_days_left']} working days left, expected {case['expected_date']}")
    review = [{"index": p["index"], "result": "pass"} for p in desk["review_points"]]
    await clerk.ask("POST", f"/desk{path}/approve", json={"version": desk["version"], "review": review})
    case = await citizen.ask("GET", path)
    expect(
        case["state"] == "decided_approved" and case["certificate"], "approved with a certificate", got=case["state"]
    )
    certificate = await citizen.ask("GET", f"/certificates/{case['certificate']['id']}.pdf")
    expect(certificate.startswith(b"%PDF"), "the certificate is a PDF")
    verify = "/verify/" + case["certificate"]["verify_url"].rsplit("/verify/", 1)[1]
    told = (await town.http.get(verify, headers={"accept": "application/json"})).json()
    expect(told["valid"] and told["kind"] == "certificate", "its QR proves it", got=told)
    forged = await town.http.get(verify[:-4] + "aaaa", headers={"accept": "application/json"})
    expect(not forged.json()["valid"], "a forged code proves nothing")
    say(f"approved; certificate {case['certificate']['number']} verifies, a forged code does not")


async def consult(town: Town, say: Say) -> None:
    """Flow 3: ask the person responsible."""
    citizen = await town.one_tap(town.demo_citizen(1))
    owner = await town.clerk(town.owner_of(CASE_ITEM))
    nobody = await citizen.ask("POST", "/consultations", json={"item": CASE_ITEM, "region": "440105000000"}, status=201)
    expect(nobody["state"] == "inquiry" and nobody["due_at"], "with nobody on duty it is a dated inquiry", got=nobody)
    await citizen.ask("POST", f"/consultations/{nobody['id']}/close", json={})
    say(f"nobody on duty: a dated inquiry, due {nobody['due_at'][:10]}")
    async with town.socket(owner) as desk:
        await desk.send(type="presence", status="online", capacity=5)
        await asyncio.sleep(0.3)
        talk = await citizen.ask(
            "POST", "/consultations", json={"item": CASE_ITEM, "region": "440105000000"}, status=201
        )
        where = talk["id"]
        expect(
            talk["reason"]["code"] in {"owner_on_duty", "sticky_case", "sticky_talk"},
            "routed to the owner",
            got=talk["reason"],
        )
        say(f"routed to the owner: {talk['reason']['text']['zh']}")
        await _talk(town, citizen, owner, desk=desk, where=where, say=say)


async def _talk(town: Town, citizen: Person, owner: Person, *, desk: Any, where: str, say: Say) -> None:
    async with town.socket(citizen) as phone:
        if (await citizen.ask("GET", f"/consultations/{where}"))["state"] == "offered":
            await desk.send(type="offer_reply", conversation=where, accept=True)
            await phone.until("conversation", conversation=where, state="assigned")
        await phone.send(
            type="send", conversation=where, client_id="q1", kind="text", body={"text": "身份证在外地丢了怎么办？"}
        )
        ack = await phone.until("ack", client_id="q1")
        question = await desk.until("message", conversation=where, client_id="q1")
        expect(question["seq"] == ack["seq"], "one place for both sides")
        await desk.send(
            type="send", conversation=where, client_id="a1", kind="text", body={"text": "可以就近异地补领。"}
        )
        answer = await phone.until("message", conversation=where, client_id="a1")
        await phone.send(
            type="send", conversation=where, client_id="q1", kind="text", body={"text": "身份证在外地丢了怎么办？"}
        )
        expect((await phone.until("ack", client_id="q1"))["seq"] == ack["seq"], "a repeat gets the first ack")
        picture = await _upload(citizen, photo("scene"))
        await phone.send(type="send", conversation=where, client_id="p1", kind="image", body={"upload": picture["id"]})
        shown = await desk.until("message", conversation=where, client_id="p1")
        expect((await town.http.get(shown["body"]["url"])).status_code == 200, "the clerk sees the picture")
        await phone.send(type="read", conversation=where, seq=answer["seq"])
        await desk.until("receipt", conversation=where, read=answer["seq"])
        say("question, answer, repeat, picture and read mark arrive live")
        seen = shown["seq"]
    for number in range(3):
        await desk.send(
            type="send", conversation=where, client_id=f"m{number}", kind="text", body={"text": f"补充 {number}"}
        )
        await desk.until("ack", client_id=f"m{number}")
    async with town.socket(citizen, since={where: seen}) as phone:
        await phone.until("caught_up", conversation=where)
        missed = [f["seq"] for f in phone.seen if f["type"] == "message" and f["conversation"] == where]
        expect(missed == [seen + 1, seen + 2, seen + 3], "exactly what was missed", got=missed)
        say("a reconnect with since gets exactly what it missed")
    await owner.ask("POST", f"/consultations/{where}/close", json={})
    await citizen.ask("POST", f"/consultations/{where}/rating", json={"level": 5}, status=201)
    say("closed and rated")


async def pay(town: Town, say: Say) -> None:
    """Flow 4: pay a fine."""
    citizen, person = await with_unpaid_fine(town)
    bills = await citizen.ask("GET", "/bills?state=unpaid")
    bill = await citizen.ask("GET", f"/bills/{bills['items'][0]['id']}")
    surcharge = (bill["surcharge"] or {}).get("amount_fen", 0)
    parts = sum(line["amount_fen"] for line in bill["lines"])
    expect(bill["amount_fen"] in {parts, parts + surcharge}, "the amount adds up", got=bill)
    say(f"{bill['title']['zh']}: {bill['amount_fen']} fen explained in {len(bill['lines'])} lines")
    key = {"idempotency-key": uuid4().hex}
    body = {"bills": [bill["id"]], "channel": "wechat", "scene": "miniapp"}
    order = await citizen.ask("POST", "/orders", json=body, headers=key, status=201)
    same = await citizen.ask("POST", "/orders", json=body, headers=key, status=201)
    expect(order["id"] == same["id"] and order["client"]["signType"] == "RSA", "one order, signed", got=order)
    say("an order is prepaid at WeChat Pay and signed for the mini-app")
    before = (await town.charges())["totals"]
    prepay = order["client"]["package"].removeprefix("prepay_id=")
    await town.sandbox("pay", {"prepay_id": prepay, "openid": person["openid"]})
    paid = await _settled(citizen, order["id"])
    receipt = await citizen.ask("GET", f"/receipts/{paid['receipts'][0]}")
    pdf = await citizen.ask("GET", f"/receipts/{paid['receipts'][0]}.pdf")
    expect(pdf.startswith(b"%PDF") and receipt["amount_fen"] == bill["amount_fen"], "a receipt of the amount")
    charged = (await town.charges())["totals"]
    expect(charged["net_fen"] - before["net_fen"] == bill["amount_fen"], "the payer was charged once", got=charged)
    say(f"paid, settled by the signed notice, receipt {receipt['number']}; charged exactly once")
    again = await citizen.ask("POST", "/orders", json=body, status=409)
    say(f"paying it again is refused: {again['code']}")
    await _lost_notice(town, say)


async def with_unpaid_fine(town: Town) -> tuple[Person, dict[str, Any]]:
    """A citizen who has proven a name and owes something, and the demonstration person behind."""
    for place in range(len([c for c in town.accounts["citizens"] if c["platform"] == "wechat"])):
        person = town.demo_citizen(place)
        citizen = await town.one_tap(person)
        if citizen.who["assurance"] == "phone":
            await citizen.ask("POST", "/me/real-name", json={"name": person["name"], "id_number": person["id_number"]})
        if (await citizen.ask("GET", "/bills?state=unpaid"))["items"]:
            return citizen, person
    raise AssertionError("every demonstration bill is paid; start with --reset")


async def _lost_notice(town: Town, say: Say) -> None:
    citizen, _ = await with_unpaid_fine(town)
    bill = (await citizen.ask("GET", "/bills?state=unpaid"))["items"][0]
    body = {"bills": [bill["id"]], "channel": "wechat", "scene": "qr"}
    order = await citizen.ask("POST", "/orders", json=body, status=201)
    await town.sandbox("faults", {"where": "notify", "kind": "drop", "rate": 1.0, "seed": 1, "for_s": 30})
    try:
        await town.sandbox("pay", {"code_url": order["client"]["code_url"]})
        await citizen.ask("POST", f"/orders/{order['id']}/confirmation", json={})
        await _settled(citizen, order["id"])
    finally:
        await town.http.delete(f"{town.accounts['sandbox']}/_sandbox/faults")
    say("with the notice lost, the query finds the payment (Native, by QR)")


async def _settled(citizen: Person, order: str) -> dict[str, Any]:
    for _ in range(100):
        told: dict[str, Any] = await citizen.ask("GET", f"/orders/{order}")
        if told["state"] == "paid":
            return told
        await asyncio.sleep(0.2)
    raise AssertionError(f"the order stays {told['state']}")


async def reconcile(town: Town, say: Say) -> None:
    """Flow 5: reconcile the day."""
    finance = await town.clerk(town.of_role("finance"))
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    run = await finance.ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    expect(run["state"] == "balanced", "today's bill agrees so far", got=run)
    again = await finance.ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    expect(
        (again["matched"], again["totals"]) == (run["matched"], run["totals"]),
        "a second run changes nothing",
        got=again,
    )
    say(f"{day}: {run['matched']} payments match the channel's bill; a second run changes nothing")
    await town.sandbox("bills", {"channel": "wechat", "day": day, "discrepancies": {"amount": 1}})
    broken = await finance.ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    detail = await finance.ask("GET", f"/reconciliations/{broken['id']}")
    expect(
        [d["class"] for d in detail["differences"] if d["state"] == "open"] == ["amount"],
        "the difference is named",
        got=detail,
    )
    say("a falsified bill: the difference is found and classed")
    await town.http.delete(f"{town.accounts['sandbox']}/_sandbox/bills")
    mended = await finance.ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    expect(mended["state"] == "balanced", "with the right bill the day balances again", got=mended)
    say("with the right bill the day balances again; the console shows every run")
