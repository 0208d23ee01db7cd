"""Things of one's own account, of acting for others and of the office's own people, for the access matrix."""

import asyncio
from datetime import timedelta
from random import randrange
from uuid import UUID, uuid4

import asyncpg

from kit import clock
from tests.attacks.things import CALLERS, NOUNS, OTHER_ITEM, World, by_phone
from tests.flows.town import Town, photo
from tests.flows.walks import CASE_ITEM, _upload


async def account(made: World, town: Town) -> None:
    """Exports, corrections, notices, a second device; a photograph and an identity of people who are not asked."""
    other = made.people["other citizen"]
    export = await other.ask("POST", "/me/exports", json={}, status=201)
    made.put("me/exports", export["id"], "other citizen")
    wish = {"field": "other", "wanted": "住址：演示路 1 号", "why": "搬家"}
    waiting = [c for c in (await other.ask("GET", "/me/corrections"))["items"] if c["state"] == "asked"]
    correction = waiting[0] if waiting else await other.ask("POST", "/me/corrections", json=wish, status=201)
    made.put("me/corrections", correction["id"], "other citizen")
    made.put("desk/corrections", correction["id"], "clerk of another office")
    notices = (await made.people["citizen"].ask("GET", "/me/notices"))["items"]
    made.put("me/notices", notices[0]["id"], "citizen")
    stranger = await town.one_tap(town.demo_citizen(4))
    made.put("files", (await _upload(stranger, photo("matrix")))["id"])
    made.put("me/identities", (await stranger.ask("GET", "/me/identities"))["items"][0]["id"])
    again = await town.one_tap(town.demo_citizen(0))
    devices = (await again.ask("GET", "/me/devices"))["items"]
    made.put("me/devices", next(d["id"] for d in devices if d["current"]), "citizen")


async def claims(made: World, town: Town) -> None:
    """A foreign passport that waits for a clerk, and a number on its way between two people who are not asked."""
    foreigner = await by_phone(town, "16600000007")
    papers = {"name": "EMILY CARTER", "id_number": "L8988901C", "document": "passport"}
    await foreigner.ask("POST", "/me/real-name", json=papers)
    waiting = (await made.people["clerk of another office"].ask("GET", "/desk/name-claims"))["items"]
    made.put("desk/name-claims", waiting[0]["id"], "clerk of another office")
    move, now = uuid4(), clock.now()
    connection = await asyncpg.connect(made.database_url)
    try:
        await connection.execute(
            "INSERT INTO joining_phone_move (id, holder, taker, phone_sealed, phone_index, state, by, created_at, expires_at) "
            "VALUES ($1, $2, $3, 'x', $4, 'asked', '', $5, $6)",
            move, uuid4(), uuid4(), uuid4().hex, now, now + timedelta(minutes=9),
        )  # fmt: skip
    finally:
        await connection.close()
    made.put("me/phone-moves", str(move))


async def mandates(made: World, town: Town) -> None:
    """The legal agent's own for a firm, one of theirs that a clerk examines, and an appointed village agent."""
    agent = made.people["legal agent"]
    own = (await agent.ask("GET", "/me/principals"))["items"]
    made.put("me/mandates", next(m["id"] for m in own if m["principal"]["kind"] == "legal_person"), "legal agent")
    examined = (await made.people["clerk of another office"].ask("GET", "/desk/mandates"))["items"]
    made.put("desk/mandates", examined[0]["id"], "clerk of another office")
    chief = next(s for s in town.accounts["staff"] if s["role"] == "supervisor" and s["department"] == "ZWFW")
    agents = (await (await town.clerk(chief["username"])).ask("GET", "/desk/agents"))["items"]
    made.put("desk/agents", agents[0]["id"])


async def offices(made: World, town: Town) -> None:
    """Duties, shifts and leave of the same office and of another; a unit and a change of roles."""
    admin, clerk = made.people["admin"], made.people["clerk"]
    day = (clock.today() + timedelta(days=randrange(20, 80))).isoformat()  # free, also when run again
    account = made.things["staff"][0].id
    made.put("organisation/people", account, "admin")
    unit = await admin.ask("POST", "/organisation/units", json={"department": "GA", "name": "试行组"}, status=201)
    made.put("organisation/units", unit["id"], "admin")
    wish = {"staff": account, "role": "finance", "kind": "grant", "reason": "access matrix"}
    change = await admin.ask("POST", "/staffing/role-changes", json=wish, status=201)
    made.put("staffing/role-changes", _id(change), "admin")
    for person, item, seen_by in (
        (clerk, CASE_ITEM, ("admin", "supervisor")),
        (made.people["clerk of another office"], OTHER_ITEM, ("admin",)),
    ):
        days = {"valid_from": day, "valid_to": day}
        duty = {"item": item, "region": "440105002000", "role": "other", "staff": person.who["id"], **days}
        made.put("staffing/duties", _id(await admin.ask("POST", "/staffing/duties", json=duty, status=201)), *seen_by)
        shift = {"staff": person.who["id"], "day": day, "kind": "duty", "starts": "09:00", "ends": "12:00"}
        made.put("staffing/shifts", _id(await admin.ask("POST", "/staffing/shifts", json=shift, status=201)), *seen_by)
        leave = {"kind": "annual", "note": "access matrix", "from_day": day, "to_day": day}
        asked = await person.ask("POST", "/staffing/leaves", json=leave, status=201)
        own = "clerk" if person is clerk else "clerk of another office"
        made.put("staffing/leaves", _id(asked), own, *seen_by)


