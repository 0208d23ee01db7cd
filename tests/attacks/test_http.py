"""Requests no client of ours would send, against the server as operators run it: each is refused with a reason."""

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from kit import config
from kit.edge import Edge, client_address
from mobileapi import operations
from mobileapi.settings import OfficeSettings
from tests.attacks.conftest import Office
from tests.attacks.wire import Told, Wire
from tests.flows.town import Person, Town

pytestmark = pytest.mark.anyio
REFRESH = "/api/v1/auth/refresh"
JSON = "content-type: application/json"


def code_of(told: Told) -> str:
    return str(json.loads(told.body)["code"]) if b'"code"' in told.body else ""


@pytest.mark.parametrize(
    ("size", "head"),
    [
        ("200 KB header", b"a: " + b"b" * 200_000),
        ("10,000 headers", b"\r\n".join([b"a: b"] * 10_000)),
        ("1 MB cookie", b"cookie: " + b"b" * 1_000_000),
    ],
)
async def test_swollen_headers_are_refused(wire: Wire, size: str, head: bytes) -> None:
    told = await wire.say(b"GET /health/live HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n\r\n")
    assert told.status in {431, 0}, size  # 0: closed while we were still talking


async def test_a_megabyte_of_url_is_refused(wire: Wire) -> None:
    assert (await wire.ask("GET", "/" + "a" * 1_000_000)).status in {431, 0}


async def test_trailers_without_end_are_refused(wire: Wire) -> None:
    head = f"POST {REFRESH} HTTP/1.1\r\nhost: {wire.host}\r\n{JSON}\r\ntransfer-encoding: chunked\r\n\r\n"
    told = await wire.say(head.encode() + b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 10_000 + b"\r\n")
    assert told.status == 431


@pytest.mark.parametrize(
    "head",
    [
        "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        "content-length: -1\r\n\r\n",
        "content-length: +2\r\n\r\n{}",
        "content-length: 99999999999999999999999\r\n\r\n{}",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n-1\r\nab\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "a : b\r\n\r\n",
        "a: b\r\n folded\r\n\r\n",
        "a: b\0c\r\n\r\n",
        "a: b\n\r\n",
        "a: b\rc: d\r\n\r\n",
        "host: another.example\r\n\r\n",
    ],
)
async def test_ambiguous_requests_are_refused_and_the_connection_closed(wire: Wire, head: str) -> None:
    told = await wire.say(f"POST {REFRESH} HTTP/1.1\r\nhost: {wire.host}\r\n{JSON}\r\n{head}".encode())
    assert (told.status, "connection" in told.names) == (400, True)


@pytest.mark.parametrize("start", ["GET /health/live HTTP/1.1\r\n\r\n", "GET /health/live\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])  # fmt: skip
async def test_requests_without_host_or_of_another_age_are_refused(wire: Wire, start: str) -> None:
    assert (await wire.say(start.encode())).status == 400


async def test_a_body_over_the_cap_is_refused_by_its_length_and_without_one(wire: Wire) -> None:
    declared = await wire.ask("POST", REFRESH, JSON, "content-length: 1000000000", body=b"{}")
    assert (declared.status, code_of(declared)) == (413, "too_large")
    head = f"POST {REFRESH} HTTP/1.1\r\nhost: {wire.host}\r\n{JSON}\r\ntransfer-encoding: chunked\r\n\r\n"
    endless = await wire.say(head.encode(), *[b"10000\r\n" + b" " * 65536 + b"\r\n"] * 160)
    assert endless.status in {413, 0}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e400}', b'{"a":1,"a":2}', b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":' + b"9" * 5000 + b"}", b'{"a":-99999999999999999999}', b"\xff\xfe", b'{"a":"\\ud800"}', b"{} x",
        b"\xef\xbb\xbf{}", b'{"a":"\\u0000"}', b'{"\\u0000":1}', b'{"a":[{"b":"\\u0000"}]}', b"{", b"'", b"\x00",
    ],
)  # fmt: skip
async def test_json_that_is_none_is_refused(wire: Wire, body: bytes) -> None:
    told = await wire.post(REFRESH, body=body)
    assert (told.status, code_of(told)) == (400, "unreadable_request")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"{}", b'{"refresh_token":1}', b'{"refresh_token":{}}'])
