"""Every route, asked by everybody, about what is theirs, what is somebody else's and what is not there.

The table of routes gives the rows, so a new route is judged without anybody remembering to. What is expected is
written down here once more, by nouns, independently of the program's own `access.py`.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from auth import tokens
from kit import clock, config
from kit.web import Endpoint
from mobileapi.app import endpoints
from mobileapi.settings import OfficeSettings
from tests.attacks.conftest import Office, named_citizen
from tests.flows.town import Person, Town, photo
from tests.flows.walks import CASE_ITEM, FLOWS, _settled, _upload, _with_unpaid_fine

pytestmark = pytest.mark.anyio
REGION = "440105000000"
NOBODY = ("anonymous", "expired token", "signed-out token")

# What is sent where a body is needed: of the right shape, and harmless to what it is sent about.
BODIES: dict[str, Any] = {
    "PATCH /applications/{id}": {"version": 9999},
    "PUT /applications/{id}/materials/{material}": {"uploads": []},
    "POST /applications/{id}/submission": {"consent": True},
    "POST /desk/applications/{id}/unmask": {"field": "phone", "reason": "access matrix"},
    "POST /desk/applications/{id}/{action}": {"version": 9999},
    "POST /consultations/{id}/transfer": {"to_department": "GA", "reason": "access matrix"},
    "POST /consultations/{id}/notes": {"text": "access matrix"},
    "POST /consultations/{id}/rating": {"level": 5},
}
PARTS = {"material": "no-such-material", "action": "accept", "variant": "page"}


@dataclass
class World:
    """Who asks, and the one real thing of every noun with those who may see it."""

    people: dict[str, Person]
    things: dict[str, str] = field(default_factory=dict)  # noun → id
    owners: dict[str, set[str]] = field(default_factory=dict)  # noun → names in `people`


def noun_of(path: str) -> str | None:
    """The noun whose id the path carries; None for a path about no single thing."""
    found = re.match(r"/(desk/applications|\w+)/{id}", path)
    return found[1] if found else None


async def world(town: Town, office: Office, settings: OfficeSettings) -> World:
    payer, told = await _with_unpaid_fine(town)
    first = await named_citizen(town, 0)
    other = await named_citizen(town, 3)
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    office_of = clerk.who["department"]["code"]
    elsewhere = next(
        s for s in town.accounts["staff"] if s["role"] == "clerk" and s["department"] not in {office_of, "ZWFW"}
    )
    chief = next(s for s in town.accounts["staff"] if s["role"] == "supervisor" and s["department"] == office_of)
    gone = await town.one_tap(town.demo_citizen(3))
    await gone.ask("POST", "/auth/sign-out", json={}, status=204)
    people = {
        "anonymous": Person(town.http), "expired token": Person(town.http, expired(first, office, settings)),
        "signed-out token": gone, "citizen": first, "other citizen": other, "clerk of the item": clerk,
        "clerk of another office": await town.clerk(elsewhere["username"]), "supervisor": await town.clerk(chief["username"]),
        "finance": await town.clerk(town.of_role("finance")), "auditor": await town.clerk(town.of_role("auditor")),
        "admin": await town.clerk(town.of_role("admin")),
    }  # fmt: skip
    made = World(people | ({"payer": payer} if payer.who["id"] != first.who["id"] else {}))
    await a_case(made, town)
    await a_conversation(made, town)
    await a_payment(made, town, payer=payer, openid=told["openid"])
    return made


def expired(person: Person, office: Office, settings: OfficeSettings) -> str:
    """A token of the office's own key and of an open session, an hour too old."""
    config.install(settings.model_copy(update={"data_dir": office.data}))
    claims = jwt.decode(person.token, options={"verify_signature": False})
    try:
        with clock.moved(timedelta(hours=-1)):
            return tokens.access_token(
                person=UUID(claims["sub"]),
                kind="citizen",
                roles=frozenset(claims["roles"]),
                session=UUID(claims["sid"]),
            ).text
    finally:
        config.install(settings)


async def a_case(made: World, town: Town) -> None:
    await FLOWS["file"](town, lambda _: None)
    cases = (await made.people["citizen"].ask("GET", "/applications?state=decided_approved"))["items"]
    certificates = (await made.people["citizen"].ask("GET", "/certificates"))["items"]
    made.things |= {
        "applications": cases[0]["id"],
        "desk/applications": cases[0]["id"],
        "certificates": certificates[0]["id"],
    }
    made.owners |= {"applications": {"citizen"}, "certificates": {"citizen"}}
    made.owners["desk/applications"] = {"clerk of the item", "supervisor"}


