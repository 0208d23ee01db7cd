"""What the office does when its database is away, full of callers, strange to it, or still empty."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kit import db
from kit.edge import Edge
from kit.web import Call, View, get
from mobileapi.settings import tables
from tests.database import _create, _drop, with_name
from tests.e2e.conftest import ROOT, free_port

pytestmark = pytest.mark.anyio


def handheld(data: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")}
    environment |= {"HANDHELD_DATABASE_URL": url, "HANDHELD_DATA_DIR": str(data)}
    return subprocess.Popen(
        [sys.executable, "-m", "mobileapi.cli", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], *, within_s: float = 60) -> tuple[int, str]:
    try:
        out, err = process.communicate(timeout=within_s)
    finally:
        if process.poll() is None:
            process.kill()
    return process.returncode, out + err


@pytest.fixture
def locked_role(template_url: str) -> Iterator[str]:
    """A role of the private server that needs its password; the URL has a wrong one."""

    async def prepare() -> Path:
        connection = await asyncpg.connect(**db.credentials(with_name(template_url, "postgres")))
        await connection.execute("CREATE ROLE guest LOGIN PASSWORD 'the-right-one'")
        rules = Path(await connection.fetchval("SHOW hba_file"))
        rules.write_text("local all guest scram-sha-256\n" + rules.read_text())
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()
        return rules

    rules = asyncio.run(prepare())
    head, _, tail = with_name(template_url, "postgres").partition("://")
    yield f"{head}://guest:kingfisher@{tail.partition('@')[2]}"
    rules.write_text(rules.read_text().partition("\n")[2])


@pytest.mark.parametrize("command", [("serve", "--port", "1"), ("worker",), ("migrate",), ("audit", "verify")])
def test_without_a_database_every_command_ends_with_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    url = f"postgres://office:kingfisher@127.0.0.1:{free_port()}/office"
    code, said = ended(handheld(tmp_path, url, *command))
    assert code == 1
    assert said.count("\n") == 1
    assert said.startswith("handheld: ")
    assert "HANDHELD_DATABASE_URL" in said
    assert "kingfisher" not in said


def test_with_a_wrong_password_or_name_or_address_it_says_so_and_not_the_password(
    tmp_path: Path, locked_role: str, template_url: str
) -> None:
    for url in (locked_role, with_name(template_url, "nowhere"), "mysql://a:kingfisher@b/c", "kingfisher"):
        code, said = ended(handheld(tmp_path, url, "serve", "--port", str(free_port())))
        assert (code, said.count("\n")) == (1, 1), said
        assert "HANDHELD_DATABASE_URL" in said
        assert "kingfisher" not in said


async def test_on_an_old_schema_it_names_the_command_to_run(tmp_path: Path, database: str) -> None:
    await db.execute("DELETE FROM tortoise_migrations WHERE app = 'payments' AND name = '0001_initial'")
    for command in (("serve", "--port", str(free_port())), ("worker",)):
        code, said = await asyncio.to_thread(ended, handheld(tmp_path, database, *command))
        assert (code, said.count("\n")) == (1, 1), said
        assert "payments.0001_initial" in said
        assert "handheld migrate" in said


async def test_two_that_find_an_empty_database_migrate_it_once(tmp_path: Path, template_url: str) -> None:
    server, url = with_name(template_url, "postgres"), with_name(template_url, "empty_office")
    await _create(server, "empty_office")
    try:
        both = [handheld(tmp_path, url, "migrate") for _ in range(2)]
        for code, said in await asyncio.gather(*(asyncio.to_thread(ended, process) for process in both)):
            assert (code, said) == (0, "the schema is up to date\n")
        assert await schema_of(url) == await schema_of(template_url)
    finally:
        await _drop(server, "empty_office")


async def schema_of(url: str) -> tuple[Any, Any]:
    connection = await asyncpg.connect(**db.credentials(url))
    try:
        made = await connection.fetch("SELECT app, name, count(*) FROM tortoise_migrations GROUP BY 1, 2 ORDER BY 1, 2")
        columns = await connection.fetch(
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        return [tuple(row) for row in made], [tuple(row) for row in columns]
    finally:
        await connection.close()


class Slept(View):
    fine: bool = True


async def sleep_in_the_database(_: Call) -> Slept:
    await db.fetch_value("SELECT pg_sleep(1)")
    return Slept()


async def sleep_in_a_transaction(_: Call) -> Slept:
    async with db.transaction():
        await db.fetch_value("SELECT pg_sleep(1)")
    return Slept()


@pytest.fixture
async def small_office(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Two slow doors over five connections."""
    await db.close_database()
    await db.open_database(tables(database, pool=5))
    doors = [
        get("/plain", sleep_in_the_database, public=True),
        get("/transaction", sleep_in_a_transaction, public=True),
    ]
    app = Starlette(routes=[door.route() for door in doors], middleware=[Middleware(Edge)])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://office", timeout=30
    ) as http:
        yield http


