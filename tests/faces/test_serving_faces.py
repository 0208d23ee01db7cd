"""How the server hands out a built face: packed copies, validators, ranges."""

from collections.abc import AsyncIterator
from gzip import compress
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from mobileapi.faces import IMMUTABLE, Face, best_coding

pytestmark = pytest.mark.anyio

SCRIPT = b"console.log('hello');" * 200
AS_BROTLI = b"\x1b as brotli would have it"
ASSET = "/app/assets/index-abc.js"


@pytest.fixture
async def face(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-abc.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-abc.js.br").write_bytes(AS_BROTLI)
    (tmp_path / "assets" / "index-abc.js.gz").write_bytes(compress(SCRIPT))
    (tmp_path / "assets" / "mark.svg").write_bytes(b"<svg/>")
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    app = Starlette(routes=[Mount("/app", app=Face(tmp_path, "index.html"))])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client


class Sent(NamedTuple):
    """An answer as it is on the wire, not unpacked."""

    status_code: int
    headers: httpx2.Headers
    raw: bytes


async def raw(client: httpx2.AsyncClient, path: str, *, method: str = "GET", **headers: str) -> Sent:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream(method, path, headers={"accept-encoding": "identity"} | asked) as answer:
        return Sent(answer.status_code, answer.headers, b"".join([part async for part in answer.aiter_raw()]))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=nonsense", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_smallest_copy_that_the_client_reads_is_chosen(accepted: str, coding: str) -> None:
    assert best_coding(accepted, ("br", "gzip")) == coding


async def test_a_script_comes_packed_under_its_own_type_and_says_what_it_depends_on(face: httpx2.AsyncClient) -> None:
    packed = await raw(face, ASSET, accept_encoding="gzip, br")
    assert packed.raw == AS_BROTLI
    assert packed.headers["content-encoding"] == "br"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert packed.headers["content-length"] == str(len(AS_BROTLI))
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["cache-control"] == IMMUTABLE
    plain = await raw(face, ASSET)
    assert plain.raw == SCRIPT
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding", "caches must know it of the plain one too"


async def test_each_copy_has_its_own_tag_and_only_that_one_is_not_modified(face: httpx2.AsyncClient) -> None:
    tags = {coding: (await raw(face, ASSET, accept_encoding=coding)).headers["etag"] for coding in ("br", "gzip", "x")}
    assert len(set(tags.values())) == 3
    known = await raw(face, ASSET, accept_encoding="br", if_none_match=f'"other", W/{tags["br"]}')
    assert (known.status_code, known.raw) == (304, b"")
    assert known.headers["vary"] == "Accept-Encoding"
    other = await raw(face, ASSET, accept_encoding="br", if_none_match=tags["gzip"])
    assert (other.status_code, other.raw) == (200, AS_BROTLI)


async def test_head_tells_what_get_would_send(face: httpx2.AsyncClient) -> None:
    told = await raw(face, ASSET, method="HEAD", accept_encoding="br")
    given = await raw(face, ASSET, accept_encoding="br")
    assert told.raw == b""
    assert dict(told.headers) == dict(given.headers)


async def test_a_range_is_of_the_copy_that_was_chosen(face: httpx2.AsyncClient) -> None:
    part = await raw(face, ASSET, accept_encoding="br", range="bytes=1-4")
    assert (part.status_code, part.raw) == (206, AS_BROTLI[1:5])
    assert part.headers["content-range"] == f"bytes 1-4/{len(AS_BROTLI)}"
    assert part.headers["content-encoding"] == "br"
    changed = await raw(face, ASSET, accept_encoding="br", range="bytes=1-4", if_range='"the copy of yesterday"')
    assert (changed.status_code, changed.raw) == (200, AS_BROTLI)
    beyond = await raw(face, ASSET, accept_encoding="br", range="bytes=9000-")
    assert beyond.status_code == 416


async def test_a_copy_has_no_address_of_its_own(face: httpx2.AsyncClient) -> None:
    for path in (f"{ASSET}.br", f"{ASSET}.gz"):
        assert (await raw(face, path)).status_code == 404


async def test_what_has_no_copies_does_not_vary(face: httpx2.AsyncClient) -> None:
    mark = await raw(face, "/app/assets/mark.svg", accept_encoding="br")
    assert (mark.raw, mark.headers["content-type"]) == (b"<svg/>", "image/svg+xml")
    assert "vary" not in mark.headers
    page = await raw(face, "/app/any/page", accept_encoding="br")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert (await raw(face, "/app/any/page", if_none_match=page.headers["etag"])).status_code == 304
