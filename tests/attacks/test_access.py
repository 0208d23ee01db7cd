"""Every route and frame asked by everybody (tests/attacks/matrix.py), and the doors beside the doors."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.web import Endpoint
from mobileapi.app import endpoints
from mobileapi.settings import OfficeSettings
from tests.attacks.conftest import Office, named_citizen
from tests.attacks.matrix import FRAMES, printed, run
from tests.attacks.things import NOUNS, noun_of, world
from tests.flows.town import Person, Town, photo
from tests.flows.walks import CASE_ITEM, _upload
from tests.house import answers

pytestmark = pytest.mark.anyio
REGION = "440105000000"


async def test_everybody_gets_at_what_is_theirs_and_at_nothing_else(
    town: Town, office: Office, settings: OfficeSettings
) -> None:
    specs = endpoints()
    made = await world(town, office.data)
    found = await run(town, made, specs)
    print(printed(found))
    assert found.deviations == []
    assert {noun_of(s.path) for s in specs} - {None} == set(made.things) == set(NOUNS), "a noun nobody judged"
    assert {where.split()[1] for where in found.rows if where.startswith("frame")} == set(FRAMES)
    assert found.cells > 2500
    assert answers.strange(found.answers) == [], (
        "a field nobody said yes to: run `make docs`, and look at the difference"
    )
    assert answers.unmasked(found.answers, made.canaries) == []


def test_a_frame_nobody_judged_is_noticed() -> None:
    from chat.frames import RIGHTS

    assert {frame.__name__ for frame in RIGHTS} == set(FRAMES)


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")


def bent(path: str) -> list[str]:
    """The same address, written in ways some routers take for it."""
    head, _, tail = path.rpartition("/")
    return [
        f"{path}/", f"/{path}", path.replace("/", "//", 1), f"{head}//{tail}", f"{head}/./{tail}", f"{head}/x/../{tail}",
        f"{head}/{tail.upper()}" if tail != tail.upper() else f"{head.upper()}/{tail}", f"{path};x", f"{path};x=1",
        f"{head};a/{tail}", f"{path}%00", f"{path}%20", f"{path}.json", f"{head}/%2e/{tail}", f"{head}%2f{tail}",
        f"{path}?x=1#/../me", f"{path}..;/",
    ]  # fmt: skip


def addressed(spec: Endpoint) -> str:
    return "/api/v1" + re.sub(r"{(\w+)}", lambda m: str(uuid4()) if m[1] == "id" else "GA", spec.path)


async def test_a_citizen_finds_no_way_round_to_the_desks(town: Town) -> None:
    """Another verb, a header that asks for another verb, and addresses that only look alike."""
    citizen = await named_citizen(town, 0)
    behind = [s for s in endpoints() if s.roles and "citizen" not in s.roles]
    assert len(behind) > 40
    routed: dict[str, set[str]] = {}
    for spec in endpoints():
        routed.setdefault(re.sub(r"{\w+}", "{}", spec.path), set()).add(spec.method)
    key = {"authorization": f"Bearer {citizen.token}", "idempotency-key": uuid4().hex}
    for spec in behind:
        path = addressed(spec)
        for method in METHODS:
            answer = await town.http.request(method, path, headers=key)
            assert answer.status_code in {403, 404, 405}, f"{method} {path}: {answer.status_code}"
        for name in ("x-http-method-override", "x-method-override", "x-http-method"):
            answer = await town.http.post(path, headers=key | {name: "GET"}, json={})
            assert answer.status_code in {403, 404, 405}, f"{name} {path}: {answer.status_code}"
        if spec.method == "GET":
            for other in bent(path):
                answer = await town.http.get(other, headers=key)
                assert answer.status_code in {400, 403, 404, 405}, f"{other}: {answer.status_code}"


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