@pytest.mark.parametrize("door", ["/plain", "/transaction"])
async def test_a_queue_for_connections_lasts_two_seconds_and_ends_by_itself(
    small_office: httpx2.AsyncClient, door: str
) -> None:
    async def ask() -> tuple[int, str, float]:
        begun = time.monotonic()
        answer = await small_office.get(door)
        return answer.status_code, answer.json().get("code", ""), time.monotonic() - begun

    met = await asyncio.gather(*(ask() for _ in range(200)))
    counted = Counter((status, code) for status, code, _ in met)
    longest = max(seconds for *_, seconds in met)
    print(f"{door}: {dict(counted)}, the longest waited {longest:.1f} s")
    assert set(counted) == {(200, ""), (503, "unavailable")}
    assert 5 <= counted[200, ""] <= 15
    assert longest < 5, "two seconds in the queue, one at work, and a busy machine"
    again = await asyncio.gather(*(ask() for _ in range(5)))
    assert {status for status, *_ in again} == {200}


class Line:
    """The wire between the office and its database: it can be cut, and frozen."""

    def __init__(self, url: str) -> None:
        c = db.credentials(url)
        self.socket = f"{c['host']}/.s.PGSQL.{c['port']}"
        self.name = c["database"]
        self.port = 0
        self.whole, self.flowing = True, asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self.flowing.set()

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{self.name}"

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator["Line"]:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.cut()
            server.close()

    def cut(self) -> None:
        self.whole = False
        for writer in self._open:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.transport.abort()
            return
        there_reader, there_writer = await asyncio.open_unix_connection(self.socket)
        self._open |= {writer, there_writer}
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        self._open -= {writer, there_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65536):
                await self.flowing.wait()
                writer.write(part)
                await writer.drain()
        writer.transport.abort()


@pytest.fixture
async def line(database: str) -> AsyncIterator[Line]:
    async with Line(database).laid() as line:
        yield line


@pytest.fixture
async def served(line: Line, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    port = free_port()
    process = handheld(tmp_path, line.url, "serve", "--port", str(port))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as http:
        try:
            assert await became(http, 200, within_s=60), "the office opens"
            yield http
        finally:
            process.send_signal(signal.SIGTERM)
            code, _ = await asyncio.to_thread(ended, process, within_s=20)
            assert code in {0, -signal.SIGTERM}, "it ends when told to, whatever its database does"


async def became(http: httpx2.AsyncClient, status: int, *, within_s: float) -> bool:
    """Whether readiness answers so before the time is over."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        with contextlib.suppress(httpx2.HTTPError):
            if (await http.get("/health/ready")).status_code == status:
                return True
        await asyncio.sleep(0.05)
    return False


async def test_a_cut_line_is_told_within_two_seconds_and_mended_by_itself(
    line: Line, served: httpx2.AsyncClient
) -> None:
    lookup = "/api/v1/bills/lookup?payment_code=x"
    assert (await served.get(lookup)).status_code == 404
    line.cut()
    assert await became(served, 503, within_s=2)
    told = (await served.get("/health/ready")).json()
    assert told == {"status": "not_ready", "checks": {"database": "out of reach", "storage": "ok", "rounds": "ok"}}
    assert (await served.get("/health/live")).status_code == 200
    refused = await served.get(lookup)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    line.whole = True
    assert await became(served, 200, within_s=5)
    assert (await served.get(lookup)).status_code == 404


async def test_a_silent_line_is_told_within_two_seconds_and_mended_by_itself(
    line: Line, served: httpx2.AsyncClient
) -> None:
    line.flowing.clear()
    begun = time.monotonic()
    assert (await served.get("/health/ready")).status_code == 503
    assert time.monotonic() - begun < 2.7, "two seconds, and a busy machine"
    assert (await served.get("/health/live")).status_code == 200
    line.flowing.set()
    assert await became(served, 200, within_s=5)
