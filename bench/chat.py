"""
Consultation under load: messages authenticated, stored, acked and delivered a second, beside its floors, in one run.

`python -m bench.chat` takes about a minute. 100 pairs of citizen and clerk, one message in flight each; the server is
the whole program in a process of its own, as `handheld serve` runs it.
"""

import asyncio
import os
import resource
import socket as sockets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx2

from bench import floors
from bench.wire import Heard, Wire, dial
from kit import clock, config, db

PAIRS = 100
WARM_S, FULL_S, HALF_S = 1.0, 7.0, 6.0
IDLE = 400
TEXT = "请问补领身份证需要带什么材料，异地可以办吗？"


@dataclass
class Pair:
    """Two tokens and the conversation between them; on a floor a token is the name of a room."""

    conversation: str
    tokens: tuple[str, str]
    ends: list[Wire] = field(default_factory=list)
    sent_at: float = 0.0
    count: int = 0


@dataclass
class Load:
    """What was measured in one window."""

    delivered: int = 0
    latencies: list[float] = field(default_factory=list)
    running: bool = True

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


@dataclass(frozen=True)
class Figures:
    per_s: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


class Drive:
    """Sends in turn: the citizen's message delivered, the clerk sends the next, and so on."""

    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs, self.load = pairs, Load()
        self.welcomed = asyncio.Semaphore(0)
        self.closed_loop = True

    async def connect(self, port: int) -> None:
        for pair in self.pairs:
            for side, token in enumerate(pair.tokens):
                wire = await dial(port, heard=self._hearer(pair, side))
                pair.ends.append(wire)
                wire.say(f'{{"type":"hello","token":"{token}","since":{{"{pair.conversation}":0}}}}'.encode())
        for _ in range(2 * len(self.pairs)):
            async with asyncio.timeout(20):
                await self.welcomed.acquire()

    def _hearer(self, pair: Pair, side: int) -> Heard:
        def heard(_: Wire, text: bytes) -> None:
            if text.startswith(b'{"type":"message"'):
                now = time.perf_counter()
                self.load.delivered += 1
                self.load.latencies.append(now - pair.sent_at)
                if self.closed_loop and self.load.running:
                    self.send(pair, side)
            elif text.startswith(b'{"type":"welcome"'):
                self.welcomed.release()
            elif text.startswith(b'{"type":"error"'):
                raise AssertionError(text)

        return heard

    def send(self, pair: Pair, side: int) -> None:
        pair.count += 1
        pair.sent_at = time.perf_counter()
        pair.ends[side].say(
            f'{{"type":"send","conversation":"{pair.conversation}","client_id":"{side}-{pair.count}","kind":"text",'
            f'"body":{{"text":"{TEXT}"}}}}'.encode()
        )

    async def full(self, pid: int) -> Figures:
        """As fast as it goes, after warming up."""
        for pair in self.pairs:
            self.send(pair, 0)
        await asyncio.sleep(WARM_S)
        figures = await self._window(pid, FULL_S)
        self.load.running = False
        await asyncio.sleep(0.3)
        return figures

    async def half(self, pid: int, per_s: float) -> Figures:
        """At half of what it can, sent by the clock."""
        self.closed_loop = False
        self.load = Load()
        async with asyncio.TaskGroup() as group:
            pacing = group.create_task(self._pace(per_s / 2))
            figures = await self._window(pid, HALF_S)
            pacing.cancel()
        return figures

    async def _pace(self, per_s: float) -> None:
        began, sent = time.perf_counter(), 0
        while True:
            due = int((time.perf_counter() - began) * per_s)
            for n in range(sent, due):
                self.send(self.pairs[n % len(self.pairs)], n // len(self.pairs) % 2)
            sent = due
            await asyncio.sleep(0.002)

    async def _window(self, pid: int, seconds: float) -> Figures:
        self.load.delivered, self.load.latencies = 0, []
        began, cpu = time.perf_counter(), cpu_s(pid)
        await asyncio.sleep(seconds)
        taken, used, done = time.perf_counter() - began, cpu_s(pid) - cpu, max(1, self.load.delivered)
        return Figures(done / taken, used / done * 1e6, self.load.percentile(0.5), self.load.percentile(0.99))

    def hang_up(self) -> None:
        for pair in self.pairs:
            for wire in pair.ends:
                wire.transport.abort()


def cpu_s(pid: int) -> float:
    """User and system seconds of a process."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


@asynccontextmanager
async def server(app: str) -> AsyncIterator[tuple[int, int]]:
    """(pid, port) of uvicorn with this application, as `handheld serve` starts it."""
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: ASYNC220 - started once, before anything is measured
        [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(port), "--loop", "uvloop", "--no-access-log",
         "--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--log-level", "error"],
    )  # fmt: skip
    try:
        await _answering(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(15)


async def _answering(port: int) -> None:
    async with asyncio.timeout(40), httpx2.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/health/live")
                return
            except httpx2.TransportError:
                await asyncio.sleep(0.1)


CONVERSATIONS = """
INSERT INTO chat_conversation (id, citizen_id, clerk_id, region_code, state, awaiting, answer_due_at, reason_code,
  tried, escalation, transfers, last_seq, version, created_at)
SELECT c, p, s, '', 'assigned', 'clerk', now() + interval '1 day', 'taken', '[]', 0, 0, 0, 1, now()
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS t (c, p, s)
"""


async def settled_pairs(many: int) -> list[Pair]:
    """Citizens and clerks with sessions, each pair in a conversation."""
    from auth.models import Citizen, Department, StaffMember

    now = clock.now()
    await Department.get_or_create(code="BENCH", defaults={"name": {"zh": "测试"}, "region_code": "440105000000"})
    citizens, clerks, talks = ([uuid4() for _ in range(many)] for _ in range(3))
    await Citizen.bulk_create([Citizen(id=one, assurance="phone", created_at=now) for one in citizens])
    await StaffMember.bulk_create(
        [StaffMember(id=one, username=f"bench-{one}", name="坐席", title="窗口", department_id="BENCH", roles=["clerk"],
                     created_at=now) for one in clerks]
    )  # fmt: skip
    await db.execute(CONVERSATIONS, talks, citizens, clerks)
    return [
        Pair(str(talk), (await token(citizen, "citizen"), await token(clerk, "staff")))
        for talk, citizen, clerk in zip(talks, citizens, clerks, strict=True)
    ]


async def token(person: UUID, kind: str) -> str:
    from auth.sessions import open_session
    from auth.tokens import access_token

    opened = await open_session(kind=kind, person=person, device="bench")
    roles = frozenset({"citizen" if kind == "citizen" else "clerk"})
    return access_token(person=person, kind=kind, roles=roles, session=opened.session.id).text


async def idle_kib(pid: int, port: int, tokens: list[str]) -> float:
    """Memory of a welcomed socket that says nothing."""
    welcomed = asyncio.Semaphore(0)
    before, wires = resident_kib(pid), []
    for one in tokens:
        wires.append(await dial(port, heard=lambda *_: welcomed.release()))
        wires[-1].say(f'{{"type":"hello","token":"{one}"}}'.encode())
    for _ in tokens:
        async with asyncio.timeout(20):
            await welcomed.acquire()
    grown = resident_kib(pid) - before
    for wire in wires:
        wire.transport.abort()
    return grown / len(tokens)


async def floor(app: str) -> Figures:
    rooms = [Pair(f"room-{n}", (f"room-{n}", f"room-{n}")) for n in range(PAIRS)]
    async with server(f"bench.floors:{app}") as (pid, port):
        drive = Drive(rooms)
        await drive.connect(port)
        try:
            return await drive.full(pid)
        finally:
            drive.hang_up()


async def product(pairs: list[Pair], idlers: list[str]) -> tuple[Figures, Figures, float]:
    """At full load, at half load, KiB an idle socket."""
    async with server("mobileapi.app:create_app") as (pid, port):
        idle = await idle_kib(pid, port, idlers)
        drive = Drive(pairs)
        await drive.connect(port)
        try:
            full = await drive.full(pid)
            return full, await drive.half(pid, full.per_s), idle
        finally:
            drive.hang_up()


HOLES = """
SELECT count(*) FROM (SELECT 1 FROM chat_message GROUP BY conversation_id HAVING count(*) <> max(seq)) AS h
"""


async def run() -> None:
    from mobileapi.settings import load, tables
    from mobileapi.tables import migrate

    with tempfile.TemporaryDirectory(prefix="hho-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - nothing is measured yet
        os.environ |= {
            "HANDHELD_DATA_DIR": folder, "HANDHELD_CHAT_FRAMES_PER_S": "1000000", "HANDHELD_LOG_LEVEL": "ERROR",
            "HANDHELD_CHAT_HANDSHAKES_PER_S": "10000", "HANDHELD_CHAT_SOCKETS_PER_PERSON": str(IDLE + 10),
        }  # fmt: skip
        url = db.start_embedded(Path(folder))
        db.url_for_children(url)
        await migrate(url)
        config.install(load())
        await db.open_database(tables(url))
        pairs = await settled_pairs(PAIRS)
        idlers = [pairs[n % PAIRS].tokens[0] for n in range(IDLE)]
        relay = await floor("relay_app")
        raw = await floors.raw_inserts(url, seconds=3.0, rows=PAIRS)
        grouped = await floor("grouped_app")
        full, half, idle = await product(pairs, idlers)
        stored = await db.fetch_value("SELECT count(*) FROM chat_message")
        holes = await db.fetch_value(HOLES)
        await db.close_database()
        report(relay, raw, grouped, full, half, idle)
        print(f"stored {stored} messages, {holes} conversations with a hole")


def report(relay: Figures, raw: float, grouped: Figures, full: Figures, half: Figures, idle: float) -> None:
    print(f"{'consultation, 100 pairs':38}{'msg/s':>9}{'server CPU µs':>15}{'p50 ms':>9}{'p99 ms':>9}")
    for name, f in [("bare relay, stores nothing (floor)", relay), ("bare group commit (floor)", grouped),
                    ("handheld, full load", full), ("handheld, half load", half)]:  # fmt: skip
        print(f"{name:38}{f.per_s:9.0f}{f.cpu_us:15.0f}{f.p50_ms:9.1f}{f.p99_ms:9.1f}")
    print(f"raw inserts of {PAIRS} rows a commit: {raw:.0f} rows/s")
    print(f"ratio to the bare relay      {full.per_s / relay.per_s:.2f}")
    print(f"ratio to bare group commit   {full.per_s / grouped.per_s:.2f}   (wanted >= 0.75)")
    print(f"ratio to raw inserts         {full.per_s / raw:.2f}")
    print(f"p99 at half load             {half.p99_ms:.1f} ms   (wanted <= 50)")
    print(f"memory of an idle socket     {idle:.0f} KiB   (wanted <= 45)")


def main() -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    import uvloop

    uvloop.run(run())


if __name__ == "__main__":
    main()
