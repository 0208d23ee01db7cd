"""An office with a duty roster, a real server on a free port, and people with sockets."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute
from starlette.websockets import WebSocket

from auth import tokens
from auth.models import Citizen, Department, Duty, Region, StaffMember
from auth.sessions import open_session
from chat import backplane, lifespan, routes, socket
from chat.discretion import routes as discretion
from chat.hub import Hub, Probe
from chat.messages import Draft, append
from chat.models import Conversation
from kit import clock
from kit.edge import Edge
from kit.patience import PatientHttp, PatientSocket
from kit.web import install_authenticator
from tests.patience import WAIT_S

ITEM, REGION = "000109101001", "440105000000"


async def hire(
    username: str, *, department: str = "GA", role: str | None = None, roles: tuple[str, ...] = ("clerk",)
) -> StaffMember:
    """A staff member, with a duty for the item when a role is given."""
    await Department.get_or_create(
        code=department,
        defaults={"name": {"zh": f"{department}局", "en": f"Bureau {department}"}, "region_code": REGION},
    )
    await Region.get_or_create(code=REGION, defaults={"name": {"zh": "海珠区"}, "level": "county"})
    person = await StaffMember.create(
        username=username,
        name=username.title(),
        title="窗口",
        department_id=department,
        roles=list(roles),
        hours={day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        created_at=clock.now(),
    )
    if role:
        await Duty.create(staff_id=person.id, item_code=ITEM, region_code=REGION, role=role)
    return person


async def move_in() -> Citizen:
    return await Citizen.create(id=uuid4(), assurance="phone", created_at=clock.now())


async def token_of(person: Citizen | StaffMember) -> str:
    kind = "citizen" if isinstance(person, Citizen) else "staff"
    opened = await open_session(kind=kind, person=person.id, device="test")
    roles = frozenset({"citizen"} if isinstance(person, Citizen) else person.roles)
    return tokens.access_token(person=person.id, kind=kind, roles=roles, session=opened.session.id).text


@dataclass
class Line:
    """One end of one socket. Frames are kept in the order they came."""

    ws: Any
    frames: list[dict[str, Any]] = field(default_factory=list)
    heard: set[int] = field(default_factory=set)
    closed: tuple[int, str] | None = None
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        try:
            async for raw in self.ws:
                self.frames.append(json.loads(raw))
                self.more.set()
        except websockets.ConnectionClosed:
            pass
        self.closed = (self.ws.close_code, self.ws.close_reason)
        self.more.set()

    async def say(self, **frame: Any) -> None:
        await self.ws.send(json.dumps(frame, ensure_ascii=False))

    async def say_raw(self, raw: str | bytes) -> None:
        await self.ws.send(raw)

    async def hear(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """The first frame of that kind with those fields that was not heard yet; waits for it."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    found = self._next(kind, fields)
                    if found is not None:
                        return found
                    assert self.closed is None, f"closed {self.closed} before {kind} {fields}; got {self.frames[-3:]}"
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind} {fields} among {self.frames}") from None

    def _next(self, kind: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        for place, frame in enumerate(self.frames):
            fits = frame["type"] == kind and all(frame.get(k) == v for k, v in fields.items())
            if fits and place not in self.heard:
                self.heard.add(place)
                return frame
        return None

    async def until_closed(self) -> tuple[int, str]:
        async with asyncio.timeout(WAIT_S):
            while self.closed is None:
                self.more.clear()
                await self.more.wait()
        return self.closed

    def seqs(self, conversation: str) -> list[int]:
        return [
            f["seq"]
            for f in self.frames
            if f["type"] == "message" and f["conversation"] == conversation and f["kind"] != "note"
        ]

    async def send_text(self, conversation: str, text: str, *, client_id: str | None = None) -> dict[str, Any]:
        """Sends and waits for the ack."""
        client_id = client_id or uuid4().hex
        await self.say(type="send", conversation=conversation, client_id=client_id, kind="text", body={"text": text})
        return await self.hear("ack", client_id=client_id)

    async def hang_up(self) -> None:
        await self.ws.close()

    def cut(self) -> None:
        """The network goes away without a word."""
        self.ws.transport.abort()


@dataclass
class Counter:
    """A running server and the way to it."""

    port: int
    hub: Hub
    server: uvicorn.Server
    lines: AsyncExitStack

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/chat"

    async def dial(
        self, *, headers: dict[str, str] | None = None, query: str = "", protocols: Any = ("handheld.v1",), **more: Any
    ) -> Line:
        """A socket without hello."""
        ws = await websockets.connect(
            self.url + query,
            subprotocols=protocols,
            additional_headers=headers,
            compression=None,
            proxy=None,
            max_size=None,
            open_timeout=WAIT_S,
            **more,
        )
        line = Line(ws)
        task = asyncio.create_task(line.listen())
        self.lines.push_async_callback(_ended, line, task)
        return line

    async def come(
        self, person: Citizen | StaffMember | str, *, since: dict[str, int] | None = None, **more: Any
    ) -> Line:
        """A socket that said hello and was welcomed. `person` may be a token."""
        line = await self.dial(**more)
        token = person if isinstance(person, str) else await token_of(person)
        await line.say(type="hello", token=token, since=since or {})
        await line.hear("welcome")
        return line

    async def call(
        self, person: Citizen | StaffMember | str, method: str, path: str, body: Any = None, *, expect: int = 200
    ) -> Any:
        token = person if isinstance(person, str) else await token_of(person)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1", trust_env=False) as client:
            answer = await client.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == expect, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def ask(
        self, citizen: Citizen | str, text: str | None = "请问要带什么材料？", **about: Any
    ) -> dict[str, Any]:
        """Opens a consultation over HTTP."""
        about = about or {"item": ITEM, "region": REGION}
        body = {**about, **({"text": text} if text else {})}
        opened: dict[str, Any] = await self.call(citizen, "POST", "/consultations", body, expect=201)
        return opened


async def _ended(line: Line, task: asyncio.Task[None]) -> None:
    line.ws.transport.abort()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def counter(
    database: str, *, plane: backplane.Backplane | None = None, probe: Probe | None = None
) -> AsyncIterator[Counter]:
    """A server process's worth of consultation: own hub, own port."""
    plane = plane or backplane.PostgresBackplane(database)
    backplane.install(plane)
    install_authenticator(tokens.authenticator)
    async with lifespan.open_hub(database, plane, probe=probe) as hub:

        async def talk(websocket: WebSocket) -> None:
            await socket.serve(websocket, hub)

        app = Starlette(
            routes=[
                Mount(
                    "/api/v1",
                    routes=[
                        *(spec.route() for spec in (*routes.ROUTES, *discretion.ROUTES)),
                        WebSocketRoute("/chat", talk),
                    ],
                )
            ],
            middleware=[Middleware(Edge)],
        )
        listener = sockets.socket()
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=PatientHttp,
            ws=PatientSocket,
            ws_per_message_deflate=False,
            ws_max_size=128 * 1024,
            log_level="warning",
            proxy_headers=False,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=2,
            log_config=None,
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.005)
        async with AsyncExitStack() as lines:
            try:
                yield Counter(listener.getsockname()[1], hub, server, lines)
            finally:
                await lines.aclose()
                server.should_exit = True
                await task


async def begun(desk: Counter, clerk: StaffMember, citizen: Citizen) -> tuple[Line, Line, str]:
    """The clerk's line, the citizen's line, and a conversation the clerk has accepted (its last number is 2)."""
    theirs, asker = await desk.come(clerk), await desk.come(citizen)
    opened = await desk.ask(citizen)
    await theirs.hear("offer", conversation=opened["id"])
    await theirs.say(type="offer_reply", conversation=opened["id"], accept=True)
    for line in (theirs, asker):
        await line.hear("message", conversation=opened["id"], seq=2)
    return theirs, asker, opened["id"]


async def conversation_of(citizen: Citizen, *, messages: int = 0) -> str:
    """An open conversation with that many messages of its citizen."""
    made = await Conversation.create(
        citizen_id=citizen.id,
        state="queued",
        queued_at=clock.now(),
        reason_code="department_queue",
        created_at=clock.now(),
    )
    for n in range(messages):
        await append(Draft(made.id, "citizen", "text", {"text": f"{n + 1}"}, sender=citizen.id, client_id=f"m{n}"))
    return str(made.id)
