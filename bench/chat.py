"""
Consultation under load: messages authenticated, stored, acked and delivered a second, beside its floors, in one run.

`python -m bench.chat` takes about two minutes. 100 pairs of citizen and clerk, one message in flight each; a server is
the whole program in a process of its own, as `handheld serve` runs it. With two processes and Redis all citizens are at
the one and all clerks at the other, so that every message crosses.
"""

import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from bench import floors
from bench.parts import at_work_in, cpu_s, redis, resident_kib, servers
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
    cpu_us: float  # of the servers, a message
    stored_us: float  # of the database, a message
    p50_ms: float
    p99_ms: float


class Drive:
    """Sends in turn: the citizen's message delivered, the clerk sends the next, and so on."""

    def __init__(self, pairs: list[Pair], pids: Iterable[int]) -> None:
        self.pairs, self.pids, self.load = pairs, list(pids), Load()
        self.welcomed = asyncio.Semaphore(0)
        self.closed_loop = True

    async def connect(self, ports: Sequence[int]) -> None:
        for pair in self.pairs:
            for side, token in enumerate(pair.tokens):
                wire = await dial(ports[side % len(ports)], heard=self._hearer(pair, side))
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

    async def full(self) -> Figures:
        """As fast as it goes, after warming up."""
        for pair in self.pairs:
            self.send(pair, 0)
        await asyncio.sleep(WARM_S)
        figures = await self._window(FULL_S)
        self.load.running = False
        await asyncio.sleep(0.3)
        return figures

    async def half(self, per_s: float) -> Figures:
        """At half of what it can, sent by the clock."""
        self.closed_loop = False
        self.load = Load()
        async with asyncio.TaskGroup() as group:
            pacing = group.create_task(self._pace(per_s / 2))
            figures = await self._window(HALF_S)
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

    async def _window(self, seconds: float) -> Figures:
        self.load.delivered, self.load.latencies = 0, []
        began, server, database = time.perf_counter(), cpu_s(self.pids), at_work_in(os.environ["HANDHELD_DATA_DIR"])
        stored = cpu_s(database)
        await asyncio.sleep(seconds)
        taken, done = time.perf_counter() - began, max(1, self.load.delivered)
        return Figures(
            done / taken, (cpu_s(self.pids) - server) / done * 1e6, (cpu_s(database) - stored) / done * 1e6,
            self.load.percentile(0.5), self.load.percentile(0.99),
        )  # fmt: skip

    def hang_up(self) -> None:
        for pair in self.pairs:
            for wire in pair.ends:
                wire.transport.abort()


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


async def floor(app: str, *, many: int = 1, env: Mapping[str, str] | None = None) -> Figures:
    rooms = [Pair(f"room-{n}", (f"room-{n}", f"room-{n}")) for n in range(PAIRS)]
    async with servers(f"bench.floors:{app}", many=many, env=env) as running:
        drive = Drive(rooms, running.values())
        await drive.connect(list(running))
        try:
            return await drive.full()
        finally:
            drive.hang_up()


@dataclass(frozen=True)
class Product:
    full: Figures
    half: Figures
    idle_kib: float


async def product(
    pairs: list[Pair], idlers: list[str], *, many: int = 1, env: Mapping[str, str] | None = None
) -> Product:
    """At full load, at half load, and the memory of an idle socket."""
    async with servers("mobileapi.app:create_app", many=many, env=env) as running:
        port, pid = next(iter(running.items()))
        idle = await idle_kib(pid, port, idlers)
        drive = Drive(pairs, running.values())
        await drive.connect(list(running))
        try:
            full = await drive.full()
            return Product(full, await drive.half(full.per_s), idle)
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
        one = await product(pairs, idlers)
        report(relay, raw, grouped, one)
        async with redis() as shared:
            if shared is not None:
                env = {"HANDHELD_REDIS_URL": shared}
                report_two(
                    await floor("grouped_app", many=2, env=env),
                    await product(await settled_pairs(PAIRS), idlers, many=2, env=env),
                )
        stored = await db.fetch_value("SELECT count(*) FROM chat_message")
        holes = await db.fetch_value(HOLES)
        await db.close_database()
        print(f"stored {stored} messages, {holes} conversations with a hole")


def table(title: str, lines: list[tuple[str, Figures]]) -> None:
    print(f"{title:38}{'msg/s':>9}{'server CPU µs':>15}{'database CPU µs':>17}{'p50 ms':>9}{'p99 ms':>9}")
    for name, f in lines:
        print(f"{name:38}{f.per_s:9.0f}{f.cpu_us:15.0f}{f.stored_us:17.0f}{f.p50_ms:9.1f}{f.p99_ms:9.1f}")


def report(relay: Figures, raw: float, grouped: Figures, one: Product) -> None:
    table(
        "consultation, 100 pairs, one process",
        [("bare relay, stores nothing (floor)", relay), ("bare group commit (floor)", grouped),
         ("handheld, full load", one.full), ("handheld, half load", one.half)],
    )  # fmt: skip
    print(f"raw inserts of {PAIRS} rows a commit: {raw:.0f} rows/s")
    print(f"ratio to the bare relay      {one.full.per_s / relay.per_s:.2f}")
    print(f"ratio to bare group commit   {one.full.per_s / grouped.per_s:.2f}   (wanted >= 0.75)")
    print(f"ratio to raw inserts         {one.full.per_s / raw:.2f}")
    print(f"p99 at half load             {one.half.p99_ms:.1f} ms   (wanted <= 50)")
    print(f"memory of an idle socket     {one.idle_kib:.0f} KiB   (wanted <= 45)")


def report_two(grouped: Figures, two: Product) -> None:
    table(
        "two processes and Redis",
        [("bare group commit (floor)", grouped), ("handheld, full load", two.full), ("handheld, half load", two.half)],
    )
    print(f"ratio to bare group commit   {two.full.per_s / grouped.per_s:.2f}   (wanted >= 0.90)")
    print(f"p99 at half load             {two.half.p99_ms:.1f} ms   (wanted <= 50)")


def main() -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    import uvloop

    uvloop.run(run())


if __name__ == "__main__":
    main()
