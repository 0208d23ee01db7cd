"""
What the access matrix asks about: who the twelve callers are, and of every noun the things that are there, with those
who may see them. Written by nouns and by the office's rules, not by the program's.

A new noun is one line in `NOUNS`: the path in front of its `{id}`, and who makes its things.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt

from auth import tokens
from kit import clock, config
from kit.config import current
from kit.db import start_embedded
from mobileapi.settings import OfficeSettings
from tests.flows import FLOWS
from tests.flows.town import Person, Town
from tests.flows.walks import CASE_ITEM, _filled, _settled, with_unpaid_fine

REGION = "440105000000"
FIRMS_ITEM = "000150102001"  # of that office too, open to organisations
OTHER_ITEM = "000150101001"  # of another office, which also judges names, mandates and corrections
AGENT = "19900000013"  # an operator of a firm

CALLERS: dict[str, frozenset[str]] = {
    "anonymous": frozenset(),
    "citizen": frozenset({"citizen"}),
    "other citizen": frozenset({"citizen"}),
    "legal agent": frozenset({"citizen"}),
    "clerk": frozenset({"clerk"}),
    "clerk of another office": frozenset({"clerk"}),
    "supervisor": frozenset({"supervisor"}),
    "finance": frozenset({"finance"}),
    "auditor": frozenset({"auditor"}),
    "admin": frozenset({"admin"}),
    "expired": frozenset({"citizen"}),
    "disabled": frozenset({"clerk"}),
}
STOPPED = {"anonymous": "token_missing", "expired": "token_expired", "disabled": "token_invalid"}
SIGNED_IN = [name for name in CALLERS if name not in STOPPED]

# What is sent where a body is needed: of the right shape, and harmless to what it is sent about.
BODIES: dict[str, Any] = {
    "PATCH /applications/{id}": {"version": 9999},
    "PUT /applications/{id}/materials/{material}": {"uploads": []},
    "POST /applications/{id}/submission": {"consent": True},
    "POST /bills/{id}/amendments": {"kind": "waiver", "reason": "access matrix", "wish": {}},
    "POST /desk/bills/{id}/amendments": {"kind": "waiver", "reason": "access matrix", "basis": "access matrix"},
    "POST /desk/bills/{id}/stay-end": {"last_day": "2020-01-01"},
    "POST /desk/amendments/{id}/proposal": {"basis": "access matrix", "terms": {}},
    "POST /desk/amendments/{id}/approval": {"proposed_at": "2026-01-01T00:00:00Z"},
    "POST /desk/amendments/{id}/refusal": {"why": "access matrix"},
    "POST /desk/applications/{id}/unmask": {"field": "phone", "reason": "access matrix"},
    "POST /desk/applications/{id}/{action}": {"version": 9999},
    "POST /consultations/{id}/takeover": {"reason": "access matrix"},
    "POST /consultations/{id}/transfer": {"to_department": "GA", "reason": "access matrix"},
    # A clerk's words with a variable in them are refused after the look at whose conversation it is: nothing is taken up.
    "POST /consultations/{id}/messages": {"client_id": "m", "kind": "text", "body": {"text": "access matrix {姓名}"}},
    "POST /consultations/{id}/messages/{number}/unmask": {"reason": "access matrix"},
    "POST /words/changes/{id}/decision": {"approve": False},
    "POST /replies": {"scope": "personal", "title": "access matrix", "words": "access matrix"},
    "PUT /replies/{id}": {"title": "access matrix", "words": "access matrix", "seen": 9999},
    "POST /replies/{id}/decision": {"number": 9999, "approve": False},
    "POST /replies/{id}/confirmation": {"seen": 9999},
    "POST /replies/{id}/filling": {"conversation": str(UUID(int=0))},
    "POST /consultations/{id}/notes": {"text": "access matrix"},
    "PUT /organisation/hours/{code}": {"hours": None},
    "POST /consultations/{id}/draft": {},
    "POST /consultations/{id}/bill": {
        "amount": {"income_item": "999999", "amount_fen": 1, "title": "access matrix", "explanation": "access matrix"}
    },
    "POST /consultations/{id}/bill/{proposal}/decision": {"approve": False, "why": "access matrix"},
    "POST /desk/consultations/{id}/unmask": {"field": "phone", "reason": "access matrix"},
    "POST /consultations/{id}/rating": {"level": 5},
    "POST /applications/{id}/rating": {"level": 5},
    "POST /rectifications/{id}/rating": {"level": 5},
    "POST /desk/rectifications/{id}/contacts": {"way": "phone", "reached": False},
    "POST /desk/rectifications/{id}/answer": {"finding": "explained", "measures": "access matrix", "version": 9999},
    "POST /desk/rectifications/{id}/confirmation": {"accept": True, "version": 9999},
    "POST /desk/rectifications/{id}/contest": {"reason": "access matrix", "version": 9999},
    "POST /desk/rectifications/{id}/contest-decision": {"void": False, "note": "access matrix", "version": 9999},
    "POST /answers/{id}/votes": {"helpful": True, "device": "access-matrix-000"},
    "POST /desk/answers/{id}/review": {"publish": True, "version": 9999},
    "POST /desk/answers/{id}/retraction": {"reason": "access matrix", "version": 9999},
    "PUT /staff/{id}/workplaces/{kind}": {"subject": "access-matrix"},
    "POST /staffing/role-changes/{id}/decision": {"approve": False, "note": "access matrix"},
    "POST /staffing/leaves/{id}/decision": {"approve": False, "note": "access matrix"},
    "POST /staffing/leaves/{id}/extension": {"to_day": "2030-01-01"},
    "POST /staffing/duties/{id}/end": {"last_day": "2030-01-01"},
    "POST /desk/mandates/{id}/{action}": {"version": 1, "reason": "access matrix"},
    "POST /desk/agents/{id}/revocation": {"reason": "access matrix"},
    "POST /desk/corrections/{id}/decision": {"approve": False, "reason": "access matrix"},
    "PUT /me/notice-wishes/{topic}": {"messages": True, "texts": True},
    "POST /desk/name-claims/{id}/decision": {"accept": False, "reason": "access matrix"},
    "POST /refunds": {"order": str(UUID(int=0)), "reason": "mistaken"},
    "POST /refunds/{id}/refusal": {"why": "access matrix"},
    "POST /refunds/{id}/completion": {"done": False, "voucher": "access matrix"},
    "POST /treasury/rules": {
        "department": "GA",
        "effective_on": "2030-01-01",
        "basis": {"zh": "access matrix"},
        "shares": [{"level": "county", "treasury": "4401", "millionths": 1_000_000}],
    },
    "POST /treasury/handings": {"day": "2030-01-01"},
    "POST /counter/shifts": {"window": "access matrix", "float_fen": 0},
    "POST /counter/shifts/{id}/takings": {"bills": [str(UUID(int=0))], "means": "pos", "amount_fen": 1},
    "POST /counter/shifts/{id}/count": {"counted_fen": 1},
    "POST /counter/shifts/{id}/deposits": {
        "means": "cash",
        "amount_fen": 1,
        "slip": "access matrix",
        "deposited_on": "2026-01-01",
    },
    "POST /counter/shifts/{id}/payouts": {"refund": str(UUID(int=0)), "voucher": "access matrix"},
    "POST /counter/shifts/{id}/reversals": {"taking": str(UUID(int=0)), "why": "access matrix"},
    "POST /counter/takings/{id}/cheque": {"honoured": True},
    "POST /counter/deposits/{id}/decision": {"seen": True},
}
PARTS = {
    "id": str(UUID(int=0)), "material": "no-such-material", "action": "accept", "variant": "page", "kind": "dingtalk",
    "session": str(UUID(int=0)), "code": "GA", "ticket": "no-such-ticket", "purpose": "reminders",
    "topic": "answers",
    "proposal": str(UUID(int=0)), "order": str(UUID(int=0)), "receipt": str(UUID(int=0)),
}  # fmt: skip
# Carried out they would end the caller's own session; who is stopped before is asked all the same.
NOT_CARRIED_OUT = {"POST /auth/sign-out"}


@dataclass
class Met:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    def __str__(self) -> str:
        return f"{self.status} {self.code or str(self.body)[:80]}"


@dataclass(frozen=True)
class Thing:
    """One thing that is there, and the callers who may see it."""

    id: str
    seen_by: frozenset[str]


@dataclass
class World:
    """Who asks, and what there is."""

    people: dict[str, Person]
    database_url: str
    things: dict[str, list[Thing]] = field(default_factory=dict)
    firm: str = ""  # the account the legal agent acts for
    canaries: set[str] = field(default_factory=set)  # what identifies known people; nobody may meet it in the clear

    def put(self, noun: str, id: str, *seen_by: str) -> None:  # noqa: A002 - the id of the thing
        self.things.setdefault(noun, []).append(Thing(str(id), frozenset(seen_by)))


def noun_of(path: str) -> str | None:
    """The noun whose id the path carries, as the path in front of it; None for a path about no single thing."""
    found = re.match(r"/([^{]+)/{(?:id|seq)}", path)
    return found[1] if found else None


async def named_citizen(town: Town, place: int) -> Person:
    """A citizen of the demonstration whose real name is known."""
    told = town.demo_citizen(place)
    citizen = await town.one_tap(told)
    if citizen.who["assurance"] == "phone":
        await citizen.ask("POST", "/me/real-name", json={"name": told["name"], "id_number": told["id_number"]})
    return citizen


async def by_phone(town: Town, phone: str) -> Person:
    """A citizen of the demonstration, as they are."""
    return await town.one_tap(next(c for c in town.accounts["citizens"] if c["phone"] == phone))


async def world(town: Town, data: Path) -> World:
    """Everybody, and of every noun something of everybody's."""
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    office = clerk.who["department"]["code"]
    chief = next(s for s in town.accounts["staff"] if s["role"] == "supervisor" and s["department"] == office)
    first = await named_citizen(town, 0)
    people = {
        "anonymous": Person(town.http),
        "citizen": first,
        "other citizen": await named_citizen(town, 3),
        "legal agent": await by_phone(town, AGENT),
        "clerk": clerk,
        "clerk of another office": await town.clerk(town.owner_of(OTHER_ITEM)),
        "supervisor": await town.clerk(chief["username"]),
        "finance": await town.clerk(town.of_role("finance")),
        "auditor": await town.clerk(town.of_role("auditor")),
        "admin": await town.clerk(town.of_role("admin")),
        "expired": Person(town.http, expired(first, data)),
        "disabled": await disabled(town, office=office, but=clerk.who["username"]),
    }
    made = World(people, start_embedded(data))
    made.canaries = {c[what] for c in town.accounts["citizens"] for what in ("phone", "id_number") if c.get(what)}
    for maker in dict.fromkeys(NOUNS.values()):
        await maker(made, town)
    return made


