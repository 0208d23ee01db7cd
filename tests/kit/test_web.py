"""The edge of the house: what is read, who may call, how it refuses."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kit import clock, config, db, idempotency
from kit.edge import Edge, is_near
from kit.errors import Conflict, NotSignedIn
from kit.web import Actor, Call, Shape, View, get, install_authenticator, post
from mobileapi.app import _as_house_error
from mobileapi.settings import OfficeSettings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
ME = UUID(int=7)


class Wish(Shape):
    what: str
    amount_fen: int = 0


class Granted(View):
    id: UUID
    what: str


runs: list[str] = []


async def grant(call: Call, body: Wish) -> Granted:
    runs.append(body.what)
    await asyncio.sleep(0.05)
    if body.what == "too late":
        raise Conflict
    if body.what == "broken":
        raise RuntimeError("13812345678")
    return Granted(id=uuid4(), what=body.what)


async def whoami(call: Call) -> Granted:
    return Granted(id=call.actor.id, what=call.language)


async def authenticator(token: str) -> Actor:
    if token not in {"citizen", "clerk"}:
        raise NotSignedIn
    return Actor(ME, "citizen" if token == "citizen" else "staff", frozenset({token}))


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    from starlette.exceptions import HTTPException

    runs.clear()
    install_authenticator(authenticator)
    specs = [
        post("/wishes", grant, roles={"citizen"}, reach="own", status=201, idempotent=True, body_cap=2048),
        post("/open", grant, public=True),
        get("/me", whoami, roles={"citizen", "clerk"}, reach="self"),
    ]
    handlers = {HTTPException: _as_house_error}
    app = Starlette(routes=[s.route() for s in specs], middleware=[Middleware(Edge)], exception_handlers=handlers)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client


CITIZEN = {"authorization": "Bearer citizen"}


async def test_no_token_and_a_wrong_role_are_refused(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/me")).json()["code"] == "token_missing"
    assert (await http.get("/me", headers={"authorization": "Bearer nobody"})).status_code == 401
    refused = await http.post(
        "/wishes", headers={"authorization": "Bearer clerk", "idempotency-key": "k"}, json={"what": "x"}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert runs == []


async def test_refusals_speak_chinese_first_and_english_when_asked(http: httpx2.AsyncClient) -> None:
    chinese = await http.get("/me")
    english = await http.get("/me", headers={"accept-language": "en-GB,zh;q=0.5"})
    assert chinese.headers["content-type"] == "application/problem+json"
    assert chinese.json()["title"] == "请先登录"
    assert english.json()["title"] == "Please sign in first"
    assert chinese.json()["request_id"] == chinese.headers["x-request-id"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"what": NaN}', b'{"what": 1e400}', b'{"what": "a", "what": "b"}', b'{"what": "a"} tail', b"\xff\xfe{}", b"[" * 100_000,
        b'{"amount_fen": ' + b"9" * 1000 + b"}", b'{"what": "\\ud800"}', b"\xef\xbb\xbf{}", b'{"what": Infinity}',
    ],
)  # fmt: skip
async def test_json_that_no_careful_client_sends_is_unreadable(http: httpx2.AsyncClient, body: bytes) -> None:
    answer = await http.post("/open", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == (413 if len(body) > 256 * 1024 else 400), answer.text
    assert runs == []


async def test_shapes_are_kept_and_values_do_not_come_back(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/open", json={"what": "x", "role": "admin", "amount_fen": "11010519491231002X"})
    assert answer.status_code == 422
    assert {e["field"] for e in answer.json()["errors"]} == {"role", "amount_fen"}
    assert "11010519491231002X" not in answer.text


async def test_other_kinds_of_content_are_refused(http: httpx2.AsyncClient) -> None:
    assert (await http.post("/open", content=b"what=x", headers={"content-type": "text/plain"})).status_code == 415
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    assert (await http.post("/open", content=b"x", headers=packed)).status_code == 415
    large = await http.post(
        "/wishes",
        content=b'{"what":"' + b"x" * 4000 + b'"}',
        headers=CITIZEN | {"idempotency-key": "k", "content-type": "application/json"},
    )
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_unknown_paths_and_methods_are_refused_in_our_words(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/.git/config")).json()["code"] == "not_found"
    assert (await http.request("TRACE", "/me")).json()["code"] == "method_not_allowed"


async def test_a_bug_shows_nothing_of_itself(http: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = await http.post("/open", json={"what": "broken"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "13812345678" not in answer.text


async def test_the_same_key_and_body_get_the_first_answer_again(http: httpx2.AsyncClient) -> None:
    headers, wish = CITIZEN | {"idempotency-key": "one"}, {"what": "x"}
    answers = await asyncio.gather(*(http.post("/wishes", headers=headers, json=wish) for _ in range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert runs == ["x"]


async def test_the_same_key_with_another_body_is_a_conflict(http: httpx2.AsyncClient) -> None:
    headers = CITIZEN | {"idempotency-key": "one"}
    await http.post("/wishes", headers=headers, json={"what": "x"})
    other = await http.post("/wishes", headers=headers, json={"what": "y"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert runs == ["x"]


async def test_a_key_is_kept_for_a_day_and_not_for_three(http: httpx2.AsyncClient) -> None:
    headers, wish = CITIZEN | {"idempotency-key": "one"}, {"what": "x"}
    first = (await http.post("/wishes", headers=headers, json=wish)).json()
    with clock.moved(timedelta(hours=25)):
        await idempotency.purge()
        assert (await http.post("/wishes", headers=headers, json=wish)).json() == first
    with clock.moved(timedelta(days=3)):
        await idempotency.purge()
    assert await db.fetch_value("SELECT count(*) FROM kit_idempotent_call") == 0


async def test_a_refused_try_is_not_remembered(http: httpx2.AsyncClient) -> None:
    headers = CITIZEN | {"idempotency-key": "one"}
    assert (await http.post("/wishes", headers=headers, json={"what": "too late"})).status_code == 409
    assert (await http.post("/wishes", headers=headers, json={"what": "x"})).status_code == 201
    assert await db.fetch_value("SELECT count(*) FROM kit_idempotent_call") == 1


@pytest.mark.parametrize("key", [None, "", "x" * 256, "with space", "tab\t"])
async def test_a_key_is_required_and_visible_ascii(http: httpx2.AsyncClient, key: str | None) -> None:
    headers = CITIZEN | ({} if key is None else {"idempotency-key": key})
    answer = await http.post("/wishes", headers=headers, json={"what": "x"})
    assert answer.status_code == 400
    assert answer.json()["code"] in {"idempotency_key_missing", "idempotency_key_invalid"}
    assert runs == []


@pytest.mark.parametrize(
    ("peer", "headers", "network", "machine"),
    [
        ("127.0.0.1", {}, True, True),
        ("10.1.2.3", {}, True, False),
        ("8.8.8.8", {}, False, False),
        ("0.0.0.0", {}, False, False),
        ("127.0.0.1", {"x-forwarded-for": "8.8.8.8"}, False, False),
        ("10.1.2.3", {"forwarded": "for=8.8.8.8"}, False, False),
        ("192.0.2.1", {"x-forwarded-for": "10.1.2.3"}, True, False),  # the proxy the settings name
        ("192.0.2.1", {"x-forwarded-for": "8.8.8.8"}, False, False),
    ],
)
async def test_what_strangers_forward_is_never_near(
    settings: OfficeSettings, peer: str, headers: dict[str, str], network: bool, machine: bool
) -> None:
    config.install(settings.model_copy(update={"trusted_proxies": "192.0.2.1"}))
    scope = {"client": (peer, 1), "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}
    assert (is_near(scope), is_near(scope, this_machine=True)) == (network, machine)