async def test_json_of_another_shape_is_refused(wire: Wire, body: bytes) -> None:
    told = await wire.post(REFRESH, body=body)
    assert (told.status, code_of(told)) == (422, "invalid_request")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"])  # fmt: skip
async def test_another_content_type_is_refused(wire: Wire, kind: str) -> None:
    told = await wire.post(REFRESH, body=b'{"refresh_token":"x"}', kind=kind)
    assert (told.status, code_of(told)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "compress"])
async def test_a_packed_body_is_refused_unopened(wire: Wire, coding: str) -> None:
    told = await wire.post(REFRESH, f"content-encoding: {coding}", body=b"\x1f\x8b\x08\x00bomb")
    assert (told.status, code_of(told)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "DELETE", "PUT", "PROPFIND", "POST"])
@pytest.mark.parametrize("path", ["/api/v1/me", "/health/live", "/metrics", "/docs", "/app/", "/"])
async def test_a_verb_a_path_does_not_have_is_refused(wire: Wire, method: str, path: str) -> None:
    assert (await wire.ask(method, path)).status == 405


async def test_a_verb_nobody_knows_is_refused(wire: Wire) -> None:
    for method in ("BREW", "get", "GET\t", "G\0ET"):
        assert (await wire.ask(method, "/api/v1/me")).status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/me/", "/api/v1//me", "//api/v1/me", "/API/V1/ME", "/api/v1/me;x", "/api/v1/./me", "/api/v1/../v1/me",
        "/api/v1/me%2f", "/api/v1/me%00", "/api/v1/me%20", "/%2e%2e/%2e%2e/etc/passwd", "/.git/config", "/.env", "*",
        "/server-status", "/app/" + "a" * 300, "/app/" + "a/" * 3000, "/app/%00", "/console/..%2f..%2fpyproject.toml",
        "/api/v1", "/api", "/api/v1/../../demo/accounts",
    ],
)  # fmt: skip
async def test_paths_beside_the_path_are_not_there(wire: Wire, named: Person, path: str) -> None:
    assert (await wire.ask("GET", path, f"authorization: Bearer {named.token}")).status == 404


@pytest.mark.parametrize("path", ["/app/../../../../etc/passwd", "/app/%2e%2e/%2e%2e/%2e%2e/pyproject.toml", "/app//etc/passwd"])  # fmt: skip
async def test_no_file_beside_a_face_is_served(wire: Wire, path: str) -> None:
    told = await wire.ask("GET", path)
    assert told.status in {200, 404, 503}
    assert b"root:" not in told.body
    assert b"[project]" not in told.body


async def test_a_verb_in_a_header_lifts_a_post_to_the_one_it_may_and_no_other(wire: Wire, named: Person) -> None:
    bearer = f"authorization: Bearer {named.token}"
    for verb in ("DELETE", "PUT", "GET"):
        told = await wire.post("/api/v1/me", bearer, f"x-http-method-override: {verb}", body=b"{}")
        assert (told.status, code_of(told)) == (405, "method_not_allowed")
    assert (await wire.post("/api/v1/me", bearer, "x-http-method-override: PATCH", body=b"{}")).status == 200
    assert (await wire.post("/api/v1/me", "x-http-method-override: PATCH", body=b"{}")).status == 401
    told = await wire.ask("GET", "/api/v1/me", "x-http-method-override: PATCH", bearer)
    assert told.status == 200, "a GET stays one"


async def test_a_socket_is_opened_where_sockets_are_and_nowhere_else(wire: Wire) -> None:
    upgrade = ("connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==")  # fmt: skip
    lines = "\r\n".join([f"host: {wire.host}", *upgrade, "", ""])
    for path in ("/app/", "/console/x", "/api/v1/me", "/", "/nowhere"):
        assert (await wire.say(f"GET {path} HTTP/1.1\r\n{lines}".encode())).status == 403
    assert (await wire.ask("GET", "/api/v1/chat")).status == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://127.0.0.1.evil.example"])