def expired(person: Person, data: Path) -> str:
    """A token of the office's own key and of an open session, an hour too old."""
    before = current(OfficeSettings)
    config.install(before.model_copy(update={"data_dir": data}))
    claims = jwt.decode(person.token, options={"verify_signature": False})
    try:
        with clock.moved(timedelta(hours=-1)):
            return tokens.access_token(
                person=UUID(claims["sub"]), kind="citizen", roles=frozenset(claims["roles"]),
                session=UUID(claims["sid"]),
            ).text  # fmt: skip
    finally:
        config.install(before)


async def disabled(town: Town, *, office: str, but: str) -> Person:
    """A clerk of the same office whose account an administrator has closed."""
    told = [s for s in town.accounts["staff"] if s["role"] == "clerk" and s["department"] == office]
    name = next(s["username"] for s in told if s["username"] not in {but, *COVERING})
    admin = await town.clerk(town.of_role("admin"))
    known = (await admin.ask("GET", f"/staff?q={name}&state=all"))["items"][0]
    if known["disabled_at"]:  # by an earlier run in the same office
        await admin.ask("POST", f"/staff/{known['id']}/enable")
    gone = await town.clerk(name)
    await admin.ask("POST", f"/staff/{gone.who['id']}/disable")
    return gone


COVERING = {"ga.lin"}  # backup of the item the matrix talks about


