"""Citizens and clerks with their devices, conversations between them, and talk at a steady pace."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2

from auth.models import Citizen, Department, StaffMember
from auth.sessions import open_session
from auth.tokens import access_token
from chat.models import Conversation
from kit import clock, db
from tests.chaos.device import Answer, Device, Frame, Return, said_in
from tests.chaos.history import History, Row

DEPARTMENT, REGION = "CHAOS", "440105000000"
SOURCES = [f"127.0.0.{n}" for n in range(2, 10)]  # so that limits by source mean something
CHANGES = 0.08  # of what is sent: edits and recalls
COLLEAGUES = 4  # conversations of one clerk


@dataclass(frozen=True)
class Size:
    """How many conversations, how many devices beside the citizen's first and the clerk's first, how many sends."""

    conversations: int
    second_phones: int
    second_desks: int
    per_s: float
    words: str = "请问补领身份证需要带什么材料？"

    @property
    def sockets(self) -> int:
        clerks = -(-self.conversations // COLLEAGUES)
        return self.conversations + self.second_phones + clerks + self.second_desks


FULL = Size(conversations=240, second_phones=140, second_desks=60, per_s=300)
SMALL = Size(conversations=24, second_phones=8, second_desks=4, per_s=40)


@dataclass
class Crowd:
    """Everybody, and what became of what they did. It is the town its devices live in."""

    rng: random.Random
    ports: list[int] = field(default_factory=list)
    history: History = field(default_factory=History)
    devices: list[Device] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    codes: list[tuple[float, int, int]] = field(default_factory=list)
    group: asyncio.TaskGroup | None = None
    http: httpx2.AsyncClient | None = None
    talking: bool = False
    tokens: dict[str, str] = field(default_factory=dict)

    def spawn(self, work: Awaitable[None]) -> None:
        assert self.group is not None, "nobody is there"
        self.group.create_task(work)  # type: ignore[arg-type]

    async def fetch(self, token: str, path: str) -> Frame | None:
        return await self.call(token, "GET", path)

    async def call(self, token: str, method: str, path: str, **more: Any) -> Frame | None:
        """A call to one of the servers; None when it is not answered well."""
        assert self.http is not None, "nobody is there"
        url = f"http://127.0.0.1:{self.rng.choice(self.ports)}/api/v1{path}"
        headers = {"authorization": f"Bearer {token}", **more.pop("headers", {})}
        try:
            answer = await self.http.request(method, url, headers=headers, **more)
        except (httpx2.HTTPError, OSError):
            return None
        return answer.json() if answer.status_code < 300 else None

    # --- what they do

    @asynccontextmanager
    async def there(self) -> AsyncIterator[None]:
        """Everybody comes; when the block ends everybody goes."""
        async with httpx2.AsyncClient(trust_env=False, timeout=8) as self.http, asyncio.TaskGroup() as self.group:
            try:
                for device in self.devices:
                    device.come()
                yield
            finally:
                self.talking = False
                for device in self.devices:
                    device.go()

    async def all_welcomed(self, *, within_s: float = 30) -> None:
        async with asyncio.timeout(within_s):
            while not all(d.welcomed and not d.catching for d in self.devices if d.wanted):
                await asyncio.sleep(0.05)

    async def talk(self, size: Size) -> None:
        """Sends by the clock, each from a random device into one of its conversations, until told to stop."""
        self.talking = True
        began, sent = time.monotonic(), 0
        while self.talking:
            due = int((time.monotonic() - began) * size.per_s)
            for _ in range(min(due - sent, 100)):
                device = self.rng.choice(self.devices)
                if self.rng.random() < CHANGES:
                    device.think_again()
                elif device.mine:
                    device.speak(self.rng.choice(sorted(device.mine)), words=size.words)
            sent = due
            await asyncio.sleep(0.01)

    async def walk_in(self, citizen: Device) -> None:
        """Somebody with a new question, through routing: asked until it is taken, under one key."""
        key, body = uuid4().hex, {"department": DEPARTMENT, "region": REGION}
        while citizen.wanted:
            opened = await self.call(
                citizen.token, "POST", "/consultations", json=body, headers={"idempotency-key": key}
            )
            if opened is not None:
                return
            await asyncio.sleep(0.5)

    # --- what became of it

    async def quiet(self, rows: "Ledger", *, within_s: float) -> float:
        """Waits until nothing is on its way and everybody has everything; the seconds it took, or `within_s`."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            if not any(d.outgoing for d in self.devices) and self.behind(await rows.tops()) == []:
                return time.monotonic() - began
            await asyncio.sleep(0.2)
        return within_s

    def behind(self, tops: dict[str, int]) -> list[str]:
        """Devices that lack something of a conversation that is theirs now."""
        return [
            f"{d.name} has {d.tops.get(c, 0)} of {tops[c]} of {c}"
            for d in self.devices if d.wanted
            for c in d.mine if d.tops.get(c, 0) < tops.get(c, 0)
        ]  # fmt: skip