async def a_conversation(made: World, town: Town) -> None:
    citizen, clerk = made.people["citizen"], made.people["clerk of the item"]
    async with town.socket(clerk) as desk:
        await desk.send(type="presence", status="online", capacity=5)
        await desk.send(type="ping", t=1)
        await desk.until("pong")
        talk = await citizen.ask(
            "POST", "/consultations", json={"item": CASE_ITEM, "region": REGION, "text": "你好"}, status=201
        )
        if talk["state"] == "offered":
            await desk.send(type="offer_reply", conversation=talk["id"], accept=True)
            await desk.until("conversation", conversation=talk["id"], state="assigned")
    talk = await clerk.ask("POST", f"/consultations/{talk['id']}/close", json={})
    assert talk["clerk"]["id"] == clerk.who["id"]
    made.things["consultations"] = talk["id"]
    made.owners["consultations"] = {"citizen", "clerk of the item", "supervisor"}


async def a_payment(made: World, town: Town, *, payer: Person, openid: str) -> None:
    bill = (await payer.ask("GET", "/bills?state=unpaid"))["items"][0]
    wanted = {"bills": [bill["id"]], "channel": "wechat", "scene": "miniapp"}
    order = await payer.ask("POST", "/orders", json=wanted, status=201)
    await town.sandbox("pay", {"prepay_id": order["client"]["package"].removeprefix("prepay_id="), "openid": openid})
    paid = await _settled(payer, order["id"])
    day = clock.today().isoformat()
    run = await made.people["finance"].ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    made.things |= {
        "bills": bill["id"],
        "orders": order["id"],
        "receipts": paid["receipts"][0],
        "reconciliations": run["id"],
    }
    name = "payer" if "payer" in made.people else "citizen"
    made.owners |= {"bills": {name}, "orders": {name}, "receipts": {name}, "reconciliations": {"finance", "auditor"}}


@dataclass
class Met:
    status: int
    body: Any


async def ask(person: Person, spec: Endpoint, thing: str) -> Met:
    path = re.sub(r"{(\w+)(:\w+)?}", lambda m: thing if m[1] == "id" else PARTS.get(m[1], "x"), spec.path)
    headers = {"idempotency-key": uuid4().hex} | ({"authorization": f"Bearer {person.token}"} if person.token else {})
    body = BODIES.get(f"{spec.method} {spec.path}", {}) if spec.body else None
    answer = await person.http.request(spec.method, f"/api/v1{path}", headers=headers, json=body)
    told = answer.json() if "json" in answer.headers.get("content-type", "") else len(answer.content)
    if isinstance(told, dict):
        told.pop("request_id", None)
    return Met(answer.status_code, told)


def gate(spec: Endpoint, name: str, person: Person) -> tuple[int, str] | None:
    """What stops the caller before any thing is looked at; None when nothing does."""
    if spec.public:
        return None
    if name in NOBODY:
        return 401, {"anonymous": "token_missing", "expired token": "token_expired"}.get(name, "token_invalid")
    roles = set(person.who.get("roles", ["citizen"]))
    return None if roles & spec.roles else (403, "forbidden")


async def judged(made: World, spec: Endpoint, name: str) -> list[str]:
    """The deviations of one route and one caller, over the thing that is there and one that is not."""
    person, noun = made.people[name], noun_of(spec.path)
    where = f"{name}: {spec.method} {spec.path}"
    missing = await ask(person, spec, str(uuid4()))
    stopped = gate(spec, name, person)
    if noun not in made.things:
        fine = (
            missing.status not in {401, 403} if stopped is None else (missing.status, missing.body["code"]) == stopped
        )
        return [] if fine or spec.public else [f"{where} {missing}"]
    real = await ask(person, spec, made.things[noun])
    if stopped is not None:
        return [f"{where} {met}" for met in (missing, real) if (met.status, met.body["code"]) != stopped]
    wrong = [] if (missing.status, missing.body["code"]) == (404, "not_found") else [f"{where} missing: {missing}"]
    if name in made.owners[noun]:
        hidden = real.status in {401, 403} or (real.status == 404 and "{material}" not in spec.path)
        return [*wrong, *([f"{where} own: {real}"] if hidden or real.status >= 500 else [])]
    return [*wrong, *([f"{where} other's: {real} unlike missing: {missing}"] if real != missing else [])]