async def cases(made: World, town: Town) -> None:
    """A case of the citizen's that was decided, one of the other citizen's in the same office, one in another."""
    await FLOWS["file"](town, lambda _: None)
    citizen = made.people["citizen"]
    decided = (await citizen.ask("GET", "/applications?state=decided_approved"))["items"][0]["id"]
    certificate = (await citizen.ask("GET", "/certificates"))["items"][0]["id"]
    made.put("applications", decided, "citizen")
    made.put("certificates", certificate, "citizen")
    made.put("desk/applications", decided, "clerk", "supervisor")
    agent = made.people["legal agent"]
    firm = next(
        p for p in (await agent.ask("GET", "/me/principals"))["items"] if p["principal"]["kind"] == "legal_person"
    )
    made.firm = firm["principal"]["id"]
    for name, item, more, seen_by in (
        ("other citizen", CASE_ITEM, {}, ("clerk", "supervisor")),
        ("other citizen", OTHER_ITEM, {}, ("clerk of another office",)),
        ("legal agent", FIRMS_ITEM, {"on_behalf_of": made.firm}, ("clerk of another office",)),
    ):
        case = await filed(made.people[name], item, **more)
        made.put("applications", case, name)
        made.put("desk/applications", case, *seen_by)


async def filed(person: Person, item: str, **more: Any) -> str:
    """A case of theirs, handed in."""
    guide = await person.ask("GET", f"/catalogue/items/{item}")
    answers = {q["code"]: q["options"][0]["value"] for q in guide["questions"]}
    draft = await person.ask("POST", "/applications", json={"item": item, "region": REGION, **more}, status=201)
    await _filled(person, draft, guide=guide, answers=answers)
    await person.ask("POST", f"/applications/{draft['id']}/submission", json={"consent": True})
    return str(draft["id"])