async def test_another_origin_gets_no_grant_and_no_socket(wire: Wire, origin: str) -> None:
    preflight = await wire.ask("OPTIONS", REFRESH, f"origin: {origin}", "access-control-request-method: POST")
    plain = await wire.post(REFRESH, f"origin: {origin}", body=b'{"refresh_token":"x"}', kind="text/plain")
    read = await wire.ask("GET", "/api/v1/catalogue/departments", f"origin: {origin}")
    assert (preflight.status, plain.status, read.status) == (405, 415, 200)
    for told in (preflight, plain, read):
        assert not {name for name in told.names if name.startswith("access-control-")}
    upgrade = ("connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol: handheld.v1")  # fmt: skip
    lines = "\r\n".join([f"host: {wire.host}", f"origin: {origin}", *upgrade, "", ""])
    assert (await wire.say(f"GET /api/v1/chat HTTP/1.1\r\n{lines}".encode())).status == 403


async def test_line_ends_in_what_we_echo_never_make_a_header(wire: Wire, office: Office) -> None:
    for given in ("/api/v1/catalogue/items/x%0d%0aset-cookie:%20a=b", "/verify/%0d%0aset-cookie:%20a=b", "/app?x=%0d%0aa:b", "/%0d%0aset-cookie:a"):  # fmt: skip
        told = await wire.ask("GET", given, "x-request-id: abc\tdef%0d%0a")
        assert told.status in {200, 307, 404}
        assert not {"set-cookie", "a"} & told.names
        assert "%0d" not in told.head.lower().partition("x-request-id")[2]


async def test_escape_codes_stay_out_of_the_log(wire: Wire, office: Office) -> None:
    told = await wire.ask("GET", "/api/v1/catalogue/items?q=%1b%5b31mred%0d%0aforged", "user-agent: \x1b[31mred")
    assert told.status in {200, 400}
    log = (office.data / "server.log").read_bytes()
    assert b"\x1b" not in log
    assert all(line.startswith(b"{") for line in log.splitlines() if line)


async def test_no_answer_tells_versions_paths_or_a_server(wire: Wire) -> None:
    for told in [
        await wire.ask("GET", "/nowhere"),
        await wire.ask("BREW", "/"),
        await wire.post(REFRESH, body=b"{"),
        await wire.ask("GET", "/api/v1/me", "authorization: Bearer a.b.c"),
    ]:
        words = (told.head + told.body.decode()).lower()
        assert not [
            w for w in ("uvicorn", "starlette", "python", "postgres", "traceback", "/work", ".py") if w in words
        ]
        assert "server" not in told.names


async def test_forged_forwarding_headers_do_not_widen_a_limit(office: Office) -> None:
    """Thirty look-ups a minute and address; the peer's address counts whatever the headers say."""
    transport = httpx2.AsyncHTTPTransport(local_address="127.0.0.77")
    async with httpx2.AsyncClient(base_url=office.url, transport=transport, trust_env=False) as http:
        met = []
        for n in range(31):
            forged = {"x-forwarded-for": f"10.0.0.{n}", "x-real-ip": f"10.0.1.{n}", "forwarded": f"for=10.0.2.{n}"}
            answer = await http.get("/api/v1/bills/lookup", params={"payment_code": "none"}, headers=forged)
            met.append(answer.status_code)
    assert met == [404] * 30 + [429]


async def test_forged_identity_headers_give_no_rights(wire: Wire) -> None:
    forged = ("x-user-id: 1", "x-forwarded-user: admin", "x-remote-user: admin", "x-roles: admin", "cookie: token=x")
    assert (await wire.ask("GET", "/api/v1/me", *forged)).status == 401