async def test_everybody_gets_at_what_is_theirs_and_at_nothing_else(
    town: Town, office: Office, settings: OfficeSettings
) -> None:
    made = await world(town, office, settings)
    table = [
        spec for spec in endpoints() if not spec.path.startswith(("/auth/sign-out", "/auth/staff", "/files", "/demo"))
    ]
    cells, deviations = 0, []
    for spec in table:
        for name in made.people:
            deviations += await judged(made, spec, name)
            cells += 2 if noun_of(spec.path) in made.things else 1
    print(
        f"access matrix: {len(table)} routes, {len(made.people)} callers, {cells} cells, {len(deviations)} deviations"
    )
    assert deviations == []
    assert {noun_of(s.path) for s in table} - {None} <= set(made.things), "a noun nobody judged"
    assert cells > 600


async def test_a_photograph_is_shown_to_the_holder_of_its_link_only(town: Town) -> None:
    citizen, other = await named_citizen(town, 0), await named_citizen(town, 3)
    picture = await _upload(citizen, photo("link"))
    address, _, query = picture["url"].partition("?")
    assert (await town.http.get(picture["url"])).status_code == 200
    parts = dict(part.split("=", 1) for part in query.split("&"))
    another = str((await _upload(citizen, photo("another")))["id"])
    edited = [
        address,
        f"{address}?{query.replace(parts['e'], str(int(parts['e']) + 600))}",
        f"{address}?{query.replace(parts['r'], 'citizen:' + other.who['id'])}",
        f"{address}?e={parts['e']}&r={parts['r']}&s={parts['s'][:-1]}{'A' if parts['s'][-1] != 'A' else 'B'}",
        f"{address}?e=²&r={parts['r']}&s={parts['s']}",
        f"{address}?e={parts['e']}&r={parts['r']}&s=é",
        picture["url"].replace("/page?", "/thumbnail?"),
        picture["url"].replace(str(picture["id"]), another),
        picture["url"].replace(str(picture["id"]), str(uuid4())),
        picture["url"].replace("/page?", "/..%2fpage?"),
    ]
    bodies = []
    for url in edited:
        refused = await town.http.get(url)
        assert refused.status_code == 404, url
        bodies.append({k: v for k, v in refused.json().items() if k != "request_id"})
    assert all(body == bodies[0] for body in bodies), "they look alike"


async def test_somebody_elses_photograph_cannot_be_handed_in(town: Town) -> None:
    citizen, other = await named_citizen(town, 0), await named_citizen(town, 3)
    theirs = (await _upload(citizen, photo("theirs")))["id"]
    draft = await other.ask("POST", "/applications", json={"item": CASE_ITEM, "region": REGION}, status=201)
    material = draft["materials"][0]["code"]
    told = []
    for upload in (theirs, str(uuid4())):
        path = f"/api/v1/applications/{draft['id']}/materials/{material}"
        answer = await town.http.put(
            path, json={"uploads": [upload]}, headers={"authorization": f"Bearer {other.token}"}
        )
        told.append((answer.status_code, {k: v for k, v in answer.json().items() if k != "request_id"}))
    assert told[0] == told[1]
    assert told[0][0] in {404, 409, 422}
    after = await other.ask("GET", f"/applications/{draft['id']}")
    assert [m["uploads"] for m in after["materials"] if m["code"] == material] == [[]]


@pytest.mark.parametrize("more", [{"status": "approved"}, {"state": "decided_approved"}, {"citizen_id": str(UUID(int=1))}, {"amount_fen": 1}, {"role": "admin"}, {"openid": "x"}])  # fmt: skip
async def test_fields_nobody_asked_for_are_refused_and_change_nothing(
    town: Town, named: Person, more: dict[str, Any]
) -> None:
    before = await named.ask("GET", "/me")
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/applications", {"item": CASE_ITEM, "region": REGION}),
        ("PATCH", "/me", {"locale": "en"}),
        ("POST", "/orders", {"bills": [str(uuid4())], "channel": "wechat", "scene": "qr"}),
        ("POST", "/me/real-name", {"name": "张三", "id_number": "11010519491231002X"}),
    ]
    for method, path, body in tries:
        refused = await named.ask(method, path, json=body | more, status=422)
        assert refused["errors"][0]["code"] == "extra_forbidden"
    assert await named.ask("GET", "/me") == before