async def conversations(made: World, town: Town) -> None:
    """One the citizen had with the clerk; one of the other citizen's that another office had."""
    for who, desk, item, more in (
        ("citizen", "clerk", CASE_ITEM, ("supervisor",)),
        ("other citizen", "clerk of another office", OTHER_ITEM, ()),
    ):
        citizen, clerk = made.people[who], made.people[desk]
        async with town.socket(clerk) as line:
            await line.send(type="presence", status="online", capacity=5)
            await line.send(type="ping", t=1)
            await line.until("pong")
            body = {"item": item, "region": REGION, "text": "你好"}
            talk = await citizen.ask("POST", "/consultations", json=body, status=201)
            if talk["state"] == "offered":
                await line.send(type="offer_reply", conversation=talk["id"], accept=True)
                await line.until("conversation", conversation=talk["id"], state="assigned")
        talk = await clerk.ask("POST", f"/consultations/{talk['id']}/close", json={})
        assert talk["clerk"]["id"] == clerk.who["id"]
        made.put("consultations", talk["id"], who, desk, *more)
        made.put("desk/consultations", talk["id"], desk, *more)


async def payments(made: World, town: Town) -> None:
    """A bill, its order and its receipt, of one of the citizens; a day of the books."""
    payer, told = await with_unpaid_fine(town)
    names = [
        name for name in ("citizen", "other citizen", "legal agent") if made.people[name].who["id"] == payer.who["id"]
    ]
    bill = (await payer.ask("GET", "/bills?state=unpaid"))["items"][0]
    wanted = {"bills": [bill["id"]], "channel": "wechat", "scene": "miniapp"}
    order = await payer.ask("POST", "/orders", json=wanted, status=201)
    prepay = order["client"]["package"].removeprefix("prepay_id=")
    await town.sandbox("pay", {"prepay_id": prepay, "openid": told["openid"]})
    paid = await _settled(payer, order["id"])
    day = clock.today().isoformat()
    run = await made.people["finance"].ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    for noun, id_ in (("bills", bill["id"]), ("orders", order["id"]), ("receipts", paid["receipts"][0])):
        made.put(noun, id_, *names)
    made.put("reconciliations", run["id"], "finance", "auditor")
    asker = [s["username"] for s in town.accounts["staff"] if s["role"] == "finance"][1]
    wish = {"order": order["id"], "reason": "relief", "amount_fen": 1}
    refund = await (await town.clerk(asker)).ask("POST", "/refunds", json=wish, status=201)
    made.put("refunds", refund["id"], "finance", "auditor")