def scope_of(peer: str, *forwarded: str) -> dict[str, Any]:
    return {"client": (peer, 1), "headers": [(b"x-forwarded-for", f.encode()) for f in forwarded]}


PROXIES = "10.0.0.0/24, 192.0.2.1, 2001:db8:aa::/64"
FORWARDED: list[tuple[str, tuple[str, ...], str]] = [
    ("203.0.113.9", ("127.0.0.1",), "203.0.113.9"),  # nobody has told us of this peer
    ("10.0.1.1", ("198.51.100.7",), "10.0.1.1"),  # nor of this one, a network further
    ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
    ("10.0.0.1", ("127.0.0.1, 198.51.100.7, 10.0.0.2, 192.0.2.1",), "198.51.100.7"),  # the right-most that is not ours
    ("10.0.0.1", ("127.0.0.1", "198.51.100.7"), "198.51.100.7"),  # a second line counts
    ("10.0.0.1", ("10.0.0.7",), "10.0.0.1"),  # proxies alone
    ("10.0.0.1", ("198.51.100.7:4711",), "198.51.100.7"),
    ("10.0.0.1", ("[2001:db8::7]:4711",), "2001:db8::7"),
    ("10.0.0.1", ("2001:db8::7",), "2001:db8::7"),
    ("2001:db8:aa::5", ("198.51.100.7",), "198.51.100.7"),
    ("::ffff:10.0.0.1", ("198.51.100.7",), "198.51.100.7"),  # the same proxy over a socket of both families
    ("10.0.0.1", (" , 198.51.100.7, ,",), "198.51.100.7"),
    ("10.0.0.1", ("198.51.100.7, unknown",), "10.0.0.1"),  # left of what cannot be read nothing is believed
    ("10.0.0.1", ("unknown",), "10.0.0.1"),
    ("10.0.0.1", ("<script>",), "10.0.0.1"),
    ("10.0.0.1", ("999.1.1.1",), "10.0.0.1"),
    ("10.0.0.1", ("",), "10.0.0.1"),
    ("10.0.0.1", ("," * 1000,), "10.0.0.1"),
    ("10.0.0.1", (), "10.0.0.1"),
]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(("peer", "lines", "client"), FORWARDED)
def test_only_a_trusted_proxy_says_whose_request_it_is(
    settings: OfficeSettings, kind: str, peer: str, lines: tuple[str, ...], client: str
) -> None:
    config.install(settings.model_copy(update={"trusted_proxies": PROXIES}))
    others = [(b"x-real-ip", b"1.1.1.1"), (b"forwarded", b"for=2.2.2.2"), (b"x-user-id", b"3.3.3.3")]
    scope = scope_of(peer, *lines)
    assert client_address({**scope, "type": kind, "headers": [*others, *scope["headers"]]}) == client


async def test_production_serves_its_own_host_only(settings: OfficeSettings, tmp_path: Path) -> None:
    filled = {
        "env": "production", "public_url": "https://office.example", "database_url": "postgres://x/y",
        "secret_key": SecretStr("s" * 40), "wechat_app_id": "a", "wechat_app_secret": SecretStr("b"),
    }  # fmt: skip
    needed = {
        n: tmp_path for n in config.needed_in_production(OfficeSettings) if n not in filled and not getattr(settings, n)
    }
    config.install(settings.model_copy(update={**needed, **filled}))
    app = Edge(Starlette(routes=[spec.route() for spec in operations.OUTSIDE]))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://x") as http:
        for host in (
            "evil.example",
            "office.example.evil.example",
            "office.example:81",
            "",
            "office.example@evil.example",
        ):
            refused = await http.get("/docs.css", headers={"host": host})
            assert (refused.status_code, refused.json()["code"]) == (400, "wrong_host")
            assert host not in refused.text or not host
        assert (await http.get("/docs.css", headers={"host": "office.example"})).status_code == 200
        assert (await http.get("/health/live", headers={"host": "10.0.0.5:8000"})).status_code == 200