async def afterwards(made: World, town: Town) -> None:
    """Of the conversation that is over: a bad rating being put right, transcripts, an answer for everybody."""
    citizen, clerk, chief = (made.people[name] for name in ("citizen", "clerk", "supervisor"))
    talk = next(t.id for t in made.things["consultations"] if "citizen" in t.seen_by)
    rating = await citizen.ask("GET", f"/consultations/{talk}/rating")
    if rating["rating"] is None:
        await citizen.ask("POST", f"/consultations/{talk}/rating", json={"level": 1, "reasons": ["rude"]}, status=201)
    async with asyncio.timeout(30):
        while not (rating := await citizen.ask("GET", f"/consultations/{talk}/rating"))["result"]:
            await asyncio.sleep(0.2)  # the worker opens it
    made.put("rectifications", rating["result"]["id"], "citizen")
    made.put("desk/rectifications", rating["result"]["id"], "supervisor")
    for person, seen_by in ((citizen, ("citizen",)), (clerk, ("clerk", "supervisor"))):
        transcript = await person.ask("POST", f"/consultations/{talk}/transcripts", json={}, status=201)
        made.put("transcripts", transcript["id"], *seen_by)
    draft = {
        "item": CASE_ITEM, "question": f"试行问题{uuid4().hex[:8]}？", "answer": "试行答复一句。", "cites": ["faq"]
    }  # fmt: skip
    answer = await clerk.ask("POST", "/desk/answers", json=draft, status=201)
    await chief.ask("POST", f"/desk/answers/{answer['id']}/review", json={"publish": True, "version": 1})
    made.put("answers", answer["id"], *CALLERS)
    made.put("desk/answers", answer["id"], "clerk", "supervisor")


def _id(told: dict[str, object]) -> str:
    items = told.get("items")
    return str(items[0]["id"] if isinstance(items, list) else told["id"])


async def deeds(made: World, town: Town) -> None:
    """A row of the log about a case, and one about a right."""
    auditor = made.people["auditor"]
    for action, seen_by in (("case.", ("auditor",)), ("staff.", ("auditor", "admin"))):
        rows = (await auditor.ask("GET", f"/audit?action={action}"))["items"]
        made.put("audit", rows[0]["seq"], *seen_by)


async def told_at_desk(made: World, town: Town) -> None:
    """What one clerk is told at the desk is nobody else's."""
    notice, clerk = uuid4(), made.people["clerk"]
    connection = await asyncpg.connect(made.database_url)
    try:
        await connection.execute(
            "INSERT INTO notify_staff_notice (id, staff, kind, text, link, about, created_at) "
            "VALUES ($1, $2, 'access.matrix', '{\"zh\": \"矩阵\"}', '', '{}', $3)",
            notice, UUID(clerk.who["id"]), clock.now(),
        )  # fmt: skip
    finally:
        await connection.close()
    made.put("desk/notices", str(notice), "clerk")


async def words(made: World, town: Town) -> None:
    """A word somebody wishes for; a clerk's own quick reply, and one of the department that waits for another person."""
    wish = {"act": "put", "word": f"试行词{uuid4().hex[:8]}", "use": "clerks", "reason": "access matrix"}
    change = await made.people["admin"].ask("POST", "/words/changes", json=wish, status=201)
    made.put("words/changes", change["id"], "admin", "supervisor")
    for name, scope, seen_by in (
        ("clerk", "personal", ("clerk",)),
        ("supervisor", "department", ("clerk", "supervisor")),
    ):
        body = {"scope": scope, "title": "access matrix", "words": "access matrix"}
        reply = await made.people[name].ask("POST", "/replies", json=body, status=201)
        made.put("replies", reply["id"], *seen_by)


NOUNS |= {
    "words/changes": words,
    "replies": words,
    "files": account,
    "me/exports": account,
    "me/corrections": account,
    "desk/corrections": account,
    "me/notices": account,
    "desk/notices": told_at_desk,
    "me/devices": account,
    "me/identities": account,
    "me/phone-moves": claims,
    "desk/name-claims": claims,
    "me/mandates": mandates,
    "desk/mandates": mandates,
    "desk/agents": mandates,
    "organisation/people": offices,
    "organisation/units": offices,
    "staffing/role-changes": offices,
    "staffing/duties": offices,
    "staffing/shifts": offices,
    "staffing/leaves": offices,
    "audit": deeds,
    "rectifications": afterwards,
    "desk/rectifications": afterwards,
    "transcripts": afterwards,
    "answers": afterwards,
    "desk/answers": afterwards,
}