def _bill(town: Town) -> dict[str, Any]:
    """A bill of 50 yuan to the first citizen, as a department issues it."""
    line = {"name": "罚款", "amount_fen": 5000, "basis": "access matrix", "explanation": "access matrix"}
    return {
        "kind": "fine", "title": "access matrix", "income_item": {"code": "103050101", "name": "access matrix"},
        "legal_basis": "access matrix", "lines": [line],
        "payer": {"name": "access matrix", "phone": town.demo_citizen(0)["phone"]},
    }  # fmt: skip


async def relief(made: World, town: Town) -> None:
    """A bill the clerk's office issued to the citizen, and what the citizen asked for about it."""
    bill = await made.people["clerk"].ask("POST", "/desk/bills", json=_bill(town), status=201)
    wish = {"kind": "waiver", "reason": "access matrix", "wish": {"principal_fen": 1}}
    asked = await made.people["citizen"].ask("POST", f"/bills/{bill['id']}/amendments", json=wish, status=201)
    made.put("bills", bill["id"], "citizen")
    made.put("desk/bills", bill["id"], "clerk", "supervisor")
    made.put("amendments", asked["id"], "citizen")
    made.put("desk/amendments", asked["id"], "clerk", "supervisor")


async def tills(made: World, town: Town) -> None:
    """A clerk's shift at a window, what was taken in it, and what of that went to the bank."""
    clerk = made.people["clerk"]
    found = (await clerk.ask("GET", "/counter/shifts?state=open"))["items"]
    body = {"window": "access matrix", "float_fen": 0}
    shift = found[0] if found else await clerk.ask("POST", "/counter/shifts", json=body, status=201)
    made.put("counter/shifts", shift["id"], "clerk", "supervisor", "finance", "auditor")
    bill = await clerk.ask("POST", "/desk/bills", json=_bill(town), status=201)
    handed = {"bills": [bill["id"]], "means": "cash", "amount_fen": 5000, "tendered_fen": 5000}
    path = f"/counter/shifts/{shift['id']}"
    taking = await clerk.ask("POST", f"{path}/takings", json=handed, status=201)
    slip = {"means": "cash", "amount_fen": 1, "slip": uuid4().hex, "deposited_on": clock.today().isoformat()}
    deposits = (await clerk.ask("POST", f"{path}/deposits", json=slip))["deposits"]
    made.put("counter/takings", taking["id"], "finance")
    made.put("counter/deposits", next(d["id"] for d in deposits if d["slip"] == slip["slip"]), "finance")


async def accounts(made: World, town: Town) -> None:
    """An account nobody uses, for administrators."""
    body = {"username": f"matrix.{uuid4().hex[:8]}", "name": "试行员", "department": "GA"}
    account = await made.people["admin"].ask("POST", "/staff", json=body, status=201)
    made.put("staff", account["account"]["id"], "admin")


NOUNS: dict[str, Callable[[World, Town], Awaitable[None]]] = {
    "applications": cases,
    "desk/applications": cases,
    "certificates": cases,
    "consultations": conversations,
    "desk/consultations": conversations,
    "bills": payments,
    "desk/bills": relief,
    "amendments": relief,
    "desk/amendments": relief,
    "orders": payments,
    "receipts": payments,
    "reconciliations": payments,
    "refunds": payments,
    "counter/shifts": tills,
    "counter/takings": tills,
    "counter/deposits": tills,
    "staff": accounts,
}