class Ledger:
    """What the database holds, asked over connections of our own."""

    async def tops(self) -> dict[str, int]:
        return {str(r["id"]): r["last_seq"] for r in await db.fetch("SELECT id, last_seq FROM chat_conversation")}

    async def rows(self) -> list[Row]:
        found = await db.fetch(
            "SELECT conversation_id, seq, client_id, kind, body FROM chat_message ORDER BY conversation_id, seq"
        )
        return [
            Row(str(r["conversation_id"]), r["seq"], r["client_id"] or "",
                said_in({"kind": r["kind"], "body": json.loads(r["body"])}))
            for r in found
        ]  # fmt: skip

    async def latest(self) -> dict[tuple[str, int], str]:
        """What every text reads as now, by place: its latest edit, nothing when it was recalled."""
        found = await db.fetch(
            "SELECT conversation_id, seq, body->>'text' AS words FROM chat_message_shown WHERE kind = 'text'"
        )
        return {(str(r["conversation_id"]), r["seq"]): r["words"] or "" for r in found}

    async def members(self, devices: list[Device]) -> dict[str, set[str]]:
        """Device → conversations it must show whole: a citizen's own, and what a clerk holds now."""
        found = await db.fetch("SELECT id, citizen_id, clerk_id, state FROM chat_conversation")
        held: dict[str, set[str]] = {}
        for r in found:
            held.setdefault(str(r["citizen_id"]), set()).add(str(r["id"]))
            if r["state"] == "assigned":
                held.setdefault(str(r["clerk_id"]), set()).add(str(r["id"]))
        return {d.name: held.get(d.person, set()) for d in devices if d.wanted}


# --- moving in


async def settled(size: Size, *, rng: random.Random, walk_ins: int = 0) -> Crowd:
    """People with sessions, and conversations that clerks hold. The database is open in this process."""
    crowd = Crowd(rng)
    clerks = await _hired(-(-size.conversations // COLLEAGUES))
    citizens = await _moved_in(size.conversations + walk_ins)
    talks = [
        Conversation(
            citizen_id=citizen, clerk_id=clerks[n // COLLEAGUES], region_code=REGION, department_code=DEPARTMENT,
            department_name={"zh": "演练"}, state="assigned", answer_due_at=clock.now() + timedelta(days=1),
            reason_code="taken", version=1, created_at=clock.now(),
        )
        for n, citizen in enumerate(citizens[: size.conversations])
    ]  # fmt: skip
    await Conversation.bulk_create(talks)
    tokens = {c: await _token(c, "citizen") for c in citizens} | {c: await _token(c, "staff") for c in clerks}

    def device(name: str, person: UUID, *, desk: bool, place: int) -> None:
        crowd.devices.append(
            Device(crowd, name, str(person), tokens[person], desk=desk, source=SOURCES[place % len(SOURCES)])
        )

    for n, citizen in enumerate(citizens):
        device(f"phone{n}", citizen, desk=False, place=n)
    for n, citizen in enumerate(citizens[: size.second_phones]):
        device(f"tablet{n}", citizen, desk=False, place=n + 1)
    for n, clerk in enumerate(clerks):
        device(f"desk{n}", clerk, desk=True, place=n + 2)
    for n in range(size.second_desks):
        device(f"tab{n}", clerks[n % len(clerks)], desk=True, place=n + 3)
    return crowd


async def _hired(many: int) -> list[UUID]:
    await Department.get_or_create(code=DEPARTMENT, defaults={"name": {"zh": "演练"}, "region_code": REGION})
    ids = [uuid4() for _ in range(many)]
    await StaffMember.bulk_create(
        [
            StaffMember(id=one, username=f"chaos-{one}", name="坐席", title="窗口", department_id=DEPARTMENT,
                        roles=["clerk"], created_at=clock.now())
            for one in ids
        ]
    )  # fmt: skip
    return ids


async def _moved_in(many: int) -> list[UUID]:
    ids = [uuid4() for _ in range(many)]
    await Citizen.bulk_create([Citizen(id=one, assurance="phone", created_at=clock.now()) for one in ids])
    return ids


async def _token(person: UUID, kind: str) -> str:
    opened = await open_session(kind=kind, person=person, device=f"chaos-{person}", is_new=True)
    roles = frozenset({"citizen" if kind == "citizen" else "clerk"})
    return access_token(person=person, kind=kind, roles=roles, session=opened.session.id).text