@pytest.mark.parametrize("day", ["0000-01-01", "2026-02-29", "99999-01-01", "二〇二六年正月初一", "2026-01-01T10:00:00+08:00", "", "NaN"])  # fmt: skip
async def test_days_that_are_none_are_refused(town: Town, day: str) -> None:
    finance = await town.clerk(town.of_role("finance"))
    for method, more in (("GET", {"params": {"day": day}}), ("POST", {"json": {"channel": "wechat", "day": day}})):
        refused = await finance.ask(method, "/reconciliations", status=422, **more)
        assert refused["code"] == "invalid_request"


@pytest.mark.parametrize("day", ["0001-01-01", "2024-02-29", "9999-12-31"])
async def test_days_at_the_rim_are_found_empty(town: Town, day: str) -> None:
    finance = await town.clerk(town.of_role("finance"))
    assert (await finance.ask("GET", "/reconciliations", params={"day": day}))["items"] == []


@pytest.mark.parametrize("given", ["-1", "0", "101", "1e3", "NaN", "9223372036854775808", "1" * 400, " ", "5;DROP"])
async def test_page_sizes_that_are_none_are_refused(town: Town, named: Person, given: str) -> None:
    for path in ("/bills", "/consultations", "/applications", "/catalogue/items"):
        assert (await named.ask("GET", path, params={"limit": given}, status=422))["code"] == "invalid_request"


@pytest.mark.parametrize("path", ["/bills", "/consultations", "/applications", "/catalogue/items"])
async def test_unknown_and_doubled_parameters_are_refused(named: Person, path: str) -> None:
    assert (await named.ask("GET", f"{path}?sort=phone&payer=x", status=422))["code"] == "invalid_request"
    assert (await named.ask("GET", f"{path}?limit=1&limit=2", status=400))["code"] == "unreadable_request"
    assert (await named.ask("GET", f"{path}?cursor=%00", status=400))["code"] == "unreadable_request"


async def test_a_form_sent_fifty_times_at_once_is_one(named: Person) -> None:
    body = {"item": "000109101001", "region": "440105000000"}
    drafts = await asyncio.gather(
        *(named.http.post("/api/v1/applications", json=body, headers={"authorization": f"Bearer {named.token}"}) for _ in range(50))
    )  # fmt: skip
    assert {d.status_code for d in drafts} == {201}
    assert len({d.json()["id"] for d in drafts}) == 1


async def test_a_hundred_dripping_headers_are_cut_off_while_others_are_served(office: Office) -> None:
    """One byte a second on a hundred connections: each is closed within fifteen seconds, nobody else waits."""
    host, _, port = office.url.removeprefix("http://").partition(":")

    async def drip() -> float:
        reader, writer = await asyncio.open_connection(host, int(port))
        begun = time.monotonic()
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\na: ")
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(20):
                while not reader.at_eof():
                    writer.write(b"a")
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1), 1)
        writer.close()
        return time.monotonic() - begun

    async def visit() -> list[float]:
        times = []
        async with httpx2.AsyncClient(base_url=office.url, trust_env=False) as http:
            for _ in range(40):
                begun = time.monotonic()
                assert (await http.get("/api/v1/catalogue/departments")).status_code == 200
                times.append(time.monotonic() - begun)
                await asyncio.sleep(0.1)
        return times

    *held, served = await asyncio.gather(*(drip() for _ in range(100)), visit())
    assert all(8 < seconds <= 15 for seconds in held if isinstance(seconds, float))
    assert isinstance(served, list)
    assert sorted(served)[-2] < 1


async def test_nobody_can_hand_us_an_address_to_fetch(town: Town) -> None:
    """No request names a URL, so none can point us at a neighbour of ours."""
    document = (await town.http.get("/openapi.json")).json()
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for operations in document["paths"].values()
        for operation in operations.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    fields = [(b, f, s) for b in bodies for f, s in document["components"]["schemas"][b].get("properties", {}).items()]
    assert len(fields) > 30
    assert [(b, f) for b, f, s in fields if "url" in f or "callback" in f or "uri" in json.dumps(s)] == []
