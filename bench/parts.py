"""What benchmarks start and look at: servers of their own, Redis, the CPU and memory of processes."""

import asyncio
import os
import shutil
import socket as sockets
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2


def free_port() -> int:
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def servers(app: str, *, many: int = 1, env: Mapping[str, str] | None = None) -> AsyncIterator[dict[int, int]]:
    """{port: pid} of so many uvicorns with this application, each as `handheld serve` starts it."""
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(_server(app, env or {})) for _ in range(many)]
        yield dict(running)


@asynccontextmanager
async def _server(app: str, env: Mapping[str, str]) -> AsyncIterator[tuple[int, int]]:
    port = free_port()
    process = subprocess.Popen(  # noqa: ASYNC220 - started once, before anything is measured
        [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(port), "--loop", "uvloop",
         "--http", "kit.patience:PatientHttp", "--ws", "kit.patience:PatientSocket", "--ws-per-message-deflate",
         "false", "--no-access-log", "--log-level", "error"],
        env=os.environ | env,
    )  # fmt: skip
    try:
        await _answering(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(15)


async def _answering(port: int) -> None:
    async with asyncio.timeout(60), httpx2.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/health/live")
                return
            except httpx2.TransportError:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def redis() -> AsyncIterator[str | None]:
    """The URL of a Redis that keeps nothing; None on a machine that has none."""
    if shutil.which("redis-server") is None:
        yield None
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hho-bench-redis-") as folder:
        process = await asyncio.create_subprocess_exec(
            "redis-server", "--port", str(port), "--save", "", "--dir", folder, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        while b"Ready to accept" not in await process.stdout.readline():
            pass
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()
            await process.wait()


def cpu_s(pids: Iterable[int]) -> float:
    """User and system seconds of processes that may have ended meanwhile."""
    return sum(map(_cpu_s, pids))


def _cpu_s(pid: int) -> float:
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def at_work_in(folder: str) -> list[int]:
    """The processes whose working directory lies there: the database of a benchmark."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and str((process / "cwd").readlink()).startswith(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
